// The searches by name. A new one is a file beside this and one line in the list.
import { namedIn } from '../../../schemas/errors.ts'
import { grid } from './grid.ts'
import { halving } from './halving.ts'
import { pareto } from './pareto.ts'
import { random } from './random.ts'
import type { Options, Search, Space } from './space.ts'
import { tpe } from './tpe.ts'

export { parseAxes, parseAxis, spanText } from './axes.ts'
export { front } from './front.ts'
export { countOf } from './grid.ts'
export { type Rung, rungsOf } from './halving.ts'
export {
  type Asked,
  type Axis,
  type ListAxis,
  levelOf,
  levelsOf,
  type Options,
  type Params,
  pointAt,
  type RangeAxis,
  type Search,
  type Space,
  sizeOf,
  type Told,
  type Value,
} from './space.ts'

export interface SearchKind {
  readonly name: string
  readonly summary: string
  /** What `batch` means here, and what it is when nobody says. */
  readonly batch: string
  /** Objectives: `one`, the first of what is told; `several`, all of them. */
  readonly objectives: 'one' | 'several'
  create(space: Space, options: Options): Search
}

export const searches: readonly SearchKind[] = [
  {
    ...{ name: 'grid', summary: 'every combination, the last axis fastest', objectives: 'one' },
    ...{ batch: 'combinations at once, 1000', create: grid },
  },
  {
    ...{ name: 'random', summary: 'points at random, none twice', objectives: 'one' },
    ...{ batch: 'points at once, all', create: random },
  },
  {
    ...{ name: 'tpe', summary: 'more where good trials were dense and bad ones were not', objectives: 'one' },
    ...{ batch: 'trials at once, 1', create: tpe },
  },
  {
    ...{ name: 'halving', summary: 'many on little data, the best third on three times as much', objectives: 'one' },
    ...{ batch: 'trials of the first round, as many as leave room for the later ones', create: halving },
  },
  {
    ...{ name: 'pareto', summary: 'the trade-off between several objectives (NSGA-II)', objectives: 'several' },
    ...{ batch: 'trials of a generation, 48', create: pareto },
  },
]

/** The search of that name. @throws SmartspeedError UNKNOWN_NAME with the nearest name */
export function searchOf(name: string): SearchKind {
  return namedIn(searches, { kind: 'search', name, at: ['search', 'name'] })
}
