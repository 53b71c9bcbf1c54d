// How long do the 25 features of a bar take, through Node?
import { type FeaturesStep, FeatureView, featureNames, featureStage } from '../operators/features/index.ts'
import { type Instrument, instrumentOf } from '../operators/instrument.ts'
import { type Batch, batchOf, maxBatchRows } from '../schemas/batch.ts'
import { type Bench, mustEqual } from './bench.ts'
import { minutes, type Series, startUs, yearOfBars } from './series.ts'

/** Bars that are given one by one: more would only take longer. */
const single = 50_000

export const features: Bench = {
  name: 'features',
  question: '25 features of 525,600 one-minute bars, in batches and bar by bar',
  async run({ share, data }) {
    const count = Math.round(minutes * share)
    const series = await yearOfBars(data, count)
    const whole = batches(series, 0, count, maxBatchRows)
    const bars = Math.min(single, count)
    // Once before, so that the compiler of JavaScript does not count.
    run(whole)
    const { ns, last } = run(whole)
    // Made after that: the collector would have to look through so many small arrays again and again.
    const ones = batches(series, 0, bars, 1)
    const { ns: nsAlone, last: lastAlone } = run(ones)
    mustEqual(
      'the last bar’s closing features',
      [...last.subarray(0, 4)].map(digits),
      plainly(series, count).map(digits),
    )
    mustEqual('features bar by bar', [...lastAlone], [...run(batches(series, 0, bars, maxBatchRows)).last])
    return [
      { what: 'a bar, in batches of 8,192', value: ns, unit: 'ns', pass: 1_000, aim: 200 },
      { what: 'a bar, one a batch', value: nsAlone, unit: 'ns', pass: 20_000, aim: 2_000 },
      { what: 'looking at all 25 at a row', value: look(last), unit: 'ns', pass: 200, aim: 50 },
    ]
  },
}

const instrument: Instrument = instrumentOf(
  {
    ...{ time: startUs, received: startUs, exchange: 'bench', symbol: 'BTC-PERP', type: 'perpetual', ccxtSymbol: '' },
    ...{ base: 'BTC', quote: 'USD', settle: 'USD', tickSize: 0.01, lotSize: 0.0001, minNotional: 0, contractSize: 1 },
    ...{ inverse: false, status: 'trading', inferred: false },
  },
  0,
)

/** Nanoseconds a bar, and the values of the last one. */
function run(batches: readonly Batch<'candles'>[]): { ns: number; last: Float64Array } {
  const stage: FeaturesStep = featureStage.create({ instruments: [instrument] })
  let values: Float64Array = new Float64Array(0)
  let bars = 0
  const from = performance.now()
  for (const batch of batches) {
    values = stage.step(batch)
    bars += batch.rows
  }
  const ns = ((performance.now() - from) * 1e6) / bars
  return { ns, last: values.subarray(-19) }
}

/** Nanoseconds that a look at the 25 takes while the book moves. */
function look(bar: Float64Array): number {
  const view = new FeatureView()
  view.bar(bar, 0)
  const market = {
    ...{ instrument, bidTicks: 1, bidLots: 1, askTicks: 2, askLots: 2, lastTicks: 1, markTicks: 1, received: 0 },
    synced: true,
  }
  const times = 1_000_000
  let sum = 0
  const from = performance.now()
  for (let i = 0; i < times; i++) {
    market.bidTicks = 4_000_000 + (i & 1023)
    market.askTicks = market.bidTicks + 1
    sum += view.read(market)[featureNames.indexOf('bid')]!
  }
  const ns = ((performance.now() - from) * 1e6) / times
  if (!(sum > 0)) throw new Error(`the bids came to ${sum}`)
  return ns
}

function batches(series: Series, from: number, to: number, rows: number): Batch<'candles'>[] {
  const made: Batch<'candles'>[] = []
  for (let at = from; at < to; at += rows) made.push(candles(series, at, Math.min(to, at + rows)))
  return made
}

function candles({ open, high, low, close, volume }: Series, from: number, to: number): Batch<'candles'> {
  const rows = Array.from({ length: to - from }, (_, i) => {
    const at = from + i
    const openTime = startUs + at * 60e6
    return {
      ...{ time: openTime + 60e6, received: openTime + 60e6, exchange: 'bench', symbol: 'BTC-PERP', openTime },
      ...{ interval: '1m', open: open[at]! / 100, high: high[at]! / 100, low: low[at]! / 100, close: close[at]! / 100 },
      volume: volume[at]!,
    }
  })
  return batchOf('candles', rows)
}

/** price_change, momentum, volatility and acceleration of the last bar, in plain lines. */
function plainly({ close }: Series, count: number): number[] {
  const last = count - 1
  const change = (at: number) => close[at]! / close[at - 1]! - 1
  const changes = Array.from({ length: 20 }, (_, i) => change(last - i))
  const mean = changes.reduce((sum, one) => sum + one, 0) / 20
  const squares = changes.reduce((sum, one) => sum + (one - mean) * (one - mean), 0)
  return [change(last), close[last]! / close[last - 10]! - 1, Math.sqrt(squares / 19), change(last) - change(last - 1)]
}

function digits(value: number): string {
  return value.toFixed(12)
}
