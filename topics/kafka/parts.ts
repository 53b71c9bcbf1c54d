// Parts of a request, put together as the protocol wants them.
import type { Partition } from './client.ts'

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
