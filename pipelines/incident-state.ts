// Where a stretch of a task begins and ends: the state before it, and its steps, cut to the stretch where that can be proven.
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { inputsAgain, journalOf, type PartAgain, type StepAgain, stepsAgain } from './again.ts'
import { Written } from './again-compare.ts'
import type { IncidentTask } from './incident.ts'
import { loadSnapshot, type Place, placeOf, saveSnapshot } from './restore.ts'
import { graphOf, type Task } from './task.ts'

/** What of a task goes into an incident. */
export interface Stretch {
  readonly begins: IncidentTask['begins']
  readonly afterStep: number
  /** State and place before the first row; undefined at the beginning of the run. */
  readonly base: { readonly entry: JournalEntry; readonly snapshot: Uint8Array } | undefined
  readonly entries: readonly JournalEntry[]
  /** Rows of each record that the run wrote before. */
  readonly outputs: ReadonlyMap<string, number>
}

export interface StretchOptions {
  readonly topics: Topics
  readonly run: string
  readonly task: Task
  /** Receive times, µs; `to` exclusive. */
  readonly from: number
  readonly to: number
  /** Steps of a replay, which are nothing but rows in order, may be cut. */
  readonly mode: AnyAbout['mode']
  /** Nothing is computed: whole steps, behind a snapshot of the run's own, or from its beginning. */
  readonly whole: boolean
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/** The steps that overlap the stretch, and what was before them. */
interface Overlap {
  readonly first: number
  readonly last: number
}

/** A stored snapshot at or before a step: where computing begins. */
interface Origin {
  readonly entry: JournalEntry | undefined
  readonly snapshot: Uint8Array | undefined
  readonly outputs: ReadonlyMap<string, number>
}

/** Undefined when the task read nothing in that time. Errors: as `inputsAgain`. */
export async function stretchOf(options: StretchOptions): Promise<Stretch | undefined> {
  const overlap = await overlapOf(options)
  if (overlap === undefined) return undefined
  const origin = await originOf(options, overlap.first - 1)
  if (options.whole) return fromOrigin(options, overlap, origin)
  const exact = options.mode === 'replay' ? await cutStretch(options, overlap, origin) : undefined
  return exact ?? (await wholeSteps(options, overlap, origin)) ?? fromOrigin(options, overlap, origin)
}

async function overlapOf({ topics, run, task, from, to }: StretchOptions): Promise<Overlap | undefined> {
  let [first, last] = [0, 0]
  for await (const { step, rows, firstReceived, lastReceived } of topics.journal(run, task.name, 1)) {
    if (rows === 0 || lastReceived! < from || firstReceived! >= to) continue
    first ||= step
    last = step
  }
  return first === 0 ? undefined : { first, last }
}

async function originOf({ topics, run, task }: StretchOptions, atStep: number): Promise<Origin> {
  const found = atStep === 0 ? undefined : await topics.snapshot(run, task.name, atStep)
  const outputs = new Map<string, number>()
  let entry: JournalEntry | undefined
  if (found !== undefined) {
    for await (const one of topics.journal(run, task.name, 1)) {
      add(outputs, one.outputs)
      entry = one
      if (one.step === found.step) break
    }
  }
  return { entry, snapshot: found?.bytes, outputs }
}

function add(counts: Map<string, number>, outputs: JournalEntry['outputs'], sign = 1): void {
  for (const { topic, rows } of outputs) counts.set(topic, (counts.get(topic) ?? 0) + sign * rows)
}

/** Everything behind the origin, as it is. */
async function fromOrigin(
  options: StretchOptions,
  { last }: Overlap,
  { entry, snapshot, outputs }: Origin,
): Promise<Stretch> {
  const afterStep = entry?.step ?? 0
  const base = entry === undefined || snapshot === undefined ? undefined : { entry, snapshot }
  const entries = await entriesOf(options, afterStep + 1, last)
  return { begins: base === undefined ? 'start' : 'snapshot', afterStep, base, entries, outputs }
}

async function entriesOf({ topics, run, task }: StretchOptions, first: number, last: number): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  const steps = { firstStep: first, lastStep: last }
  for await (const entry of journalOf(topics, run, task.name, steps)) entries.push(entry)
  return entries
}

/** Whole steps behind a state that was computed; undefined when what was computed is not what the run wrote. */
async function wholeSteps(
  options: StretchOptions,
  { first, last }: Overlap,
  origin: Origin,
): Promise<Stretch | undefined> {
  const before = first - 1
  if ((origin.entry?.step ?? 0) === before) return undefined
  const again = new Again(options, origin)
  try {
    for await (const step of again.steps({ lastStep: before })) if (await again.differs(step)) return undefined
    if (again.step !== before) return undefined
    const [entry] = await entriesOf(options, before, before)
    const base = { entry: entry!, snapshot: again.save() }
    const outputs = again.written.nextRows()
    return { begins: 'computed', afterStep: before, base, entries: await entriesOf(options, first, last), outputs }
  } finally {
    await again.close()
  }
}

/** Exactly the rows of the stretch; undefined when what is computed, up to its end, is not what the run wrote. */
async function cutStretch(
  options: StretchOptions,
  { first, last }: Overlap,
  origin: Origin,
): Promise<Stretch | undefined> {
  const again = new Again(options, origin)
  try {
    let begun: StepAgain | undefined
    for await (const step of again.steps({ lastStep: last, to: options.from })) {
      if (await again.differs(step)) return undefined
      if (step.entry.step >= first) begun = step
    }
    const base =
      again.place === undefined
        ? undefined
        : { entry: baseEntry(again.place, first, begun?.entry ?? origin.entry!), snapshot: again.save() }
    const outputs = again.written.nextRows()
    const entries: JournalEntry[] = []
    const rest = begun === undefined || begun.end === undefined ? undefined : begun
    for await (const step of again.steps({ lastStep: last, to: options.to, ...(rest === undefined ? {} : { rest }) })) {
      if (await again.differs(step)) return undefined
      if (step.rows > 0) entries.push(cutEntry(step))
    }
    if (entries.length === 0) return undefined
    return { begins: base === undefined ? 'start' : 'computed', afterStep: first - 1, base, entries, outputs }
  } finally {
    await again.close()
  }
}

/** Says where the state stands that was computed; amid a step, if need be. */
function baseEntry({ after, positions }: Place, first: number, like: JournalEntry): JournalEntry {
  const at = after!.received
  const times = { time: at, received: at, firstReceived: at, lastReceived: at }
  return {
    ...like,
    ...times,
    step: first - 1,
    rows: 0,
    outputs: [],
    hash: '',
    cursor: JSON.stringify(after),
    positions,
  }
}

/** The entry of a step of which only some rows are there. Its digest is not known. */
function cutEntry({ entry, outputs, rows, end }: StepAgain): JournalEntry {
  if (rows === entry.rows) return entry
  const counts = new Map<string, number>()
  for (const { topic, rows } of outputs) counts.set(topic, (counts.get(topic) ?? 0) + rows)
  const { after, positions } = end!
  const at = after!.received
  return {
    ...{ ...entry, time: at, received: at, lastReceived: at, rows, hash: '' },
    ...{ outputs: [...counts].map(([topic, rows]) => ({ topic, rows })), cursor: JSON.stringify(after), positions },
  }
}

/** A task that is computed again from an origin on, in parts. */
class Again {
  readonly written: Written
  /** The last step that is whole. */
  step: number
  /** Behind the last row. */
  place: Place | undefined
  private rows = 0
  private readonly options: StretchOptions
  private readonly graph: ReturnType<typeof graphOf>

  constructor(options: StretchOptions, { entry, snapshot, outputs }: Origin) {
    const { topics, run, task } = options
    this.options = options
    this.graph = graphOf(task)
    this.step = entry?.step ?? 0
    this.written = new Written(topics, { run, partition: task.number, starts: outputs })
    if (entry === undefined || snapshot === undefined) return
    this.place = placeOf(entry)
    this.rows = loadSnapshot(this.graph, { step: entry.step, bytes: snapshot })
  }

  save(): Uint8Array {
    return saveSnapshot(this.graph, this.rows)
  }

  close(): Promise<void> {
    return this.written.close()
  }

  async differs(step: StepAgain): Promise<boolean> {
    return (await this.written.compare(step)) !== undefined
  }

  /** Goes on up to a step, or a receive time; `rest`: a step that was begun. */
  async *steps({ lastStep, to, rest }: { lastStep: number; to?: number; rest?: StepAgain }): AsyncGenerator<StepAgain> {
    const { topics, run, mode, task, signal, onRows } = this.options
    const before = this.rows
    const part = { place: this.place, firstStep: this.step + 1, lastStep, ...(to === undefined ? {} : { to }) }
    const steps = stepsAgain({
      ...{
        graph: this.graph,
        journal: this.journal(part, rest),
        inputs: inputsAgain({ topics, run, mode, task }, part),
      },
      ...(signal === undefined ? {} : { signal }),
      onRows: (rows) => onRows?.(before + rows),
    })
    for await (const step of steps) {
      this.rows += step.rows
      if (step.rows === step.entry.rows) {
        this.step = step.entry.step
        this.place = placeOf(step.entry)
      } else if (step.end !== undefined) this.place = step.end
      yield step
    }
  }

  private async *journal(part: PartAgain, rest: StepAgain | undefined): AsyncGenerator<JournalEntry> {
    const { topics, run, task } = this.options
    for await (const entry of journalOf(topics, run, task.name, part)) {
      yield entry.step === rest?.entry.step ? restOf(entry, rest) : entry
    }
  }
}

/** What of a step is still to come. */
function restOf(entry: JournalEntry, { outputs, rows }: StepAgain): JournalEntry {
  const counts = new Map(entry.outputs.map(({ topic, rows }) => [topic, rows]))
  for (const { topic, rows } of outputs) counts.set(topic, counts.get(topic)! - rows)
  const left = [...counts].filter(([, rows]) => rows > 0).map(([topic, rows]) => ({ topic, rows }))
  return { ...entry, rows: entry.rows - rows, outputs: left, hash: rows === 0 ? entry.hash : '' }
}
