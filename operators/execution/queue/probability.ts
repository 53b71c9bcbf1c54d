// What the probability models of a queue have in common: only how likely a cancellation is ahead of us differs.
import type { QueueModel } from './index.ts'

/**
 * A cancellation falls ahead of our order with a probability that the sizes ahead and behind decide; its expected share is taken, and
 * what is more than there is behind must have been ahead.
 *
 * In:     `share(ahead, behind)` in [0, 1], for ahead > 0 and behind > 0.
 * Source: R. Rigtorp (2013), "Estimating Order Queue Position".
 */
export function probability(
  about: Pick<QueueModel, 'name' | 'meaning' | 'source'>,
  share: (ahead: number, behind: number) => number,
): QueueModel {
  return {
    ...about,
    cancelledAhead(cancelled, ahead, behind) {
      if (ahead === 0) return 0
      const part = behind === 0 ? 1 : share(ahead, behind)
      const least = Math.max(0, cancelled - behind)
      return Math.min(ahead, Math.max(least, cancelled * part))
    },
  }
}
