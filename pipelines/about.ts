// What is kept with a run beside its topics: what it computes, from what, cut into which tasks, and what it came to.
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topics } from '../topics/topics.ts'
import type { FeaturesResult } from './features.ts'
import type { Plan } from './plan.ts'
import type { BacktestResult } from './result.ts'
import type { SeatAbout } from './seats.ts'

export const pipelineNames = ['trading', 'features'] as const
export type PipelineName = (typeof pipelineNames)[number]

/** The task of a run that is not cut: a backtest. */
export const tradingTask = 'trading'

interface About {
  /** Whatever its pipeline: tells runs from what else is kept under a name, such as an import. */
  readonly kind: 'backtest'
  /** Its tasks by number: task n alone writes partition n of each of the run's topics. */
  readonly tasks: readonly string[]
  /** `replay`: until its inputs end, where they ended when it began; `follow`: for ever, from there on as rows come. */
  readonly mode: 'replay' | 'follow'
  readonly status: 'running' | 'interrupted' | 'finished'
  readonly plan: Plan
  readonly codeHash: string
  readonly configHash: string
  readonly startedMs: number
  /** How often a newer version of the program took the run over: members of the highest rank work on it. */
  readonly rank: number
  /** Hashes of older code that wrote the run before: the newer one was seen to compute the same. */
  readonly before: readonly string[]
}

/** A run of the trading pipeline, which is what a backtest is. */
export interface RunAbout extends About {
  readonly pipeline: 'trading'
  readonly seats: readonly SeatAbout[]
  readonly result?: BacktestResult
}

/** A run of the features pipeline. */
export interface FeaturesAbout extends About {
  readonly pipeline: 'features'
  readonly seats: readonly []
  readonly result?: FeaturesResult
}

export type AnyAbout = RunAbout | FeaturesAbout

/** What is kept with a run, read; undefined for what is no run. Runs from before there were several tasks have one. */
export function readAbout(about: unknown): AnyAbout | undefined {
  if ((about as Partial<AnyAbout> | undefined)?.kind !== 'backtest') return undefined
  const once = { pipeline: 'trading', tasks: [tradingTask], mode: 'replay', rank: 0, before: [] } as const
  return { ...once, ...(about as RunAbout) }
}

/** What is kept with a run of any pipeline; undefined when there is none of that name. */
export async function anyAboutOf(topics: Topics, run: string): Promise<AnyAbout | undefined> {
  return readAbout((await topics.runs()).find((one) => one.run === run)?.about)
}

/** The same of a run that trades. @throws SmartspeedError RUN_MISSING for one that does not */
export async function aboutOf(topics: Topics, run: string): Promise<RunAbout | undefined> {
  const about = await anyAboutOf(topics, run)
  return about === undefined ? undefined : demandTrading(run, about)
}

/** @throws SmartspeedError RUN_MISSING */
export function demandTrading(run: string, about: AnyAbout): RunAbout {
  if (about.pipeline === 'trading') return about
  throw new SmartspeedError('RUN_MISSING', `run ${run} is of the pipeline ${about.pipeline}: it has no orders`, {
    fix: `see what it wrote: smartspeed cat features --run ${run}`,
  })
}

/** The names of the tasks of a run that is cut into so many. */
export function taskNames(pipeline: PipelineName, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${pipeline}-${n}`)
}
