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
  /**
   * Says what the run will write soon, where an engine has to ask somebody first: it asks while the first rows are computed. What goes wrong is
   * said by the commit.
   */
  expect?(records: readonly RecordName[]): void
  close(): Promise<void>
}

/** One task of a run among several. Its writer is the only one of partition `partition` of each of the run's topics. */
export interface TaskClaim {
  readonly task: string
  /** Where all its rows go, whatever their keys. */
  readonly partition: number
  /** Asked each time before the right to write is taken (again); throws when the task belongs to somebody else by now. */
  readonly confirm: () => Promise<void>
}

/** How far a task has come: its last committed step. */
export interface TaskProgress {
  readonly task: string
  readonly partition: number
  readonly step: number
  /** Receive time of the last row of its inputs that it committed, µs. */
  readonly received: number
  /** Next row number (not Kafka's offset) of each input partition. */
  readonly positions: JournalEntry['positions']
  /** When it was committed, ms since 1970. */
  readonly committedMs: number
}

/** How tasks changed hands. */
export interface TasksChange {
  /** Another member may own the missing ones already: abort them, nothing of them can be committed any more. */
  readonly lost: boolean
  /** Members of a higher rank have taken over: this one will own nothing while they are there. */
  readonly outranked: boolean
  /** Why this member is one no longer: it will be given nothing again. Left out while all is well. */
  readonly error?: Error
  /** Who owns the tasks: the first call comes before `join` has resolved. */
  readonly member: Membership
}

export interface JoinOptions {
  readonly run: string
  /** How many tasks the run has: all its members say the same number. */
  readonly tasks: number
  /** Members of the highest rank share the tasks; others own none (how a new version takes over). 0 when left out. */
  readonly rank?: number
  /**
   * Called with the tasks that this member owns, before `join` resolves and whenever that changes, one call after the other. A task that is missing is to be finished or aborted,
   * and its writer closed, before the promise resolves: until then nobody else gets it (unless it is `lost`).
   */
  readonly changed: (tasks: readonly number[], how: TasksChange) => Promise<void>
}

/** A member of those who share the tasks of a run. */
export interface Membership {
  /** What it owns now. */
  readonly tasks: readonly number[]
  /** @throws SmartspeedError LEASE_HELD unless this member owns the task in the current generation (Kafka: a heartbeat says so) */
  confirm(task: number): Promise<void>
  /** Gives up everything (`changed` is called with no tasks); resolves when others may take it. Not from within `changed`. */
  leave(): Promise<void>
}

/** Looks at where topics end, for who follows several of them. */
export interface Watch {
  /** The next offset of each partition, of all these topics as of one instant, as last seen; undefined for one that is not there. */
  ends(topics: readonly string[]): readonly (readonly number[] | undefined)[]
  /** Resolves when something was committed since the call before resolved, and is seen; after `ms`; or when the signal says stop. */
  next(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Snapshot {
  readonly step: number
  readonly bytes: Uint8Array
}

export interface WantedTopic {
  readonly record: RecordName
  readonly run?: string
  readonly partitions?: number
  /** Kept that long from writing (`retain` deletes them then); for ever when left out. */
  readonly retentionMs?: number
}

/** A setting of a topic that is not as it should be. */
export interface Drift {
  readonly topic: string
  readonly setting: string
  readonly is: string
  readonly wanted: string
  /** Can be changed while the topic stays. */
  readonly mendable: boolean
}

export interface Topics {
  readonly engine: string
  /** Creates topics that are not there; existing ones keep their partition count. A commit creates those it needs with one partition. */
  create(names: readonly WantedTopic[]): Promise<{ created: string[]; existing: string[] }>
  /**
   * Where others than this program can change topics: what of those that are there is otherwise than wanted, or than they were made;
   * with `mend`, what of that cannot be changed.
   */
  drift?(options?: { readonly wanted?: readonly WantedTopic[]; readonly mend?: boolean }): Promise<readonly Drift[]>
  list(): Promise<readonly TopicInfo[]>
  /** @throws SmartspeedError TOPIC_MISSING, with the nearest name */
  info(topic: string): Promise<TopicInfo>
  /** Sees what was committed until now, and from then on. */
  watch(): Promise<Watch>
  /** Committed rows. Pulled: nothing is read ahead of the reader by more than a few batches. @throws SmartspeedError TOPIC_MISSING, HISTORY_EXPIRED, LOG_CORRUPT */
  read<T extends RecordName = RecordName>(topic: string, options?: ReadOptions): AsyncIterable<Fetched<T>>
  /**
   * Takes the lease of a run; with `market`, that of the market topics as well. @throws SmartspeedError LEASE_HELD, naming the holder
   *
   * With `task`, the right to write that task alone: all its rows go to the task's partition. Several such writers of one process share
   * the run's lease (embedded) or need none (Kafka: the task is its member's, and who opens its writer next shuts out who had it before).
   * A run's topics need as many partitions as it has tasks. A task's writer writes no market topics. @throws SmartspeedError USAGE,
   * CONFIG_INVALID, and what `confirm` throws
   */
  writer(options: { run: string; market?: boolean; task?: TaskClaim }): Promise<Writer>
  /**
   * Joins the members of a run, who share its tasks. On Kafka any number of processes; embedded, one at a time, which owns all of them.
   * Once a process at a time for each run. @throws SmartspeedError LEASE_HELD when somebody writes the run who is not a member, CONFIG_INVALID
   */
  join(options: JoinOptions): Promise<Membership>
  /** How far each task of a run has come, by name; those that have committed no step are not in it. Reads no rows. */
  tasks(run: string): Promise<readonly TaskProgress[]>
  /** Journal entries of a task from a step on, in order. */
  journal(run: string, task: string, fromStep?: number): AsyncIterable<JournalEntry>
  /** The last whole snapshot of a task at or before a step. */
  snapshot(run: string, task: string, atStep?: number): Promise<Snapshot | undefined>
  /** What commits said of runs. */
  runs(): Promise<readonly { run: string; about: unknown }[]>
  /** Deletes a run with its topics, journal and snapshots. @throws SmartspeedError RUN_MISSING, LEASE_HELD */
  removeRun(run: string): Promise<void>
  /** True while the lease of a run is held, or its tasks have members: someone is writing it. Takes nothing from who comes next. */
  held(run: string): Promise<boolean>
  /**
   * Deletes what retention (counted from writing) no longer keeps; gives space back. `now`: ms since 1970.
   * `dryRun` deletes nothing and says what would go: rows exactly, bytes at most (files go whole).
   */
  retain(now: number, options?: { readonly dryRun?: boolean }): Promise<{ rows: number; bytes: number }>
  close(): Promise<void>
}
