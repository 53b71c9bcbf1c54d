// Functions whose best values are known, for the tests and the comparison of the searches; larger is better in all of them.
import type { Asked, Params, Search, Space, Told } from './space.ts'

export interface Known {
  readonly name: string
  readonly space: Space
  readonly best: number
  value(params: Params): number
}

const number = (params: Params, name: string): number => params[name] as number

/** Three equal hilltops, in valleys. Source: Dixon & Szegő (1978), "The Global Optimization Problem: An Introduction". */
export const branin: Known = {
  name: 'Branin, 2 axes',
  space: {
    axes: [
      { name: 'x', from: -5, to: 10 },
      { name: 'y', from: 0, to: 15 },
    ],
  },
  best: -0.397887,
  value(params) {
    const [x, y] = [number(params, 'x'), number(params, 'y')]
    const bent = y - (5.1 * x * x) / (4 * Math.PI * Math.PI) + (5 * x) / Math.PI - 6
    return -(bent * bent + 10 * (1 - 1 / (8 * Math.PI)) * cosine(x) + 10)
  },
}

/** One hill whose top lies off the middle on each of five axes. */
export const sphere: Known = {
  name: 'sphere, 5 axes',
  space: { axes: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, from: -5, to: 5 })) },
  best: 0,
  value: (params) => -Object.keys(params).reduce((sum, name) => sum + square(number(params, name) - 1.3), 0),
}

/** A ridge of fast and slow means, with a mode and a rate: axes as a strategy has them, of 101 × 100 × 2 × any number of points. */
export const ridge: Known = {
  name: 'ridge, 4 mixed axes',
  space: {
    axes: [
      { name: 'fast', from: 1, to: 101, whole: true },
      { name: 'slow', from: 102, to: 201, whole: true },
      { name: 'mode', values: ['long-flat', 'long-short'] },
      { name: 'rate', from: 0.0001, to: 0.1, log: true },
    ],
  },
  best: 1,
  value(params) {
    const off =
      square((number(params, 'fast') - 21) / 30) +
      square((number(params, 'slow') - 150) / 60) +
      square(logOf(number(params, 'rate') / 0.003) / 2)
    return (params.mode === 'long-short' ? 1 : 0.8) / (1 + off)
  },
}

/** Two objectives whose best trade-offs are y = 1 − √x, where all axes but the first are 0. Source: Zitzler, Deb & Thiele (2000). */
export const zdt1 = {
  space: { axes: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, from: 0, to: 1 })) } satisfies Space,
  /** Both small in the paper: here negative, so that larger is better. */
  values(params: Params): readonly [number, number] {
    const [first, ...rest] = Object.keys(params).map((name) => number(params, name)) as [number, ...number[]]
    const g = 1 + (9 * rest.reduce((sum, one) => sum + one, 0)) / rest.length
    return [-first, -g * (1 - Math.sqrt(first / g))]
  },
}

/** Runs a search to its end. `share` is what the value of a trial is told on. */
export function told(search: Search, objectives: (asked: Asked) => readonly number[]): Told[] {
  const all: Told[] = []
  for (;;) {
    const asked = search.ask(all)
    if (asked.length === 0) return all
    for (const one of asked) all.push({ trial: all.length, ...one, objectives: objectives(one) })
  }
}

/** The largest first objective. */
export const bestOf = (trials: readonly Told[]): number => Math.max(...trials.map(({ objectives }) => objectives[0]!))

/** The area that a set of points covers above (-1, -1), of two objectives within [-1, 0]. */
export function coveredBy(points: readonly (readonly number[])[]): number {
  const sorted = points.filter(([x, y]) => x! > -1 && y! > -1).sort((a, b) => b[0]! - a[0]!)
  let area = 0
  let top = -1
  for (const [x, y] of sorted) {
    if (y! <= top) continue
    area += (x! + 1) * (y! - top)
    top = y!
  }
  return area
}

const square = (x: number): number => x * x

/** cos x by its series: the tests must not differ between machines. */
function cosine(x: number): number {
  let [term, sum] = [1, 1]
  for (let even = 2; even < 60; even += 2) {
    term *= -(x * x) / (even * (even - 1))
    sum += term
  }
  return sum
}

/** ln x by 2·artanh((x − 1) / (x + 1)), after halving. */
function logOf(x: number): number {
  if (x > 2) return logOf(x / 2) + Math.LN2
  if (x < 0.5) return logOf(x * 2) - Math.LN2
  const z = (x - 1) / (x + 1)
  let sum = 0
  for (let odd = 41; odd >= 1; odd -= 2) sum = sum * z * z + 1 / odd
  return 2 * z * sum
}
