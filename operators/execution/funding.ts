// Funding of perpetuals, as the exchange settles it: on what is held at that moment, at mark, at the last rate that was said.
import type { Execution, FundingColumns } from '../../schemas/records.generated.ts'
import type { MarketRow } from '../desk.ts'
import type { MarketState } from '../market-state.ts'
import { type E8, feeOf, markValue, type Scales, scalesOf } from '../portfolio/money.ts'

/** What is known of funding where no record says it. */
export interface FundingOptions {
  /** Of one interval; unknown when left out: then nothing is paid, and it is counted. */
  readonly rate?: number | undefined
  /** Between two settlements, counted from 00:00 UTC. 8 when left out. */
  readonly intervalHours?: number | undefined
}

export interface FundingState {
  readonly rate: number
  readonly next: number
  readonly intervalUs: number
  readonly last: number
  readonly wasUnknown: boolean
  readonly isTold: boolean
  readonly unknown: number
}

/** Signed lots of one position: in hedge mode an instrument has two. */
export interface HeldLots {
  readonly lots: number
  readonly positionSide: Execution['positionSide']
}

/** What one position pays at an exchange time, 10⁻⁸ of the settlement currency; below 0 it receives. */
export interface Due {
  readonly time: number
  readonly paid: E8
  readonly positionSide: Execution['positionSide']
}

const hourUs = 3_600_000_000

/**
 * When the funding of one perpetual falls due, and what it comes to.
 *
 * A `funding` record with `next` says what is to be paid then: the last one before it counts, and the same rate each interval after it
 * until another is said. A record without `next` says what was paid at its own time, and nothing of later. Before the first record the
 * given rate is paid at whole intervals of UTC. Contracts that are no perpetuals have none.
 *
 * Errors: RangeError for an interval that is not above 0, or a rate beyond ±1.
 * Source: Binance Futures, "Introduction to Futures Funding Rates": nominal value at mark price × funding rate, longs pay where it is above 0.
 */
export class Funding {
  /** When the next settlement is due, µs of the exchange's clock; Infinity when none is known, NaN before the first row. */
  next: number
  /** Settlements at which something was held, and no rate (within ±1) or no mark was known: nothing was paid. */
  unknown = 0
  private readonly market: MarketState
  private readonly scales: Scales
  private readonly isPerpetual: boolean
  private rate: number
  private intervalUs: number
  /** The settlement before, and whether it was one without a rate on something held. */
  private last = Number.NEGATIVE_INFINITY
  private wasUnknown = false
  /** What falls due next is told by a record of its own. */
  private isTold = false

  constructor(market: MarketState, { rate = Number.NaN, intervalHours = 8 }: FundingOptions) {
    if (!(intervalHours > 0)) throw new RangeError(`funding every ${intervalHours} hours`)
    if (Math.abs(rate) > 1) throw new RangeError(`a funding rate lies within ±1, not ${rate}`)
    this.market = market
    this.scales = scalesOf(market.instrument)
    this.rate = rate
    this.intervalUs = intervalHours * hourUs
    this.isPerpetual = market.instrument.type === 'perpetual'
    this.next = this.isPerpetual ? Number.NaN : Number.POSITIVE_INFINITY
  }

  /** What a `funding` record of the instrument says, at an exchange time; first settle what is due by then. */
  hear({ batch, row }: MarketRow, time: number): void {
    if (!this.isPerpetual) return
    const columns = batch.columns as FundingColumns
    const [before, hours, next] = [this.rate, columns.intervalHours[row]!, columns.next[row]!]
    if (hours > 0) this.intervalUs = hours * hourUs
    this.rate = columns.rate[row]!
    this.isTold = !(next > time)
    if (next > time) this.next = next
    else {
      const isSame = time - this.last < this.intervalUs / 2
      if (isSame && this.wasUnknown) this.unknown -= 1
      // What was settled just now, by the rate of before, is not settled again.
      this.next = isSame && !Number.isNaN(before) ? Number.POSITIVE_INFINITY : time
    }
  }

  /**
   * What the positions of the instrument pay, now that the exchange's clock is at `time`: nothing where there is nothing to pay. Of inverse
   * contracts in coins. To be called again until `time` is before `next`.
   */
  settle(held: readonly HeldLots[], time: number): readonly Due[] {
    const { next, rate, intervalUs, market } = this
    if (Number.isNaN(next)) {
      this.next = (Math.floor(time / intervalUs) + 1) * intervalUs
      return nothing
    }
    this.last = next
    this.next = this.isTold ? Number.POSITIVE_INFINITY : next + intervalUs
    const open = held.filter(({ lots }) => lots !== 0)
    this.wasUnknown = open.length > 0 && !(market.markTicks > 0 && Math.abs(rate) <= 1)
    if (this.wasUnknown) this.unknown += 1
    if (this.wasUnknown) return nothing
    return open.map(({ lots, positionSide }) => {
      return { time: next, paid: feeOf(markValue(this.scales, market.markTicks, lots), rate), positionSide }
    })
  }

  save(): FundingState {
    const { next, rate, intervalUs, last, wasUnknown, isTold, unknown } = this
    return { next, rate, intervalUs, last, wasUnknown, isTold, unknown }
  }

  load(state: FundingState): void {
    Object.assign(this, state)
  }
}

const nothing: readonly Due[] = []
