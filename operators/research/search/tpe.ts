// Tree-structured Parzen estimator: after some random trials, more is tried where good ones were dense and bad ones were not.
import { dimensionOf } from './dimension.ts'
import { freshPoint, knownOf } from './fresh.ts'
import { inGenerations } from './generations.ts'
import { type Parzen, parzen } from './parzen.ts'
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

const startUp = 10
/** New points drawn from the good ones, of which the most promising is taken. */
const candidates = 24
/** The most that are drawn for these: where fewer are new and allowed, fewer are weighed. */
const draughts = 240

/**
 * The first objective is made large. The first 10 trials are random; then of n told the best ⌈n/10⌉, at most 25, are the good ones,
 * the others and those that failed the bad ones. 24 points are drawn from the density of the good ones, over all axes at once, and
 * that with the highest good : bad is taken.
 *
 * `batch` trials (1) are asked for at once; within a batch those before one count as bad (a constant liar), so that it spreads. No
 * point is asked for twice. Over after `trials`, or when no point is left.
 *
 * Source: Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for Hyper-Parameter Optimization"; jointly over axes as Falkner, Klein
 * & Hutter (2018), "BOHB"; the numbers are Optuna's.
 */
export function tpe(space: Space, { seed, trials, batch = 1, fits = () => true }: Options): Search {
  const dimensions = space.axes.map(dimensionOf)
  const first = random(space, { seed, trials: Math.min(trials, startUp), fits })
  const beginOf = (generation: number) => (generation === 0 ? 0 : startUp + (generation - 1) * batch)

  return inGenerations({
    size: (generation) => Math.max(0, Math.min(trials, beginOf(generation + 1)) - beginOf(generation)),
    make(before, generation) {
      if (generation === 0) return first.ask([])
      const [good, bad] = parted(before)
      const likely = parzen(dimensions, good)
      const points = before.map(({ params }) => params)
      const known = knownOf(space, points)
      const pending: Params[] = []
      const end = Math.min(trials, beginOf(generation + 1))
      for (let trial = before.length; trial < end; trial++) {
        const draws = drawsOf(seed, `tpe/${trial}`)
        const fresh: Params[] = []
        for (let draught = 0; draught < draughts && fresh.length < candidates; draught++) {
          const params = likely.sample(draws)
          if (!known.has(params) && fits(params)) fresh.push(params)
        }
        const params =
          bestOf(fresh, likely, parzen(dimensions, [...bad, ...pending])) ??
          freshPoint(space, dimensions, { known, fits, draws })
        if (params === undefined) break
        known.add(params)
        pending.push(params)
      }
      return pending.map((params): Asked => ({ params, share: 1 }))
    },
  })
}

/** The good and the others, each in the order of their trials. */
function parted(told: readonly Told[]): readonly [good: readonly Params[], bad: readonly Params[]] {
  const best = told
    .filter((one) => !hasFailed(one))
    .sort((a, b) => b.objectives[0]! - a.objectives[0]! || a.trial - b.trial)
    .slice(0, Math.min(Math.ceil(told.length / 10), 25))
  const isGood = new Set(best)
  return [
    told.filter((one) => isGood.has(one)).map(({ params }) => params),
    told.filter((one) => !isGood.has(one)).map(({ params }) => params),
  ]
}

/** The point with the highest good : bad, the first of equals; undefined where there is none. */
function bestOf(points: readonly Params[], good: Parzen, bad: Parzen): Params | undefined {
  let best: Params | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const params of points) {
    const ratio = good.density(params) / bad.density(params)
    if (ratio > most) {
      most = ratio
      best = params
    }
  }
  return best
}
