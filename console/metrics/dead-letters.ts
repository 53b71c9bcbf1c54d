// Counts what could not be read, by source and reason: each row of market.dead-letters once, however often it is asked.
import type { TopicInfo, Topics } from '../../topics/topics.ts'
import type { Metrics } from './registry.ts'

const topic = 'market.dead-letters'

/** Each call counts what came since the one before. */
export function deadLetterCounter({ process: { deadLetters } }: Metrics, topics: Topics) {
  let from: readonly number[] | undefined
  return async (infos: readonly TopicInfo[]): Promise<void> => {
    const info = infos.find(({ name }) => name === topic)
    if (info === undefined) return
    const { ends } = info
    if (from !== undefined && ends.every((end, partition) => end <= (from![partition] ?? 0))) return
    // What retention took away meanwhile was counted, or is older than this process.
    const start = from === undefined ? {} : { from: { offsets: from } }
    for await (const { batch } of topics.read<'dead-letters'>(topic, { ...start, to: { offsets: ends } })) {
      const { source, reason } = batch.columns
      const counts = new Map<number, number>()
      for (let row = 0; row < batch.rows; row++) {
        const key = source.codes[row]! * 65_536 + reason.codes[row]!
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
      for (const [key, count] of counts) {
        const labels = {
          source: source.values[Math.floor(key / 65_536)] ?? '',
          reason: reason.values[key % 65_536] ?? '',
        }
        deadLetters.inc(labels, count)
      }
    }
    from = ends
  }
}
