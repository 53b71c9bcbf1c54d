// Sweeps of which it is known what is in them: noise, families of rules on a random walk, or a family of trials with a real edge.
import { random } from '../operators/random.ts'
import type { Grid, TrialMatrix } from '../operators/research/index.ts'

export interface Planted {
  readonly matrix: TrialMatrix
  readonly grid: Grid
}

const day = 86_400_000_000
const [rows, columns] = [40, 25]
const grid: Grid = { axes: [axis('slow', rows), axis('fast', columns)] }

function axis(name: string, count: number) {
  return { name, values: Array.from({ length: count }, (_, i) => i + 1) }
}

function planted(observations: number, fill: (returns: Float64Array) => void): Planted {
  const returns = new Float64Array(rows * columns * observations)
  fill(returns)
  const times = Float64Array.from({ length: observations }, (_, i) => i * day)
  return { matrix: { observations, trials: rows * columns, returns, times, periodsPerYear: 365 }, grid }
}

/** 1,000 trials that have nothing to do with each other, and earn `sharpe` a year, 0 when it is not given. */
export function noise(seed: number, { years = 3, sharpe = 0 } = {}): Planted {
  const draw = random(`${seed}/noise`)
  const drift = sharpe / Math.sqrt(365)
  return planted(365 * years, (returns) => {
    for (let i = 0; i < returns.length; i++) returns[i] = 0.01 * (draw.normal() + drift)
  })
}

/**
 * 1,000 crossings of two moving averages, long or short, on a price that remembers nothing (`momentum` 0), or whose mean return
 * follows its own past: neighbours hold nearly the same positions. `clusters`: calm and wild months, a kurtosis of about 10.
 */
export function crossings(seed: number, { years = 3, momentum = 0, clusters = 0 } = {}): Planted {
  const draw = random(`${seed}/crossings`)
  const observations = 365 * years
  const warm = 2 * rows + columns + 20
  const price = new Float64Array(warm + observations + 1)
  let [trend, mood] = [0, 0]
  for (let i = 1; i < price.length; i++) {
    trend = 0.97 * trend + 0.25 * draw.normal()
    if (clusters > 0) mood = 0.97 * mood + clusters * draw.normal()
    price[i] = price[i - 1]! + 0.02 * Math.exp(mood) * (draw.normal() + momentum * trend)
  }
  const summed = new Float64Array(price.length + 1)
  for (let i = 0; i < price.length; i++) summed[i + 1] = summed[i]! + price[i]!
  const average = (end: number, length: number) => (summed[end + 1]! - summed[end + 1 - length]!) / length
  return planted(observations, (returns) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [fast, slow] = [column + 2, column + 2 + 2 * (row + 1)]
        const from = (row * columns + column) * observations
        for (let i = 0; i < observations; i++) {
          const at = warm + i
          const side = Math.sign(average(at, fast) - average(at, slow))
          returns[from + i] = side * (price[at + 1]! - price[at]!)
        }
      }
    }
  })
}

/** Noise, but for a block of `side` × `side` neighbours in the grid that share an edge of `sharpe` a year, and 0.8 of their days. */
export function edge(seed: number, { years = 3, sharpe = 3, side = 6 } = {}): Planted {
  const draw = random(`${seed}/edge`)
  const [row, column] = [draw.below(rows - side + 1), draw.below(columns - side + 1)]
  const made = noise(seed, { years })
  const { observations, returns } = made.matrix
  const drift = sharpe / Math.sqrt(365)
  const together = Float64Array.from({ length: observations }, () => draw.normal())
  for (let r = row; r < row + side; r++) {
    for (let c = column; c < column + side; c++) {
      const from = (r * columns + c) * observations
      for (let i = 0; i < observations; i++)
        returns[from + i] = 0.01 * (drift + Math.sqrt(0.8) * together[i]! + Math.sqrt(0.2) * 100 * returns[from + i]!)
    }
  }
  return made
}
