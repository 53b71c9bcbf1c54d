// A study at work: trials are asked for, computed and committed in order, each once, by one process or by all that joined it.
import { SmartspeedError } from '../../schemas/errors.ts'
import type { JournalEntry, Trial } from '../../schemas/records.generated.ts'
import type { TasksChange, Topics, Writer } from '../../topics/topics.ts'
import { digestOf } from '../digest.ts'
import { nap, patience } from '../patience.ts'
import type { RunClock } from '../task-runner.ts'
import { type StudyAbout, type StudyResult, studyOf } from './about.ts'
import { type Ask, type Outcome, type Params, trialRow } from './outcome.ts'
import { objectivesOf } from './rank.ts'
import { eachTrial, trialBatches, trialsIn } from './trials.ts'

/** What a search is told of a trial; see operators/research/search. */
export interface Told {
  readonly trial: number
  readonly params: Params
  readonly objectives: readonly number[]
  readonly share: number
}

/** Which trials come after those of which it was told; none when it is over. A function of what it was told alone. */
export interface Asking {
  ask(told: readonly Told[]): readonly { readonly params: Params; readonly share: number }[]
}

export interface StudyOptions {
  readonly topics: Topics
  readonly study: string
  /** What the study is; one of that name that was begun has to be the same. */
  readonly about: StudyAbout
  readonly search: Asking
  /** What the trials come to, in their order. */
  readonly compute: (asks: readonly Ask[], signal: AbortSignal) => Promise<readonly Outcome[]>
  /** Trials that are computed and committed at once. */
  readonly chunk: number
  /** What all of them came to, in no order; throws when the best cannot be trusted. */
  readonly conclude: (rows: AsyncIterable<Trial>, signal: AbortSignal) => Promise<Omit<StudyResult, 'seconds'>>
  readonly clock: RunClock
  readonly signal?: AbortSignal
  readonly onTrials?: (progress: TrialsDone) => void
}

/** How far the tasks of this process are; other processes know how far theirs are. */
export interface TrialsDone {
  /** Trials that are there, whoever made them. */
  readonly done: number
  /** Of a search that learns: up to the generation that it is in. */
  readonly total: number
  /** Those that this process made. */
  readonly made: number
}

/** A member looks this often whether others have done their part. */
const lookMs = 200

/**
 * Works on a study until all of its trials are made, whoever made them, and gives what is kept of it. One that was stopped or killed goes on;
 * one that is finished says its result again. On Kafka other processes that call it with the same name join in.
 *
 * @throws SmartspeedError RUN_EXISTS for one of that name that is another, VERSION_MISMATCH for one that other code began, LEASE_HELD, INTERRUPTED;
 *         what `compute` and `conclude` throw
 */
export async function runStudy(options: StudyOptions): Promise<StudyAbout> {
  const { topics, study, about, signal } = options
  const before = await studyOf(topics, study)
  if (before !== undefined) checkSame(study, before, about)
  if (before?.result !== undefined) return before
  const partitions = about.tasks.length
  await topics.create(
    (['trials', 'journal', 'snapshots'] as const).map((record) => ({ record, run: study, partitions })),
  )
  const member = new Member(options)
  const onAbort = () => member.fail(interrupted(study))
  if (signal?.aborted) throw interrupted(study)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const joined = await topics.join({
      ...{ run: study, tasks: partitions },
      changed: (owned, how) => member.changed(owned, how),
    })
    try {
      member.watch()
      return await member.over
    } finally {
      await member.close()
      await joined.leave()
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

function checkSame(study: string, before: StudyAbout, now: StudyAbout): void {
  if (before.configHash !== now.configHash) {
    throw new SmartspeedError('RUN_EXISTS', `study ${study} is there, and it searched something else`, {
      fix: `choose another --name, or remove it: smartspeed runs rm ${study} (its trials stay counted)`,
    })
  }
  if (before.result !== undefined || before.codeHash === now.codeHash) return
  throw new SmartspeedError('VERSION_MISMATCH', `study ${study} was begun by other code and is not finished`, {
    fix: `start it anew: smartspeed runs rm ${study}, then the same command`,
  })
}

function interrupted(study: string): SmartspeedError {
  return new SmartspeedError('INTERRUPTED', `study ${study} stopped; its trials up to the last commit are kept`, {
    fix: `the same command with --name ${study} goes on from there`,
  })
}

class Member {
  readonly over: Promise<StudyAbout>
  readonly fail: (error: unknown) => void
  private readonly end: (about: StudyAbout) => void
  private readonly options: StudyOptions
  private readonly closing = new AbortController()
  private readonly working = new Map<number, { stop: AbortController; done: Promise<void> }>()
  /** Of the tasks that it owns. */
  private readonly places = new Map<number, Place>()
  private readonly began: number

  constructor(options: StudyOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<StudyAbout>()
    promise.catch(() => {}) // thrown where it is awaited
    this.over = promise
    this.end = resolve
    this.fail = reject
    this.options = options
    this.began = options.clock.nowMs()
  }

  async changed(owned: readonly number[], { member }: TasksChange): Promise<void> {
    const gone = [...this.working].filter(([task]) => !owned.includes(task))
    for (const [task, { stop }] of gone) {
      this.working.delete(task)
      this.places.delete(task)
      stop.abort()
    }
    await Promise.all(gone.map(([, { done }]) => done))
    if (this.closing.signal.aborted) return
    for (const task of owned) {
      if (this.working.has(task)) continue
      const stop = new AbortController()
      const ends = AbortSignal.any([stop.signal, this.closing.signal])
      const done = this.work(task, () => member.confirm(task), ends).catch((error: unknown) => this.fail(error))
      this.working.set(task, { stop, done })
    }
  }

  /** Looks now and then whether another member has finished the study. */
  async watch(): Promise<void> {
    const { topics, study } = this.options
    for (;;) {
      await nap(lookMs, this.closing.signal)
      if (this.closing.signal.aborted) return
      try {
        const about = await studyOf(topics, study)
        if (about?.result !== undefined) this.end(about)
      } catch (error) {
        // It is looked again: while the service is away, the tasks wait for it too.
        if (!(error instanceof SmartspeedError && error.code === 'SERVICE_LOST')) this.fail(error)
      }
    }
  }

  async close(): Promise<void> {
    this.closing.abort()
    await Promise.all([...this.working.values()].map(({ done }) => done))
  }

  /** One task, from when it is given to when it is finished or taken back; a lost service is waited for. */
  private async work(task: number, confirm: () => Promise<void>, ends: AbortSignal): Promise<void> {
    const waits = patience(this.options.clock.random)
    while (!ends.aborted) {
      try {
        return await this.once(task, confirm, ends)
      } catch (error) {
        if (ends.aborted) return
        if (!(error instanceof SmartspeedError && ['SERVICE_LOST', 'LEASE_HELD'].includes(error.code))) throw error
        // Who cannot confirm is not the owner any more; it will be told so.
        await confirm().catch(() => {})
      }
      await waits.wait(ends)
    }
  }

  private async once(task: number, confirm: () => Promise<void>, ends: AbortSignal): Promise<void> {
    const { topics, study, about } = this.options
    await confirm()
    const writer = await topics.writer({ run: study, task: { task: about.tasks[task]!, partition: task, confirm } })
    try {
      if (task === 0) await this.say(writer)
      const place = await this.place(task)
      if (!ends.aborted) this.places.set(task, place)
      for (;;) {
        const asks = this.asked(place, task)
        if (asks.length === 0 || ends.aborted) break
        await this.commit(writer, task, place, asks.slice(0, this.options.chunk), ends)
      }
      if (task === 0 && !ends.aborted) await this.finish(writer, ends)
    } finally {
      await writer.close().catch(() => {})
    }
  }

  /** The first task says what the study is, once. */
  private async say(writer: Writer): Promise<void> {
    const { topics, study, about } = this.options
    const before = await studyOf(topics, study)
    if (before !== undefined) return checkSame(study, before, about)
    await writer.commit({ outputs: [], run: about })
  }

  /** How far a task has come: the steps of its journal, and the rows that they wrote. */
  private async place(task: number): Promise<Place> {
    const { topics, study, about } = this.options
    let [step, count] = [0, 0]
    for await (const entry of topics.journal(study, about.tasks[task]!)) {
      step = entry.step
      count += entry.rows
    }
    for (;;) {
      const told: Told[] = []
      for await (const row of eachTrial(topics, study))
        if (row.trial % about.tasks.length === task) told.push(toldOf(about, row, JSON.parse(row.params) as Params))
      told.sort((a, b) => a.trial - b.trial)
      // A transaction that is over may show a moment later.
      if (told.length >= count) return { step, told, first: 0, asks: undefined, total: 0 }
      await nap(lookMs)
    }
  }

  /** What this task is to try next: of the generation that is not complete, what it has not tried. */
  private asked(place: Place, task: number): Ask[] {
    const tasks = this.options.about.tasks.length
    for (;;) {
      const { told, first } = place
      place.asks ??= this.generation(told.slice(0, first), first)
      const own = place.asks.filter(({ trial }) => trial % tasks === task)
      place.total = Math.max(place.total, first + own.length)
      const left = own.slice(told.length - first)
      // Several tasks share a single generation: none of them knows what the others' trials came to.
      if (left.length > 0 || place.asks.length === 0 || tasks > 1) return left
      place.first += place.asks.length
      place.asks = undefined
    }
  }

  private generation(told: readonly Told[], first: number): Ask[] {
    const asks = this.options.search.ask(told)
    return asks.map(({ params, share }, at) => ({ params, share, trial: first + at }))
  }

  private async commit(
    writer: Writer,
    task: number,
    place: Place,
    asks: readonly Ask[],
    ends: AbortSignal,
  ): Promise<void> {
    const { study, about, compute, onTrials } = this.options
    const outcomes = await compute(asks, ends)
    if (ends.aborted) return
    const facts = { plan: about.plan, study, tried: about, how: about.how, stretch: about.stretch }
    const rows = outcomes.map((outcome, at) => trialRow(facts, asks[at]!, outcome))
    const batches = trialBatches(rows)
    const step = place.step + 1
    const journal: JournalEntry = {
      ...{ time: rows.at(-1)!.time, received: rows.at(-1)!.received, exchange: '', symbol: '', run: study },
      ...{ task: about.tasks[task]!, step, positions: [], cursor: '', rows: rows.length },
      ...{ outputs: [{ topic: 'trials', rows: rows.length }], hash: await digestOf(batches) },
      ...{ codeHash: about.codeHash, configHash: about.configHash },
    }
    await writer.commit({ task: about.tasks[task]!, outputs: batches, journal })
    place.step = step
    for (const [at, row] of rows.entries()) place.told.push(toldOf(about, row, asks[at]!.params))
    this.made += rows.length
    const places = [...this.places.values()]
    onTrials?.({
      done: places.reduce((sum, { told }) => sum + told.length, 0),
      total: places.reduce((sum, { total }) => sum + total, 0),
      made: this.made,
    })
  }

  private made = 0

  /** Who has the first task waits for the others, and writes what the study came to. */
  private async finish(writer: Writer, ends: AbortSignal): Promise<void> {
    const { topics, study, about, search, conclude, clock } = this.options
    const first = about.tasks.length === 1 ? 0 : search.ask([]).length
    for (;;) {
      if ((await trialsIn(topics, study)) >= first) {
        const seconds = (clock.nowMs() - this.began) / 1000
        const done = {
          ...about,
          status: 'finished' as const,
          result: { ...(await conclude(eachTrial(topics, study), ends)), seconds },
        }
        if (ends.aborted) return
        await writer.commit({ outputs: [], run: done })
        return this.end(done)
      }
      await nap(lookMs, ends)
      if (ends.aborted) return
    }
  }
}

/** Where a task is: its last step, what its search is to know of the rows that it wrote, and the generation of trials that it is in. */
interface Place {
  step: number
  readonly told: Told[]
  /** Trials of the generations before. */
  first: number
  asks: readonly Ask[] | undefined
  /** Trials of the task, as far as they are known. */
  total: number
}

function toldOf(about: StudyAbout, row: Trial, params: Params): Told {
  const { trial, share } = row
  return { trial, share, params, objectives: objectivesOf(about, row) }
}
