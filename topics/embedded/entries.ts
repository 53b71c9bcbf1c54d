// What the index knows: of topics, partitions, blocks and segment files. Kinds of keys are one letter, for they stand in each key.
import type { RecordName } from '../../schemas/records.generated.ts'
import type { EntryKey } from './table.ts'

export interface TopicMeta {
  readonly record: RecordName
  readonly run?: string
  readonly partitions: number
  /** Kept that long from writing; for ever when left out. */
  readonly retentionMs?: number
}

/** A partition: rows `start`…`end` are there. */
export interface Extent {
  readonly start: number
  readonly end: number
  readonly rows: number
  readonly bytes: number
  /** Least and greatest receive time of the rows that are there, µs. */
  readonly first?: number
  readonly last?: number
  /** The longest time, µs, from the least to the greatest receive time of one block: how far before a time its rows' block may begin. */
  readonly span: number
  /** The least receive time of blocks has never stepped back; `lowest` is the last block's. */
  readonly rising: boolean
  readonly lowest?: number
}

export const noExtent: Extent = { start: 0, end: 0, rows: 0, bytes: 0, span: 0, rising: true }

/** A segment file: the first `bytes` bytes count, what follows is of no commit. */
export interface SegmentState {
  readonly bytes: number
  /** ms of writing of its first block. */
  readonly written: number
}

/** Where a block lies and what is in it. */
export interface BlockEntry {
  readonly offset: number
  readonly segment: number
  readonly position: number
  readonly length: number
  readonly rows: number
  readonly min: number
  readonly max: number
  readonly written: number
  readonly sorted: boolean
  /** Rows missing before this block: 0, but in a log that was salvaged. */
  readonly gap: number
}

export interface SnapshotManifest {
  readonly chunks: number
  readonly length: number
  readonly sha256: string
}

export const keys = {
  topic: (topic: string): EntryKey => ['t', topic],
  extent: (topic: string, partition: number): EntryKey => ['p', topic, partition],
  block: (topic: string, partition: number, offset: number): EntryKey => ['b', topic, partition, offset],
  /** The same blocks by receive time. */
  moment: (topic: string, partition: number, min: number, offset: number): EntryKey => [
    'm',
    topic,
    partition,
    min,
    offset,
  ],
  segment: (owner: string, segment: number): EntryKey => ['s', owner, segment],
  schema: (id: string): EntryKey => ['f', id],
  run: (run: string): EntryKey => ['r', run],
  progress: (run: string, task: string): EntryKey => ['k', run, task],
  journal: (run: string, task: string, step: number): EntryKey => ['j', run, task, step],
  manifest: (run: string, task: string, step: number): EntryKey => ['w', run, task, step],
  chunk: (run: string, task: string, step: number, chunk: number): EntryKey => ['n', run, task, step, chunk],
}

export function packEntry(entry: BlockEntry): Buffer {
  const { offset, segment, position, length, rows, min, max, written, sorted, gap } = entry
  const values = Float64Array.of(offset, segment, position, length, rows, min, max, written, sorted ? 1 : 0, gap)
  return Buffer.from(values.buffer)
}

export function unpackEntry(bytes: Buffer): BlockEntry {
  const at = (i: number) => bytes.readDoubleLE(i * 8)
  return {
    ...{ offset: at(0), segment: at(1), position: at(2), length: at(3), rows: at(4) },
    ...{ min: at(5), max: at(6), written: at(7), sorted: at(8) === 1, gap: at(9) },
  }
}
