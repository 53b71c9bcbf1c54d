// Where topics end by what was taken in of the ledger, and when that may have changed: the broker answers a waiting fetch at once.
import type { Watch } from '../topics.ts'
import { sayFault } from './faults.ts'
import { endOf, type Ledger } from './ledger.ts'

/** Who hears nothing asks again after so long: a broker that is away says nothing. */
const lookMs = 250

export function openWatch(ledger: Ledger, closed: () => boolean): Watch {
  let seen = ledger.table.version()
  return {
    ends(topics) {
      return topics.map((topic) => {
        const entry = ledger.topics.get(topic)
        if (entry === undefined) return undefined
        return Array.from({ length: entry.partitions }, (_, partition) => endOf(ledger.lane(topic, partition)))
      })
    },
    async next(ms, signal) {
      const until = performance.now() + ms
      const isNews = () => ledger.table.version() !== seen
      while (!isNews() && !signal?.aborted && !closed()) {
        const leftMs = until - performance.now()
        if (leftMs <= 0) break
        await ledger.table.wait(Math.min(leftMs, lookMs), signal)
        if (isNews() || leftMs < lookMs || signal?.aborted || closed()) continue
        try {
          await ledger.table.refresh()
        } catch (error) {
          throw sayFault('waiting for rows', error)
        }
      }
      seen = ledger.table.version()
    },
  }
}
