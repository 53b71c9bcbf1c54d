// Where topics end, and when that may have changed: at once for commits of this process, by looking now and then for others.
import type { Watch } from '../topics.ts'
import { keys, type TopicMeta } from './entries.ts'
import { extentOf } from './reader.ts'
import type { Table } from './table.ts'

export interface WatchContext {
  readonly table: Table
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly closed: () => boolean
}

/** Others are looked for after 1, 2, 4 … ms while nothing comes, and at least this often. */
const longestWaitMs = 50

export function openWatch({ table, wait, closed }: WatchContext): Watch {
  table.renew()
  let seen = table.version()
  return {
    ends(topics) {
      return topics.map((topic) => {
        const meta = table.json<TopicMeta>(keys.topic(topic))
        if (meta === undefined) return undefined
        return Array.from({ length: meta.partitions }, (_, partition) => extentOf(table, topic, partition).end)
      })
    },
    async next(ms, signal) {
      const until = performance.now() + ms
      for (let idle = 0; !signal?.aborted && !closed(); idle++) {
        const now = table.version()
        if (now !== seen) {
          seen = now
          break
        }
        const leftMs = until - performance.now()
        if (leftMs <= 0) break
        await wait(Math.min(2 ** idle, longestWaitMs, leftMs), signal)
      }
      if (!closed()) table.renew()
    },
  }
}
