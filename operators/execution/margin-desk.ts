// Between the lanes of a simulated exchange and its margin account: what orders may be opened, and what is liquidated.
import type { Instrument } from '../instrument.ts'
import type { Working } from '../margin/affordable.ts'
import { type LiquidationDesk, liquidate, type Wanted } from './liquidation.ts'
import type { At, MarginAccount } from './margin-account.ts'
import type { Owner, What } from './reports.ts'

type Lane = { readonly instrument: Instrument }

/** An order in the book, or one that is to get there. */
export type Open = Omit<Working, 'instrument'>

/** What an exchange lets its margin desk do. Times are the exchange's and that of receipt, µs. */
export interface MarginFloor<L extends Lane> {
  readonly lanes: readonly L[]
  /** Orders in the book of an instrument. */
  open(lane: L): readonly Open[]
  /** Takes back all orders of an instrument that the exchange has. */
  cancelAll(lane: L, time: number, received: number): void
  /** Takes from the market at the limit or better; gives the lots that it could not have. */
  take(lane: L, wanted: Wanted, part: (ticks: number, lots: number) => void): number
  report(lane: L, owner: Owner, what: What, time: number, received: number): void
}

export class MarginDesk<L extends Lane> {
  readonly account: MarginAccount
  private readonly floor: MarginFloor<L>

  constructor(account: MarginAccount, floor: MarginFloor<L>) {
    this.account = account
    this.floor = floor
  }

  /** Why an order is refused that meets a price in ticks (NaN: none is known); undefined when it is not. */
  refusal({ instrument }: L, order: Open, touch: number): 'INSUFFICIENT_MARGIN' | 'INVALID_ORDER' | undefined {
    const open: Working[] = []
    for (const lane of this.floor.lanes) {
      const { index } = lane.instrument
      for (const { side, ticks, leftLots, positionSide, reduceOnly } of this.floor.open(lane)) {
        open.push({ instrument: index, side, ticks, leftLots, positionSide, reduceOnly })
      }
    }
    const { side, ticks, leftLots, positionSide, reduceOnly } = order
    // A seller gets what the market gives at least; a buyer pays no more than the limit.
    const price = !(ticks! > 0) || (side === 'sell' && touch > ticks!) ? touch : ticks!
    const asked = { instrument: instrument.index, side, ticks: price, leftLots, positionSide, reduceOnly }
    return this.account.refusal(asked, price, open)
  }

  /** Liquidates what has fallen short at the marks of now, or with one instrument at another price. */
  look(time: number, received: number, at?: At): void {
    const { floor } = this
    const desk: LiquidationDesk = {
      cancelAll: (index) => floor.cancelAll(floor.lanes[index]!, time, received),
      take: (index, wanted, part) => floor.take(floor.lanes[index]!, wanted, part),
      report: (index, { side, positionSide, ...what }) => {
        const lane = floor.lanes[index]!
        const clientId = `liquidation.${this.account.liquidations + 1}`
        const owner: Owner = { clientId, strategy: '', side, venueId: undefined, positionSide }
        floor.report(lane, owner, { kind: 'liquidation', ...what }, time, received)
      },
    }
    liquidate(this.account, desk, at)
  }

  /**
   * A candle's path, in ticks: each price on the way is one that the instrument had, where no mark says otherwise.
   * What falls short on it is liquidated there, and what is left is looked at on the rest of the way.
   */
  walk({ instrument }: L, path: readonly number[], time: number, received: number): void {
    const { index } = instrument
    for (let leg = 1; leg < path.length; leg++) {
      let from = path[leg - 1]!
      for (;;) {
        const ticks = this.account.crossed(index, from, path[leg]!)
        if (ticks === undefined) break
        this.look(time, received, { index, ticks })
        from = ticks
      }
    }
  }
}

/** What a market without depth gives: all of it at the mark, where that is no worse than the limit. */
export function takeAtMark({ side, limit, lots, mark }: Wanted, part: (ticks: number, lots: number) => void): number {
  if (side === 'sell' ? mark < limit : mark > limit) return lots
  part(side === 'sell' ? Math.max(Math.floor(mark), limit) : Math.min(Math.ceil(mark), limit), lots)
  return 0
}
