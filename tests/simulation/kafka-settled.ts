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

/** How many committed records each partition of a topic holds, counted on the broker itself and not by what our ledger says. */
export async function committedRecords(brokers: readonly string[], topic: string): Promise<number[]> {
  const client = openClient({ brokers })
  try {
    const partitions = (await persist(() => client.partitionsOf([topic]))).get(topic) ?? 0
    const counts: number[] = []
    for (let partition = 0; partition < partitions; partition++) {
      const at = [{ topic, partition }]
      const [end] = await persist(() => client.listOffsets(at, 'stable'))
      let [offset] = (await persist(() => client.listOffsets(at, 'earliest'))) as [number]
      let count = 0
      while (offset < end!) {
        const from = [{ topic, partition, offset }]
        const [got] = await persist(() => client.fetch(from, { waitMs: 100, maxBytes: 2 ** 22, lane: 'count' }))
        count += got!.records.length
        offset = got!.next
      }
      counts.push(count)
    }
    return counts
  } finally {
    await client.close()
  }
}
