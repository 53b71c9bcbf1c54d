// Reading: committed rows of a topic, pulled block by block, under the row numbers of the ledger.
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { coming, inOffsetOrder, interleave } from '../embedded/interleave.ts'
import { type Bounds, type Rows, sortRows, within } from '../embedded/select.ts'
import type { Fetched, ReadOptions } from '../topics.ts'
import type { WireClient } from './client.ts'
import { sayFault } from './faults.ts'
import type { Names } from './layout.ts'
import { type Block, endOf, type Ledger, liveBlocks, type TopicEntry } from './ledger.ts'
import type { Registry } from './registry.ts'
import { type BlockReader, blockReader, isDeleted } from './rows.ts'

/** What the engine hands to its readers. */
export interface ReaderContext {
  readonly client: WireClient
  readonly registry: Registry
  readonly ledger: Ledger
  readonly names: Names
  readonly closed: () => boolean
}

/** A follower that nobody wakes looks again after so long. */
const lookMs = 250

/** @throws SmartspeedError TOPIC_MISSING, HISTORY_EXPIRED, LOG_CORRUPT, SERVICE_LOST */
export async function* readTopic<T extends RecordName>(
  context: ReaderContext,
  topic: string,
  options: ReadOptions,
): AsyncGenerator<Fetched<T>> {
  const { client, registry, ledger, names } = context
  const stopped = () => options.signal?.aborted || context.closed()
  try {
    if (!isKnown(ledger, topic, options)) await ledger.table.refresh()
    const { record, partitions } = topicEntry(ledger, topic)
    const source = { client, registry, topic: names.topic(topic), subject: names.subject(topic) }
    const lanes = (options.partitions ?? Array.from({ length: partitions }, (_, i) => i)).map((partition) => {
      const from = options.from?.offsets?.[partition]
      const next = from ?? ledger.lane(topic, partition).start
      return { partition, explicit: from !== undefined, next, blocks: blockReader(source, record, partition) }
    })
    for (;;) {
      for (const lane of lanes) {
        const { partition } = lane
        const { start } = ledger.lane(topic, partition)
        if (lane.explicit && lane.next < start) throw expired(topic, partition, lane.next, start)
        const bounds = boundsOf(options, partition, lane.next, endOf(ledger.lane(topic, partition)))
        for await (const rows of rowsOf(ledger, topic, lane, bounds, options.order)) {
          yield { topic, partition, ...rows } as unknown as Fetched<T>
          if (stopped()) return
        }
        lane.next = Math.max(lane.next, bounds.toOffset)
        lane.explicit = true
      }
      if (!options.follow || stopped() || lanes.every((lane) => lane.next >= endAsked(options, lane.partition))) return
      await ledger.table.refresh()
      while (lanes.every(({ partition, next }) => endOf(ledger.lane(topic, partition)) <= next)) {
        await ledger.table.wait(lookMs, options.signal)
        if (stopped()) return
      }
    }
  } catch (error) {
    if (context.closed()) return
    throw sayFault(`reading ${topic}`, error)
  }
}

/** Whether all that is asked for was taken in before: who watches where topics end asks for no more than it has seen. */
function isKnown(ledger: Ledger, topic: string, { partitions, to, follow }: ReadOptions): boolean {
  if (follow || partitions === undefined || !ledger.topics.has(topic)) return false
  return partitions.every((one) => (to?.offsets?.[one] ?? Number.POSITIVE_INFINITY) <= endOf(ledger.lane(topic, one)))
}

/** @throws SmartspeedError TOPIC_MISSING */
export function topicEntry(ledger: Ledger, topic: string): TopicEntry {
  const entry = ledger.topics.get(topic)
  if (entry !== undefined) return entry
  const near = nearest(topic, [...ledger.topics.keys()].sort())
  throw new SmartspeedError('TOPIC_MISSING', `there is no topic ${topic}`, {
    fix:
      near === undefined
        ? 'import something first: npx smartspeed import FILE… --exchange ID'
        : `did you mean "${near}"? All of them: npx smartspeed topics`,
  })
}

function endAsked({ to }: ReadOptions, partition: number): number {
  return to?.offsets?.[partition] ?? Number.POSITIVE_INFINITY
}

function boundsOf(options: ReadOptions, partition: number, next: number, end: number): Bounds {
  const { from, to } = options
  return {
    fromOffset: next,
    toOffset: Math.min(endAsked(options, partition), end),
    fromReceived: from?.received ?? Number.NEGATIVE_INFINITY,
    toReceived: to?.received ?? Number.POSITIVE_INFINITY,
  }
}

function rowsOf(
  ledger: Ledger,
  topic: string,
  { partition, blocks }: { readonly partition: number; readonly blocks: BlockReader },
  bounds: Bounds,
  order: ReadOptions['order'],
): AsyncIterable<Rows> {
  const lane = ledger.lane(topic, partition)
  const wanted = liveBlocks(lane).filter(
    ({ row, rows, min, max }) =>
      row < bounds.toOffset && row + rows > bounds.fromOffset && max >= bounds.fromReceived && min < bounds.toReceived,
  )
  const until = wanted.at(-1)?.end ?? 0
  const load = async (block: Block): Promise<Rows | undefined> => {
    try {
      // A block grows while its writer goes on: what was asked for is what it was then.
      const { batch, row } = await blocks.load(block, lane.seams, bounds.fromOffset, until)
      return within(batch, row, block.sorted, bounds)
    } catch (error) {
      if (!isDeleted(error)) throw error
      await ledger.table.refresh()
      throw expired(topic, partition, Math.max(block.row, bounds.fromOffset), ledger.lane(topic, partition).start)
    }
  }
  if (order !== 'received') return inOffsetOrder(coming(wanted, load))
  const sorted = async (block: Block): Promise<Rows | undefined> => {
    const rows = await load(block)
    return rows === undefined || block.sorted ? rows : sortRows(rows)
  }
  return interleave(
    coming(
      [...wanted].sort((a, b) => a.min - b.min),
      sorted,
    ),
  )
}

function expired(topic: string, partition: number, wanted: number, start: number): SmartspeedError {
  const there = start > wanted ? `; the first one there is ${start}` : ''
  return new SmartspeedError(
    'HISTORY_EXPIRED',
    `offset ${wanted} of ${topic}, partition ${partition}, was deleted by retention${there}`,
    { fix: start > wanted ? `read from offset ${start} on, or import the data again` : 'import the data again' },
  )
}
