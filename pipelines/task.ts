// How a run is cut into tasks: the trading pipeline by account, the features pipeline by instrument (DESIGN §6, "How it scales").
import { topicNamed } from '../schemas/catalogue.ts'
import type { Instrument, JournalEntry } from '../schemas/records.generated.ts'
import { partitionOf } from '../topics/partition.ts'
import type { AnyAbout } from './about.ts'
import { createFeatures } from './features.ts'
import { namesOf } from './named-instruments.ts'
import type { Plan } from './plan.ts'
import type { Graph } from './runtime.ts'
import type { Seat } from './seats.ts'
import { createTrading } from './trading.ts'

/** Which partitions of a topic a task reads, and how far the topic went when the run began. */
export interface TaskInput {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly ends: readonly number[]
}

/** One task of a run. */
export interface Task {
  readonly number: number
  readonly name: string
  /** The run's plan, less what other tasks do. */
  readonly plan: Plan
  readonly seats: readonly Seat[]
  readonly inputs: readonly TaskInput[]
}

type Cut = Pick<AnyAbout, 'pipeline' | 'tasks' | 'plan'>

/** Task `number` of a run. `seats` are all of the run's. */
export function taskOf({ pipeline, tasks, plan }: Cut, seats: readonly Seat[], number: number): Task {
  const name = tasks[number]!
  if (pipeline === 'features') {
    const instruments = plan.instruments.filter((one) => taskOfInstrument(plan, one, tasks.length) === number)
    const nameOf = namesOf(plan.instruments)
    const symbols = instruments.map(({ exchange, symbol }) => nameOf(exchange, symbol))
    return { number, name, seats, plan: { ...plan, instruments, symbols }, inputs: inputsOf(plan, instruments) }
  }
  const inputs = inputsOf(plan, plan.instruments)
  if (tasks.length === 1) return { number, name, seats, plan, inputs }
  // What is kept of the market is the same whoever computes it: one task writes it.
  const topology = number === 0 ? plan.topology : { ...plan.topology, keep: [] }
  return { number, name, seats: [seats[number]!], plan: { ...plan, topology }, inputs }
}

/** The graph of a task, at its beginning. */
export function graphOf({ plan, seats }: Pick<Task, 'plan' | 'seats'>): Graph {
  return plan.topology.pipeline === 'features' ? createFeatures({ plan }) : createTrading({ plan, seats })
}

/**
 * Partitions that rows of an instrument are spread over: the most of any input. A task of the features pipeline is given
 * whole ones of these, so there cannot be more tasks.
 */
export function instrumentPartitions({ inputs }: Pick<Plan, 'inputs'>): number {
  return Math.max(1, ...inputs.filter(({ topic }) => isByInstrument(topic)).map(({ ends }) => ends.length))
}

/** Partition p of the instruments belongs to task p modulo the number of tasks: each instrument to exactly one. */
function taskOfInstrument(plan: Plan, instrument: Instrument, tasks: number): number {
  return partitionOf(keyOf(instrument), instrumentPartitions(plan)) % tasks
}

/** The partitions that hold rows of these instruments; of topics with another key, all. */
function inputsOf({ inputs }: Plan, instruments: readonly Instrument[]): TaskInput[] {
  return inputs.map(({ topic, ends }) => {
    const all = ends.map((_, partition) => partition)
    const held = new Set(instruments.map((one) => partitionOf(keyOf(one), ends.length)))
    const partitions = instruments.length === 0 ? [] : isByInstrument(topic) ? all.filter((one) => held.has(one)) : all
    return { topic, ends, partitions }
  })
}

function keyOf({ exchange, symbol }: Instrument): string {
  return `${exchange}:${symbol}`
}

function isByInstrument(topic: string): boolean {
  return topicNamed(topic).key.join() === 'exchange,symbol'
}

/** What the journal says when everything that was there at the beginning of the run was read. */
export function endPositions({ inputs }: Pick<Task, 'inputs'>): JournalEntry['positions'] {
  return inputs.flatMap(({ topic, partitions, ends }) =>
    partitions.map((partition) => ({ topic, partition, offset: ends[partition]! })),
  )
}

/** Whether a task that has come so far has read all of that. */
export function isAtEnd(task: Pick<Task, 'inputs'>, positions: JournalEntry['positions']): boolean {
  const offsets = new Map(positions.map(({ topic, partition, offset }) => [`${topic}:${partition}`, offset]))
  return endPositions(task).every(
    ({ topic, partition, offset }) => (offsets.get(`${topic}:${partition}`) ?? -1) >= offset,
  )
}
