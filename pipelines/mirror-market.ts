// Market topics of one place copied to another. The rows and what the mirror knows of them are one commit.
import { topicOf } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Fetched, TopicInfo, Topics, Writer } from '../topics/topics.ts'
import { type MirrorAbout, mirrorOf, mirrorRun } from './market-writer.ts'
import { type Difference, firstDifference, firstOf, type Lane, rowsBetween } from './mirror-lane.ts'

export interface MirrorPlaces {
  readonly source: Topics
  readonly target: Topics
  /** The source in words. Rows that an earlier mirror of the same source copied are not all compared again. */
  readonly from: string
  /** Compares every row that is there. */
  readonly verify?: boolean
  /** Rows of a commit; 32,768 if not given. */
  readonly stepRows?: number
  readonly signal?: AbortSignal
}

/** A topic, and how far it is to be copied. */
export interface Wanted {
  readonly info: TopicInfo
  readonly ends: readonly number[]
}

/** What is to be done to a partition. Rows: from inclusive, to exclusive. */
interface LanePlan extends Lane {
  readonly compare: { readonly from: number; readonly to: number }
  readonly copy: { readonly from: number; readonly to: number }
  /** The target's next row. */
  readonly end: number
}

/** Rows of an earlier mirror that are compared again: were they of another source, they would hardly be equal. */
const tailRows = 8192

/** Every market topic as far as it is committed now; of `names` (`trades` or `market.trades`) only those. @throws SmartspeedError UNKNOWN_NAME, TOPIC_MISSING */
export async function marketTopics(source: Topics, names?: readonly string[]): Promise<Wanted[]> {
  const infos = (await source.list()).filter(({ run }) => run === undefined)
  const wanted = names?.map((name) => {
    const record = topicOf(name.replace(/^market\./, '')).name
    const info = infos.find((one) => one.record === record)
    if (info !== undefined) return info
    throw new SmartspeedError('TOPIC_MISSING', `the source has no topic market.${record}`, {
      fix: `market topics that it has: ${infos.map((one) => one.record).join(', ') || 'none'}`,
    })
  })
  return [...new Set(wanted ?? infos)].map((info) => ({ info, ends: info.ends }))
}

/** Copies market topics, and is the only one that writes the market there until it is closed. */
export class MarketMirror {
  readonly warnings: string[] = []
  /** Rows to compare and to copy. */
  readonly total: number
  private readonly places: MirrorPlaces
  private readonly writer: Writer
  private readonly lanes: readonly LanePlan[]
  private readonly onRows: (rows: number) => void
  private readonly ends: Map<string, number[]>
  private pending: Fetched[] = []
  private pendingRows = 0
  private committing: Promise<void> = Promise.resolve()

  private constructor(
    places: MirrorPlaces,
    writer: Writer,
    {
      lanes,
      known,
      onRows,
    }: { lanes: readonly LanePlan[]; known: MirrorAbout | undefined; onRows: (rows: number) => void },
  ) {
    this.places = places
    this.writer = writer
    this.lanes = lanes
    this.onRows = onRows
    this.ends = new Map(Object.entries(known?.ends ?? {}).map(([topic, ends]) => [topic, [...ends]]))
    this.total = lanes.reduce((sum, { compare, copy }) => sum + compare.to - compare.from + copy.to - copy.from, 0)
  }

  /** @throws SmartspeedError LEASE_HELD while an import, or another mirror, writes there; CONFIG_INVALID where the target has a topic with other partitions */
  static async open(
    places: MirrorPlaces,
    wanted: readonly Wanted[],
    onRows: (rows: number) => void,
  ): Promise<MarketMirror> {
    const writer = await places.target.writer({ run: mirrorRun, market: true })
    try {
      const about = await mirrorOf(places.target)
      const known = about?.from === places.from ? about : undefined
      await places.target.create(wanted.map(({ info: { record, partitions } }) => ({ record, partitions })))
      const lanes: LanePlan[] = []
      for (const one of wanted) lanes.push(...(await planOf(places, one, known)))
      return new MarketMirror(places, writer, { lanes, known, onRows })
    } catch (error) {
      await writer.close()
      throw error
    }
  }

  /** What is there must be what the source has. @throws SmartspeedError MIRROR_DIFFERS with the first row that is not */
  async compare(): Promise<void> {
    for (const { topic, partition, compare } of this.lanes) {
      if (compare.from >= compare.to) continue
      const range = { ...compare, onRows: this.onRows }
      const difference = await firstDifference(this.places, { topic, partition }, range)
      if (difference !== undefined) throw otherRows(difference)
      if (this.places.signal?.aborted) throw stopped()
    }
  }

  /** Gives the rows that it wrote, by topic. @throws SmartspeedError INTERRUPTED */
  async copy(): Promise<Record<string, number>> {
    const copied: Record<string, number> = {}
    try {
      for (const { topic, partition, copy, end } of this.lanes) {
        if (copy.from > end) this.warnings.push(holeOf({ topic, partition }, end, copy.from))
        copied[topic] ??= 0
        if (copy.from === copy.to) continue
        for await (const rows of rowsBetween(this.places.source, { topic, partition }, copy.from, copy.to)) {
          await this.add(rows)
          copied[topic] += rows.batch.rows
        }
      }
      await this.flush()
    } finally {
      await this.committing
    }
    return copied
  }

  close(): Promise<void> {
    return this.writer.close()
  }

  private async add(rows: Fetched): Promise<void> {
    this.pending.push(rows)
    this.pendingRows += rows.batch.rows
    const stop = this.places.signal?.aborted === true
    if (stop || this.pendingRows >= (this.places.stepRows ?? 32_768)) await this.flush()
    if (stop) throw stopped()
  }

  /** Commits what is waiting, while more is read. */
  private async flush(): Promise<void> {
    const [placed, rows] = [this.pending, this.pendingRows]
    if (rows === 0) return
    this.pending = []
    this.pendingRows = 0
    for (const { topic, partition, offset, offsets, batch } of placed) {
      const ends = this.ends.get(topic) ?? []
      ends[partition] = 1 + (offsets?.at(-1) ?? offset + batch.rows - 1)
      this.ends.set(topic, ends)
    }
    const about: MirrorAbout = { kind: 'mirror', from: this.places.from, ends: Object.fromEntries(this.ends) }
    const run: unknown = structuredClone(about)
    await this.committing
    this.committing = this.writer.commit({ outputs: [], placed, run }).then(() => this.onRows(rows))
    // Heard when it is awaited; until then it must not count as unheard.
    this.committing.catch(() => {})
  }
}

async function planOf(
  { source, target, verify = false }: MirrorPlaces,
  { info, ends }: Wanted,
  known: MirrorAbout | undefined,
): Promise<LanePlan[]> {
  const { name: topic, partitions } = info
  const there = await target.info(topic)
  if (there.partitions !== partitions) throw otherPartitions(info, there)
  const lanes: LanePlan[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const lane = { topic, partition }
    const end = there.ends[partition]!
    const [first, thereFirst] = [await firstOf(source, lane, info.ends[partition]!), await firstOf(target, lane, end)]
    const trusted = verify ? 0 : Math.min(known?.ends[topic]?.[partition] ?? 0, end) - tailRows
    const from = Math.min(Math.max(first, thereFirst, trusted), end)
    const start = Math.max(end, first)
    lanes.push({
      ...lane,
      compare: { from, to: end },
      copy: { from: start, to: Math.max(start, ends[partition]!) },
      end,
    })
  }
  return lanes
}

export function stopped(): SmartspeedError {
  return new SmartspeedError('INTERRUPTED', 'stopped; what was copied is kept', {
    fix: 'the same command goes on from there',
  })
}

/** Nothing was changed by a mirror that throws this. */
export function otherRows({ topic, partition, offset, source, target }: Difference): SmartspeedError {
  return new SmartspeedError(
    'MIRROR_DIFFERS',
    `${topic}, partition ${partition}, row ${offset}: the target has ${target ?? 'no such row'}, the source ${source ?? 'no such row'}`,
    { fix: 'mirror into a place of its own, for example --to-dir ./mirror' },
  )
}

function otherPartitions({ name, partitions }: TopicInfo, there: TopicInfo): SmartspeedError {
  return new SmartspeedError(
    'CONFIG_INVALID',
    `${name} has ${partitions} partitions in the source and ${there.partitions} in the target: row numbers would not be the same`,
    { fix: 'mirror into a place of its own, for example --to-dir ./mirror' },
  )
}

function holeOf({ topic, partition }: Lane, from: number, to: number): string {
  const which = `rows ${from} to ${to - 1} of ${topic}, partition ${partition},`
  return `${which} are gone in the source (retention): the copy goes on at row ${to}, as the source does`
}
