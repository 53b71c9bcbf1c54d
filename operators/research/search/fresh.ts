// Points that nobody has tried yet: a backtest of the same parameters on the same data says nothing new.
import type { Random } from '../../random.ts'
import { type Dimension, placeIn } from './dimension.ts'
import { keyOf, type Params, pointAt, type Space, sizeOf } from './space.ts'

/** Draws in a row that may all be known or refused before a space is looked through. */
const patience = 1_000
/** The most points of a space that are looked through for one that is left. */
const longestLook = 1_000_000

/** The points that were asked for. */
export interface Known {
  has(params: Params): boolean
  add(params: Params): void
}

export function knownOf(space: Space, known: Iterable<Params> = []): Known {
  const keys = new Set<string>()
  for (const params of known) keys.add(keyOf(space, params))
  return {
    has: (params) => keys.has(keyOf(space, params)),
    add: (params) => void keys.add(keyOf(space, params)),
  }
}

/** Gives points by `draw` until one is new and allowed; undefined after as many tries. */
export function drawn(
  draw: () => Params,
  { known, fits, tries }: { known: Known; fits: (params: Params) => boolean; tries: number },
): Params | undefined {
  for (let turn = 0; turn < tries; turn++) {
    const params = draw()
    if (!known.has(params) && fits(params)) return params
  }
  return undefined
}

/** A new point, uniformly drawn; where a thousand draws find none, the first that is left; undefined when none is. */
export function freshPoint(
  space: Space,
  dimensions: readonly Dimension[],
  { known, fits, draws }: { known: Known; fits: (params: Params) => boolean; draws: Random },
): Params | undefined {
  const draw = () => pointOf(dimensions, (dimension) => placeIn(dimension, draws))
  return drawn(draw, { known, fits, tries: patience }) ?? firstLeft(space, known, fits)
}

export function pointOf(dimensions: readonly Dimension[], place: (dimension: Dimension) => number): Params {
  return Object.fromEntries(dimensions.map((dimension) => [dimension.name, dimension.valueAt(place(dimension))]))
}

function firstLeft(space: Space, known: Known, fits: (params: Params) => boolean): Params | undefined {
  const size = sizeOf(space)
  if (size === Number.POSITIVE_INFINITY) return undefined
  for (let number = 0; number < Math.min(size, longestLook); number++) {
    const params = pointAt(space, number)
    if (!known.has(params) && fits(params)) return params
  }
  return undefined
}
