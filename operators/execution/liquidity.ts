// What a taker could have in one instrument: the book as it is known, less what we took of it ourselves.
import type { BookColumns, QuoteColumns } from '../../schemas/records.generated.ts'
import type { MarketRow } from '../desk.ts'
import type { BookSide, MarketState } from '../market-state.ts'

/**
 * Lots that we took at a price stay taken until that level's next update, be it a depth row or a quote.
 *
 * Where an instrument has neither depth nor quotes, only trades, whatever is asked for is had at the price of the trade that
 * the order meets (`only`): the first price known after its arrival.
 */
export class Liquidity {
  private readonly market: MarketState
  /** Taken lots by price. */
  private taken = { bid: new Map<number, number>(), ask: new Map<number, number>() }
  /** Price of the trade that stands for a book, in ticks; NaN where there is a book, or no trade. */
  only = Number.NaN

  constructor(market: MarketState) {
    this.market = market
  }

  /** True when anything is marked as taken. */
  get isTaken(): boolean {
    return this.taken.bid.size > 0 || this.taken.ask.size > 0
  }

  /** Lots of a side that can be had at `limit` or better (NaN: at any price), counted up to `enough`. */
  within(side: BookSide, limit: number, enough: number): number {
    let lots = 0
    for (
      let ticks = this.best(side);
      lots < enough && reaches(side, ticks, limit);
      ticks = this.market.next(side, ticks)
    )
      lots += this.free(side, ticks)
    return Math.min(lots, enough)
  }

  /** Takes up to `lots` from the best price on, to `limit` (NaN: any), level by level; gives the lots that it could not have. */
  take(side: BookSide, limit: number, lots: number, fill?: (ticks: number, lots: number) => void): number {
    let left = lots
    const { market } = this
    for (let ticks = this.best(side); left > 0 && reaches(side, ticks, limit); ticks = market.next(side, ticks)) {
      const part = Math.min(left, this.free(side, ticks))
      if (!(part > 0)) continue
      left -= part
      if (Number.isNaN(this.only)) this.taken[side].set(ticks, (this.taken[side].get(ticks) ?? 0) + part)
      fill?.(ticks, part)
    }
    return left
  }

  /** The row gave new sizes to levels: what was taken there is there again. */
  updated({ topic, batch, row }: Pick<MarketRow, 'topic' | 'batch' | 'row'>): void {
    const { bid, ask } = this.taken
    const { tickSize } = this.market.instrument
    if (topic === 'quotes') {
      const columns = batch.columns as QuoteColumns
      bid.delete(Math.round(columns.bid[row]! / tickSize))
      ask.delete(Math.round(columns.ask[row]! / tickSize))
    } else if (topic === 'books') {
      const columns = batch.columns as BookColumns
      for (const [taken, list] of [[bid, columns.bids] as const, [ask, columns.asks] as const]) {
        if (columns.snapshot[row] === 1) taken.clear()
        for (let item = list.offsets[row]!; taken.size > 0 && item < list.offsets[row + 1]!; item++)
          taken.delete(Math.round(list.columns.price[item]! / tickSize))
      }
    }
  }

  save(): LiquidityState {
    return this.taken
  }

  load({ bid, ask }: LiquidityState): void {
    this.taken = { bid: new Map(bid), ask: new Map(ask) }
  }

  private best(side: BookSide): number {
    if (!Number.isNaN(this.only)) return this.only
    return side === 'bid' ? this.market.bidTicks : this.market.askTicks
  }

  private free(side: BookSide, ticks: number): number {
    if (!Number.isNaN(this.only)) return Number.POSITIVE_INFINITY
    const lots = this.market.lotsAt(side, ticks)
    const taken = this.taken[side]
    return Math.max(0, (Number.isNaN(lots) ? 0 : lots) - (taken.size === 0 ? 0 : (taken.get(ticks) ?? 0)))
  }
}

export interface LiquidityState {
  readonly bid: ReadonlyMap<number, number>
  readonly ask: ReadonlyMap<number, number>
}

/** True when a price of the book's side is known and at the limit or better for who takes it. */
function reaches(side: BookSide, ticks: number, limit: number): boolean {
  if (Number.isNaN(ticks)) return false
  return Number.isNaN(limit) || (side === 'ask' ? ticks <= limit : ticks >= limit)
}
