// What is best when there are several objectives: the trials that no other one beats in all of them.
import { hasFailed, type Told } from './space.ts'

/**
 * The trials that no other dominates, in the order of their trials: for each other one there is an objective in which they are
 * better, or all are equal. Those that failed are none of them; of trials on different shares of the data only those on
 * the largest are held against each other.
 */
export function front(told: readonly Told[]): readonly Told[] {
  const sorted = told.filter((one) => !hasFailed(one)).sort((a, b) => a.trial - b.trial)
  const share = sorted.reduce((most, one) => Math.max(most, one.share), 0)
  const whole = sorted.filter((one) => one.share === share)
  return (fronts(whole.map(({ objectives }) => objectives))[0] ?? []).map((at) => whole[at]!)
}

/** Whether `a` is nowhere worse than `b` and somewhere better; larger is better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false
  for (const [at, value] of a.entries()) {
    if (value < b[at]!) return false
    if (value > b[at]!) better = true
  }
  return better
}

/**
 * Points by fronts: the first is dominated by none, the second by points of the first alone, and so on; within one in their order.
 * Source: Deb, Pratap, Agarwal & Meyarivan (2002), "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", §III.A.
 */
export function fronts(points: readonly (readonly number[])[]): number[][] {
  const beaten = points.map(() => [] as number[])
  const beatenBy = points.map(() => 0)
  for (const [a, one] of points.entries()) {
    for (let b = a + 1; b < points.length; b++) {
      const other = points[b]!
      if (dominates(one, other)) {
        beaten[a]!.push(b)
        beatenBy[b]!++
      } else if (dominates(other, one)) {
        beaten[b]!.push(a)
        beatenBy[a]!++
      }
    }
  }
  const all: number[][] = []
  let next = points.map((_, at) => at).filter((at) => beatenBy[at] === 0)
  while (next.length > 0) {
    all.push(next)
    const freed = next.flatMap((at) => beaten[at]!.filter((other) => --beatenBy[other]! === 0))
    next = freed.sort((a, b) => a - b)
  }
  return all
}

/**
 * How much room each point of a front has: the sum over the objectives of the distance between its two neighbours, as a part of
 * the front's extent; Infinity at both ends of an objective. One whose values are all equal counts nothing.
 * Source: as `fronts`, §III.B.
 */
export function crowding(points: readonly (readonly number[])[]): number[] {
  const room = points.map(() => 0)
  for (let objective = 0; objective < (points[0]?.length ?? 0); objective++) {
    const order = points.map((_, at) => at).sort((a, b) => points[a]![objective]! - points[b]![objective]! || a - b)
    const [first, last] = [order[0]!, order.at(-1)!]
    const extent = points[last]![objective]! - points[first]![objective]!
    if (extent === 0) continue
    room[first] = Number.POSITIVE_INFINITY
    room[last] = Number.POSITIVE_INFINITY
    for (let rank = 1; rank < order.length - 1; rank++) {
      room[order[rank]!]! += (points[order[rank + 1]!]![objective]! - points[order[rank - 1]!]![objective]!) / extent
    }
  }
  return room
}
