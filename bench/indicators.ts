// How long do 1,000 indicators take on each new bar, in one call a bar: all sixteen kinds, with periods from 5 to 130?

import { IndicatorEngine } from '../operators/indicators/engine.ts'
import { indicators as kinds } from '../operators/indicators/list.ts'
import { type ChosenIndicator, parseIndicator } from '../operators/indicators/parse.ts'
import { type Bench, mustEqual } from './bench.ts'
import { minutes, yearOfBars } from './series.ts'

const many = 1000

export const indicators: Bench = {
  name: 'indicators',
  question: '1,000 indicators on each new one-minute bar, a call a bar',
  async run({ share, data }) {
    const rows = Math.round(minutes * share)
    const { high, low, close, volume } = await yearOfBars(data, rows)
    const bars = { high: prices(high), low: prices(low), close: prices(close), volume }
    const chosen = Array.from({ length: many }, (_, at) => choice(at))
    const engine = new IndicatorEngine(chosen)
    const out = new Float64Array(engine.columns.length)
    const bar = {
      high: new Float64Array(1),
      low: new Float64Array(1),
      close: new Float64Array(1),
      volume: new Float64Array(1),
    }
    const took = new Float64Array(rows)
    for (let row = 0; row < rows; row++) {
      bar.high[0] = bars.high[row]!
      bar.low[0] = bars.low[row]!
      bar.close[0] = bars.close[row]!
      bar.volume[0] = bars.volume[row]!
      const from = performance.now()
      engine.run(bar, out)
      took[row] = performance.now() - from
    }
    const whole = inOneCall(chosen, bars)
    mustEqual('values after the last bar', [...out], [...whole])
    mustEqual('values that are not there', out.filter((value) => !Number.isFinite(value)).length, 0)
    took.sort()
    const peers = 'TA-Lib: 6 µs in one batch pass, 1.1 ms through its stream API'
    return [
      { what: '1,000 indicators, median bar', value: took[rows >> 1]! * 1000, unit: 'µs', pass: 50, aim: 6, peers },
      { what: '99th percentile', value: took[Math.floor(rows * 0.99)]! * 1000, unit: 'µs' },
    ]
  },
}

/** The values of the last bar, from a second engine that takes all bars at once, an indicator at a time. */
function inOneCall(chosen: readonly ChosenIndicator[], bars: Parameters<IndicatorEngine['run']>[0]): number[] {
  const rows = bars.close.length
  return chosen.flatMap((one) => {
    const values = new IndicatorEngine([one]).run(bars)
    return one.columns.map((_, column) => values[column * rows + rows - 1]!)
  })
}

/** The kinds in turn; each one's longest period grows by one from its choice to the next. */
function choice(at: number): ChosenIndicator {
  const { name, parameters } = kinds[at % kinds.length]!
  const turn = Math.floor(at / kinds.length)
  const values = parameters.map((parameter) => (parameter.kind === 'factor' ? 2 : parameter.default! + 2 * turn))
  return parseIndicator([name, ...values].join(':'))
}

function prices(cents: Int32Array): Float64Array {
  return Float64Array.from(cents, (value) => value / 100)
}
