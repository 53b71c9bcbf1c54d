// Layer 3: what a bad day could cost.
import { z } from 'zod'
import { random } from '../random.ts'
import { allow, defineCheck, percent, refuse } from './check.ts'
import { pricesConfig } from './prices.ts'
import { notWarm } from './unknown.ts'
import { bootstrap, type Measure, normal, quantile } from './var-methods.ts'
import type { RiskView } from './view.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('largest loss of a day, at the confidence, as a share of equity; S3 §4.3: 0.05, S2 §9.3: 0.02'),
  confidence: z
    .number()
    .min(0.5)
    .max(0.999)
    .default(0.95)
    .describe('how sure it is that a day loses no more; S4 §3.7: 0.95'),
  method: z
    .enum(['parametric', 'historical', 'monte-carlo'])
    .default('parametric')
    .describe(
      'parametric: normal returns; historical: the worst returns of the window, a day of them by √time; monte-carlo: days drawn from them',
    ),
  draws: z.int().min(100).max(10_000).default(500).describe('days that monte-carlo draws'),
  seed: z.int().min(0).default(1).describe('of monte-carlo'),
})

const { assumedVolatility } = pricesConfig.parse({})

/**
 * Value at risk of a day of all positions with all their open orders, each to the side that makes it larger, and this order, over the
 * window of `prices`; positions count at the price of the last sample. What is not known yet counts as moving as one, each instrument by the
 * assumed volatility. An order that makes it no larger passes though it is beyond the limit; so does what only takes from a position.
 *
 * Source: J.P. Morgan & Reuters (1996), "RiskMetrics Technical Document", parts 1.2 and 4: returns without a mean, a day by √time.
 */
export const valueAtRisk = defineCheck({
  name: 'value-at-risk',
  config,
  create({ share, confidence, method, draws, seed }) {
    const sureness = normal(confidence)
    let book: Book | undefined
    let measure: Measure | undefined
    const measureOf = (samples: number): Measure | undefined => {
      if (method === 'parametric') return undefined
      if (method === 'historical') return quantile(confidence, samples)
      return bootstrap({ confidence, draws, samples, random: random(`${seed}/value-at-risk`) })
    }
    return {
      check(view) {
        if (view.reduces) return allow(0, share)
        if (book === undefined) {
          book = new Book(view, method !== 'parametric')
          measure = measureOf(book.samples)
        }
        book.look(view)
        const limit = share * Math.max(0, view.equity)
        const { index } = view.wish.instrument
        const after = book.after(view, sureness, measure)
        if (Number.isNaN(after) && !view.assumes && view.prices?.isWarm(index) !== true) return notWarm(view, share)
        const value = after / Math.max(0, view.equity)
        if (after > limit && after <= book.before(view, sureness, measure)) return allow(value, share)
        return value <= share
          ? allow(value, share)
          : refuse(value, share, 'VALUE_AT_RISK', `a bad day could cost ${percent(value)} of equity`)
      },
      save: () => book?.save(),
      load(state) {
        if (state === undefined) return
        book = Book.from(state as SavedBook)
        measure = measureOf(book.samples)
      },
    }
  },
})

/** The positions as they would have moved in the window, in money, scaled to a day. */
class Book {
  readonly samples: number
  /** What all of them together would have brought at each sample; empty where the sum of squares is enough. */
  private readonly sums: Float64Array
  private readonly trial: Float64Array
  /** Money that a whole return of each instrument brings; 0 where it is not warm. */
  private readonly weights: Float64Array
  /** How many of those are not 0. */
  private weighty = 0
  /** Worst lots as of the last look. */
  private readonly lots: Float64Array
  private seen = Number.NEGATIVE_INFINITY
  /** Instruments that were not warm at the last sample. */
  private cold: number[] = []
  private version = -1
  private view: RiskView | undefined
  /** Σ of the squares of what they would have brought: weights × products of returns × weights. */
  private squares = 0

  constructor({ prices, markets }: Pick<RiskView, 'prices' | 'markets'>, bySample: boolean) {
    this.samples = prices?.samples ?? 1
    this.sums = new Float64Array(bySample ? this.samples : 0)
    this.trial = new Float64Array(this.sums.length)
    this.weights = new Float64Array(markets.length)
    this.lots = new Float64Array(markets.length)
  }

  static from({ samples, sums, weights, lots, cold, version, squares }: SavedBook): Book {
    const markets = { length: lots.length } as RiskView['markets']
    const book = new Book({ prices: { samples } as RiskView['prices'], markets }, sums.length > 0)
    book.sums.set(sums)
    book.weights.set(weights)
    book.weighty = weights.reduce((count, weight) => (weight === 0 ? count : count + 1), 0)
    book.lots.set(lots)
    book.cold = [...cold]
    book.version = version
    book.squares = squares
    return book
  }

  /** Whole again at each sample; between them what changed is put in the place of what was there. */
  look(view: RiskView): void {
    const { prices, worstLots, portfolio } = view
    const version = prices?.version ?? 0
    if (version !== this.version) {
      this.version = version
      this.sums.fill(0)
      this.squares = 0
      this.weights.fill(0)
      this.weighty = 0
      this.lots.fill(0)
      this.cold = []
      for (let at = 0; at < worstLots.length; at++) if (prices?.isWarm(at) !== true) this.cold.push(at)
      this.seen = Number.NEGATIVE_INFINITY
    }
    this.view = view
    this.seen = portfolio.changes.since(this.seen, this.put)
  }

  private readonly put = (at: number): void => {
    const view = this.view!
    const lots = view.worstLots[at]!
    if (lots === this.lots[at]) return
    this.lots[at] = lots
    const before = this.weights[at]!
    const weight = weightOf(view, at, lots)
    if (weight === before) return
    if (this.sums.length > 0) view.prices!.addReturns(at, weight - before, this.sums)
    const squares = this.squaresWith(view, at, weight - before)
    if (before === 0) this.weighty++
    if (weight === 0) this.weighty--
    this.weights[at] = weight
    // Of nothing nothing is left, not even an error of rounding.
    this.squares = this.weighty === 0 ? 0 : squares
  }

  /** Value at risk in money as things are. */
  before(view: RiskView, sureness: number, measure: Measure | undefined): number {
    const known = measure === undefined ? sureness * this.deviation(this.squares) : measure(this.sums)
    return known + sureness * this.unknown(view, -1)
  }

  /** And with the wish. */
  after(view: RiskView, sureness: number, measure: Measure | undefined): number {
    const { index } = view.wish.instrument
    const more = weightOf(view, index, view.worstAfter()) - this.weights[index]!
    const unknown = sureness * this.unknown(view, index)
    if (measure === undefined) return sureness * this.deviation(this.squaresWith(view, index, more)) + unknown
    this.trial.set(this.sums)
    view.prices?.addReturns(index, more, this.trial)
    return measure(this.trial) + unknown
  }

  save(): SavedBook {
    const { samples, sums, weights, lots, cold, version, squares } = this
    return { samples, sums, weights, lots, cold, version, squares }
  }

  /** The sum of squares with so much more of an instrument: the square of what is there + that of what comes + twice both together. */
  private squaresWith({ prices }: RiskView, index: number, more: number): number {
    if (more === 0 || prices === undefined) return this.squares
    const both = this.weighty === 0 ? 0 : prices.productWith(index, this.weights)
    return this.squares + more * (2 * both + more * prices.squaredReturns(index))
  }

  private deviation(squares: number): number {
    return Math.sqrt(Math.max(0, squares) / this.samples)
  }

  /** Standard deviation of what is not warm, in money, with the wish where it is instrument `own`. */
  private unknown(view: RiskView, own: number): number {
    const { cold } = this
    if (cold.length === 0) return 0
    const { prices } = view
    const assumed = prices === undefined ? assumedVolatility : prices.config.assumedVolatility
    let value = 0
    for (const at of cold) value += at === own ? view.positionAfter() : view.worstValue(at)
    if (value !== 0 && !view.assumes) return Number.NaN
    return value * assumed
  }
}

interface SavedBook {
  readonly samples: number
  readonly sums: Float64Array
  readonly weights: Float64Array
  readonly lots: Float64Array
  readonly cold: readonly number[]
  readonly version: number
  readonly squares: number
}

/**
 * Money that a return of 1 in a sample brings to those lots in a day; 0 where the instrument is not warm. Where fewer returns are known than
 * the window holds, those few stand for all.
 */
function weightOf(view: RiskView, index: number, lots: number): number {
  const { prices } = view
  if (lots === 0 || prices?.isWarm(index) !== true) return 0
  const value = view.valueOf(index, prices.ticks[index]!, Math.abs(lots))
  const scale = Math.sqrt((prices.perDay * prices.samples) / prices.depth(index))
  return lots > 0 ? value * scale : -value * scale
}
