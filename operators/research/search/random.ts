// Points at random, none twice: as good as a grid for the best point, and far better where only some of the axes matter.
import { dimensionOf } from './dimension.ts'
import { freshPoint, knownOf } from './fresh.ts'
import {
  type Asked,
  drawsOf,
  inOrder,
  isList,
  type Options,
  type Params,
  pointAt,
  type Search,
  type Space,
  sizeOf,
} from './space.ts'

/** Of spaces that are not larger the points are shuffled; of others they are drawn, and drawn again when known. */
const mostShuffled = 2 ** 32

/**
 * `trials` points, uniform along each axis (by ratios where it is logarithmic), without repetition; `batch` at once (all that are
 * left). The sequence does not depend on how it is cut. It is over early when every point was asked for.
 *
 * Source: Bergstra & Bengio (2012), "Random Search for Hyper-Parameter Optimization".
 */
export function random(space: Space, { seed, trials, batch = trials, fits = () => true }: Options): Search {
  const next = isShuffled(space) ? shuffled(space, seed, fits) : loose(space, seed, fits)
  // What was drawn so far: the sequence is the same however often it is asked for.
  const sequence: Params[] = []
  let over = false
  return {
    ask(told) {
      const done = inOrder(told).length
      const end = Math.min(trials, done + batch)
      while (sequence.length < end && !over) {
        const params = next()
        if (params === undefined) over = true
        else sequence.push(params)
      }
      return sequence.slice(done, end).map((params): Asked => ({ params, share: 1 }))
    },
  }
}

/** Levels of a logarithmic axis are not equally likely. */
function isShuffled(space: Space): boolean {
  return sizeOf(space) <= mostShuffled && space.axes.every((axis) => isList(axis) || axis.log !== true)
}

/** Fisher and Yates's shuffle of the numbers of all points, of which only those that moved are kept. */
function shuffled(space: Space, seed: string | number, fits: (params: Params) => boolean): () => Params | undefined {
  const draws = drawsOf(seed, 'random')
  const moved = new Map<number, number>()
  let left = sizeOf(space)
  return () => {
    while (left > 0) {
      const at = draws.below(left)
      const number = moved.get(at) ?? at
      left--
      moved.set(at, moved.get(left) ?? left)
      moved.delete(left)
      const params = pointAt(space, number)
      if (fits(params)) return params
    }
    return undefined
  }
}

function loose(space: Space, seed: string | number, fits: (params: Params) => boolean): () => Params | undefined {
  const draws = drawsOf(seed, 'random')
  const dimensions = space.axes.map(dimensionOf)
  const known = knownOf(space)
  return () => {
    const params = freshPoint(space, dimensions, { known, fits, draws })
    if (params !== undefined) known.add(params)
    return params
  }
}
