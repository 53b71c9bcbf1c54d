// How long does one bar wait for its regimes, when volatility jumps?
import { regimeOut } from '../native/regime.ts'
import { random } from '../operators/random.ts'
import { RegimeEngine } from '../operators/regime/engine.ts'
import { type Bench, callsOf, medianOf, mustEqual } from './bench.ts'

const calls = 10_000
const minuteUs = 60e6
const startUs = 1_704_067_200_000_000

/** A call a bar through Node: four horizons, every hundredth minute begins a burst of twentyfold volatility. */
export const regimeLatency: Bench = {
  name: 'regime-latency',
  question: `the regimes of one bar, ${calls.toLocaleString('en')} calls a round, with jumps of volatility`,
  async run({ share, rounds = 5 }) {
    const count = Math.max(500, Math.round(calls * share))
    round(count)
    const all = new Float64Array(count * rounds)
    const means: number[] = []
    const last: number[][] = []
    for (let at = 0; at < rounds; at++) {
      const { us, said } = round(count)
      all.set(us, at * count)
      means.push(us.reduce((sum, one) => sum + one, 0) / count)
      last.push(said)
    }
    for (const said of last) mustEqual('the last regimes', said, last[0])
    return [
      { what: 'a bar, one a call', value: medianOf(means), unit: 'µs', rounds: means, calls: callsOf(all), pass: 10 },
    ]
  },
}

function round(count: number): { us: Float64Array; said: number[] } {
  const engine = new RegimeEngine(1, minuteUs)
  const dice = random('bench/regime-latency')
  const us = new Float64Array(count)
  let price = 60_000
  let out = new Float64Array(0) as Float64Array
  for (let at = 0; at < count; at++) {
    const wild = at % 100 < 5
    price *= 1 + dice.normal() * (wild ? 0.02 : 0.001)
    const bar = {
      ...{ instrument: [0], time: [startUs + at * minuteUs], close: [price], volume: [wild ? 900 : 100] },
      funding: [0.0001],
    }
    const from = performance.now()
    out = engine.run(bar)
    us[at] = (performance.now() - from) * 1000
  }
  return { us, said: [...out.slice(0, regimeOut)] }
}
