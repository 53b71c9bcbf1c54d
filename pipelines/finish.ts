// What a run came to, when each of its tasks has read all that was there: told from what the tasks left in the topics.
import { physicalName } from '../schemas/catalogue.ts'
import type { Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { type FeaturesResult, featureTopics } from './features.ts'
import type { MemoryWatch } from './memory.ts'
import { loadSnapshot } from './restore.ts'
import { effortOf, hashesOf, resultOf, wholeSummary } from './result.ts'
import type { Seat } from './seats.ts'
import { isAtEnd, type Task, taskOf } from './task.ts'
import { createTrading, type TradingSummary } from './trading.ts'

/** Whether every task of a run has read everything that was there when it began. */
export async function isFinished(
  topics: Topics,
  run: string,
  about: AnyAbout,
  seats: readonly Seat[],
): Promise<boolean> {
  const progress = await topics.tasks(run)
  return about.tasks.every((name, number) => {
    const own = progress.find(({ task }) => task === name)
    return own !== undefined && isAtEnd(taskOf(about, seats, number), own.positions)
  })
}

interface Finishing {
  readonly run: string
  readonly about: AnyAbout
  readonly seats: readonly Seat[]
  readonly memory: MemoryWatch
  readonly seconds: number
}

/** What is kept with a finished run, its result in it. */
export async function finishRun(topics: Topics, finishing: Finishing): Promise<AnyAbout> {
  const { run, about, seats, memory, seconds } = finishing
  const tasks = about.tasks.map((_, number) => taskOf(about, seats, number))
  const rows: number[] = []
  const parts: TradingSummary[] = []
  for (const task of tasks) {
    const closing = await topics.snapshot(run, task.name)
    if (closing === undefined) throw new RangeError(`task ${task.name} of run ${run} ended without a snapshot`)
    if (about.pipeline === 'features') rows.push(loadSnapshot({ load: () => {} }, closing))
    else {
      const graph = createTrading(task)
      rows.push(loadSnapshot(graph, closing))
      parts.push(graph.summary())
    }
  }
  memory.look()
  const effort = { rows: rows.reduce((sum, one) => sum + one, 0), seconds, memory }
  if (about.pipeline === 'trading') {
    const result = await resultOf(topics, run, about, { ...effort, summary: wholeSummary(parts) })
    return { ...about, status: 'finished', result }
  }
  return { ...about, status: 'finished', result: await featuresResult(topics, run, effortOf(effort), tasks) }
}

async function featuresResult(
  topics: Topics,
  run: string,
  effort: ReturnType<typeof effortOf>,
  tasks: readonly Task[],
): Promise<FeaturesResult> {
  const infos = await topics.list()
  const written = featureTopics.map((record) => {
    return [record, infos.find(({ name }) => name === physicalName(record, run))?.rows ?? 0] as const
  })
  return {
    ...{ run, ...effort, hashes: await hashesOf(topics, run, featureTopics) },
    written: Object.fromEntries(written) as FeaturesResult['written'],
    instruments: tasks.reduce((sum, { plan }) => sum + plan.instruments.length, 0),
    warnings: [],
  }
}
