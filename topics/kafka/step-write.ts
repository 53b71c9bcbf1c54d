// A step in its transaction: rows into their topics, and into the ledger what they are and where they lie. Where nobody but this writer
// writes, that is known before it is said: then both go at once, and the transaction ends only if it was so. Else rows go first.
import { maxBatchBytes, maxBatchRows } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { isMarket } from '../embedded/names.ts'
import { progressOf } from '../tasks.ts'
import type { Partition, WireRecord } from './client.ts'
import type { Cut } from './draft.ts'
import { KafkaFault } from './faults.ts'
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
/** Somebody else writes to a partition of ours: it is not foretold where rows will lie there for so many commits. */
const unforetold = 1_000

export interface StepWriter {
  /**
   * Sends all of it; gives the offsets of the ledger behind which it is readable. `foretell`: nothing of the writer was aborted since its
   * last commit.
   *
   * @throws KafkaFault TRANSACTION_ABORTABLE when rows came to lie elsewhere than was foretold: to be written again, without that
   */
  write(
    draft: Draft,
    transaction: Transaction,
    of: { readonly number: number; readonly foretell: boolean },
  ): Promise<readonly Reached[]>
}

/** What goes to the broker in one request: a record batch of each lane that has any left. */
type Round = readonly {
  readonly topic: string
  readonly entry: TopicEntry
  readonly partition: number
  readonly cut: Cut
}[]

export function stepWriter(
  { ledger, names }: { readonly ledger: Ledger; readonly names: Names },
  right: Right,
): StepWriter {
  const { run, session, task: own, seat } = right
  const home = ledger.partitionOf(run, own?.partition)
  /** The blocks that this writer began, by lane: only those may grow. */
  const growing = new Map<string, number>()
  /** Lanes whose rows came to lie elsewhere than foretold, and the commit from which on it is tried again. */
  const surprising = new Map<string, number>()

  return {
    async write(draft, transaction, { number, foretell }) {
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
      const rounds = roundsOf(draft)
      const foretold = foretell ? placesAhead(rounds, number) : undefined
      const blocks = sayingBlocks(draft, say)
      if (foretold !== undefined) {
        blocks.say(rounds[0]!, foretold)
        if (draft.snapshot !== undefined) saySnapshot(draft.snapshot, draft, blocks.rows, say)
        const [ends] = await Promise.all([
          sendTogether(draft, { round: rounds[0]!, foretold, entries, number }, transaction),
          seated,
        ])
        return ends
      }
      for (const round of rounds) blocks.say(round, await transaction.send(round.map(partOf), draft.written))
      if (draft.snapshot !== undefined) saySnapshot(draft.snapshot, draft, blocks.rows, say)
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

  /** The rows, a record batch of each lane at a time. */
  function roundsOf({ topics }: Draft): Round[] {
    const lengths = [...topics.values()].flatMap(({ lanes }) => [...lanes.values()].map((cuts) => cuts.length))
    return Array.from({ length: Math.max(0, ...lengths) }, (_, round) =>
      [...topics].flatMap(([topic, { entry, lanes }]) =>
        [...lanes].flatMap(([partition, cuts]) => {
          const cut = cuts[round]
          return cut === undefined ? [] : [{ topic, entry, partition, cut }]
        }),
      ),
    )
  }

  function partOf({ topic, partition, cut }: Round[number]) {
    return { topic: names.topic(topic), partition, records: cut.records }
  }

  /** Tells the ledger of the blocks that rows become, and keeps the next row number of each lane. */
  function sayingBlocks({ written }: Draft, say: Say) {
    const rows = new Map<string, number>()
    const lasts = new Map<string, Block>()
    return {
      rows,
      /** `offsets`: where the first row of each part lies. */
      say(round: Round, offsets: readonly number[]): void {
        for (const [i, { topic, entry, partition, cut }] of round.entries()) {
          const lane = laneName(topic, partition)
          const end = rows.get(lane) ?? endOf(ledger.lane(topic, partition))
          const row = cut.row ?? end
          rows.set(lane, row + cut.records.length)
          // Who asks for what stood before learns that it is gone.
          if (end === 0 && row > 0) say(['start', topic, partition], row)
          const earlier = lasts.get(lane)
          const last = earlier ?? ledger.lane(topic, partition).blocks.at(-1)
          const place = { row, offset: offsets[i]!, written, between: earlier === undefined ? 1 : 0 }
          lasts.set(lane, blockOf(cut, place, last, entry, growing.get(lane)))
          const { number, ...block } = lasts.get(lane)!
          growing.set(lane, number)
          say(['block', topic, partition, number], block)
        }
      },
    }
  }

  /**
   * Where the first row of each part will lie: behind the marker of the commit before, which this writer made. Undefined where that is not
   * known of each, or the step is too large for one request.
   */
  function placesAhead(rounds: readonly Round[], number: number): number[] | undefined {
    if (rounds.length !== 1) return undefined
    const offsets = rounds[0]!.map(({ topic, partition }) => {
      const lane = laneName(topic, partition)
      const last = ledger.lane(topic, partition).blocks.at(-1)
      const isKnown = last !== undefined && last.number === growing.get(lane) && number >= (surprising.get(lane) ?? 0)
      return isKnown ? last.end + 1 : undefined
    })
    return offsets.every((offset) => offset !== undefined) ? offsets : undefined
  }

  /** Rows and entries in one request. @throws KafkaFault TRANSACTION_ABORTABLE where a row does not lie where the entries say */
  async function sendTogether(
    draft: Draft,
    { round, foretold, entries, number }: Together,
    transaction: Transaction,
  ): Promise<Reached[]> {
    const said = [...entries]
    const parts = said.map(([partition, records]) => ({ ...inLedger(partition), records }))
    const offsets = await transaction.send([...round.map(partOf), ...parts], draft.written)
    const wrong = round.filter((_, i) => offsets[i] !== foretold[i])
    if (wrong.length === 0) {
      return said.map(([partition, records], i) => ({ partition, offset: offsets[round.length + i]! + records.length }))
    }
    const lanes = wrong.map(({ topic, partition }) => laneName(topic, partition))
    for (const lane of lanes) surprising.set(lane, number + unforetold)
    throw new KafkaFault('TRANSACTION_ABORTABLE', `rows where others write too, in ${lanes.join(', ')}`)
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

interface Together {
  readonly round: Round
  readonly foretold: readonly number[]
  readonly entries: ReadonlyMap<number, readonly WireRecord[]>
  readonly number: number
}

function laneName(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

type Say = (key: Key, value: unknown) => void

/** Where rows lie, and how many markers stand between them and what this writer wrote there before. */
interface Place {
  readonly row: number
  readonly offset: number
  readonly written: number
  readonly between: number
}

/** The lane's last block, grown by the cut, or a new one behind it. */
function blockOf(
  { records, bytes, min, max, sorted }: Cut,
  { row, offset, written, between }: Place,
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
    offset === last.end + between &&
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
