// The writer of a run: a step becomes blocks in segment files, synced; then one LMDB transaction makes all of it visible.
import { randomInt } from 'node:crypto'
import type { Batch } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { JournalEntry } from '../../schemas/records.generated.ts'
import { spread } from '../partition.ts'
import { checkPlace, densePieces, type Placed } from '../placed.ts'
import { gatherRows } from '../rows.ts'
import { partitionOfTask, partitionsFor, progressOf, type TaskPlace } from '../tasks.ts'
import type { Step, Writer } from '../topics.ts'
import { type Draft, draftBlock, packDraft, schemaBlock } from './block.ts'
import {
  type BlockEntry,
  type Extent,
  keys,
  noExtent,
  packEntry,
  type SegmentState,
  type TopicMeta,
} from './entries.ts'
import { schemaName, schemaOf } from './evolution.ts'
import { faultOf } from './faults.ts'
import { type Lease, takeLease } from './lease.ts'
import { checkRun, isMarket, ownerOf } from './names.ts'
import { type Appender, openAppender, segmentBytes } from './segments.ts'
import { putSnapshot } from './snapshots.ts'
import type { Table } from './table.ts'

/** What the engine hands to its writers. */
export interface WriterContext {
  readonly dir: string
  readonly table: Table
  /** ms since 1970: stamps blocks for retention, and nothing else. */
  readonly clock: () => number
  /** Called after each commit: readers of this process need not wait for their next look. */
  readonly committed: () => void
  readonly closed: (writer: Writer) => void
}

/** The writer of a run, also for its tasks: they share its files and its queue. */
export interface RunWriter extends Writer {
  commit(step: Step, place?: TaskPlace): Promise<void>
}

const maxBlockBytes = 2 ** 29
/** A segment of a topic with retention spans at most this share of it, so that space comes back in time. */
const segmentsPerRetention = 24

/** An owner's segment, and the schemas that it already says. */
interface Target {
  readonly owner: string
  appender: Appender
  written: number
  schemas: Set<bigint>
}

/** A block, and the number that its first row must have: the next one of its partition where that is left out. */
interface Wanted {
  readonly draft: Draft
  readonly offset?: number
}

/** When a commit was made, and by which task. */
interface Stamp {
  readonly written: number
  readonly at: TaskPlace | undefined
}

/** A block, where its rows stand in their partition, and its bytes. */
interface Block {
  readonly draft: Draft
  readonly offset: number
  readonly gap: number
  readonly bytes: Uint8Array
}

/** Blocks of one commit that go to one file. */
interface Share {
  readonly target: Target
  readonly blocks: (Block & { readonly position: number })[]
  readonly schemas: Set<bigint>
  /** What is written, piece by piece, and how long that is. */
  readonly pieces: Uint8Array[]
  length: number
}

/** Takes the leases. @throws SmartspeedError CONFIG_INVALID, LEASE_HELD */
export function openWriter(context: WriterContext, options: { run: string; market?: boolean }): RunWriter {
  const { dir, table } = context
  const { run } = options
  checkRun(run)
  const leases: Lease[] = [takeLease(dir, run)]
  if (options.market) {
    try {
      leases.push(takeLease(dir, 'market'))
    } catch (error) {
      leases[0]!.release()
      throw error
    }
  }
  // What another process wrote until it gave the lease back.
  table.renew()
  const targets = new Map<string, Target>()
  let tail: Promise<unknown> = Promise.resolve()
  let closed = false
  let broken: unknown

  async function commit(step: Step, at: TaskPlace | undefined): Promise<void> {
    if (broken !== undefined) throw broken
    const written = context.clock()
    const metas = new Map<string, TopicMeta>()
    const drafts = [
      ...step.outputs.flatMap((batch) => draft(batch, metas, at).map((draft): Wanted => ({ draft }))),
      ...(step.placed ?? []).flatMap((rows) => [...densePieces(rows)].map((piece) => placedDraft(piece, metas, at))),
    ]
    const blocks = await packed(drafts, written)
    const shares = place(blocks, written)
    try {
      await Promise.all(shares.map(({ target, pieces }) => target.appender.append(pieces)))
    } catch (error) {
      dropAll(shares)
      throw error
    }
    try {
      table.transaction(() => index(step, { metas, shares, written, at }))
    } catch (error) {
      const fault = faultOf(dir, `committing to the index of ${dir}`, error)
      dropAll(shares)
      // After any other error it is not known what the disk holds.
      if (fault.code !== 'DISK_FULL') broken = fault
      throw fault
    }
    for (const { target, length, schemas } of shares) {
      target.appender.keep(length)
      for (const id of schemas) target.schemas.add(id)
    }
    context.committed()
  }

  function metaFor(batch: Batch, metas: Map<string, TopicMeta>, at: TaskPlace | undefined): TopicMeta {
    const topic = nameFor(batch)
    let meta = metas.get(topic) ?? table.json<TopicMeta>(keys.topic(topic))
    if (meta === undefined) {
      meta = { record: batch.topic, ...(isMarket(batch.topic) ? {} : { run }), partitions: partitionsFor(at) }
      metas.set(topic, meta)
    }
    return meta
  }

  function placedDraft(
    { partition, offset, batch }: Placed,
    metas: Map<string, TopicMeta>,
    at: TaskPlace | undefined,
  ): Wanted {
    const { partitions } = metaFor(batch, metas, at)
    return { draft: draftBlock(nameFor(batch), { partition, partitions }, batch, schemaOf(batch.topic).id), offset }
  }

  function draft(batch: Batch, metas: Map<string, TopicMeta>, at: TaskPlace | undefined): Draft[] {
    const topic = nameFor(batch)
    const { partitions } = metaFor(batch, metas, at)
    if (batch.rows === 0) return []
    const { id } = schemaOf(batch.topic)
    const to = at === undefined ? spread(batch, partitions) : { all: partitionOfTask(at, topic, partitions) }
    return to.all !== undefined
      ? [draftBlock(topic, { partition: to.all, partitions }, batch, id)]
      : to.rows.flatMap((rows, partition) =>
          rows.length === 0 ? [] : [draftBlock(topic, { partition, partitions }, gatherRows([batch], rows), id)],
        )
  }

  function nameFor(batch: Batch): string {
    if (isMarket(batch.topic) && !options.market) {
      throw new SmartspeedError(
        'USAGE',
        `the writer of run ${run} was not opened to write market topics such as ${batch.topic}`,
      )
    }
    return physicalName(batch.topic, run)
  }

  /** Gives each block its offset, and makes its bytes: on other threads, while this one goes on. */
  function packed(drafts: readonly Wanted[], written: number): Promise<Block[]> {
    const commit = randomInt(2 ** 47)
    const ends = new Map<string, number>()
    const numbered = drafts.map(({ draft, offset: wanted }) => {
      const lane = `${draft.topic}/${draft.partition}`
      const end = ends.get(lane) ?? table.json<Extent>(keys.extent(draft.topic, draft.partition))?.end ?? 0
      const offset = wanted ?? end
      checkPlace({ ...draft, offset }, end, draft.partitions)
      ends.set(lane, offset + draft.batch.rows)
      return { draft, offset, gap: offset - end }
    })
    return Promise.all(
      numbered.map(async (one, part) => {
        const place = { offset: one.offset, written, commit, part, parts: drafts.length }
        const bytes = await packDraft(one.draft, place)
        checkSize(one.draft, bytes.length)
        return { ...one, bytes }
      }),
    )
  }

  /** Gives each block its place in a file. */
  function place(blocks: readonly Block[], written: number): Share[] {
    const shares = new Map<string, Share>()
    for (const block of blocks) {
      const { draft, bytes } = block
      const owner = ownerOf(draft.topic)
      let share = shares.get(owner)
      if (share === undefined) {
        const target = targetOf(owner, draft.topic, written)
        share = { target, blocks: [], schemas: new Set(), pieces: [], length: 0 }
        shares.set(owner, share)
      }
      if (!share.target.schemas.has(draft.schema) && !share.schemas.has(draft.schema)) {
        share.schemas.add(draft.schema)
        const schema = schemaBytes(draft)
        share.pieces.push(schema)
        share.length += schema.length
      }
      share.blocks.push({ ...block, position: share.target.appender.end + share.length })
      share.pieces.push(bytes)
      share.length += bytes.length
    }
    return [...shares.values()]
  }

  /** The file that an owner's blocks go to now. */
  function targetOf(owner: string, topic: string, written: number): Target {
    const target = targets.get(owner)
    if (target === undefined) {
      const last = table.lastAtOrBefore(['s', owner], keys.segment(owner, Number.MAX_SAFE_INTEGER))
      const state = last === undefined ? undefined : (JSON.parse(last.value.toString()) as SegmentState)
      const segment = last === undefined ? 1 : (last.key[2] as number)
      const opened: Target = {
        owner,
        appender: openAppender(dir, owner, segment, state?.bytes ?? 0),
        written: state?.written ?? written,
        schemas: new Set(),
      }
      targets.set(owner, opened)
      return targetOf(owner, topic, written)
    }
    const { retentionMs } = table.json<TopicMeta>(keys.topic(topic)) ?? {}
    const old = retentionMs !== undefined && written - target.written > retentionMs / segmentsPerRetention
    if (target.appender.end >= segmentBytes || (old && target.appender.end > 0)) {
      const { segment } = target.appender
      target.appender.close()
      target.appender = openAppender(dir, owner, segment + 1, 0)
      target.written = written
      target.schemas = new Set()
    }
    return target
  }

  /** Everything that the step says, inside the transaction. */
  function index(
    step: Step,
    { metas, shares, written, at }: { metas: Map<string, TopicMeta>; shares: readonly Share[] } & Stamp,
  ): void {
    for (const [topic, meta] of metas) table.putJson(keys.topic(topic), meta)
    for (const { target, blocks, length, schemas } of shares) {
      const { segment, end } = target.appender
      const state: SegmentState = { bytes: end + length, written: target.written }
      table.putJson(keys.segment(target.owner, segment), state)
      for (const id of schemas) {
        const used = blocks.find(({ draft }) => draft.schema === id)!
        table.put(keys.schema(schemaName(id)), Buffer.from(schemaOf(used.draft.batch.topic).text))
      }
      for (const { draft, offset, gap, position, bytes } of blocks) {
        const { topic, partition, sorted, min, max, batch } = draft
        const extent = table.json<Extent>(keys.extent(topic, partition)) ?? { ...noExtent, start: offset, end: offset }
        const entry: BlockEntry = {
          offset,
          segment,
          position,
          length: bytes.length,
          rows: batch.rows,
          min,
          max,
          written,
          sorted,
          gap: extent.rows === 0 && extent.end === offset ? 0 : gap,
        }
        table.put(keys.block(topic, partition, offset), packEntry(entry))
        table.put(keys.moment(topic, partition, min, offset), packEntry(entry))
        table.putJson(keys.extent(topic, partition), grown(extent, entry))
      }
    }
    const wrote = shares.some(({ target }) => target.owner === `runs/${run}`)
    indexState(step, wrote, { written, at })
  }

  function indexState(step: Step, wrote: boolean, { written, at }: Stamp): void {
    const { journal, snapshot } = step
    const task = step.task ?? journal?.task ?? ''
    if (journal !== undefined) {
      table.put(keys.journal(run, task, journal.step), packJournal(journal))
      table.putJson(
        keys.progress(run, task),
        progressOf(journal, { task, partition: at?.partition ?? 0, committedMs: written }),
      )
    }
    if (snapshot !== undefined) putSnapshot(table, run, task, journal?.step ?? lastStep(task), snapshot)
    const known = table.get(keys.run(run)) !== undefined
    if (step.run !== undefined) table.putJson(keys.run(run), { about: step.run })
    else if (!known && (wrote || journal !== undefined || snapshot !== undefined)) table.putJson(keys.run(run), {})
  }

  function lastStep(task: string): number {
    const last = table.lastAtOrBefore(['j', run, task], keys.journal(run, task, Number.MAX_SAFE_INTEGER))
    return last === undefined ? 0 : (last.key[3] as number)
  }

  const writer: RunWriter = {
    run,
    commit(step, at) {
      if (closed) return Promise.reject(new SmartspeedError('USAGE', `the writer of run ${run} is closed`))
      const done = tail.then(() => commit(step, at))
      tail = done.catch(() => undefined)
      return done
    },
    async close() {
      if (closed) return
      closed = true
      await tail
      for (const { appender } of targets.values()) appender.close()
      for (const lease of leases) lease.release()
      context.closed(writer)
    },
  }
  return writer
}

function schemaBytes({ schema, batch }: Draft): Uint8Array {
  const place = { offset: 0, written: 0, commit: 0, part: 0, parts: 0 }
  return schemaBlock(schema, schemaOf(batch.topic).text, place)
}

/** @throws SmartspeedError RECORD_TOO_BIG */
function checkSize({ batch }: Draft, length: number): void {
  if (length <= maxBlockBytes) return
  throw new SmartspeedError(
    'RECORD_TOO_BIG',
    `a batch of ${batch.topic} takes ${length} bytes, ${maxBlockBytes} are allowed`,
  )
}

/** A file that cannot be cut is cut when a writer opens it next. */
function dropAll(shares: readonly Share[]): void {
  for (const { target } of shares) {
    try {
      target.appender.drop()
    } catch {}
  }
}

export function grown(extent: Extent, { offset, rows, length, min, max }: BlockEntry): Extent {
  return {
    start: extent.start,
    end: offset + rows,
    rows: extent.rows + rows,
    bytes: extent.bytes + length,
    first: Math.min(extent.first ?? min, min),
    last: Math.max(extent.last ?? max, max),
    span: Math.max(extent.span, max - min),
    rising: extent.rising && min >= (extent.lowest ?? min),
    lowest: min,
  }
}

/** A journal entry holds numbers and texts alone. */
function packJournal(entry: JournalEntry): Buffer {
  return Buffer.from(JSON.stringify(entry))
}
