// The last part of the days, which nothing was chosen on.
import { type Choice, choose } from './choice.ts'
import { impossible } from './statistics/impossible.ts'
import type { TrialMatrix } from './trial-matrix.ts'

/**
 * Chooses on all days but the last `share` of them, and tests on those.
 *
 * Errors: SmartspeedError CONFIG_INVALID when either part is shorter than 2 days.
 */
export function holdOut(matrix: TrialMatrix, { share = 0.25 }: { share?: number } = {}): Choice {
  const { observations } = matrix
  const from = observations - Math.round(observations * share)
  if (!(from >= 2 && observations - from >= 2))
    throw impossible(`the last ${share} of ${observations} days`, 'leave at least 2 days on either side')
  return choose(matrix, [{ from: 0, to: from }], [{ from, to: observations }])
}
