// Combinatorial purged cross-validation: every choice of test groups, and the paths through time that their tests make up.
import { impossible } from './impossible.ts'

export interface Combinations {
  /** C(groups, testGroups). */
  readonly splits: number
  /** testGroups / groups × splits: how many times each group is a test. */
  readonly paths: number
  /** The groups tested in each split, rising; in the order of combinations (0 1, 0 2, …). */
  readonly tests: readonly (readonly number[])[]
  /** A row a group, a column a split: the path, counted from 1, that its test is part of; null where it trains. */
  readonly pathTable: readonly (readonly (number | null)[])[]
}

/** More splits are no better, and a table of them is nobody's to read. */
const maxSplits = 20_000

/**
 * The n-th time that a group is tested belongs to path n.
 *
 * Errors: SmartspeedError CONFIG_INVALID when testGroups is not in 1…groups − 1, or there are more than 20,000 splits.
 * Source: López de Prado (2018), "Advances in Financial Machine Learning", ch. 12.
 */
export function combinations({ groups, testGroups }: { groups: number; testGroups: number }): Combinations {
  if (!(Number.isInteger(groups) && Number.isInteger(testGroups) && testGroups >= 1 && testGroups < groups)) {
    throw impossible(
      `${testGroups} testGroups of ${groups} groups`,
      'give at least 2 groups, and from 1 to groups − 1 of them as a test; 6 and 2 are usual',
    )
  }
  const splits = choose(groups, testGroups)
  if (splits > maxSplits)
    throw impossible(`${groups} groups with ${testGroups} tested make ${splits} splits`, `at most ${maxSplits}`)
  const tests = chosen(groups, testGroups)
  const pathTable = Array.from({ length: groups }, (_, group) => {
    let times = 0
    return tests.map((test) => (test.includes(group) ? ++times : null))
  })
  return { splits, paths: (splits * testGroups) / groups, tests, pathTable }
}

function choose(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = Math.round((ways * (n - k + i)) / i)
  return ways
}

/** Every rising choice of `count` numbers from `from` up to `below`, smallest first. */
function chosen(below: number, count: number, from = 0): number[][] {
  if (count === 0) return [[]]
  const rest = Array.from({ length: Math.max(0, below - count + 1 - from) }, (_, i) => from + i)
  return rest.flatMap((first) => chosen(below, count - 1, first + 1).map((more) => [first, ...more]))
}
