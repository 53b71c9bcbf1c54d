// A run of one place copied to another, step by step: what a step wrote, its journal entry and its snapshot are one commit there too.
import { isDeepStrictEqual } from 'node:util'

import { physicalName } from '../schemas/catalogue.ts'
import { nearest, SmartspeedError } from '../schemas/errors.ts'
import { canonical } from '../schemas/json.ts'
import type { JournalEntry, RecordName } from '../schemas/records.generated.ts'
import type { TopicInfo, Topics, Writer } from '../topics/topics.ts'
import { type AnyAbout, readAbout, tradingTask } from './about.ts'
import { commandsOf, copyCommands } from './control.ts'
import { firstOf, Pieces, rowsBetween } from './mirror-lane.ts'
import { type MirrorPlaces, otherRows, stopped, type Wanted } from './mirror-market.ts'
import { inputOptions } from './plan.ts'

/** A task's part of a run, and how much of it is to be copied. */
interface TaskPlan {
  readonly task: string
  readonly partition: number
  /** The last step that the target has, and the last one of the source. */
  readonly there: number
  readonly last: number
  /** Rows of each record that the steps up to `there` wrote, and those behind. */
  readonly before: ReadonlyMap<RecordName, number>
  readonly after: ReadonlyMap<RecordName, number>
  /** How far its inputs were read. */
  readonly positions: JournalEntry['positions']
  /** Steps with a snapshot that is to be copied. */
  readonly snapshots: ReadonlySet<number>
}

export interface CopiedRun {
  readonly steps: number
  /** Rows that were written now, by physical topic. */
  readonly copied: Readonly<Record<string, number>>
}

export class RunMirror {
  /** Rows to copy. */
  readonly total: number
  readonly about: AnyAbout
  private readonly places: MirrorPlaces
  private readonly run: string
  private readonly tasks: readonly TaskPlan[]
  private readonly onRows: (rows: number) => void

  private constructor(
    places: MirrorPlaces,
    run: string,
    about: AnyAbout,
    tasks: readonly TaskPlan[],
    onRows: (rows: number) => void,
  ) {
    this.places = places
    this.run = run
    this.about = about
    this.tasks = tasks
    this.onRows = onRows
    this.total = tasks.reduce((sum, { after }) => sum + total(after), 0)
  }

  /**
   * Looks at both places. The run may be running: it is copied as far as it is committed now.
   * @throws SmartspeedError RUN_MISSING, MIRROR_DIFFERS when the target has another run of that name
   */
  static async open(places: MirrorPlaces, run: string, onRows: (rows: number) => void): Promise<RunMirror> {
    // First what is said of the run, then its steps: it may say less of them than there are, never more.
    const about = await aboutIn(places.source, run)
    const there = readAbout((await places.target.runs()).find((one) => one.run === run)?.about)
    if (there !== undefined && there.configHash !== about.configHash) throw otherConfig(run, about, there)
    const plans: TaskPlan[] = []
    for (const [partition, task] of about.tasks.entries()) plans.push(await planOf(places, run, { task, partition }))
    return new RunMirror(places, run, about, plans, onRows)
  }

  /** The market topics that the run read, as far as it pinned them, and as far as it followed them. @throws SmartspeedError HISTORY_EXPIRED when rows that it read are gone */
  async inputs(): Promise<Wanted[]> {
    const { source } = this.places
    const known = new Map((await source.list()).map((info) => [info.name, info]))
    const wanted: Wanted[] = []
    for (const { topic, ends } of this.about.plan.inputs) {
      if (topic === commandsOf(this.run)) continue
      const info = known.get(topic)
      if (info === undefined) throw gone(this.run, `topic ${topic}, which it read, is not there any more`)
      for (let partition = 0; partition < info.partitions; partition++) {
        const first = await firstOf(source, { topic, partition }, info.ends[partition]!)
        if (first > 0 && readsBefore(this.about, info.first)) {
          throw gone(
            this.run,
            `rows up to ${first - 1} of ${topic}, partition ${partition}, which it read, were deleted by retention`,
          )
        }
      }
      const read = this.tasks.flatMap(({ positions }) => positions).filter((one) => one.topic === topic)
      const reached = (partition: number) =>
        read.filter((one) => one.partition === partition).map(({ offset }) => offset)
      wanted.push({ info, ends: ends.map((end, partition) => Math.max(end, ...reached(partition))) })
    }
    // Not read by a run, which keeps its instruments in its plan, but asked for by commands that look at its inputs.
    const instruments = known.get(physicalName('instruments'))
    return instruments === undefined ? wanted : [{ info: instruments, ends: instruments.ends }, ...wanted]
  }

  /** @throws SmartspeedError LEASE_HELD, INTERRUPTED */
  async copy(): Promise<CopiedRun> {
    const { source, target } = this.places
    const infos = (await source.list()).filter((info) => info.run === this.run && !ledgers.has(info.record))
    const copied: Record<string, number> = Object.fromEntries(infos.map(({ name }) => [name, 0]))
    const known = (await target.runs()).find(({ run }) => run === this.run)?.about
    if (this.total === 0 && isDeepStrictEqual(known, this.about)) return { steps: 0, copied }
    await this.createTopics(infos)
    const said = (await source.list()).find(({ name }) => name === commandsOf(this.run))
    if (said !== undefined) copied[said.name] = await copyCommands(source, target, this.run, said.ends[0]!)
    const writers = await this.openWriters()
    let steps = 0
    try {
      // Whoever finds a half of it finds a run that was interrupted, and can compare it.
      const { result: _, ...begun } = this.about
      await writers[0]!.commit({ outputs: [], run: { ...begun, status: 'interrupted' } })
      for (const [number, plan] of this.tasks.entries()) {
        steps += plan.last - plan.there
        await this.copyTask(plan, writers[number]!)
        for (const [record, rows] of plan.after) {
          const name = physicalName(record, this.run)
          copied[name] = (copied[name] ?? 0) + rows
        }
      }
      await writers[0]!.commit({ outputs: [], run: this.about })
    } finally {
      for (const writer of writers) await writer.close()
    }
    return { steps, copied }
  }

  /** Those of a run that is cut into tasks have a partition for each. */
  private async createTopics(infos: readonly TopicInfo[]): Promise<void> {
    const { run } = this
    const topics = infos.map(({ record, partitions }) => ({ record, run, partitions }))
    const partitions = this.tasks.length
    const own = isWhole(this.about) ? [] : [...ledgers].map((record) => ({ record, run, partitions }))
    await this.places.target.create([...topics, ...own])
  }

  /** One a task. Nobody else may work on the run there: a mirror is no member of it. @throws SmartspeedError LEASE_HELD */
  private async openWriters(): Promise<Writer[]> {
    const { target } = this.places
    const { run } = this
    if (isWhole(this.about)) return [await target.writer({ run })]
    if (await target.held(run)) {
      throw new SmartspeedError('LEASE_HELD', `run ${run} is being written in the target`, {
        fix: 'wait until it is done, or stop it',
      })
    }
    const writers: Writer[] = []
    try {
      for (const { task, partition } of this.tasks) {
        writers.push(await target.writer({ run, task: { task, partition, confirm: async () => {} } }))
      }
    } catch (error) {
      for (const writer of writers) await writer.close()
      throw error
    }
    return writers
  }

  private async copyTask(plan: TaskPlan, writer: Writer): Promise<void> {
    const { source, signal } = this.places
    const { task, partition, there, last } = plan
    const outputs = new Map<RecordName, Pieces>()
    for (const [record, rows] of plan.after) {
      const from = plan.before.get(record) ?? 0
      const lane = { topic: physicalName(record, this.run), partition }
      outputs.set(record, new Pieces(rowsBetween(source, lane, from, from + rows)))
    }
    let committing: Promise<void> = Promise.resolve()
    try {
      for await (const journal of source.journal(this.run, task, there + 1)) {
        if (journal.step > last) break
        const placed = []
        for (const { topic, rows } of journal.outputs) {
          placed.push(
            ...(await outputs.get(topic as RecordName)!.exactly(rows, `step ${journal.step} of run ${this.run}`)),
          )
        }
        const snapshot = plan.snapshots.has(journal.step) ? await this.snapshotOf(task, journal.step) : undefined
        await committing
        if (signal?.aborted) throw stopped()
        const rows = placed.reduce((sum, { batch }) => sum + batch.rows, 0)
        const step = { task, outputs: [], placed, journal, ...(snapshot === undefined ? {} : { snapshot }) }
        committing = writer.commit(step).then(() => this.onRows(rows))
        // Heard when it is awaited; until then it must not count as unheard.
        committing.catch(() => {})
      }
    } finally {
      for (const pieces of outputs.values()) await pieces.close()
      await committing
    }
  }

  /** Of a run that goes on, it may have been followed by two others and be gone. */
  private async snapshotOf(task: string, step: number): Promise<Uint8Array | undefined> {
    const found = await this.places.source.snapshot(this.run, task, step)
    return found?.step === step ? found.bytes : undefined
  }
}

const ledgers: ReadonlySet<RecordName> = new Set(['journal', 'snapshots'])

/** A backtest: not cut into tasks. */
function isWhole({ tasks }: AnyAbout): boolean {
  return tasks.join() === tradingTask
}

async function planOf(
  { source, target }: MirrorPlaces,
  run: string,
  { task, partition }: { task: string; partition: number },
): Promise<TaskPlan> {
  const before = new Map<RecordName, number>()
  const after = new Map<RecordName, number>()
  const theirs = target.journal(run, task, 1)[Symbol.asyncIterator]()
  let last = 0
  let there = 0
  let positions: JournalEntry['positions'] = []
  for await (const entry of source.journal(run, task, 1)) {
    const known = (await theirs.next()).value as JournalEntry | undefined
    if (known !== undefined) {
      refuseOther(run, entry, known)
      there = entry.step
    }
    last = entry.step
    positions = entry.positions
    const counts = known === undefined ? after : before
    for (const { topic, rows } of entry.outputs)
      counts.set(topic as RecordName, (counts.get(topic as RecordName) ?? 0) + rows)
  }
  const more = (await theirs.next()).value as JournalEntry | undefined
  if (more !== undefined) refuseOther(run, undefined, more)
  await refuseRows(target, run, partition, before)
  const snapshots = new Set<number>()
  for (let at = last; snapshots.size < 2; ) {
    const found = await source.snapshot(run, task, at)
    if (found === undefined) break
    snapshots.add(found.step)
    at = found.step - 1
  }
  return { task, partition, there, last, before, after, positions, snapshots }
}

/** Equal entries hold equal digests of what their steps wrote. */
function refuseOther(run: string, ours: JournalEntry | undefined, theirs: JournalEntry): void {
  const [source, target] = [ours === undefined ? null : canonical('journal', ours), canonical('journal', theirs)]
  if (source === target) return
  throw new SmartspeedError(
    'MIRROR_DIFFERS',
    `step ${theirs.step} of ${theirs.task} of run ${run}: the target has ${target}, the source ${source ?? 'no such step'}`,
    { fix: 'mirror into a place of its own, for example --to-dir ./mirror' },
  )
}

/** Rows that no step of the target's journal counts. */
async function refuseRows(
  target: Topics,
  run: string,
  partition: number,
  before: ReadonlyMap<RecordName, number>,
): Promise<void> {
  for (const { name, record, run: owner, ends } of await target.list()) {
    if (owner !== run || ledgers.has(record)) continue
    const [end = 0, counted] = [ends[partition], before.get(record) ?? 0]
    if (end > counted)
      throw otherRows({
        topic: name,
        partition,
        offset: counted,
        source: null,
        target: 'a row that no step of its journal counts',
      })
  }
}

async function aboutIn(source: Topics, run: string): Promise<AnyAbout> {
  const runs = (await source.runs()).flatMap((one) => {
    const about = readAbout(one.about)
    return about === undefined ? [] : [{ run: one.run, about }]
  })
  const found = runs.find((one) => one.run === run)
  if (found !== undefined) return found.about
  const near = nearest(
    run,
    runs.map((one) => one.run),
  )
  throw new SmartspeedError('RUN_MISSING', `the source has no run ${run}`, {
    fix: near === undefined ? 'it has no run at all' : `did you mean "${near}"?`,
  })
}

function otherConfig(run: string, about: AnyAbout, there: AnyAbout): SmartspeedError {
  const [ours, theirs] = [about.configHash.slice(0, 8), there.configHash.slice(0, 8)]
  return new SmartspeedError(
    'MIRROR_DIFFERS',
    `the target has a run ${run} of another config (${theirs}, here ${ours})`,
    {
      fix: 'mirror into a place of its own, for example --to-dir ./mirror',
    },
  )
}

/** Whether a run may have read rows that were received before the first one that is left. */
function readsBefore({ plan }: AnyAbout, first: number | undefined): boolean {
  const { from } = inputOptions(plan)
  return from === undefined || first === undefined || first > from
}

function gone(run: string, what: string): SmartspeedError {
  return new SmartspeedError('HISTORY_EXPIRED', `run ${run} cannot be proven elsewhere: ${what}`, {
    fix: 'without --run what is left of the topics is mirrored; a run that is to be kept is mirrored before retention comes',
  })
}

function total(counts: ReadonlyMap<RecordName, number>): number {
  return [...counts.values()].reduce((sum, rows) => sum + rows, 0)
}
