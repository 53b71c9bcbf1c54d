// Prices of the past on a fixed grid: what volatility, correlation and value at risk are measured on.
import { z } from 'zod'
import type { Market } from '../desk.ts'

const dayUs = 86_400_000_000

/** The section `prices` of a risk config. */
export const pricesConfig = z.strictObject({
  everySeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(60)
    .describe('prices are sampled so often, in UTC, by receive time; as long as a candle where that is longer'),
  samples: z
    .int()
    .min(10)
    .max(10_000)
    .default(120)
    .describe('returns that are looked back on: two hours of minutes; S0 §8 and S2 §5.2.4 name no window'),
  warmup: z
    .int()
    .min(2)
    .max(10_000)
    .default(30)
    .describe('returns that must be known before an instrument is measured'),
  unknown: z
    .enum(['assume', 'refuse'])
    .default('assume')
    .describe(
      'what an instrument counts as that is not known yet: `assume` takes the figures below, `refuse` takes no new risk in it (NOT_WARM)',
    ),
  assumedVolatility: z
    .number()
    .positive()
    .max(10)
    .default(0.05)
    .describe('of a day, as a share of the price; S2 §5.2.4: the most at which it lets trade'),
  assumedCorrelation: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('of any two instruments; below the limit of 0.7, so that a short backtest may hold more than one'),
})

export type PricesConfig = z.output<typeof pricesConfig>

/**
 * The last returns of every instrument of a task, and what follows from them.
 *
 * A sample is the mark as it was known when a point of the grid came: before any row of that instant, so that of candles that close
 * together none is a candle ahead of the others. Sums of products move with the window: what leaves it is taken off, and once a window they are made anew, so that no error of
 * rounding stays. Shared by the accounts of a task, which sample nothing of their own.
 *
 * Returns are simple: price / price before − 1. They are taken to have no mean: over minutes it drowns in its own error.
 */
export class PriceHistory {
  readonly config: PricesConfig
  /** No sooner is there a sample to take, µs. */
  next = Number.NEGATIVE_INFINITY
  /** Grows with each sample: who keeps what follows from returns knows by it when to look again. */
  version = 0
  readonly samples: number
  private readonly markets: readonly Pick<Market, 'markTicks'>[]
  private readonly everyUs: number
  /** Samples of a day. */
  readonly perDay: number
  /** Returns by instrument, each a ring that is filled at `place`. */
  private readonly ring: Float64Array
  private place = 0
  /** Last sampled price of each, in ticks. */
  readonly ticks: Float64Array
  /** Returns of each that are known, one after the other up to now. */
  private readonly known: Uint32Array
  /** Σ of the products of two instruments' returns over the window, at [one × count + other] and at [other × count + one]. */
  private readonly products: Float64Array

  /** `barUs`: length of the candles that prices come by; undefined on ticks. */
  constructor(markets: readonly Pick<Market, 'markTicks'>[], config: PricesConfig, barUs = 0) {
    this.config = config
    this.markets = markets
    this.samples = config.samples
    this.everyUs = Math.max(config.everySeconds * 1e6, barUs)
    this.perDay = dayUs / this.everyUs
    const { length } = markets
    this.ring = new Float64Array(length * config.samples)
    this.ticks = new Float64Array(length).fill(Number.NaN)
    this.known = new Uint32Array(length)
    this.products = new Float64Array(length * length)
  }

  /** To be called before the first row of an instant changes its market; by receive time, µs. */
  instant(received: number): void {
    if (received < this.next) return
    const { everyUs, samples } = this
    const points = this.next === Number.NEGATIVE_INFINITY ? 1 : Math.floor((received - this.next) / everyUs) + 1
    this.sample(true)
    // Points that no row came between: nothing moved.
    for (let at = Math.min(points - 1, samples); at > 0; at--) this.sample(false)
    this.next = (Math.floor(received / everyUs) + 1) * everyUs
    this.version++
  }

  isWarm(instrument: number): boolean {
    return this.known[instrument]! >= this.config.warmup
  }

  /** Standard deviation of a day's return; the assumed one before warm-up, NaN where nothing is to be assumed. */
  volatility(instrument: number): number {
    const { config, known, products, markets, perDay } = this
    if (!this.isWarm(instrument)) return config.unknown === 'assume' ? config.assumedVolatility : Number.NaN
    const squares = products[instrument * (markets.length + 1)]!
    return Math.sqrt((Math.max(0, squares) / known[instrument]!) * perDay)
  }

  /** In [−1, 1]; 0 where one of the two has not moved; before warm-up as `volatility`. */
  correlation(one: number, other: number): number {
    if (one === other) return 1
    const { config, products, markets } = this
    if (!this.isWarm(one) || !this.isWarm(other)) {
      return config.unknown === 'assume' ? config.assumedCorrelation : Number.NaN
    }
    const { length } = markets
    const [a, b] = [products[one * (length + 1)]!, products[other * (length + 1)]!]
    if (a < still || b < still) return 0
    const both = products[one * length + other]!
    return Math.max(-1, Math.min(1, both / Math.sqrt(a * b)))
  }

  /** Adds `weight` × each return of an instrument to `sums`: the same place is the same time for all. What is not known is 0. */
  addReturns(instrument: number, weight: number, sums: Float64Array): void {
    const { ring, samples } = this
    const from = instrument * samples
    for (let at = 0; at < samples; at++) sums[at]! += weight * ring[from + at]!
  }

  /** Σ of the products of an instrument's returns and those of all, each times its weight. */
  productWith(instrument: number, weights: Float64Array): number {
    const { products } = this
    const { length } = weights
    const row = instrument * length
    let sum = 0
    for (let at = 0; at < length; at++) sum += weights[at]! * products[row + at]!
    return sum
  }

  /** Σ of the squares of an instrument's returns. */
  squaredReturns(instrument: number): number {
    return Math.max(0, this.products[instrument * (this.markets.length + 1)]!)
  }

  /** How many returns of an instrument are known. */
  depth(instrument: number): number {
    return this.known[instrument]!
  }

  save(): SavedPrices {
    const { next, version, place, ring, ticks, known, products } = this
    return { next, version, place, ring, ticks, known, products }
  }

  load({ next, version, place, ring, ticks, known, products }: SavedPrices): void {
    this.next = next
    this.version = version
    this.place = place
    this.ring.set(ring)
    this.ticks.set(ticks)
    this.known.set(known)
    this.products.set(products)
  }

  private sample(looks: boolean): void {
    const { markets, ring, samples, ticks, known, products, place } = this
    const { length } = markets
    for (let i = 0; i < length; i++) {
      const old = ring[i * samples + place]!
      if (old === 0) continue
      for (let j = 0; j <= i; j++) products[i * length + j]! -= old * ring[j * samples + place]!
    }
    for (let i = 0; i < length; i++) {
      const price = looks ? markets[i]!.markTicks : ticks[i]!
      const before = ticks[i]!
      const isKnown = price > 0 && before > 0
      ring[i * samples + place] = isKnown ? price / before - 1 : 0
      known[i] = isKnown ? Math.min(samples, known[i]! + 1) : 0
      if (price > 0) ticks[i] = price
    }
    for (let i = 0; i < length; i++) {
      const now = ring[i * samples + place]!
      if (now === 0) continue
      for (let j = 0; j <= i; j++) products[i * length + j]! += now * ring[j * samples + place]!
    }
    this.place = place + 1 === samples ? 0 : place + 1
    if (this.place === 0) this.again()
    for (let i = 0; i < length; i++) for (let j = 0; j < i; j++) products[j * length + i] = products[i * length + j]!
  }

  /** The sums from the returns themselves. */
  private again(): void {
    const { markets, ring, samples, products } = this
    const { length } = markets
    for (let i = 0; i < length; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0
        for (let at = 0; at < samples; at++) sum += ring[i * samples + at]! * ring[j * samples + at]!
        products[i * length + j] = sum
      }
    }
  }
}

/** Σ of squared returns below which an instrument has not moved: a hundred-millionth of its price a sample. */
const still = 1e-14

export interface SavedPrices {
  readonly next: number
  readonly version: number
  readonly place: number
  readonly ring: Float64Array
  readonly ticks: Float64Array
  readonly known: Uint32Array
  readonly products: Float64Array
}
