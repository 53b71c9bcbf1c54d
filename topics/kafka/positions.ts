// How far tasks have come in their inputs, as plain offsets of consumer groups: for tools that measure lag, and for nothing else. The
// journal decides; these may be behind it, and are in Kafka's own numbers, which markers of transactions make holes in.
import { setTimeout as sleep } from 'node:timers/promises'
import type { JournalEntry } from '../../schemas/records.generated.ts'
import type { GroupOffset, WireClient } from './client.ts'
import type { Names } from './layout.ts'
import { endOf, type Lane, type Ledger } from './ledger.ts'

/** Not more often than this: it is a request for each task, and one for their inputs. */
const showMs = 1_000

export interface Positions {
  /** What was committed; shown soon after, at the latest by `close`. */
  note(task: string, positions: JournalEntry['positions']): void
  /** Never throws: a tool that shows an older position harms nobody. */
  close(): Promise<void>
}

export function positionsShown(
  { client, ledger, names }: { readonly client: WireClient; readonly ledger: Ledger; readonly names: Names },
  run: string,
): Positions {
  const fresh = new Map<string, JournalEntry['positions']>()
  const closing = new AbortController()
  let showing: Promise<void> | undefined

  async function show(): Promise<void> {
    const tasks = [...fresh]
    fresh.clear()
    for (const [task, positions] of tasks) {
      try {
        await client.commitOffsets(names.positions(run, task), await offsetsOf(positions))
      } catch {
        // The next one says more.
      }
    }
  }

  /** Of inputs that are read to their end, the end that Kafka's tools count from. */
  async function offsetsOf(positions: JournalEntry['positions']): Promise<GroupOffset[]> {
    const inputs = positions
      .filter(({ topic }) => ledger.topics.has(topic))
      .map((one) => ({ ...one, topic: names.topic(one.topic), lane: ledger.lane(one.topic, one.partition) }))
    const stable = await client.listOffsets(inputs, 'stable')
    // After it, so that rows which are before the stable offset are known here, and nothing is passed over.
    await ledger.table.refresh()
    return inputs.map(({ topic, partition, offset, lane }, i) => ({
      ...{ topic, partition },
      offset: offset >= endOf(lane) ? stable[i]! : offsetOf(lane, offset),
    }))
  }

  async function later(): Promise<void> {
    await show()
    await sleep(showMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
  }

  return {
    note(task, positions) {
      fresh.set(task, positions)
      if (showing !== undefined) return
      showing = (async () => {
        while (fresh.size > 0 && !closing.signal.aborted) await later()
        showing = undefined
      })()
    },
    async close() {
      closing.abort()
      await showing
      await show()
    },
  }
}

/**
 * Kafka's offset of a row: exact where its block lies without markers; else at most as many too low as there are markers in the block
 * (of up to 8,192 rows), so lag is never understated.
 */
export function offsetOf({ blocks }: Pick<Lane, 'blocks'>, row: number): number {
  const block = blocks.find((one) => row < one.row + one.rows)
  if (block === undefined) return blocks.at(-1)?.end ?? 0
  return block.offset + Math.max(0, row - block.row)
}
