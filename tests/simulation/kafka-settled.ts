// What must hold of a broker when all writers have ended: no transaction is open, so that readers of committed data see everything.
import { openClient } from '../../topics/kafka/engine.ts'
import { persist } from '../../topics/kafka/producer.ts'

/**
 * The partitions whose stable offset is not their end, by name; none when nobody's transaction hangs. A transaction that was just
 * ended gets its last marker a moment later: it is waited for, for as long as a transaction may stay open.
 */
export async function hangingPartitions(
  brokers: readonly string[],
  prefix: string,
  forMs = 30_000,
): Promise<Record<string, { stable: number; end: number }>> {
  const client = openClient({ brokers })
  try {
    const topics = (await persist(() => client.listTopics())).filter((topic) => topic.startsWith(prefix))
    const counts = await persist(() => client.partitionsOf(topics))
    const all = [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    )
    const until = performance.now() + forMs
    for (;;) {
      const ends = await persist(() => client.listOffsets(all, 'latest'))
      const stable = await persist(() => client.listOffsets(all, 'stable'))
      const hanging = all.flatMap(({ topic, partition }, i) =>
        stable[i] === ends[i] ? [] : [[`${topic}/${partition}`, { stable: stable[i]!, end: ends[i]! }] as const],
      )
      if (hanging.length === 0 || performance.now() > until) return Object.fromEntries(hanging)
    }
  } finally {
    await client.close()
  }
}
