// What is committed, as one compacted topic says it: topics, blocks of rows, runs, snapshots. It is to this engine what the index
// is to the embedded one. A commit writes its entries into one partition, in the transaction of its rows, so that a reader of
// several topics sees all of a commit or nothing; and it numbers rows densely, which offsets of Kafka are not (each transaction
// leaves a marker in each partition).
import type { RecordName } from '../../schemas/records.generated.ts'
import { murmur2 } from '../partition.ts'
import type { TaskProgress } from '../topics.ts'
import type { ReadRecord, WireClient, WireRecord } from './client.ts'
import { openTable, type Table } from './table.ts'

export interface TopicEntry {
  readonly record: RecordName
  readonly run?: string
  readonly partitions: number
  readonly retentionMs?: number
  readonly minIsr?: number
}

/** Rows that lie together in a partition: only markers of transactions stand between them. */
export interface BlockEntry {
  /** Number of its first row. */
  readonly row: number
  readonly rows: number
  /** Kafka's offset of its first row, and the one after its last. */
  readonly offset: number
  readonly end: number
  readonly bytes: number
  /** Least and greatest receive time. */
  readonly min: number
  readonly max: number
  /** In rising (received, exchange, symbol). */
  readonly sorted: boolean
  /** When its first row was written, ms since 1970. */
  readonly written: number
}

export interface Block extends BlockEntry {
  readonly number: number
}

export interface SnapshotEntry {
  /** First row of its chunks in `<run>.snapshots`, and of the journal entry of its step. */
  readonly row: number
  readonly partition: number
  readonly chunks: number
  readonly length: number
  readonly sha256: string
  readonly journalRow?: number
}

/** A commit of a writer: which one the last of its run, or task, is. */
export interface CommitEntry {
  readonly session: string
  readonly number: number
}

/** A partition's blocks, in rising rows; rows before `start` were deleted. */
export interface Lane {
  start: number
  readonly blocks: Block[]
  /** Where its blocks grew lately, in rising rows: who reads on from there need not read the block from its beginning. */
  readonly seams: Seam[]
}

/** No row before `row` lies at or behind Kafka's `offset`, and none from it on before. */
export interface Seam {
  readonly row: number
  readonly offset: number
}

/** As many as a reader may be behind; one that is further behind has much to read anyway. */
const seamsMax = 64

export type Key =
  | readonly ['topic', topic: string]
  | readonly ['block', topic: string, partition: number, number: number]
  | readonly ['start', topic: string, partition: number]
  | readonly ['run', run: string]
  /** That there is such a run, by who may not know yet what others keep with it: it must not stand in the place of that. */
  | readonly ['known', run: string]
  /** Of the writer of a run, or of a task. */
  | readonly ['commit', run: string, task?: string]
  | readonly ['progress', run: string, task: string]
  | readonly ['snapshot', run: string, task: string, step: number]

export interface Ledger {
  readonly table: Table
  readonly topics: ReadonlyMap<string, TopicEntry>
  readonly runs: ReadonlyMap<string, { about?: unknown }>
  commit(run: string, task: string | undefined): CommitEntry | undefined
  progress(run: string): readonly TaskProgress[]
  lane(topic: string, partition: number): Lane
  /** Snapshots of a task by step, rising. */
  snapshots(run: string, task: string): readonly [step: number, entry: SnapshotEntry][]
  /** Of every task of a run. */
  tasksOf(run: string): readonly string[]
  /**
   * Which partition of the ledger the commits of a run, or of nobody, go to; or those of a task: neighbours are apart, so that a
   * transaction which one leaves open does not hide what the others commit.
   */
  partitionOf(run: string, task?: number): number
  /** Where an entry lies: a deletion must go there too. */
  placeOf(key: Key): number | undefined
  keysOf(wanted: (key: Key) => boolean): Key[]
}

export function ledgerRecord(key: Key, value: unknown): WireRecord {
  return { key: Buffer.from(JSON.stringify(key)), value: value === null ? null : Buffer.from(JSON.stringify(value)) }
}

/** The next row of a lane. */
export function endOf({ start, blocks }: Lane): number {
  const last = blocks.at(-1)
  return last === undefined ? start : Math.max(start, last.row + last.rows)
}

/** Blocks with rows that were not deleted. */
export function liveBlocks({ start, blocks }: Lane): readonly Block[] {
  const first = blocks.findIndex(({ row, rows }) => row + rows > start)
  return first === 0 ? blocks : first < 0 ? [] : blocks.slice(first)
}

export function openLedger(client: WireClient, topic: string, partitions: number): Ledger {
  const topics = new Map<string, TopicEntry>()
  const runs = new Map<string, { about?: unknown }>()
  const commits = new Map<string, CommitEntry>()
  const progress = new Map<string, Map<string, TaskProgress>>()
  const lanes = new Map<string, Lane>()
  const snapshots = new Map<string, Map<string, Map<number, SnapshotEntry>>>()
  const places = new Map<string, number>()

  function lane(topic: string, partition: number): Lane {
    const name = `${topic}/${partition}`
    let lane = lanes.get(name)
    if (lane === undefined) {
      lane = { start: 0, blocks: [], seams: [] }
      lanes.set(name, lane)
    }
    return lane
  }

  function take({ key, value }: ReadRecord, partition: number): void {
    const text = key.toString()
    const entry = value === null ? undefined : (JSON.parse(value.toString()) as unknown)
    // A key that was deleted and is written again may have changed partitions: only the deletion of the place where it is counts.
    if (entry === undefined && places.get(text) !== partition) return
    if (entry === undefined) places.delete(text)
    else places.set(text, partition)
    apply(JSON.parse(text) as Key, entry)
  }

  function apply(key: Key, entry: unknown): void {
    switch (key[0]) {
      case 'topic':
        if (entry !== undefined) topics.set(key[1], entry as TopicEntry)
        else {
          topics.delete(key[1])
          for (const name of [...lanes.keys()]) if (name.startsWith(`${key[1]}/`)) lanes.delete(name)
        }
        break
      case 'block':
        putBlock(lane(key[1], key[2]), key[3], entry as BlockEntry | undefined)
        break
      case 'start': {
        const one = lane(key[1], key[2])
        one.start = entry === undefined ? 0 : Math.max(one.start, entry as number)
        break
      }
      case 'run':
        put(runs, key[1], entry as { about?: unknown })
        break
      case 'known':
        if (entry === undefined) runs.delete(key[1])
        else if (!runs.has(key[1])) runs.set(key[1], {})
        break
      case 'commit':
        put(commits, writerName(key[1], key[2]), entry as CommitEntry)
        break
      case 'progress': {
        const tasks = progress.get(key[1]) ?? new Map<string, TaskProgress>()
        progress.set(key[1], tasks)
        put(tasks, key[2], entry as TaskProgress)
        break
      }
      case 'snapshot': {
        const tasks = snapshots.get(key[1]) ?? new Map<string, Map<number, SnapshotEntry>>()
        snapshots.set(key[1], tasks)
        const steps = tasks.get(key[2]) ?? new Map<number, SnapshotEntry>()
        tasks.set(key[2], steps)
        put(steps, key[3], entry as SnapshotEntry)
      }
    }
  }

  return {
    table: openTable(client, topic, partitions, take),
    topics,
    runs,
    commit: (run, task) => commits.get(writerName(run, task)),
    progress: (run) => [...(progress.get(run)?.values() ?? [])].sort((a, b) => (a.task < b.task ? -1 : 1)),
    lane,
    snapshots: (run, task) => [...(snapshots.get(run)?.get(task) ?? [])].sort(([a], [b]) => a - b),
    tasksOf: (run) => [...(snapshots.get(run)?.keys() ?? [])],
    partitionOf: (run, task = 0) => ((murmur2(Buffer.from(run)) & 0x7fffffff) + task) % partitions,
    placeOf: (key) => places.get(JSON.stringify(key)),
    keysOf: (wanted) => [...places.keys()].map((text) => JSON.parse(text) as Key).filter(wanted),
  }
}

/** No run's name has a ":". */
function writerName(run: string, task: string | undefined): string {
  return task === undefined ? run : `${run}:${task}`
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

/** Blocks come in rising numbers, but for the last one, which grows. */
function putBlock({ blocks, seams }: Lane, number: number, entry: BlockEntry | undefined): void {
  let at = blocks.length
  while (at > 0 && blocks[at - 1]!.number >= number) at--
  const before = blocks[at]?.number === number ? blocks[at] : undefined
  const known = before === undefined ? 0 : 1
  if (entry === undefined) blocks.splice(at, known)
  else blocks.splice(at, known, { number, ...entry })
  if (entry === undefined || before === undefined || entry.rows <= before.rows) return
  seams.push({ row: before.row + before.rows, offset: before.end })
  if (seams.length > seamsMax) seams.shift()
}
