// Every combination, row by row: complete, and the only search whose result says what a whole area is like.
import { SmartspeedError } from '../../../schemas/errors.ts'
import {
  type Asked,
  inOrder,
  levelsOf,
  type Options,
  type Params,
  pointAt,
  type Search,
  type Space,
  sizeOf,
} from './space.ts'

/**
 * All points of a space that fit, the last axis fastest; `batch` of them at once (1000), `trials` at most.
 *
 * Errors: SmartspeedError CONFIG_INVALID for an axis without steps, and for over a million points.
 */
export function grid(space: Space, { trials, batch = 1_000, fits = () => true }: Omit<Options, 'seed'>): Search {
  const size = finite(space)
  // The numbers of the points that fit, as far as they were looked for.
  const fitting: number[] = []
  let seen = 0
  const find = (count: number) => {
    for (; seen < size && fitting.length < count; seen++) if (fits(pointAt(space, seen))) fitting.push(seen)
  }
  return {
    ask(told) {
      const done = inOrder(told).length
      const end = Math.min(trials, done + batch)
      find(end)
      return fitting.slice(done, end).map((number): Asked => ({ params: pointAt(space, number), share: 1 }))
    },
  }
}

/** How many combinations there are, and how many of them the strategy refuses. Errors: as `grid`. */
export function countOf(
  space: Space,
  fits: (params: Params) => boolean,
): { readonly combinations: number; readonly refused: number } {
  const combinations = finite(space)
  let refused = 0
  for (let number = 0; number < combinations; number++) if (!fits(pointAt(space, number))) refused++
  return { combinations, refused }
}

/** More are gone through by a search that chooses. */
const most = 1_000_000

function finite(space: Space): number {
  const endless = space.axes.find((axis) => levelsOf(axis) === Number.POSITIVE_INFINITY)
  if (endless !== undefined) {
    const { name } = endless
    throw new SmartspeedError('CONFIG_INVALID', `${name} takes any number between two: a grid has no end there`, {
      fix: `give it a step, as in ${name}=0.1:1:0.1, or a list; or search by random, tpe, halving or pareto`,
    })
  }
  const size = sizeOf(space)
  if (size <= most) return size
  const [seen, allowed] = [size, most].map((count) => count.toLocaleString('en'))
  throw new SmartspeedError('CONFIG_INVALID', `a grid of ${seen} combinations; at most ${allowed}`, {
    fix: 'larger steps, as in fast=10:200:10; or --search random --trials 10000, which draws from all of them',
  })
}
