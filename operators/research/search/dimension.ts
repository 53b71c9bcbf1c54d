// An axis as a line: values have places on it, so that a search can measure how far two of them are apart and go between.
import { exp, ln } from '../../../native/index.ts'
import type { Random } from '../../random.ts'
import { type Axis, isList, levelOf, levelsOf, stepOf, type Value } from './space.ts'

export interface Dimension {
  readonly name: string
  /** `choice`: its values have no order, and a place is the number of a value. */
  readonly kind: 'choice' | 'number'
  /** Infinity: any number between. */
  readonly levels: number
  /** The ends of the line. Values with steps own half a step to either side. */
  readonly low: number
  readonly high: number
  placeOf(value: Value): number
  /** The value whose stretch of the line a place lies in; places outside the line are those of its ends. */
  valueAt(place: number): Value
  /** The stretch that a value with steps owns. */
  cellOf(value: Value): readonly [from: number, to: number]
}

export function dimensionOf(axis: Axis): Dimension {
  if (isList(axis)) {
    const numeric = axis.values.every((value) => typeof value === 'number')
    return levelled(axis, numeric ? 'number' : 'choice', { unit: (level) => level, back: (place) => place })
  }
  const { name, from, to, log, whole } = axis
  if (stepOf(axis) === undefined) {
    const [out, back] = log ? [ln, exp] : [same, same]
    const [low, high] = [out(from), out(to)]
    return {
      ...{ name, kind: 'number', levels: Number.POSITIVE_INFINITY, low, high },
      placeOf: (value) => out(value as number),
      // Not below or above the ends: the way there and back may round.
      valueAt: (place) => Math.min(Math.max(back(Math.min(Math.max(place, low), high)), from), to),
      cellOf: (value) => [out(value as number), out(value as number)],
    }
  }
  if (log && whole) return levelled(axis, 'number', { unit: (level) => ln(from + level), back: (p) => exp(p) - from })
  return levelled(axis, 'number', { unit: same, back: same })
}

/** A uniformly drawn place, whatever the steps. */
export function placeIn({ low, high, kind, levels }: Dimension, draws: Random): number {
  return kind === 'choice' ? draws.below(levels) : low + draws.next() * (high - low)
}

/** An axis of levels, which stand at `unit(level)`; `back` is its inverse. */
function levelled(
  axis: Axis,
  kind: Dimension['kind'],
  { unit, back }: { unit: (level: number) => number; back: (place: number) => number },
): Dimension {
  const levels = levelsOf(axis)
  const numbers = isList(axis) ? new Map(axis.values.map((value, level) => [value, level])) : undefined
  const levelAt = (value: Value) =>
    isList(axis) ? numbers!.get(value)! : Math.round(((value as number) - axis.from) / stepOf(axis)!)
  const clipped = (level: number) => Math.min(Math.max(level, 0), levels - 1)
  return {
    ...{ name: axis.name, kind, levels, low: unit(-0.5), high: unit(levels - 0.5) },
    placeOf: (value) => unit(levelAt(value)),
    valueAt: (place) => levelOf(axis, clipped(Math.round(back(place)))),
    cellOf: (value) => [unit(levelAt(value) - 0.5), unit(levelAt(value) + 0.5)],
  }
}

function same(place: number): number {
  return place
}
