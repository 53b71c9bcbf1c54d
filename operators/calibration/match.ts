// Which simulated order stands for which real one.
import type { Outcome } from './outcome.ts'

export interface Pair {
  readonly simulated: Outcome
  readonly real: Outcome
}

export interface Matched {
  readonly pairs: readonly Pair[]
  /** Of the pairs, those that have one name. */
  readonly byId: number
  readonly onlySimulated: readonly Outcome[]
  readonly onlyReal: readonly Outcome[]
}

/** Sizes and prices that went through text are alike to this share. */
const alike = 1e-9

/**
 * Pairs of one symbol, side, size and limit price, as far as both say them: first those of one client id, then the nearest in time, at
 * most `withinUs` apart, the nearest of all first. Each order is in one pair at most.
 *
 * The time of an order is when the exchange took it, or else of its first fill; orders without any are paired by name alone.
 * Out: pairs in the order of the real orders.
 */
export function matchOutcomes(
  simulated: readonly Outcome[],
  real: readonly Outcome[],
  { withinUs }: { readonly withinUs: number },
): Matched {
  const partner = new Map<Outcome, Outcome>()
  const taken = new Set<Outcome>()
  const named = new Map(simulated.filter(({ id }) => id !== '').map((one) => [one.id, one]))
  for (const one of real) {
    const other = named.get(one.id)
    if (other === undefined || taken.has(other) || !isAlike(one, other)) continue
    partner.set(one, other)
    taken.add(other)
  }
  const byId = partner.size
  const free = simulated.filter((one) => !taken.has(one) && !Number.isNaN(timeOf(one)))
  free.sort((a, b) => timeOf(a) - timeOf(b))
  const candidates = real.flatMap((one, at) =>
    partner.has(one) ? [] : near(one, free, withinUs).map((other) => ({ at, one, other })),
  )
  const gap = ({ one, other }: (typeof candidates)[number]) => Math.abs(timeOf(one) - timeOf(other))
  for (const { one, other } of candidates.sort((a, b) => gap(a) - gap(b) || a.at - b.at)) {
    if (partner.has(one) || taken.has(other)) continue
    partner.set(one, other)
    taken.add(other)
  }
  return {
    pairs: real.flatMap((one) => (partner.has(one) ? [{ simulated: partner.get(one)!, real: one }] : [])),
    byId,
    onlySimulated: simulated.filter((one) => !taken.has(one)),
    onlyReal: real.filter((one) => !partner.has(one)),
  }
}

/** The orders of a list that rises by time which could stand for one. */
function near(one: Outcome, sorted: readonly Outcome[], withinUs: number): Outcome[] {
  const time = timeOf(one)
  if (Number.isNaN(time)) return []
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (timeOf(sorted[middle]!) < time - withinUs) low = middle + 1
    else high = middle
  }
  const found: Outcome[] = []
  for (; low < sorted.length && timeOf(sorted[low]!) <= time + withinUs; low++)
    if (isAlike(one, sorted[low]!)) found.push(sorted[low]!)
  return found
}

function timeOf({ placed, filledAt }: Outcome): number {
  return Number.isNaN(placed) ? filledAt : placed
}

function isAlike(a: Outcome, b: Outcome): boolean {
  if (a.side !== b.side || (a.symbol !== '' && b.symbol !== '' && a.symbol !== b.symbol)) return false
  return areClose(a.size, b.size) && areClose(a.price, b.price)
}

/** True also where one of them is not known. */
function areClose(a: number, b: number): boolean {
  return Number.isNaN(a) || Number.isNaN(b) || Math.abs(a - b) <= alike * Math.max(Math.abs(a), Math.abs(b))
}
