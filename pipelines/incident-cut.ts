// Cuts a stretch of a run into a folder of its own: inputs, state, journal, what it wrote, and strategies from outside.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import type { Fetched, Topics, Writer } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { commandsOf, copyCommands } from './control.ts'
import { type Incident, type IncidentTask, incidentFile, readmeOf } from './incident.ts'
import { inputsOf, type Part } from './incident-inputs.ts'
import { type Stretch, stretchOf } from './incident-state.ts'
import { copyStrategies } from './incident-strategies.ts'
import { Pieces, rowsBetween } from './mirror-lane.ts'
import type { Seat } from './seats.ts'
import { type Task, taskOf } from './task.ts'

export interface CutOptions {
  readonly topics: Topics
  readonly run: string
  readonly about: AnyAbout
  readonly seats: readonly Seat[]
  /** Receive times, µs; `to` exclusive. */
  readonly from: number
  readonly to: number
  /** The folder to make. */
  readonly dir: string
  /** Only the task of this account, or of this name. */
  readonly only?: string
  /** Whole steps behind a snapshot of the run's own, or from its beginning: nothing is computed. */
  readonly whole?: boolean
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/**
 * Makes the folder. It is there whole or not at all.
 *
 * @throws SmartspeedError NO_DATA when the run read nothing in that time, FILE_EXISTS, UNKNOWN_NAME (account or task), HISTORY_EXPIRED, INTERRUPTED
 */
export async function cutIncident(options: CutOptions): Promise<Incident> {
  const { topics, run, about, seats, from, to, dir } = options
  refuseFull(dir)
  const parts: Part[] = []
  for (const task of tasksOf(about, seats, options.only)) {
    const { whole = false, signal, onRows } = options
    const stretch = await stretchOf({
      ...{ topics, run, task, from, to, whole, mode: about.mode },
      ...(signal === undefined ? {} : { signal }),
      ...(onRows === undefined ? {} : { onRows }),
    })
    if (stretch !== undefined) parts.push({ task, stretch })
  }
  if (parts.length === 0) throw await nothingThen(options)
  const fresh = `${dir}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  try {
    const files = copyStrategies(fresh, about.seats)
    const folder = await openTopics({ dir: fresh })
    try {
      await fill(folder, options, parts, { ...about, seats: files } as AnyAbout)
    } finally {
      await folder.close()
    }
    const tasks = parts.map(({ task, stretch }) => taskLine(task, stretch, about))
    const incident: Incident = { format: 1, run, pipeline: about.pipeline, from, to, codeHash: about.codeHash, tasks }
    writeFileSync(join(fresh, 'README.md'), readmeOf(incident))
    writeFileSync(join(fresh, '.gitignore'), '*.lock\n*-lock\n')
    writeFileSync(join(fresh, incidentFile), `${JSON.stringify(incident, undefined, 2)}\n`)
    rmSync(dir, { recursive: true, force: true })
    renameSync(fresh, dir)
    return incident
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    throw error
  }
}

function refuseFull(dir: string): void {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return
  throw new SmartspeedError('FILE_EXISTS', `${dir} is there and not empty`, { fix: 'choose another folder: -o DIR' })
}

/** @throws SmartspeedError UNKNOWN_NAME */
function tasksOf(about: AnyAbout, seats: readonly Seat[], only: string | undefined): Task[] {
  const tasks = about.tasks.map((_, number) => taskOf(about, seats, number))
  if (only === undefined) return tasks
  const found = tasks.filter((task) => task.name === only || (tasks.length > 1 && accountOf(task, about) === only))
  if (found.length > 0) return found
  if (tasks.length === 1 && seats.some(({ account }) => account.name === only)) return tasks
  const names = tasks.flatMap((task) => [accountOf(task, about) ?? task.name])
  throw new SmartspeedError('UNKNOWN_NAME', `no task of the run is called "${only}"; there are: ${names.join(', ')}`, {
    fix: 'leave it out to cut all of them',
  })
}

function accountOf({ seats }: Task, { pipeline }: AnyAbout): string | undefined {
  return pipeline === 'trading' && seats.length === 1 ? seats[0]!.account.name : undefined
}

function taskLine(task: Task, { begins, afterStep, entries, outputs }: Stretch, about: AnyAbout): IncidentTask {
  const account = accountOf(task, about)
  return {
    ...{ task: task.name, number: task.number, ...(account === undefined ? {} : { account }), begins, afterStep },
    steps: [entries[0]!.step, entries.at(-1)!.step],
    rows: entries.reduce((sum, { rows }) => sum + rows, 0),
    outputs: Object.fromEntries(outputs),
  }
}

async function fill(folder: Topics, options: CutOptions, parts: readonly Part[], about: AnyAbout): Promise<void> {
  const { topics, run } = options
  const infos = await topics.list()
  const read = new Set(about.plan.inputs.map(({ topic }) => topic))
  await folder.create(
    infos
      .filter(({ name, run: owner }) => read.has(name) && owner === undefined)
      .map(({ record, partitions }) => ({ record, partitions })),
  )
  const said = infos.find(({ name }) => name === commandsOf(run) && read.has(name))
  if (said !== undefined) await copyCommands(topics, folder, run, said.ends[0]!)
  const written = infos.filter((info) => info.run === run && info.record !== 'journal' && info.record !== 'snapshots')
  await folder.create(written.map(({ record, partitions }) => ({ record, run, partitions })))
  const writer = await folder.writer({ run, market: true })
  try {
    const { result: _, ...said } = about
    await writer.commit({ outputs: [], run: { ...said, status: 'interrupted' } })
    for await (const placed of inputsOf(topics, about, parts)) await writer.commit({ outputs: [], placed })
    for (const { task, stretch } of parts) await copySteps(topics, writer, run, task, stretch)
  } finally {
    await writer.close()
  }
}

/** State and place before the first step, then each step with what the run wrote in it. */
async function copySteps(
  topics: Topics,
  writer: Writer,
  run: string,
  task: Task,
  { base, entries, outputs }: Stretch,
): Promise<void> {
  if (base !== undefined) {
    await writer.commit({ task: task.name, outputs: [], journal: base.entry, snapshot: base.snapshot })
  }
  const counts = new Map<RecordName, number>()
  for (const entry of entries) {
    for (const { topic, rows } of entry.outputs)
      counts.set(topic as RecordName, (counts.get(topic as RecordName) ?? 0) + rows)
  }
  const lanes = new Map<RecordName, Pieces>()
  for (const [record, rows] of counts) {
    const from = outputs.get(record) ?? 0
    const lane = { topic: physicalName(record, run), partition: task.number }
    lanes.set(record, new Pieces(rowsBetween(topics, lane, from, from + rows)))
  }
  try {
    for (const journal of entries) {
      const placed: Fetched[] = []
      for (const { topic, rows } of journal.outputs) {
        placed.push(...(await lanes.get(topic as RecordName)!.exactly(rows, `step ${journal.step} of run ${run}`)))
      }
      await writer.commit({ task: task.name, outputs: [], placed, journal })
    }
  } finally {
    for (const pieces of lanes.values()) await pieces.close()
  }
}

async function nothingThen({ topics, run, about, from, to }: CutOptions): Promise<SmartspeedError> {
  const iso = (time: number) => new Date(time / 1000).toISOString()
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const task of about.tasks) {
    for await (const { firstReceived, lastReceived } of topics.journal(run, task, 1)) {
      first = Math.min(first, firstReceived ?? first)
      last = Math.max(last, lastReceived ?? last)
    }
  }
  return new SmartspeedError('NO_DATA', `run ${run} read no row from ${iso(from)} to ${iso(to)}`, {
    fix: Number.isFinite(first) ? `it read rows from ${iso(first)} to ${iso(last)}` : 'it has read none at all so far',
  })
}
