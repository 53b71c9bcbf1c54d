// Reading: committed rows of a topic, pulled block by block.
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import type { Fetched, ReadOptions } from '../topics.ts'
import { type BlockSource, byOffset, byReceived, loadBlock, offsetAt } from './blocks.ts'
import { type BlockEntry, type Extent, keys, noExtent, type TopicMeta } from './entries.ts'
import { corrupt, faultOf } from './faults.ts'
import { coming, inOffsetOrder, interleave } from './interleave.ts'
import { segmentReader } from './segments.ts'
import { type Bounds, type Rows, sortRows, within } from './select.ts'
import type { Table } from './table.ts'

/** What the engine hands to its readers. */
export interface ReaderContext {
  readonly dir: string
  readonly table: Table
  /** Resolves when there may be more, after `ms`, or when the signal says stop. */
  wait(ms: number, signal: AbortSignal | undefined): Promise<void>
  readonly closed: () => boolean
}

/** A follower looks for commits of other processes after 1, 2, 4 … ms while nothing comes, and at least this often. */
const longestWaitMs = 50

/** @throws SmartspeedError TOPIC_MISSING, HISTORY_EXPIRED, LOG_CORRUPT */
export async function* readTopic<T extends RecordName>(
  context: ReaderContext,
  topic: string,
  options: ReadOptions,
): AsyncGenerator<Fetched<T>> {
  const { dir, table } = context
  table.renew()
  const { record, partitions } = topicMeta(table, topic)
  const files = segmentReader(dir)
  const source: BlockSource = { dir, table, files, topic, record }
  const lanes = (options.partitions ?? Array.from({ length: partitions }, (_, i) => i)).map((partition) => {
    const from = options.from?.offsets?.[partition]
    return { partition, explicit: from !== undefined, next: from ?? extentOf(table, topic, partition).start }
  })
  try {
    for (let round = 0; ; round++) {
      for (const lane of lanes) {
        const { partition } = lane
        const extent = extentOf(table, topic, partition)
        expired(topic, partition, lane.next, extent, lane.explicit)
        const bounds = boundsOf(options, partition, lane.next, extent)
        for await (const { batch, offset, offsets } of rowsOf(source, partition, extent, bounds, options, round)) {
          yield { topic, partition, offset, offsets, batch } as unknown as Fetched<T>
          if (options.signal?.aborted || context.closed()) return
        }
        lane.next = Math.max(lane.next, bounds.toOffset)
        lane.explicit = true
      }
      if (!options.follow || options.signal?.aborted || context.closed() || reached(lanes, options)) return
      table.renew()
      let idle = 0
      while (lanes.every(({ partition, next }) => extentOf(table, topic, partition).end <= next)) {
        await context.wait(Math.min(2 ** idle++, longestWaitMs), options.signal)
        if (options.signal?.aborted || context.closed()) return
        table.renew()
      }
    }
  } catch (cause) {
    throw faultOf(dir, `reading ${topic}`, cause)
  } finally {
    files.close()
  }
}

/** @throws SmartspeedError TOPIC_MISSING */
export function topicMeta(table: Table, topic: string): TopicMeta {
  const meta = table.json<TopicMeta>(keys.topic(topic))
  if (meta !== undefined) return meta
  const names = [...table.scan(['t'])].map(({ key }) => String(key[1]))
  const near = nearest(topic, names)
  throw new SmartspeedError('TOPIC_MISSING', `there is no topic ${topic}`, {
    fix:
      near === undefined
        ? 'import something first: npx smartspeed import FILE… --exchange ID'
        : `did you mean "${near}"? All of them: npx smartspeed topics`,
  })
}

export function extentOf(table: Table, topic: string, partition: number): Extent {
  return table.json<Extent>(keys.extent(topic, partition)) ?? noExtent
}

function boundsOf({ from, to }: ReadOptions, partition: number, next: number, extent: Extent): Bounds {
  return {
    fromOffset: next,
    toOffset: Math.min(to?.offsets?.[partition] ?? Number.POSITIVE_INFINITY, extent.end),
    fromReceived: from?.received ?? Number.NEGATIVE_INFINITY,
    toReceived: to?.received ?? Number.POSITIVE_INFINITY,
  }
}

/** A follower has read up to every `to`. */
function reached(lanes: readonly { partition: number; next: number }[], { to }: ReadOptions): boolean {
  return lanes.every(({ partition, next }) => next >= (to?.offsets?.[partition] ?? Number.POSITIVE_INFINITY))
}

function expired(topic: string, partition: number, wanted: number, { start }: Extent, explicit: boolean): void {
  if (!explicit || wanted >= start) return
  throw new SmartspeedError(
    'HISTORY_EXPIRED',
    `offset ${wanted} of ${topic}, partition ${partition}, was deleted by retention; the first one there is ${start}`,
    { fix: `read from offset ${start} on, or import the data again` },
  )
}

function rowsOf(
  source: BlockSource,
  partition: number,
  extent: Extent,
  bounds: Bounds,
  options: ReadOptions,
  round: number,
): AsyncIterable<Rows> | Iterable<Rows> {
  if (bounds.fromOffset >= bounds.toOffset) return []
  const load = async (entry: BlockEntry): Promise<Rows | undefined> => {
    const batch = (await loadBlock(source, partition, entry)) ?? gone(source, partition, entry)
    return within(batch, entry.offset, entry.sorted, bounds)
  }
  if (options.order !== 'received') {
    return inOffsetOrder(coming(entriesByOffset(source, partition, extent, bounds), load))
  }
  const wanted =
    round === 0 && !extent.rising
      ? entriesByReceived(source, partition, extent, bounds)
      : entriesByOffset(source, partition, extent, bounds)
  // What a follower finds later is little.
  const ordered = extent.rising || round === 0 ? wanted : [...wanted].sort((a, b) => a.min - b.min)
  const sorted = async (entry: BlockEntry): Promise<Rows | undefined> => {
    const rows = await load(entry)
    return rows === undefined || entry.sorted ? rows : sortRows(rows)
  }
  return interleave(coming(ordered, sorted))
}

/** Blocks that may have rows within bounds, by offset. Checks that none is missing between them. */
function* entriesByOffset(
  source: BlockSource,
  partition: number,
  extent: Extent,
  bounds: Bounds,
): Generator<BlockEntry> {
  const { fromReceived, toReceived, toOffset } = bounds
  let expected = bounds.fromOffset
  if (extent.rising && fromReceived > Number.NEGATIVE_INFINITY) {
    const offset = offsetAt(source, partition, fromReceived, extent)
    if (offset === undefined) return
    expected = Math.max(expected, offset)
  }
  for (const entry of byOffset(source, partition, expected)) {
    if (entry.offset >= toOffset || (extent.rising && entry.min >= toReceived)) return
    if (entry.offset - entry.gap > expected) missing(source, partition, expected)
    expected = entry.offset + entry.rows
    if (entry.max >= fromReceived && entry.min < toReceived) yield entry
  }
  if (expected < toOffset) missing(source, partition, expected)
}

function* entriesByReceived(
  source: BlockSource,
  partition: number,
  extent: Extent,
  bounds: Bounds,
): Generator<BlockEntry> {
  const { fromOffset, toOffset, fromReceived, toReceived } = bounds
  const from = fromReceived > Number.NEGATIVE_INFINITY ? fromReceived : undefined
  for (const entry of byReceived(source, partition, from, extent)) {
    if (entry.min >= toReceived) return
    if (entry.max >= fromReceived && entry.offset < toOffset && entry.offset + entry.rows > fromOffset) yield entry
  }
}

/** Rows that were there a moment ago: deleted meanwhile, or the index is damaged. */
function missing(source: BlockSource, partition: number, offset: number): never {
  const { dir, table, topic } = source
  table.renew()
  topicMeta(table, topic)
  expired(topic, partition, offset, extentOf(table, topic, partition), true)
  throw corrupt(dir, `the index has no block for offset ${offset} of ${topic}, partition ${partition}`)
}

function gone(source: BlockSource, partition: number, entry: BlockEntry): never {
  const { dir, table, topic } = source
  table.renew()
  topicMeta(table, topic)
  expired(topic, partition, entry.offset, extentOf(table, topic, partition), true)
  throw corrupt(dir, `the segment file ${entry.segment} of ${topic} is gone`)
}
