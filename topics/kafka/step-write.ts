// A step in its transaction: rows into their topics, then what they are into the ledger, which needs to know where they came to lie.
import { maxBatchBytes, maxBatchRows } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { isMarket } from '../embedded/names.ts'
import { progressOf } from '../tasks.ts'
import type { Partition, WireRecord } from './client.ts'
import type { Cut } from './draft.ts'
import type { Names } from './layout.ts'
import { type Block, endOf, type Key, type Ledger, ledgerRecord, type TopicEntry } from './ledger.ts'
import type { Transaction } from './producer.ts'
import type { Right } from './right.ts'
import type { Draft } from './step-draft.ts'
import type { Reached } from './table.ts'

/** Rows written further apart are no block, so that retention can tell them apart; of topics with retention a share of it. */
const blockMs = 3_600_000
const blocksPerRetention = 24
/** A ledger record batch of about this many entries. */
const entriesPerSend = 2_000

export interface StepWriter {
  /** Sends all of it; gives the offsets of the ledger behind which it is readable. */
  write(draft: Draft, transaction: Transaction, number: number): Promise<readonly Reached[]>
}

export function stepWriter(
  { ledger, names }: { readonly ledger: Ledger; readonly names: Names },
  right: Right,
): StepWriter {
  const { run, session, task: own, seat } = right
  const home = ledger.partitionOf(run, own?.partition)
  /** The blocks that this writer began, by lane: only those may grow. */
  const growing = new Map<string, number>()

  return {
    async write(draft, transaction, number) {
      const entries = new Map<number, WireRecord[]>([[home, []]])
      // What a run's tasks have in common stays where it is, or goes where the run's own commits go: a key lies in one partition.
      const say = (key: Key, value: unknown) => {
        const shared = key[0] === 'topic' || key[0] === 'run' || key[0] === 'known'
        const partition = ledger.placeOf(key) ?? (shared ? ledger.partitionOf(run) : home)
        const records = entries.get(partition) ?? []
        entries.set(partition, records)
        records.push(ledgerRecord(key, value))
      }
      sayKnown(draft, number, say)
      transaction.add([...placesOf(draft), ...[...entries.keys()].map(inLedger)], seat?.self().group)
      const seated =
        seat === undefined ? undefined : transaction.commitGroup(seat.self(), [{ ...seat.place, offset: 0 }])
      const rows = await sendRows(draft, transaction, say)
      if (draft.snapshot !== undefined) saySnapshot(draft.snapshot, draft, rows, say)
      const [ends] = await Promise.all([sendEntries(entries, transaction), seated])
      return ends
    },
  }

  function inLedger(partition: number): Partition {
    return { topic: names.ledger, partition }
  }

  /** Where its rows go. */
  function placesOf({ topics }: Draft): Partition[] {
    return [...topics].flatMap(([topic, { lanes }]) =>
      [...lanes.keys()].map((partition) => ({ topic: names.topic(topic), partition })),
    )
  }

  /** What does not depend on where rows come to lie. */
  function sayKnown({ topics, step, snapshot, written }: Draft, number: number, say: Say): void {
    for (const [topic, { entry, fresh }] of topics) if (fresh) say(['topic', topic], entry)
    const batches = [...step.outputs, ...(step.placed ?? []).map(({ batch }) => batch)]
    const wroteOwn = batches.some(({ topic, rows }) => rows > 0 && !isMarket(topic))
    if (step.run !== undefined) say(['run', run], { about: step.run })
    else if (!ledger.runs.has(run) && (wroteOwn || step.journal !== undefined || snapshot !== undefined)) {
      say(['known', run], {})
    }
    if (step.journal !== undefined) {
      const task = step.task ?? step.journal.task
      const at = { task, partition: own?.partition ?? 0, committedMs: written }
      say(['progress', run, task], progressOf(step.journal, at))
    }
    say(own === undefined ? ['commit', run] : ['commit', run, own.task], { session, number })
  }

  /** Sends the rows, a record batch of each lane at a time; gives the next row number of each lane. */
  async function sendRows(
    { topics, written }: Draft,
    transaction: Transaction,
    say: Say,
  ): Promise<Map<string, number>> {
    const rows = new Map<string, number>()
    const lasts = new Map<string, Block>()
    const rounds = [...topics.values()].flatMap(({ lanes }) => [...lanes.values()].map((cuts) => cuts.length))
    for (let round = 0; round < Math.max(0, ...rounds); round++) {
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
    return rows
  }

  /** Says where the state is, and forgets all but the last two of the task. */
  function saySnapshot(
    { manifest, task, step }: NonNullable<Draft['snapshot']>,
    { topics }: Draft,
    rows: ReadonlyMap<string, number>,
    say: Say,
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

  async function sendEntries(
    entries: ReadonlyMap<number, readonly WireRecord[]>,
    transaction: Transaction,
  ): Promise<Reached[]> {
    const ends = new Map<number, number>()
    const rounds = Math.max(...[...entries.values()].map(({ length }) => Math.ceil(length / entriesPerSend)))
    for (let round = 0; round < rounds; round++) {
      const parts = [...entries]
        .map(([partition, records]) => ({
          ...inLedger(partition),
          records: records.slice(round * entriesPerSend, (round + 1) * entriesPerSend),
        }))
        .filter(({ records }) => records.length > 0)
      const bases = await transaction.send(parts, Date.now())
      for (const [i, { partition, records }] of parts.entries()) ends.set(partition, bases[i]! + records.length)
    }
    return [...ends].map(([partition, offset]) => ({ partition, offset }))
  }
}

type Say = (key: Key, value: unknown) => void

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
