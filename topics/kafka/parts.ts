// Parts of a request, put together as the protocol wants them; and what it leaves to its callers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { NewTopic, Partition, WireClient } from './client.ts'
import { isFault, KafkaFault } from './faults.ts'

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

/** Makes them all in one request; where one of them is there, each in its own, so that the answer is about that one alone. */
export async function createEach(
  topics: readonly NewTopic[],
  create: (topics: readonly NewTopic[]) => Promise<void>,
): Promise<boolean[]> {
  try {
    if (topics.length > 0) await create(topics)
    return topics.map(() => true)
  } catch (error) {
    if (!isFault(error) || error.id !== 'TOPIC_ALREADY_EXISTS') throw error
    if (topics.length === 1) return [false]
    return (await Promise.all(topics.map((one) => createEach([one], create)))).flat()
  }
}

export function namesIn(topics: readonly NewTopic[]): string {
  return topics.map(({ topic }) => topic).join(', ')
}

/** The controller knows a topic before its broker does: waits until it can be written to. */
export async function untilThere(topics: readonly string[], partitionsOf: WireClient['partitionsOf']): Promise<void> {
  const until = performance.now() + patienceMs
  for (let waitMs = 1; (await partitionsOf(topics)).size < new Set(topics).size; waitMs = Math.min(2 * waitMs, 100)) {
    if (performance.now() > until) throw new KafkaFault('LEADER_NOT_AVAILABLE', `creating ${topics.join(', ')}`)
    await sleep(waitMs)
  }
}
