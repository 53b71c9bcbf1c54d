// The port: what every topic engine promises. tests/conformance/topics.ts holds each sentence here to it.
import type { Batch } from '../schemas/batch.ts'
import type { JournalEntry, RecordName } from '../schemas/records.generated.ts'

/** What is known of a topic without reading it. */
export interface TopicInfo {
  /** Physical name: `market.trades`, `<run>.orders`. */
  readonly name: string
  readonly record: RecordName
  readonly run: string | undefined
  readonly partitions: number
  readonly rows: number
  readonly bytes: number
  /** Receive times of the first and the last row, µs; undefined when empty. */
  readonly first: number | undefined
  readonly last: number | undefined
  readonly retentionMs: number | undefined
  /** Next offset of each partition: what is committed now. */
  readonly ends: readonly number[]
}

/** Some rows of one partition, in rising offset. */
export interface Fetched<T extends RecordName = RecordName> {
  readonly topic: string
  readonly partition: number
  /** Offset of row 0. */
  readonly offset: number
  /** Offset of each row, where they are not offset, offset + 1, … */
  readonly offsets?: Float64Array
  readonly batch: Batch<T>
}

/** Which rows to read. Offsets and times: `from` inclusive, `to` exclusive. A missing partition in `offsets` means from its start / to its end. */
export interface ReadOptions {
  readonly partitions?: readonly number[]
  readonly from?: { readonly offsets?: readonly (number | undefined)[]; readonly received?: number }
  readonly to?: { readonly offsets?: readonly (number | undefined)[]; readonly received?: number }
  /**
   * `offset` (default): each partition in rising offset.
   * `received`: the rows of one partition in rising (received, exchange, symbol, offset), also where files were imported out of order.
   * Read one partition at a time with it. Fetched.offsets is then given wherever rows are not dense.
   */
  readonly order?: 'offset' | 'received'
  /** Wait for new rows instead of ending at the committed end. */
  readonly follow?: boolean
  /** Stops a `follow`. */
  readonly signal?: AbortSignal
}

/** What a task read, computed and wants written, at once: after a crash all of it is there or nothing. */
export interface Step {
  /** Rows of market topics go to the market (the writer must have been opened with `market`), others to the writer's run. */
  readonly outputs: readonly Batch[]
  /**
   * Rows that keep the partition and the numbers which they have elsewhere, as `read` gave them there (a mirror, an incident). In each
   * partition they rise, from its end on. Numbers that are left out are of rows that are gone: before the first one as after retention.
   * @throws SmartspeedError RECORD_INVALID when a partition is not there or has come further already
   */
  readonly placed?: readonly Fetched[]
  readonly task?: string
  readonly journal?: JournalEntry
  /** State of the task after this step, of any length. The last two of a task are kept. */
  readonly snapshot?: Uint8Array
  /** What is known of the run (config, status, result): JSON, replaces the one before. */
  readonly run?: unknown
}

/** The only one that writes a run (or the market) until it is closed or its process dies. */
export interface Writer {
  readonly run: string
  /** Durable when resolved. Calls are queued: the second waits for the first. @throws SmartspeedError DISK_FULL, IO_FAILED, RECORD_TOO_BIG; nothing of the step is then visible */
  commit(step: Step): Promise<void>
  close(): Promise<void>
}

export interface Snapshot {
  readonly step: number
  readonly bytes: Uint8Array
}

export interface Topics {
  readonly engine: string
  /** Creates topics that are not there; existing ones keep their partition count. A commit creates those it needs with one partition. */
  create(
    names: readonly {
      record: RecordName
      run?: string
      partitions?: number
      /** Kept that long from writing (`retain` deletes them then); for ever when left out. */
      retentionMs?: number
    }[],
  ): Promise<{ created: string[]; existing: string[] }>
  list(): Promise<readonly TopicInfo[]>
  /** @throws SmartspeedError TOPIC_MISSING, with the nearest name */
  info(topic: string): Promise<TopicInfo>
  /** Committed rows. Pulled: nothing is read ahead of the reader by more than a few batches. @throws SmartspeedError TOPIC_MISSING, HISTORY_EXPIRED, LOG_CORRUPT */
  read<T extends RecordName = RecordName>(topic: string, options?: ReadOptions): AsyncIterable<Fetched<T>>
  /** Takes the lease of a run; with `market`, that of the market topics as well. @throws SmartspeedError LEASE_HELD, naming the holder */
  writer(options: { run: string; market?: boolean }): Promise<Writer>
  /** Journal entries of a task from a step on, in order. */
  journal(run: string, task: string, fromStep?: number): AsyncIterable<JournalEntry>
  /** The last whole snapshot of a task at or before a step. */
  snapshot(run: string, task: string, atStep?: number): Promise<Snapshot | undefined>
  /** What commits said of runs. */
  runs(): Promise<readonly { run: string; about: unknown }[]>
  /** Deletes a run with its topics, journal and snapshots. @throws SmartspeedError RUN_MISSING, LEASE_HELD */
  removeRun(run: string): Promise<void>
  /** True while the lease of a run is held: someone is writing it. Takes nothing from who comes next. */
  held(run: string): Promise<boolean>
  /**
   * Deletes what retention (counted from writing) no longer keeps; gives space back. `now`: ms since 1970.
   * `dryRun` deletes nothing and says what would go: rows exactly, bytes at most (files go whole).
   */
  retain(now: number, options?: { readonly dryRun?: boolean }): Promise<{ rows: number; bytes: number }>
  close(): Promise<void>
}
