// What a run came to, when each of its tasks has read all that was there: told from what the tasks left in the topics.
import { physicalName } from '../schemas/catalogue.ts'
import type { Snapshot, Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { type FeaturesResult, featureTopics } from './features.ts'
import type { MemoryWatch } from './memory.ts'
import { loadSnapshot } from './restore.ts'
import { effortOf, hashesOf, resultOf, wholeSummary } from './result.ts'
import { isAtEnd, type Task } from './task.ts'
import { createTrading, type TradingSummary } from './trading.ts'

/**
 * The closing snapshot of each task of a run, once all of them have read everything that was there when it began: until then
 * undefined.
 */
export async function closingsOf(topics: Topics, run: string, tasks: readonly Task[]): Promise<Snapshot[] | undefined> {
  const progress = await topics.tasks(run)
  const last = tasks.map((task) => {
    const own = progress.find((one) => one.task === task.name)
    return own !== undefined && isAtEnd(task, own.positions) ? own.step : undefined
  })
  if (last.includes(undefined)) return undefined
  const closings: Snapshot[] = []
  for (const [number, { name }] of tasks.entries()) {
    const snapshot = await topics.snapshot(run, name)
    // The last rows of a task may be the last ones there are: it closes a step later.
    if (snapshot?.step !== last[number]) return undefined
    closings.push(snapshot!)
  }
  return closings
}

interface Finishing {
  readonly run: string
  readonly about: AnyAbout
  readonly tasks: readonly Task[]
  readonly closings: readonly Snapshot[]
  readonly memory: MemoryWatch
  readonly seconds: number
}

/** What is kept with a finished run, its result in it. */
export async function finishRun(topics: Topics, finishing: Finishing): Promise<AnyAbout> {
  const { run, about, tasks, closings, memory, seconds } = finishing
  const parts: TradingSummary[] = []
  let rows = 0
  for (const [number, closing] of closings.entries()) {
    if (about.pipeline === 'features') rows += loadSnapshot({ load: () => {} }, closing)
    else {
      const graph = createTrading(tasks[number]!)
      rows += loadSnapshot(graph, closing)
      parts.push(graph.summary())
    }
  }
  memory.look()
  const effort = { rows, seconds, memory }
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
