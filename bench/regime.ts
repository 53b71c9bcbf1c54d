// How long do the regimes of a bar take, through Node?
import { regimeOut } from '../native/regime.ts'
import { RegimeEngine } from '../operators/regime/engine.ts'
import { regimeStage } from '../operators/regime/stage.ts'
import { batchOf, maxBatchRows } from '../schemas/batch.ts'
import { type Bench, mustEqual } from './bench.ts'
import { minutes, type Series, startUs, yearOfBars } from './series.ts'

const minuteUs = 60e6

export const regimes: Bench = {
  name: 'regime',
  question: 'four regimes of 525,600 one-minute bars: 1m, 1h, 24h and risk',
  async run({ share, data }) {
    const count = Math.round(minutes * share)
    const series = await yearOfBars(data, count)
    const close = Float64Array.from(series.close.subarray(0, count), (cents) => cents / 100)
    // Once before, so that the compiler of JavaScript does not count.
    engine(series, close, maxBatchRows)
    const batched = engine(series, close, maxBatchRows)
    const single = engine(series, close, 1)
    mustEqual('the last regimes, bar by bar', [...single.last], [...batched.last])
    return [
      { what: 'a bar, in batches of 8,192', value: batched.ns, unit: 'ns', pass: 1_000, aim: 100, at: 'most' },
      { what: 'a bar, one a call', value: single.ns, unit: 'ns', pass: 1_000, aim: 500, at: 'most' },
      { what: 'a bar to rows of the topic', value: rows(series, close), unit: 'ns', pass: 2_000, aim: 500, at: 'most' },
    ]
  },
}

/** Nanoseconds a bar, and what the last one gave. */
function engine({ volume }: Series, close: Float64Array, atOnce: number): { ns: number; last: Float64Array } {
  const pieces = []
  for (let from = 0; from < close.length; from += atOnce) {
    const to = Math.min(close.length, from + atOnce)
    const time = Float64Array.from({ length: to - from }, (_, at) => startUs + (from + at + 1) * minuteUs)
    pieces.push({
      ...{ instrument: new Uint32Array(to - from), time, close: close.slice(from, to), volume: volume.slice(from, to) },
      funding: new Float64Array(to - from).fill(0.0001),
    })
  }
  const running = new RegimeEngine(1, minuteUs)
  let out: Float64Array = new Float64Array(0)
  const from = performance.now()
  for (const piece of pieces) out = running.run(piece)
  const ns = ((performance.now() - from) * 1e6) / close.length
  return { ns, last: out.slice((pieces.at(-1)!.time.length - 1) * regimeOut, pieces.at(-1)!.time.length * regimeOut) }
}

/** Nanoseconds a bar, until the rows of `regimes` stand in columns. */
function rows({ volume }: Series, close: Float64Array): number {
  const names = { exchange: 'bench', symbol: 'BTC-PERP' }
  const stage = regimeStage.create({ instruments: [names], barUs: minuteUs })
  let spent = 0
  for (let from = 0; from < close.length; from += maxBatchRows) {
    const bars = batchOf(
      'candles',
      Array.from(close.subarray(from, from + maxBatchRows), (price, at) => {
        const openTime = startUs + (from + at) * minuteUs
        const [time, prices] = [openTime + minuteUs, { open: price, high: price, low: price, close: price }]
        return { ...names, time, received: time, openTime, interval: '1m', ...prices, volume: volume[from + at]! }
      }),
    )
    const funding = new Float64Array(bars.rows).fill(0.0001)
    const before = performance.now()
    stage.step({ bars, funding })
    spent += performance.now() - before
  }
  return (spent * 1e6) / close.length
}
