// The writer of a run: a step becomes rows in their topics and entries in the ledger, in one transaction.
import { setTimeout as sleep } from 'node:timers/promises'
import { schemaOf } from '../../schemas/avro.ts'
import { type Batch, batchOf, maxBatchBytes, maxBatchRows } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { codecOf } from '../codec.ts'
import { isMarket } from '../embedded/names.ts'
import { type Spread, spread } from '../partition.ts'
import { checkPlace, densePieces } from '../placed.ts'
import { partitionOfTask, partitionsFor, progressOf, stepOfTask } from '../tasks.ts'
import type { Step, Writer } from '../topics.ts'
import type { WireClient, WireRecord } from './client.ts'
import { addRows, type Cut, endBehind, snapshotRows } from './draft.ts'
import { isFault, sayFault } from './faults.ts'
import { type Names, topicConfigs } from './layout.ts'
import type { Leases } from './lease.ts'
import { type Block, endOf, type Key, type Ledger, ledgerRecord, type TopicEntry } from './ledger.ts'
import { openProducer, type Producer, persist, type Transaction } from './producer.ts'
import type { Registry } from './registry.ts'
import type { Right } from './right.ts'

/** What the engine hands to its writers. */
export interface WriterContext {
  readonly client: WireClient
  readonly registry: Registry
  readonly ledger: Ledger
  readonly leases: Leases
  readonly names: Names
  /** ms since 1970: the time of writing. */
  readonly clock: () => number
  readonly replicas?: number
  readonly closed: (writer: Writer) => void
}

/** A transaction that its process left open is ended by the broker after so long; a step's takes milliseconds. */
export const transactionMs = 10_000
/** How long a commit goes on trying while the broker is away. */
const patienceMs = 60_000
/** Rows written further apart are no block, so that retention can tell them apart; of topics with retention a share of it. */
const blockMs = 3_600_000
const blocksPerRetention = 24
/** A ledger record batch of about this many entries. */
const entriesPerSend = 2_000

/** What a step is made into before anything is sent. */
interface Draft {
  readonly topics: Map<
    string,
    { readonly entry: TopicEntry; readonly fresh: boolean; readonly lanes: Map<number, Cut[]> }
  >
  readonly snapshot?: {
    readonly manifest: ReturnType<typeof snapshotRows>['manifest']
    readonly task: string
    readonly step: number
  }
  readonly step: Step
  readonly written: number
}

/** Asks for the right, then takes its transactional id. @throws SmartspeedError CONFIG_INVALID, USAGE, LEASE_HELD, SERVICE_LOST */
export async function openWriter(context: WriterContext, take: () => Promise<Right>): Promise<Writer> {
  const { client, registry, ledger, names } = context
  const right = await take()
  const { run, session, task: own } = right
  const home = ledger.partitionOf(run, own?.partition)
  let producer: Producer
  try {
    if (own !== undefined) await right.confirm()
    producer = await openProducer(client, right.transactionalId, transactionMs, right.confirm)
    await ledger.table.refresh()
  } catch (error) {
    await right.release().catch(() => undefined)
    throw error
  }
  /** The blocks that this writer began, by lane: only those may grow. */
  const growing = new Map<string, number>()
  let commits = 0
  let tail: Promise<unknown> = Promise.resolve()
  let closed = false
  let broken: SmartspeedError | undefined

  async function commit(step: Step): Promise<void> {
    if (broken !== undefined) throw broken
    const draft = await draftOf(step)
    const doing = `committing to run ${run}`
    const number = ++commits
    const until = performance.now() + patienceMs
    for (let waitMs = 5; ; waitMs = Math.min(2 * waitMs, 500)) {
      try {
        await createTopics(draft)
        await producer.transact((transaction) => produce(draft, transaction, number))
        break
      } catch (error) {
        if (isFault(error, 'fenced')) throw breakBy(lostLease(run, error))
        const mendable = isFault(error, 'unknown') || isFault(error, 'abortable') || isFault(error, 'retriable')
        if (!mendable || performance.now() > until) {
          const fault = sayFault(doing, error)
          // Nobody knows what became of it: only a writer that reads the journal anew may go on.
          throw isFault(error, 'unknown') ? breakBy(fault) : fault
        }
      }
      await sleep(waitMs)
      if (await isThere(number, until)) break
    }
    await visible(number)
  }

  /** Ends what was left open, and says whether it was committed after all. */
  async function isThere(number: number, until: number): Promise<boolean> {
    for (;;) {
      try {
        await producer.restart()
        await ledger.table.refresh()
        return isLast(number)
      } catch (error) {
        if (isFault(error, 'fenced')) throw breakBy(lostLease(run, error))
        if (performance.now() > until) throw breakBy(sayFault(`committing to run ${run}`, error))
        await sleep(100)
      }
    }
  }

  /** Whether our commit of that number, or a later one, is the last there is. */
  function isLast(number: number): boolean {
    const last = ledger.commit(run, own?.task)
    return last?.session === session && last.number >= number
  }

  function breakBy(error: SmartspeedError): SmartspeedError {
    broken = error
    return error
  }

  /** Committed is promised before it is readable: a moment later it is. */
  async function visible(number: number): Promise<void> {
    const until = performance.now() + patienceMs
    try {
      while (!isLast(number)) {
        await ledger.table.refresh()
        if (performance.now() > until)
          throw new SmartspeedError('SERVICE_LOST', `a commit of run ${run} does not become readable`)
      }
    } catch (error) {
      throw breakBy(sayFault(`committing to run ${run}`, error))
    }
    ledger.table.wake()
  }

  async function draftOf(given: Step): Promise<Draft> {
    const step = own === undefined ? given : stepOfTask(given, own)
    for (const batch of step.outputs) demandRight(batch)
    const task = step.task ?? step.journal?.task ?? ''
    const outputs: Batch[] = [...step.outputs]
    if (step.journal !== undefined) outputs.push(batchOf('journal', [step.journal]))
    let snapshot: Draft['snapshot']
    if (step.snapshot !== undefined) {
      const number = step.journal?.step ?? lastSnapshotStep(task)
      const { batch, manifest } = snapshotRows(run, task, number, step.snapshot, step.journal)
      snapshot = { manifest, task, step: number }
      outputs.push(batch)
    }
    const topics: Draft['topics'] = new Map()
    for (const batch of outputs) {
      const { entry } = topicOf(batch, topics)
      const name = physicalName(batch.topic, run)
      const to =
        own === undefined ? spread(batch, entry.partitions) : { all: partitionOfTask(own, name, entry.partitions) }
      await add(batch, to, topics)
    }
    for (const { batch, partition, offset } of (step.placed ?? []).flatMap((rows) => [...densePieces(rows)])) {
      demandRight(batch)
      const { entry, lanes } = topicOf(batch, topics)
      const topic = physicalName(batch.topic, run)
      const end = endBehind(lanes.get(partition) ?? [], endOf(ledger.lane(topic, partition)))
      checkPlace({ topic, partition, offset, batch }, end, entry.partitions)
      await add(batch, { all: partition }, topics, offset)
    }
    return { topics, step, written: context.clock(), ...(snapshot === undefined ? {} : { snapshot }) }
  }

  /** What of a draft belongs to the topic of a batch. */
  function topicOf(batch: Batch, topics: Draft['topics']) {
    const topic = physicalName(batch.topic, run)
    const found = topics.get(topic)
    if (found !== undefined) return found
    const known = ledger.topics.get(topic)
    const fresh: TopicEntry = {
      record: batch.topic,
      ...(isMarket(batch.topic) ? {} : { run }),
      partitions: partitionsFor(own),
    }
    const draft = { entry: known ?? fresh, fresh: known === undefined, lanes: new Map<number, Cut[]>() }
    topics.set(topic, draft)
    return draft
  }

  async function add(batch: Batch, to: Spread, topics: Draft['topics'], first?: number): Promise<void> {
    if (batch.rows === 0) return
    const schemaId = await registry.idOf(names.subject(physicalName(batch.topic, run)), schemaOf(batch.topic))
    addRows(topicOf(batch, topics).lanes, batch, to, codecOf(batch.topic, { schemaId }), first)
  }

  function demandRight(batch: Batch): void {
    if (!isMarket(batch.topic) || right.market) return
    throw new SmartspeedError(
      'USAGE',
      `the writer of run ${run} was not opened to write market topics such as ${batch.topic}`,
    )
  }

  function lastSnapshotStep(task: string): number {
    return ledger.snapshots(run, task).at(-1)?.[0] ?? 0
  }

  async function createTopics({ topics }: Draft): Promise<void> {
    const fresh = [...topics].filter(([, { fresh }]) => fresh)
    if (fresh.length === 0) return
    const replicas = context.replicas === undefined ? {} : { replicas: context.replicas }
    const wanted = fresh.map(([topic, { entry }]) => ({
      ...{ topic: names.topic(topic), partitions: entry.partitions, ...replicas },
      configs: topicConfigs(entry.retentionMs),
    }))
    await persist(() => client.createTopics(wanted))
  }

  async function produce(draft: Draft, transaction: Transaction, number: number): Promise<void> {
    const entries = new Map<number, WireRecord[]>()
    // What a run's tasks have in common stays where it is, or goes where the run's own commits go: a key lies in one partition.
    const say = (key: Key, value: unknown) => {
      const shared = key[0] === 'topic' || key[0] === 'run'
      const partition = ledger.placeOf(key) ?? (shared ? ledger.partitionOf(run) : home)
      const records = entries.get(partition) ?? []
      entries.set(partition, records)
      records.push(ledgerRecord(key, value))
    }
    const { topics, step, written, snapshot } = draft
    for (const [topic, { entry, fresh }] of topics) if (fresh) say(['topic', topic], entry)
    const rows = new Map<string, number>()
    const lasts = new Map<string, Block>()
    const rounds = Math.max(
      0,
      ...[...topics.values()].flatMap(({ lanes }) => [...lanes.values()].map((cuts) => cuts.length)),
    )
    for (let round = 0; round < rounds; round++) {
      const sent = [...topics].flatMap(([topic, { entry, lanes }]) =>
        [...lanes].flatMap(([partition, cuts]) => {
          const cut = cuts[round]
          return cut === undefined ? [] : [{ topic, entry, partition, cut }]
        }),
      )
      const parts = sent.map(({ topic, partition, cut }) => ({
        topic: names.topic(topic),
        partition,
        records: cut.records,
      }))
      const bases = await transaction.send(parts, written)
      for (const [i, { topic, entry, partition, cut }] of sent.entries()) {
        const lane = `${topic}/${partition}`
        const end = rows.get(lane) ?? endOf(ledger.lane(topic, partition))
        const row = cut.row ?? end
        rows.set(lane, row + cut.records.length)
        // Who asks for what stood before learns that it is gone.
        if (end === 0 && row > 0) say(['start', topic, partition], row)
        const last = lasts.get(lane) ?? ledger.lane(topic, partition).blocks.at(-1)
        lasts.set(lane, blockOf(cut, { row, offset: bases[i]!, written }, last, entry, growing.get(lane)))
        const { number, ...block } = lasts.get(lane)!
        growing.set(lane, number)
        say(['block', topic, partition, number], block)
      }
    }
    if (step.run !== undefined) say(['run', run], { about: step.run })
    else if (!ledger.runs.has(run) && (wroteOwn(draft) || step.journal !== undefined || snapshot !== undefined))
      say(['run', run], {})
    if (snapshot !== undefined) saySnapshot(snapshot, draft, rows, say)
    if (step.journal !== undefined) {
      const task = step.task ?? step.journal.task
      const at = { task, partition: own?.partition ?? 0, committedMs: Date.now() }
      say(['progress', run, task], progressOf(step.journal, at))
    }
    say(own === undefined ? ['commit', run] : ['commit', run, own.task], { session, number })
    for (const [partition, records] of entries) {
      for (let at = 0; at < records.length; at += entriesPerSend) {
        const part = { topic: names.ledger, partition, records: records.slice(at, at + entriesPerSend) }
        await transaction.send([part], Date.now())
      }
    }
  }

  /** Says where the state is, and forgets all but the last two of the task. */
  function saySnapshot(
    { manifest, task, step }: NonNullable<Draft['snapshot']>,
    { topics }: Draft,
    rows: ReadonlyMap<string, number>,
    say: (key: Key, value: unknown) => void,
  ): void {
    const topic = physicalName('snapshots', run)
    const [partition] = [...topics.get(topic)!.lanes.keys()]
    const row = rows.get(`${topic}/${partition}`)! - manifest.chunks - 1
    const journal = physicalName('journal', run)
    const [journalPartition] = [...(topics.get(journal)?.lanes.keys() ?? [])]
    const journalRow =
      journalPartition === undefined ? {} : { journalRow: rows.get(`${journal}/${journalPartition}`)! - 1 }
    say(['snapshot', run, task, step], { ...manifest, row, partition, ...journalRow })
    const old = ledger.snapshots(run, task).filter(([one]) => one !== step)
    for (const [one] of old.slice(0, -1)) say(['snapshot', run, task, one], null)
  }

  function wroteOwn({ step }: Draft): boolean {
    const batches = [...step.outputs, ...(step.placed ?? []).map(({ batch }) => batch)]
    return batches.some(({ topic, rows }) => rows > 0 && !isMarket(topic))
  }

  const writer: Writer = {
    run,
    commit(step) {
      if (closed) return Promise.reject(new SmartspeedError('USAGE', `the writer of run ${run} is closed`))
      const done = tail.then(() => commit(step))
      tail = done.catch(() => undefined)
      return done
    },
    async close() {
      if (closed) return
      closed = true
      await tail
      try {
        await right.release()
      } catch (error) {
        throw sayFault(`giving back the lease of run ${run}`, error)
      } finally {
        context.closed(writer)
      }
    },
  }
  return writer
}

/** The lane's last block, grown by the cut, or a new one behind it. */
function blockOf(
  { records, bytes, min, max, sorted }: Cut,
  { row, offset, written }: { readonly row: number; readonly offset: number; readonly written: number },
  last: Block | undefined,
  { retentionMs }: TopicEntry,
  growing: number | undefined,
): Block {
  const rows = records.length
  const end = offset + rows
  const fits =
    last !== undefined &&
    last.number === growing &&
    last.row + last.rows === row &&
    // Nothing but the marker of the transaction before, or nothing, stands between.
    (offset === last.end || offset === last.end + 1) &&
    last.rows + rows <= maxBatchRows &&
    last.bytes + bytes <= maxBatchBytes &&
    written - last.written < (retentionMs === undefined ? blockMs : retentionMs / blocksPerRetention)
  if (!fits) return { number: (last?.number ?? -1) + 1, row, rows, offset, end, bytes, min, max, sorted, written }
  return {
    ...{ number: last.number, row: last.row, rows: last.rows + rows, offset: last.offset, end, written: last.written },
    ...{ bytes: last.bytes + bytes, min: Math.min(last.min, min), max: Math.max(last.max, max) },
    sorted: last.sorted && sorted && min > last.max,
  }
}

function lostLease(run: string, cause: unknown): SmartspeedError {
  return new SmartspeedError(
    'LEASE_HELD',
    `run ${run} was taken over by another writer; nothing of this step was written`,
    {
      cause,
      fix: 'see who writes it: npx smartspeed runs',
    },
  )
}
