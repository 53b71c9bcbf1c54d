// What a study may try: an axis a parameter, and the words in which a search and who runs its trials speak to each other.
import { random as randomOf } from '../../random.ts'

export type Value = number | string | boolean

export type Params = Readonly<Record<string, Value>>

/** A parameter that takes one of these values. Those of numbers alone are rising: the search may go between neighbours. */
export interface ListAxis {
  readonly name: string
  readonly values: readonly Value[]
}

/** A parameter that takes numbers from `from` to `to`, both allowed. */
export interface RangeAxis {
  readonly name: string
  readonly from: number
  readonly to: number
  /** How far its values are from each other, from `from` on; without it any number between is one. */
  readonly step?: number
  /** Equal ratios count as equally far: for what spans powers of ten. Never with a step, except that of `whole`. */
  readonly log?: boolean
  /** Whole numbers: the step is 1 unless it is said. */
  readonly whole?: boolean
}

export type Axis = ListAxis | RangeAxis

export interface Space {
  readonly axes: readonly Axis[]
}

/** What is to be tried, and on which share of the data: the first `share` of its time, in (0, 1]. */
export interface Asked {
  readonly params: Params
  readonly share: number
}

/** What came of a trial. */
export interface Told {
  /** Its number: the trials of a study are counted from 0 in the order in which they were asked for. */
  readonly trial: number
  readonly params: Params
  /** Larger is better; NaN: the trial failed. */
  readonly objectives: readonly number[]
  readonly share: number
}

/** How the trials of a study are chosen. */
export interface Search {
  /**
   * The next trials, none when the search is over: those that come after trials 0…n−1, the ones that `told` has without a hole,
   * in any order. What stands in it past a hole is asked for again.
   *
   * A function of the space, the seed and what was told: no state is kept, so a study that was stopped goes on where it was.
   */
  ask(told: readonly Told[]): readonly Asked[]
}

export interface Options {
  readonly seed: string | number
  /** The most trials of the study. */
  readonly trials: number
  /** The most trials that are asked for at once; each search says what it is without. */
  readonly batch?: number
  /** Whether the strategy takes these parameters; what it refuses is never asked for. */
  readonly fits?: (params: Params) => boolean
}

export const isList = (axis: Axis): axis is ListAxis => 'values' in axis

/** How many values an axis has; Infinity of a range without steps. */
export function levelsOf(axis: Axis): number {
  if (isList(axis)) return axis.values.length
  const step = stepOf(axis)
  return step === undefined ? Number.POSITIVE_INFINITY : Math.floor((axis.to - axis.from) / step + 1e-9) + 1
}

/** The value of that number of an axis with levels, from 0 on. */
export function levelOf(axis: Axis, level: number): Value {
  if (isList(axis)) return axis.values[level]!
  // Twelve digits: the third of 0.1, 0.2, … is 0.3, not 0.30000000000000004.
  return Number((axis.from + level * stepOf(axis)!).toPrecision(12))
}

export const stepOf = ({ step, whole }: RangeAxis): number | undefined => step ?? (whole === true ? 1 : undefined)

/** How many points a space has; Infinity where one of its axes is without steps. */
export function sizeOf({ axes }: Space): number {
  return axes.reduce((size, axis) => size * levelsOf(axis), 1)
}

/** The point of that number of a space with levels: row by row, the last axis fastest. */
export function pointAt({ axes }: Space, number: number): Params {
  let rest = number
  const entries: [string, Value][] = []
  for (const axis of axes.toReversed()) {
    const levels = levelsOf(axis)
    entries.push([axis.name, levelOf(axis, rest % levels)])
    rest = Math.floor(rest / levels)
  }
  return Object.fromEntries(entries.reverse())
}

/** The same text for the same point. */
export function keyOf({ axes }: Space, params: Params): string {
  return JSON.stringify(axes.map(({ name }) => params[name]))
}

/** What was told of trials 0…n−1 in their order: the part without a hole. */
export function inOrder(told: readonly Told[]): readonly Told[] {
  const sorted = told.toSorted((a, b) => a.trial - b.trial)
  const hole = sorted.findIndex(({ trial }, at) => trial !== at)
  return hole === -1 ? sorted : sorted.slice(0, hole)
}

/** Whether a trial gave no number. */
export const hasFailed = ({ objectives }: Told): boolean =>
  objectives.length === 0 || objectives.some((one) => Number.isNaN(one))

/** The random numbers of one part of a search; those of other parts do not move when it takes more of them. */
export const drawsOf = (seed: string | number, part: string) => randomOf(`${seed}/${part}`)
