// How far a task is behind its inputs: what it has committed against what there is, counted in rows that concern it.
// It reads topics alone, so it says the same when nobody works on the task.
import type { Dictionary } from '../schemas/columns.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { filterOf, type InstrumentName, pairAt, wantedPairs } from '../topics/replay.ts'
import type { Fetched, ReadOptions, TaskProgress, TopicInfo, Topics } from '../topics/topics.ts'

/** A task as its run describes it: which rows are its own. */
export interface LagTask {
  readonly run: string
  readonly pipeline: string
  readonly task: string
  /** `replay`: its inputs end where they ended when the run began; `follow`: they go on. */
  readonly mode: 'replay' | 'follow'
  readonly instruments: readonly InstrumentName[]
  /** Receive times, µs: `from` inclusive, `to` exclusive. */
  readonly from: number | undefined
  readonly to: number | undefined
  readonly inputs: readonly {
    readonly topic: string
    readonly partitions: readonly number[]
    /** Where its partitions ended when the run began. */
    readonly ends: readonly number[]
  }[]
}

/** One partition of an input, as far as it concerns a task. */
export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  /** Next row that the task will read; null when it has committed nothing. */
  readonly committed: number | null
  /** Next row that will be written; of a replay, where it ends. */
  readonly end: number
  /** Rows between them that concern the task. */
  readonly rows: number
  /** Receive time of the newest of those rows less that of the last row that the task committed. */
  readonly seconds: number
  /** Not all rows were looked at: `rows` follows from the share of the first ones. */
  readonly estimated: boolean
  /** What was met that a person should know. */
  readonly reason?: string
}

/** At most so many rows of a partition are looked at, at each end. */
export const defaultLookRows = 8192
const newestRows = 1024

/**
 * The lag of a task in each partition of its inputs.
 *
 * Seconds are in the time of the market. A task reads all its inputs in one order, by receive time: having committed a row received at
 * t, it has committed every row of every partition received before t. So the newest row less the last committed one is how old the
 * market is that it decides on; no machine's clock enters, a replay of last year is not a year late, and silence is no lag.
 *
 * Errors: what `Topics.read` says, HISTORY_EXPIRED aside.
 */
export async function lagOf(
  topics: Topics,
  task: LagTask,
  progress: Pick<TaskProgress, 'received' | 'positions'> | undefined,
  { infos, lookRows = defaultLookRows }: { readonly infos: ReadonlyMap<string, TopicInfo>; readonly lookRows?: number },
): Promise<PartitionLag[]> {
  const found: PartitionLag[] = []
  for (const { topic, partitions, ends } of task.inputs) {
    const info = infos.get(topic)
    for (const partition of partitions) {
      const committed = committedOf(progress, topic, partition)
      if (info === undefined) {
        const end = ends[partition] ?? 0
        found.push({ topic, partition, committed, end, ...nothing, reason: `there is no topic ${topic} any more` })
        continue
      }
      const now = info.ends[partition] ?? 0
      const end = task.mode === 'replay' ? Math.min(ends[partition] ?? now, now) : now
      const place = { topic, partition, end, committed, after: progress?.received }
      found.push({ topic, partition, committed, end, ...(await ahead(topics, task, place, lookRows)) })
    }
  }
  return found
}

const nothing = { rows: 0, seconds: 0, estimated: false }

function committedOf(progress: Pick<TaskProgress, 'positions'> | undefined, topic: string, partition: number) {
  const found = progress?.positions.find((one) => one.topic === topic && one.partition === partition)
  return found?.offset ?? (progress === undefined ? null : 0)
}

interface Place {
  readonly topic: string
  readonly partition: number
  readonly committed: number | null
  readonly end: number
  /** Receive time of the last committed row. */
  readonly after: number | undefined
}

type Ahead = Pick<PartitionLag, 'rows' | 'seconds' | 'estimated' | 'reason'>

/** The rows that the task has still to commit. */
async function ahead(topics: Topics, task: LagTask, place: Place, lookRows: number): Promise<Ahead> {
  const { committed, end, after } = place
  if (end === 0 || (task.mode === 'follow' && committed !== null && committed >= end)) return nothing
  const first = await look(topics, task, place, { ...startOf(task, place), most: lookRows })
  if (first.all) {
    const seconds = first.rows === 0 ? 0 : secondsBetween(after ?? first.oldest, first.newest)
    return { rows: first.rows, seconds, estimated: false, ...reasonOf(first) }
  }
  const last = await look(topics, task, place, { offset: Math.max(committed ?? 0, end - newestRows), most: newestRows })
  const share = first.rows / first.seen
  const newest = Math.max(first.newest, last.newest)
  return {
    rows: Math.round(share * Math.max(end - (committed ?? 0), first.seen)),
    seconds: newest === Number.NEGATIVE_INFINITY ? 0 : secondsBetween(after ?? first.oldest, newest),
    estimated: true,
    ...reasonOf(first),
  }
}

/**
 * Where its next row may be. What follows live rows reads by offset. A replay reads by receive time, and where files were imported
 * out of order a row to come may lie before one that was committed.
 */
function startOf(task: LagTask, { committed, after }: Place): { offset?: number; received?: number } {
  if (task.mode === 'follow') return committed === null ? {} : { offset: committed }
  const received = after ?? task.from
  return received === undefined ? {} : { received }
}

interface Look {
  /** Rows that were looked at, and those of them that concern the task. */
  readonly seen: number
  readonly rows: number
  readonly oldest: number
  readonly newest: number
  /** Nothing was left to look at. */
  readonly all: boolean
  readonly expired: boolean
}

async function look(
  topics: Topics,
  task: LagTask,
  place: Place,
  at: { readonly offset?: number; readonly received?: number; readonly most: number },
): Promise<Look> {
  try {
    return await count(topics, task, place, at)
  } catch (error) {
    // Rows that it has not read are gone: what is left of them still counts.
    if (!(error instanceof SmartspeedError) || error.code !== 'HISTORY_EXPIRED') throw error
    return { ...(await count(topics, task, place, { most: at.most })), expired: true }
  }
}

async function count(
  topics: Topics,
  task: LagTask,
  place: Place,
  { offset, received, most }: { readonly offset?: number; readonly received?: number; readonly most: number },
): Promise<Look> {
  const { topic, partition, end } = place
  const offsets = (value: number) =>
    Array.from({ length: partition + 1 }, (_, at) => (at === partition ? value : undefined))
  const range: ReadOptions = {
    partitions: [partition],
    from: {
      ...(offset === undefined ? {} : { offsets: offsets(offset) }),
      ...(received === undefined ? {} : { received }),
    },
    to: { offsets: offsets(end), ...(task.to === undefined ? {} : { received: task.to }) },
  }
  const total = { seen: 0, rows: 0, oldest: Number.POSITIVE_INFINITY, newest: Number.NEGATIVE_INFINITY }
  for await (const fetched of topics.read(topic, range)) {
    countIn(total, fetched, task, place)
    if (total.seen >= most) return { ...total, all: reaches(fetched, end), expired: false }
  }
  return { ...total, all: true, expired: false }
}

function reaches({ offset, offsets, batch }: Fetched, end: number): boolean {
  return (offsets?.at(-1) ?? offset + batch.rows - 1) + 1 >= end
}

function countIn(
  total: { seen: number; rows: number; oldest: number; newest: number },
  { batch, offset, offsets }: Fetched,
  task: LagTask,
  { committed, after }: Place,
): void {
  const columns = batch.columns as { received: Float64Array; exchange: Dictionary; symbol: Dictionary }
  const { received, exchange, symbol } = columns
  // Names are compared once a batch, not once a row; rows without one belong to all.
  const wanted = wantedPairs(exchange, symbol, filterOf(task)!)
  const replay = task.mode === 'replay' && after !== undefined
  for (let row = 0; row < batch.rows; row++) {
    const at = received[row]!
    // Of rows received with the last committed one, those behind it are still to come.
    if (replay && !(at > after || (at === after && (offsets?.[row] ?? offset + row) >= (committed ?? 0)))) continue
    total.seen++
    if (at < (task.from ?? at) || wanted[pairAt(exchange, symbol, row)] === 0) continue
    total.rows++
    if (at < total.oldest) total.oldest = at
    if (at > total.newest) total.newest = at
  }
}

function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1e6
}

function reasonOf({ expired }: Look): { reason?: string } {
  return expired ? { reason: 'rows that it has not read were deleted by retention' } : {}
}
