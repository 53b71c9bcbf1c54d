// What the steps of an incident read, under the numbers of the run: by receive time where a run read what was there when it began,
// by ranges of numbers where it followed.
import type { Batch } from '../schemas/batch.ts'
import { topicNamed } from '../schemas/catalogue.ts'
import type { Dictionary } from '../schemas/columns.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import { filterOf, pairAt, wantedPairs } from '../topics/replay.ts'
import { gatherRows } from '../topics/rows.ts'
import type { Fetched, ReadOptions, Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import type { Stretch } from './incident-state.ts'
import { firstOf, rowsBetween } from './mirror-lane.ts'
import { inputOptions } from './plan.ts'
import { placeOf } from './restore.ts'
import { endPositions, isAtEnd, type Task } from './task.ts'

/** A task and what of it is cut out. */
export interface Part {
  readonly task: Task
  readonly stretch: Stretch
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Rows that are given at once. */
const most = 32_768

/** The rows that any of the parts read, of each partition in rising numbers. */
export async function* inputsOf(topics: Topics, about: AnyAbout, parts: readonly Part[]): AsyncGenerator<Fetched[]> {
  const times = merged(parts.flatMap((part) => historyOf(part, about) ?? []))
  let held: Fetched[] = []
  let rows = 0
  for (const { topic, partition, end } of lanesOf(about, parts)) {
    const reads: AsyncIterable<Fetched>[] = []
    if (times !== undefined) reads.push(receivedIn(topics, { topic, partition, end, times }))
    const followed = merged(parts.flatMap((part) => followedOf(part, about, topic, partition) ?? []))
    if (followed !== undefined) reads.push(numbered(topics, { topic, partition }, followed))
    for (const read of reads) {
      for await (const one of read) {
        held.push(one)
        rows += one.batch.rows
        if (rows < most) continue
        yield held
        held = []
        rows = 0
      }
    }
  }
  if (rows > 0) yield held

  async function* receivedIn(
    topics: Topics,
    { topic, partition, end, times }: { topic: string; partition: number; end: number; times: Range },
  ): AsyncGenerator<Fetched> {
    const offsets: number[] = []
    offsets[partition] = end
    const range = { from: { received: times.from }, to: { received: times.to, offsets } } satisfies ReadOptions
    for await (const one of topics.read(topic, { partitions: [partition], ...range })) {
      const kept = ofPlan(one, about.plan)
      if (kept !== undefined) yield kept
    }
  }

  async function* numbered(
    topics: Topics,
    lane: { topic: string; partition: number },
    { from, to }: Range,
  ): AsyncGenerator<Fetched> {
    // A partition is known from its first row on. So that its steps can be read from where they begin, the row before goes along.
    const first = Math.max(from - 1, Math.min(to, await firstOf(topics, lane, to)))
    yield* rowsBetween(topics, lane, first, Math.min(first + 1, to))
    for await (const one of rowsBetween(topics, lane, first + 1, to)) {
      const kept = ofPlan(one, about.plan)
      if (kept !== undefined) yield kept
    }
  }
}

/** The partitions that the parts read, and where each ended when the run began. */
function lanesOf({ plan }: AnyAbout, parts: readonly Part[]) {
  // Commands are few: all of them go along as they are.
  return plan.inputs.flatMap(({ topic, ends }) => {
    if (topicNamed(topic).name === 'commands') return []
    const read = parts.flatMap(({ task }) => task.inputs.filter((one) => one.topic === topic))
    const partitions = [...new Set(read.flatMap((one) => one.partitions))].sort((a, b) => a - b)
    return partitions.map((partition) => ({ topic, partition, end: ends[partition]! }))
  })
}

function merged(ranges: readonly Range[]): Range | undefined {
  if (ranges.length === 0) return undefined
  return { from: Math.min(...ranges.map(({ from }) => from)), to: Math.max(...ranges.map(({ to }) => to)) }
}

/** Steps that read what was there when the run began, and those that followed. */
function split(
  { task, stretch }: Part,
  { mode }: AnyAbout,
): { history: readonly JournalEntry[]; followed: readonly JournalEntry[] } {
  const { base, entries } = stretch
  if (mode === 'replay') return { history: entries, followed: [] }
  if (base !== undefined && isAtEnd(task, base.entry.positions)) return { history: [], followed: entries }
  const last = entries.findIndex(({ positions }) => isAtEnd(task, positions))
  const count = last < 0 ? entries.length : last + 1
  return { history: entries.slice(0, count), followed: entries.slice(count) }
}

/** Receive times from the first to behind the last row of what was there. */
function historyOf(part: Part, about: AnyAbout): Range | undefined {
  const { history } = split(part, about)
  if (history.length === 0) return undefined
  const { base } = part.stretch
  const after = base === undefined ? undefined : placeOf(base.entry).after
  const to = 1 + Math.max(...history.map(({ lastReceived }) => lastReceived ?? Number.NEGATIVE_INFINITY))
  return { from: after?.received ?? inputOptions(about.plan).from ?? 0, to }
}

function followedOf(part: Part, about: AnyAbout, topic: string, partition: number): Range | undefined {
  const { history, followed } = split(part, about)
  const { task, stretch } = part
  const last = followed.at(-1)
  if (last === undefined) return undefined
  const before = history.length > 0 ? endPositions(task) : stretch.base!.entry.positions
  const at = (positions: JournalEntry['positions']) =>
    positions.find((one) => one.topic === topic && one.partition === partition)?.offset
  const [from, to] = [at(before) ?? 0, at(last.positions)]
  return to === undefined || to <= from ? undefined : { from, to }
}

/** Rows of the plan's instruments, and those that belong to all. */
function ofPlan(fetched: Fetched, { instruments }: AnyAbout['plan']): Fetched | undefined {
  const { batch, offset, offsets } = fetched
  const { exchange, symbol } = batch.columns as { exchange: Dictionary; symbol: Dictionary }
  const wanted = wantedPairs(exchange, symbol, filterOf({ instruments })!)
  if (!wanted.includes(0)) return fetched
  const rows: number[] = []
  for (let row = 0; row < batch.rows; row++) if (wanted[pairAt(exchange, symbol, row)] === 1) rows.push(row)
  if (rows.length === 0) return undefined
  const numbers = Float64Array.from(rows, (row) => (offsets === undefined ? offset + row : offsets[row]!))
  return { ...fetched, offset: numbers[0]!, offsets: numbers, batch: gatherRows([batch], rows) as Batch }
}
