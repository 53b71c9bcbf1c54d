// Several objectives at once: a population that keeps what nothing beats, and of that what has most room around it (NSGA-II).
import { pow } from '../../../native/index.ts'
import type { Random } from '../../random.ts'
import { type Dimension, dimensionOf, placeIn } from './dimension.ts'
import { drawn, freshPoint, knownOf } from './fresh.ts'
import { crowding, fronts } from './front.ts'
import { inGenerations } from './generations.ts'
import { random } from './random.ts'
import {
  type Asked,
  drawsOf,
  hasFailed,
  type Options,
  type Params,
  type Search,
  type Space,
  type Told,
} from './space.ts'

/** Chance that two parents are mixed at all, and how near to them their children are: the paper's numbers for real values. */
const crossed = 0.9
const nearness = 20
/** Children in a row that may be known or refused before a point is drawn uniformly. */
const tries = 32

/**
 * Generations of `batch` trials (48): the first at random; for each next one parents are chosen by tournaments of two (the lower
 * front, then the more room), mixed on each axis (simulated binary crossover, or either's choice), and changed on one axis on
 * average (polynomial mutation, or another choice). The `batch` best of parents and children live on. Trials that failed come
 * last. No point is asked for twice. Over after `trials`, or when no point is left.
 *
 * Source: Deb, Pratap, Agarwal & Meyarivan (2002), "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II"; crossover of
 * Deb & Agrawal (1995), "Simulated Binary Crossover for Continuous Search Space"; mutation of Deb & Goyal (1996), "A Combined
 * Genetic Adaptive Search (GeneAS) for Engineering Design".
 */
export function pareto(space: Space, { seed, trials, batch = 48, fits = () => true }: Options): Search {
  const dimensions = space.axes.map(dimensionOf)
  const first = random(space, { seed, trials: Math.min(trials, batch), fits })
  const livingAfter = survivors(batch)

  return inGenerations({
    size: (generation) => Math.max(0, Math.min(batch, trials - generation * batch)),
    make(before, generation) {
      if (generation === 0) return first.ask([])
      const living = livingAfter(before)
      const known = knownOf(
        space,
        before.map(({ params }) => params),
      )
      const asked: Asked[] = []
      const draws = drawsOf(seed, `pareto/${generation}`)
      const count = Math.min(batch, trials - before.length)
      while (asked.length < count) {
        const child = () => childOf(dimensions, winner(living, draws), winner(living, draws), draws)
        const params = drawn(child, { known, fits, tries }) ?? freshPoint(space, dimensions, { known, fits, draws })
        if (params === undefined) break
        known.add(params)
        asked.push({ params, share: 1 })
      }
      return asked
    },
  })
}

/**
 * The `batch` that live after these generations, each with its rank. What lived after the last call is kept, so that a long study does
 * not begin anew each time: it counts only where these are the very trials of that call, with more behind them.
 */
function survivors(batch: number): (before: readonly Told[]) => readonly Ranked[] {
  let seen: readonly Told[] = []
  let living: readonly Ranked[] = []
  return (before) => {
    if (seen.length > before.length || seen.some((told, at) => told !== before[at])) {
      seen = []
      living = []
    }
    for (let begin = seen.length; begin < before.length; begin += batch) {
      const all = [...living.map(({ told }) => told), ...before.slice(begin, begin + batch)]
      living = ranked(all).slice(0, batch)
    }
    seen = before
    return living
  }
}

/** A trial with its place among the living, from 0: by front, then by room, then by number. */
interface Ranked {
  readonly told: Told
  readonly rank: number
}

function ranked(all: readonly Told[]): readonly Ranked[] {
  const whole = all.filter((one) => !hasFailed(one)).sort((a, b) => a.trial - b.trial)
  const points = whole.map(({ objectives }) => objectives)
  const order = fronts(points).flatMap((front) => {
    const room = crowding(front.map((at) => points[at]!))
    const roomOf = new Map(front.map((at, own) => [at, room[own]!]))
    return front.toSorted((a, b) => (roomOf.get(a) === roomOf.get(b) ? a - b : roomOf.get(b)! - roomOf.get(a)!))
  })
  const failed = all.filter(hasFailed).sort((a, b) => a.trial - b.trial)
  return [...order.map((at) => whole[at]!), ...failed].map((told, rank) => ({ told, rank }))
}

/** The better of two that are drawn. */
function winner(living: readonly Ranked[], draws: Random): Params {
  const [a, b] = [draws.below(living.length), draws.below(living.length)]
  return living[Math.min(a, b)]!.told.params
}

function childOf(dimensions: readonly Dimension[], mother: Params, father: Params, draws: Random): Params {
  const mixes = draws.next() < crossed
  return Object.fromEntries(
    dimensions.map((dimension) => {
      const { name, kind, placeOf, valueAt } = dimension
      const [a, b] = [placeOf(mother[name]!), placeOf(father[name]!)]
      const own = mixes && draws.next() < 0.5
      const mixed = !own ? a : kind === 'choice' ? b : between(a, b, draws)
      const changes = draws.next() < 1 / dimensions.length
      if (!changes) return [name, valueAt(mixed)]
      return [name, valueAt(kind === 'choice' ? placeIn(dimension, draws) : changed(mixed, dimension, draws))]
    }),
  )
}

/** A place near one of two parents, the nearer the closer they are to each other. */
function between(a: number, b: number, draws: Random): number {
  const u = draws.next()
  const spread = u < 0.5 ? pow(2 * u, 1 / (nearness + 1)) : pow(1 / (2 * (1 - u)), 1 / (nearness + 1))
  const side = draws.next() < 0.5 ? spread : -spread
  return (a + b + side * (b - a)) / 2
}

/** A place somewhere on the line, most likely near where it was. */
function changed(place: number, { low, high }: Dimension, draws: Random): number {
  const u = draws.next()
  const [below, above] = [(place - low) / (high - low), (high - place) / (high - low)]
  const power = nearness + 1
  const step =
    u < 0.5
      ? pow(2 * u + (1 - 2 * u) * pow(1 - clipped(below), power), 1 / power) - 1
      : 1 - pow(2 * (1 - u) + 2 * (u - 0.5) * pow(1 - clipped(above), power), 1 / power)
  return place + step * (high - low)
}

const clipped = (part: number): number => Math.min(Math.max(part, 0), 1)
