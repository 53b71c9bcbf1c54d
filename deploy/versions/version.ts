// What a version is made of: hashes of what each pipeline computes and of how it is started, and the runs that follow from them.
import { codeHash } from '../../pipelines/code-hash.ts'
import { hashOf } from '../../pipelines/config.ts'
import { topologyInputOf } from '../topology/checks.ts'
import { type Deployment, type Pipeline, tasksOf } from '../topology/schema.ts'
import type { Deployed, Target, Version } from './folder.ts'

export interface Making {
  readonly deployment: Deployment
  readonly target: Target
  /** Undefined when nothing runs. */
  readonly current: Version | undefined
  /** All that were ever begun. */
  readonly versions: readonly Version[]
  readonly timeMs: number
  readonly who: string
  readonly why: string
  readonly rollbackOf?: number
  /** Pipelines that begin a new run though their config is the same: their code means to compute something else. */
  readonly newRuns?: readonly string[]
}

/** The version that a deployment would be next. It is the current one again when its hash is. */
export function makeVersion(making: Making): Version {
  const { deployment, target, current, versions, timeMs, who, why, rollbackOf, newRuns = [] } = making
  const number = (versions.at(-1)?.number ?? 0) + 1
  const pipelines = deployment.pipelines.map((pipeline): Deployed => {
    const own = {
      pipeline: pipeline.name,
      outputs: hashOf(plain(outputsOf(pipeline))),
      code: codeOf(pipeline),
      process: hashOf(plain(processOf(pipeline, deployment, target))),
    }
    const before = current?.target === target ? of(current, pipeline.name) : undefined
    const renewed = newRuns.includes(pipeline.name)
    const run = renewed ? `${pipeline.name}.v${number}` : runOf(own, number, versions)
    const same = before?.run === run && before.process === own.process
    return { ...own, run, since: same ? before.since : number }
  })
  const hash = hashOf(plain({ deployment, target, pipelines: pipelines.map(({ since: _, ...one }) => one) }))
  const about = { number, hash, timeMs, who, why, target, codeHash: codeHash(), outcome: 'begun' } as const
  return { ...about, ...(rollbackOf === undefined ? {} : { rollbackOf }), pipelines, deployment }
}

/**
 * The run of a pipeline: the newest that computes the same, as after a rollback, else a new one. The first is called as the pipeline;
 * a later one says which version began it. A version that was not reached counts where no other does: its run may have been begun.
 */
function runOf(
  { pipeline, outputs }: Pick<Deployed, 'pipeline' | 'outputs'>,
  number: number,
  versions: readonly Version[],
): string {
  const earlier = versions
    .flatMap((version) => {
      const own = of(version, pipeline)
      return own === undefined ? [] : [{ ...own, reached: version.outcome === 'done' }]
    })
    .reverse()
  const same = earlier.filter((one) => one.outputs === outputs)
  const found = same.find(({ reached }) => reached) ?? same[0]
  if (found !== undefined) return found.run
  return earlier.length === 0 ? pipeline : `${pipeline}.v${number}`
}

export function of(version: Version, pipeline: string): Deployed | undefined {
  return version.pipelines.find((one) => one.pipeline === pipeline)
}

/** A process that is told something else of these writes other rows, or writes them elsewhere. */
export function outputsOf(pipeline: Pipeline) {
  return { mode: pipeline.mode, tasks: tasksOf(pipeline), ...topologyInputOf(pipeline) }
}

/** The same rows, from another process. */
function processOf(pipeline: Pipeline, { engine, dir, kafka, secrets, image }: Deployment, target: Target) {
  const { commitMs, maxWaitMs, override } = pipeline
  const { cpu, memory } = pipeline.resources
  const own = target === 'local' ? { memory } : { cpu, memory, image }
  return { engine, dir, kafka, secrets, commitMs, maxWaitMs, override, ...own, code: codeOf(pipeline) }
}

function codeOf({ strategies, strategy }: Pipeline): string {
  const files = (strategies ?? [strategy]).flatMap((one) => one?.name ?? []).filter((name) => /[./\\]/.test(name))
  return codeHash(files)
}

/** As it will be read again: what is undefined is left out. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
