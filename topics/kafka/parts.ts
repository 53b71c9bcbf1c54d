// Parts of a request, put together as the protocol wants them; and what it leaves to its callers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Partition, WireClient } from './client.ts'
import { KafkaFault } from './faults.ts'

const patienceMs = 20_000

/** The parts of each topic, in the order in which they came. */
export function byTopic<P extends Partition>(parts: readonly P[]): [string, P[]][] {
  const topics = new Map<string, P[]>()
  for (const part of parts) {
    const ofTopic = topics.get(part.topic)
    if (ofTopic === undefined) topics.set(part.topic, [part])
    else ofTopic.push(part)
  }
  return [...topics]
}

/** The controller knows a topic before its broker does: waits until it can be written to. */
export async function untilThere(topics: readonly string[], partitionsOf: WireClient['partitionsOf']): Promise<void> {
  const until = performance.now() + patienceMs
  for (let waitMs = 1; (await partitionsOf(topics)).size < new Set(topics).size; waitMs = Math.min(2 * waitMs, 100)) {
    if (performance.now() > until) throw new KafkaFault('LEADER_NOT_AVAILABLE', `creating ${topics.join(', ')}`)
    await sleep(waitMs)
  }
}
