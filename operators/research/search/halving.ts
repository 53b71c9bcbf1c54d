// Successive halving: many are tried on little of the data, the best third of them on three times as much, and so on to all of it.
import { inGenerations } from './generations.ts'
import { random } from './random.ts'
import { type Asked, hasFailed, type Options, type Search, type Space, type Told } from './space.ts'

/** The part that goes on is one in this many, on this many times the data. */
const cut = 3
/** A first look at less of the data than one part in this many would choose by noise. */
const most = 27

/** One round: how many are tried, on which share of the data. */
export interface Rung {
  readonly trials: number
  readonly share: number
}

/**
 * The rounds for so many first trials: round k has ⌊n / 3ᵏ⌋ trials on 3ᵏ⁻ˢ of the data, where s is the most for which the last has
 * one trial and the first not less than a 27th of the data. Each costs no more than n / 3ˢ trials on all of it; all together
 * (s + 1) n / 3ˢ.
 * Source: Jamieson & Talwalkar (2016), "Non-stochastic Best Arm Identification and Hyperparameter Optimization"; with a third
 * instead of a half, as Li et al. (2018), "Hyperband".
 */
export function rungsOf(first: number): readonly Rung[] {
  // 3 to the power of how many rounds come after the first.
  let whole = 1
  while (whole * cut <= first && whole * cut <= most) whole *= cut
  const rungs: Rung[] = []
  for (let part = 1; part <= whole; part *= cut) rungs.push({ trials: Math.floor(first / part), share: part / whole })
  return rungs
}

/**
 * `batch` random points begin, by default as many as leave room for the later rounds in `trials`; after each round the best third
 * by the first objective go on, of equals those that were asked for first; trials that failed come last. Over after the last
 * round, or after `trials`, all rounds counted.
 *
 * A round is a generation: it begins when all trials of the one before were told.
 */
export function halving(
  space: Space,
  { seed, trials, batch = firstWithin(trials), fits = () => true }: Options,
): Search {
  const points = random(space, { seed, trials: batch, fits }).ask([])
  const rungs = points.length === 0 ? [] : rungsOf(points.length)
  const beginOf = (round: number) => trialsOf(rungs.slice(0, round))
  return inGenerations({
    size: (round) => Math.max(0, Math.min(rungs[round]?.trials ?? 0, trials - beginOf(round))),
    make(before, round) {
      const { trials: count, share } = rungs[round]!
      const going = round === 0 ? points : best(before.slice(beginOf(round - 1)), count)
      return going.slice(0, Math.max(0, trials - before.length)).map(({ params }): Asked => ({ params, share }))
    },
  })
}

/** The most first trials whose rounds have no more than `trials` in all. */
function firstWithin(trials: number): number {
  let [low, high] = [1, Math.max(1, trials)]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (trialsOf(rungsOf(middle)) <= trials) low = middle
    else high = middle - 1
  }
  return low
}

const trialsOf = (rungs: readonly Rung[]): number => rungs.reduce((sum, { trials }) => sum + trials, 0)

function best(round: readonly Told[], count: number): readonly Told[] {
  const worth = (one: Told) => (hasFailed(one) ? Number.NEGATIVE_INFINITY : one.objectives[0]!)
  return round
    .toSorted((a, b) => {
      const [x, y] = [worth(a), worth(b)]
      return x === y ? a.trial - b.trial : y - x
    })
    .slice(0, count)
}
