// How long do ten thousand simulated days of ten positions take?
import { random } from '../operators/random.ts'
import { monteCarlo } from '../operators/stress/monte-carlo.ts'
import type { Bench } from './bench.ts'

const positions = 10
const minutes = 43_200

export const stress: Bench = {
  name: 'stress',
  question: '10,000 simulated days of ten positions, from a month of minutes',
  async run({ share }) {
    const paths = Math.max(100, Math.round(10_000 * share))
    const series = Array.from({ length: positions }, (_, i) => walk(`bench/${i}`))
    const exposures = series.map((prices, i) => ({
      ...{ account: 'main', exchange: 'bench', symbol: `S${i}`, base: `S${i}`, size: i % 2 === 0 ? 10 : -8 },
      ...{ contractSize: 1, inverse: false, price: prices.at(-1)! },
    }))
    const from = performance.now()
    const result = monteCarlo(exposures, series, 100_000, { paths, steps: 1440, meanBlock: 60, seed: 1 })
    const seconds = (performance.now() - from) / 1000
    if (!(result.var99 > result.var95 && result.var95 > 0))
      throw new Error(`no value at risk: ${result.var95}, ${result.var99}`)
    return [{ what: `${paths} paths`, value: seconds, unit: 's', pass: 1, peers: '' }]
  },
}

function walk(seed: string): Float64Array {
  const draw = random(seed)
  const prices = new Float64Array(minutes)
  let price = 100
  for (let at = 0; at < minutes; at++) {
    prices[at] = price
    price *= 1 + 0.0008 * draw.normal()
  }
  return prices
}
