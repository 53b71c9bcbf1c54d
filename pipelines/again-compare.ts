// What a task wrote, held row for row against what comes of it now.
import { type Batch, rowAt } from '../schemas/batch.ts'
import { physicalName, rankOf } from '../schemas/catalogue.ts'
import { canonical } from '../schemas/json.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import type { StepAgain } from './again.ts'
import { digestOf } from './digest.ts'
import { Pieces, rowsBetween } from './mirror-lane.ts'

/** The first row that differs; `was` or `is` is null where one side has no row. */
export interface RowDifference {
  /** The record, as in `cat orders`; `journal` where rows are equal but the digest of their step is not. */
  readonly topic: string
  /** Number of the row in its partition, as the run wrote it. */
  readonly offset: number
  readonly was: string | null
  readonly is: string | null
  readonly task: string
  readonly step: number
}

interface Lane {
  readonly pieces: Pieces
  offset: number
}

/** The outputs of a task, read beside those that are made anew. */
export class Written {
  private readonly topics: Topics
  private readonly run: string
  private readonly partition: number
  private readonly starts: ReadonlyMap<string, number>
  private readonly lanes = new Map<RecordName, Lane>()
  private ends: ReadonlyMap<RecordName, number> | undefined

  /** `starts`: the number of the next row of each record, where that is not 0. */
  constructor(topics: Topics, of: { run: string; partition: number; starts?: ReadonlyMap<string, number> }) {
    this.topics = topics
    this.run = of.run
    this.partition = of.partition
    this.starts = of.starts ?? new Map()
  }

  /** Takes the rows that the step wrote. Of several rows that differ, the one received first; at ties the one that others come of. */
  async compare({ entry, outputs, rows }: StepAgain): Promise<RowDifference | undefined> {
    const { task, step } = entry
    const whole = rows === entry.rows
    let first: (RowDifference & { readonly received: number }) | undefined
    for (const [record, batches] of byRecord(outputs, entry.outputs)) {
      const lane = await this.lane(record)
      const made = batches.reduce((sum, batch) => sum + batch.rows, 0)
      // A step that was cut off wrote more than is compared.
      const wanted = whole ? Math.max(made, countOf(entry.outputs, record)) : made
      const { offset } = lane
      const was = await this.take(lane, wanted)
      if ((await digestOf(batches)) === (await digestOf(was))) continue
      const found = differing(record, was, batches)
      if (found === undefined) continue
      const difference = { topic: record, offset: offset + found.row, was: found.was, is: found.is, task, step }
      if (first === undefined || found.received < first.received) first = { ...difference, received: found.received }
    }
    if (first !== undefined) {
      const { received: _, ...difference } = first
      return difference
    }
    const hash = whole && entry.hash !== '' ? await digestOf(outputs) : entry.hash
    return hash === entry.hash || !whole
      ? undefined
      : { topic: 'journal', offset: step, was: entry.hash, is: hash, task, step }
  }

  /** The first row behind all that was compared, for which nothing was made. */
  async left(of: { task: string; step: number }): Promise<RowDifference | undefined> {
    for (const record of [...(await this.known()).keys()].sort((a, b) => rankOf(a) - rankOf(b))) {
      const lane = await this.lane(record)
      const head = await lane.pieces.head()
      if (head !== undefined)
        return { topic: record, offset: lane.offset, was: canonical(record, rowAt(head.batch, 0)), is: null, ...of }
    }
    return undefined
  }

  async close(): Promise<void> {
    for (const { pieces } of this.lanes.values()) await pieces.close()
  }

  /** Number of the next row of each record that was written. */
  nextRows(): Map<string, number> {
    return new Map([...this.starts, ...[...this.lanes].map(([record, { offset }]) => [record, offset] as const)])
  }

  private async take(lane: Lane, rows: number): Promise<Batch[]> {
    const batches: Batch[] = []
    for (let left = rows; left > 0; ) {
      const head = await lane.pieces.head()
      if (head === undefined) break
      const count = Math.min(left, head.batch.rows)
      batches.push(lane.pieces.take(count))
      lane.offset += count
      left -= count
    }
    return batches
  }

  private async lane(record: RecordName): Promise<Lane> {
    let lane = this.lanes.get(record)
    if (lane === undefined) {
      const from = this.starts.get(record) ?? 0
      const end = (await this.known()).get(record) ?? from
      const where = { topic: physicalName(record, this.run), partition: this.partition }
      lane = { pieces: new Pieces(end > from ? rowsBetween(this.topics, where, from, end) : nothing()), offset: from }
      this.lanes.set(record, lane)
    }
    return lane
  }

  /** How far each of the run's topics goes in the task's partition. */
  private async known(): Promise<ReadonlyMap<RecordName, number>> {
    this.ends ??= new Map(
      (await this.topics.list())
        .filter(({ run, record }) => run === this.run && !notOutputs.has(record))
        .map(({ record, ends }) => [record, ends[this.partition] ?? 0]),
    )
    return this.ends
  }
}

const notOutputs: ReadonlySet<RecordName> = new Set(['journal', 'snapshots', 'commands'])

async function* nothing(): AsyncGenerator<never> {}

function countOf(outputs: readonly { topic: string; rows: number }[], record: RecordName): number {
  return outputs.find(({ topic }) => topic === record)?.rows ?? 0
}

/** What was made and what was counted, by record: what others come of first. */
function byRecord(outputs: readonly Batch[], counted: readonly { topic: string }[]): [RecordName, Batch[]][] {
  const groups = new Map<RecordName, Batch[]>(counted.map(({ topic }) => [topic as RecordName, []]))
  for (const batch of outputs) {
    const group = groups.get(batch.topic)
    if (group === undefined) groups.set(batch.topic, [batch])
    else group.push(batch)
  }
  return [...groups].sort(([a], [b]) => rankOf(a) - rankOf(b))
}

interface Differing {
  readonly row: number
  readonly received: number
  readonly was: string | null
  readonly is: string | null
}

function differing(record: RecordName, was: readonly Batch[], is: readonly Batch[]): Differing | undefined {
  const [before, now] = [rowsIn(was), rowsIn(is)]
  for (let row = 0; ; row++) {
    const [a, b] = [before.next().value, now.next().value]
    if (a === undefined && b === undefined) return undefined
    const [wasText, isText] = [a, b].map((one) => (one === undefined ? null : canonical(record, one)))
    if (wasText === isText) continue
    const received = Math.min(...[a, b].flatMap((one) => (one === undefined ? [] : [one.received])))
    return { row, received, was: wasText!, is: isText! }
  }
}

function* rowsIn(batches: readonly Batch[]): Generator<ReturnType<typeof rowAt>, undefined> {
  for (const batch of batches) for (let row = 0; row < batch.rows; row++) yield rowAt(batch, row)
  return undefined
}
