// What risk remembers of the market beside prices: what was traded in a day, and what funding costs.
import type { CandleColumns, FundingColumns, TradeColumns } from '../../schemas/records.generated.ts'
import type { MarketRow } from '../desk.ts'
import type { Instrument } from '../instrument.ts'

const hourUs = 3_600_000_000
const dayUs = 24 * hourUs
/** Quarters of an hour. */
const slots = 96
const slotUs = dayUs / slots
/** Sooner than this nobody can say what a day will bring. */
const soonUs = hourUs

/**
 * Traded value and funding rate of every instrument of a task, by receive time. Shared by its accounts.
 *
 * In:     rows of `trades` or `candles`, and of `funding`; others pass.
 * Out:    amounts in the quote currency.
 */
export class MarketFacts {
  private readonly instruments: readonly Instrument[]
  /** Value traded in each quarter of an hour of the last day, a ring an instrument. */
  private readonly traded: Float64Array
  /** Their sum, without the quarter that is not over; and that quarter. */
  private readonly before: Float64Array
  private readonly now: Float64Array
  /** Number of the quarter that is not over, since 1970; NaN before the first row. */
  private readonly slot: Float64Array
  /** When that is over, µs. */
  private readonly until: Float64Array
  /** When the first trade or candle came, µs; NaN before. */
  private readonly first: Float64Array
  /** Funding rate of a day; NaN while none was said. */
  private readonly funding: Float64Array

  constructor(instruments: readonly Instrument[]) {
    const { length } = instruments
    this.instruments = instruments
    this.traded = new Float64Array(length * slots)
    this.before = new Float64Array(length)
    this.now = new Float64Array(length)
    this.slot = new Float64Array(length).fill(Number.NaN)
    this.until = new Float64Array(length).fill(Number.NaN)
    this.first = new Float64Array(length).fill(Number.NaN)
    this.funding = new Float64Array(length).fill(Number.NaN)
  }

  /** Takes a row of an instrument. */
  row({ topic, batch, row, received }: Pick<MarketRow, 'topic' | 'batch' | 'row' | 'received'>, index: number): void {
    if (topic === 'trades') {
      const { price, size } = batch.columns as TradeColumns
      this.trade(index, received, price[row]!, size[row]!)
    } else if (topic === 'candles') {
      const { close, volume } = batch.columns as CandleColumns
      this.trade(index, received, close[row]!, volume[row]!)
    } else if (topic === 'funding') {
      const { rate, intervalHours } = batch.columns as FundingColumns
      const hours = intervalHours[row]!
      this.funding[index] = rate[row]! * (24 / (hours > 0 ? hours : 8))
    }
  }

  /** What longs pay in a day as a share of their value; negative where they are paid; NaN while nobody said so. */
  fundingOfDay(index: number): number {
    return this.funding[index]!
  }

  /** Value traded in the last 24 hours; of a shorter time, at least an hour, the same for a day; NaN before. */
  tradedInDay(index: number, now: number): number {
    const known = now - this.first[index]!
    if (!(known >= soonUs)) return Number.NaN
    this.to(index, now)
    const value = this.before[index]! + this.now[index]!
    return known >= dayUs ? value : (value * dayUs) / known
  }

  save(): SavedFacts {
    const { traded, before, now, slot, first, funding } = this
    return { traded, before, now, slot, first, funding }
  }

  load(saved: SavedFacts): void {
    this.traded.set(saved.traded)
    this.before.set(saved.before)
    this.now.set(saved.now)
    this.slot.set(saved.slot)
    for (let at = 0; at < saved.slot.length; at++) this.until[at] = (saved.slot[at]! + 1) * slotUs
    this.first.set(saved.first)
    this.funding.set(saved.funding)
  }

  private trade(index: number, received: number, price: number, size: number): void {
    if (!(this.first[index]! <= received)) this.first[index] = received
    this.to(index, received)
    const { inverse, contractSize } = this.instruments[index]!
    const value = inverse ? size * contractSize : price * size * contractSize
    if (value > 0) this.now[index]! += value
  }

  /** Closes the quarters that are over. */
  private to(index: number, received: number): void {
    if (received < this.until[index]!) return
    const slot = Math.floor(received / slotUs)
    const open = this.slot[index]!
    this.until[index] = (slot + 1) * slotUs
    this.slot[index] = slot
    if (Number.isNaN(open)) return
    const { traded } = this
    const from = index * slots
    traded[from + (open % slots)] = this.now[index]!
    for (let gone = Math.max(open + 1, slot - slots); gone < slot; gone++) traded[from + (gone % slots)] = 0
    // The quarter that has just opened takes the place of the one of yesterday.
    traded[from + (slot % slots)] = 0
    let sum = 0
    for (let at = from; at < from + slots; at++) sum += traded[at]!
    this.before[index] = sum
    this.now[index] = 0
  }
}

export interface SavedFacts {
  readonly traded: Float64Array
  readonly before: Float64Array
  readonly now: Float64Array
  readonly slot: Float64Array
  readonly first: Float64Array
  readonly funding: Float64Array
}
