// A desk for tests of strategies: it writes down what is asked, and orders work until they are cancelled or ended by the test.
import type { BarView, Desk, Market, RegimeView } from '../desk.ts'
import { featureNames } from '../features/names.ts'
import { type Instrument, instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'

export interface SampleDesk extends Desk {
  now: number
  /** What was asked since the test last emptied it, in order. */
  asked: string[]
  readonly positions: number[]
  readonly tags: Set<string>
  /** Instruments with an order of a target on its way: the test says so. */
  readonly coming: Set<number>
  readonly markets: Writable<Market>[]
  /** What `fees` gives, by instrument: nothing unless the test says so. */
  readonly rates: { maker: number; taker: number }[]
  /** By `<instrument> <horizon>`. */
  readonly regimes: Map<string, RegimeView>
  /** By `<instrument> <interval>`. */
  readonly lastBars: Map<string, BarView>
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] }

export function sampleDesk(instruments: readonly Instrument[] = [instrumentOf(perpetual(), 0)]): SampleDesk {
  const asked: string[] = []
  const positions = instruments.map(() => 0)
  const tags = new Set<string>()
  const coming = new Set<number>()
  const instrumentOfTag = new Map<string, number>()
  const markets = instruments.map((instrument) => ({
    ...{ instrument, bidTicks: Number.NaN, bidLots: Number.NaN, askTicks: Number.NaN, askLots: Number.NaN },
    ...{ lastTicks: Number.NaN, markTicks: Number.NaN, received: 0, synced: true },
  }))
  const rates = instruments.map(() => ({ maker: 0, taker: 0 }))
  const features = instruments.map(() => new Float64Array(featureNames.length).fill(Number.NaN))
  const regimes = new Map<string, RegimeView>()
  const lastBars = new Map<string, BarView>()
  return {
    ...{ instruments, asked, positions, tags, coming, markets, rates, now: 0, regimes, lastBars },
    market: (instrument) => markets[instrument]!,
    fees: (instrument) => rates[instrument]!,
    position: (instrument) => positions[instrument]!,
    feature: (instrument, name) => features[instrument]![featureNames.indexOf(name)]!,
    features: (instrument) => features[instrument]!,
    regime: (instrument, horizon) => regimes.get(`${instrument} ${horizon}`),
    lastBar: (instrument, interval) => lastBars.get(`${instrument} ${interval}`),
    working: (tag) => tags.has(tag),
    busy: (instrument) => coming.has(instrument) || [...tags].some((tag) => instrumentOfTag.get(tag) === instrument),
    target: (instrument, size) => {
      asked.push(`target ${instrument} ${size}`)
    },
    order: (instrument, { tag, side, size, price, timeInForce }) => {
      tags.add(tag)
      instrumentOfTag.set(tag, instrument)
      asked.push(`${tag}: ${side} ${size} of ${instrument} at ${price} ${timeInForce}`)
    },
    amend: (tag, { size, price, trigger }) => {
      asked.push(`amend ${tag}: ${size ?? '-'} at ${price ?? '-'}, ${trigger ?? '-'}`)
    },
    open: () => undefined,
    cancel: (tag) => {
      asked.push(`cancel ${tag}`)
    },
    cancelAll: (instrument) => {
      asked.push(`cancel all of ${instrument}`)
    },
  }
}
