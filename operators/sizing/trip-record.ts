// What an account's round trips came to, as they end: for rules that size by it.
import type { Execution } from '../../schemas/records.generated.ts'
import { type Instrument, indexIn } from '../instrument.ts'
import { emptyHolding, type Holding, trade } from '../portfolio/holding.ts'

/** Sums over the last trips; `won` and `lost` are unsigned sums of returns on what was entered, after fees and funding. */
export interface Trips {
  readonly count: number
  readonly wins: number
  readonly won: number
  readonly lost: number
}

/** A trip that has not ended: what it earned and what was entered, 10⁻⁸ of the settlement currency. */
interface OpenTrip {
  earned: number
  entered: number
}

/**
 * A trip is a position from nothing to nothing, or through nothing: a fill that turns it round ends one, with its fee, and begins the next.
 * Returns of the last trips are kept, in the order in which they ended.
 */
export class TripRecord {
  private readonly instruments: readonly Instrument[]
  private readonly holdings: readonly Holding[]
  private open: OpenTrip[]
  private returns: number[] = []
  private readonly most: number

  constructor(instruments: readonly Instrument[], most: number) {
    this.instruments = instruments
    this.most = most
    this.holdings = instruments.map((one) => emptyHolding(one))
    this.open = instruments.map(() => ({ earned: 0, entered: 0 }))
  }

  /** Every execution of the account, in the order in which they are seen. */
  heard({ exchange, symbol, kind, side, ticks, lots, fee }: Execution): void {
    const index = indexIn(this.instruments, exchange, symbol)
    const holding = this.holdings[index]
    const trip = this.open[index]
    if (holding === undefined || trip === undefined) return
    if (kind === 'funding') trip.earned -= Number(fee)
    if ((kind !== 'fill' && kind !== 'liquidation') || ticks === undefined || lots === undefined) return
    const { lots: before } = holding
    const cost = size(holding)
    trip.earned += Number(trade(holding, ticks, side === 'buy' ? lots : -lots)) - Number(fee)
    if (before === 0 || before > 0 === holding.lots > 0) {
      if (Math.abs(holding.lots) > Math.abs(before)) trip.entered += size(holding) - cost
      if (holding.lots !== 0) return
    }
    this.returns.push(trip.earned / trip.entered)
    if (this.returns.length > this.most) this.returns.shift()
    this.open[index] = { earned: 0, entered: size(holding) }
  }

  get trips(): Trips {
    let [wins, won, lost] = [0, 0, 0]
    for (const one of this.returns) {
      if (one > 0) {
        wins += 1
        won += one
      } else lost -= one
    }
    return { count: this.returns.length, wins, won, lost }
  }

  save() {
    const { open, returns } = this
    return { open, returns, holdings: this.holdings.map(({ lots, cost }) => ({ lots, cost })) }
  }

  load({ open, returns, holdings }: ReturnType<TripRecord['save']>): void {
    this.open = open.map((one) => ({ ...one }))
    this.returns = [...returns]
    for (const [at, { lots, cost }] of holdings.entries()) Object.assign(this.holdings[at]!, { lots, cost })
  }
}

function size({ cost }: Holding): number {
  return Math.abs(Number(cost))
}
