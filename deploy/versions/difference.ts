// What changes from one version to the next: an entry for each thing, and in it each field, old → new.
import { type Deployment, type Pipeline, tasksOf } from '../topology/schema.ts'
import type { Version } from './folder.ts'
import { of, outputsOf } from './version.ts'

export interface Field {
  readonly path: string
  /** Undefined where there was none. */
  readonly was: unknown
  readonly is: unknown
}

export interface Change {
  /**
   * `create`, `update`, `remove`; of a pipeline also `scale` (more or fewer processes), `take over` (the same run goes on in new
   * processes), `new run` (it computes something else); of a process `start` and `stop`.
   */
  readonly action: 'create' | 'update' | 'remove' | 'scale' | 'take over' | 'new run' | 'start' | 'stop'
  readonly kind: 'deployment' | 'pipeline' | 'service' | 'topic' | 'process' | 'file'
  readonly name: string
  readonly detail: string
  readonly fields?: readonly Field[]
}

/** Empty when nothing changes. `was` is undefined when nothing runs. */
export function difference(was: Version | undefined, is: Version): Change[] {
  const name = is.deployment.name
  if (was !== undefined && was.target !== is.target) {
    const detail = `target ${was.target} → ${is.target}: what runs on ${was.target} is not touched`
    return [{ action: 'update', kind: 'deployment', name, detail }, ...difference(undefined, is)]
  }
  const about = fieldsOf(aboutOf(was?.deployment), aboutOf(is.deployment))
  return [
    ...(was !== undefined && about.length > 0
      ? [{ action: 'update', kind: 'deployment', name, detail: sayFields(about), fields: about } as const]
      : []),
    ...serviceChanges(was?.deployment, is.deployment),
    ...is.deployment.pipelines.flatMap((pipeline) => pipelineChange(was, is, pipeline)),
    ...(was?.deployment.pipelines ?? [])
      .filter(({ name }) => of(is, name) === undefined)
      .map(({ name }): Change => {
        const detail = `its processes end; run ${of(was!, name)!.run} is kept`
        return { action: 'remove', kind: 'pipeline', name, detail }
      }),
  ]
}

/** Without what is told of pipelines and services on their own. */
function aboutOf(deployment: Deployment | undefined) {
  const { pipelines: _, services: _services, ...rest } = deployment ?? { pipelines: [], services: [] }
  return rest
}

function serviceChanges(was: Deployment | undefined, is: Deployment): Change[] {
  const before = was?.services ?? []
  return [
    ...is.services
      .filter((name) => !before.includes(name))
      .map((name): Change => ({ action: 'create', kind: 'service', name, detail: 'started beside' })),
    ...before
      .filter((name) => !is.services.includes(name))
      .map((name): Change => ({ action: 'remove', kind: 'service', name, detail: 'stopped; what it kept stays' })),
  ]
}

function pipelineChange(wasAll: Version | undefined, isAll: Version, is: Pipeline): Change[] {
  const now = of(isAll, is.name)!
  const before = wasAll === undefined ? undefined : of(wasAll, is.name)
  const base = { kind: 'pipeline', name: is.name } as const
  if (wasAll === undefined || before === undefined) {
    const detail = `${is.pipeline}, ${is.mode}, ${tasksText(is)} in ${counted(is.replicas, 'process')}, run ${now.run}`
    return [{ action: 'create', ...base, detail }]
  }
  const was = wasAll.deployment.pipelines.find(({ name }) => name === is.name)!
  const fields = fieldsOf(was, is)
  const said = sayFields(fields)
  const with_ = (text: string) => [said, text].filter((one) => one !== '').join('; ')
  if (before.run !== now.run) {
    const computes = fieldsOf(outputsOf(was), outputsOf(is)).map(({ path }) => path)
    const why =
      computes.length === 0
        ? 'asked for'
        : `${computes.join(', ')} ${computes.length === 1 ? 'changes' : 'change'} what it computes`
    return [
      { action: 'new run', ...base, detail: with_(`${why}: run ${now.run} begins, ${before.run} is kept`), fields },
    ]
  }
  if (before.process !== now.process) {
    const code = before.code === now.code ? '' : `code ${before.code.slice(0, 8)} → ${now.code.slice(0, 8)}; `
    return [
      { action: 'take over', ...base, detail: `${code}${with_(`run ${now.run} goes on in new processes`)}`, fields },
    ]
  }
  if (fields.length === 0) return []
  return [{ action: was.replicas === is.replicas ? 'update' : 'scale', ...base, detail: said, fields }]
}

function tasksText(pipeline: Pipeline): string {
  const tasks = tasksOf(pipeline)
  return tasks === undefined ? 'a task a partition' : counted(tasks, 'task')
}

/** Each leaf that differs, by its path. Items of lists go by their number. */
export function fieldsOf(was: unknown, is: unknown, path = ''): Field[] {
  if (isObject(was) && isObject(is)) {
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
      fieldsOf(was[key], is[key], path === '' ? key : `${path}.${key}`),
    )
  }
  return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ path, was, is }]
}

function sayFields(fields: readonly Field[]): string {
  return fields.map(({ path, was, is }) => `${path} ${show(was)} → ${show(is)}`).join('; ')
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : what.endsWith('s') ? 'es' : 's'}`
}
