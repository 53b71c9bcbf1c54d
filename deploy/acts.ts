// What can be done with a deployment: plan, apply, roll back, destroy. Each act but `plan` is written down, begun and done.
import { SmartspeedError } from '../schemas/errors.ts'
import { driftOf } from './local/drift.ts'
import * as local from './local/target.ts'
import * as manifests from './manifests/target.ts'
import { withLock } from './services/lock.ts'
import type { Deployment } from './topology/schema.ts'
import { admitHere, overridesOf } from './verdicts.ts'
import { type Act, whoIs, writeAct } from './versions/audit.ts'
import { type Change, difference } from './versions/difference.ts'
import {
  currentOf,
  folderOf,
  readVersions,
  setCurrent,
  type Target,
  type Version,
  versionOf,
  writeVersion,
} from './versions/folder.ts'
import { makeVersion } from './versions/version.ts'

export interface How {
  /** Folder of the embedded log; what is kept of deployments is in `deploy` there. */
  readonly dir: string
  readonly target: Target
  /** Where manifests go. */
  readonly out?: string | undefined
  readonly why?: string | undefined
  /** Pipelines that begin a new run though their config is the same. */
  readonly newRuns?: readonly string[]
  /** The program that processes on this machine run: node and main.ts. */
  readonly program: readonly string[]
  readonly signal?: AbortSignal
  note(line: string): void
}

/** What is, or was, done. */
export interface Done {
  readonly changes: readonly Change[]
  /** The number of the version that runs after it; null after `destroy`. */
  readonly version: number | null
}

/** What an apply would change. Changes nothing. */
export async function plan(deployment: Deployment, how: How): Promise<Done> {
  const { changes, next, current } = await prepare(deployment, how)
  return { changes, version: changes.some(isOfVersion) || current === undefined ? next.number : current.number }
}

/**
 * Makes it so. The same again changes nothing; two at once wait for each other.
 * @throws SmartspeedError SERVICE_FAILED when the new version does not get ready; what ran before goes on
 */
export async function apply(deployment: Deployment, how: How): Promise<Done> {
  return withLock(folderOf(how.dir, deployment.name), () => applyAs(deployment, how, 'apply'))
}

/** Applies an earlier version again; without a number the last one before that which runs. */
export async function rollback(name: string, how: How, to?: number): Promise<Done> {
  const folder = folderOf(how.dir, name)
  return withLock(folder, () => {
    const current = currentOf(folder)
    const number =
      to ??
      readVersions(folder).findLast(
        (one) =>
          one.outcome === 'done' &&
          one.number !== current?.number &&
          one.number < (current?.number ?? Number.POSITIVE_INFINITY),
      )?.number
    if (number === undefined) {
      throw new SmartspeedError('NO_DATA', `${name} has no version before ${current?.number ?? 'the first'}`, {
        fix: 'smartspeed deploy status shows the versions',
      })
    }
    const { deployment } = versionOf(folder, number)
    return applyAs(deployment, how, 'rollback', number)
  })
}

/** Ends all of it. Runs, versions and the book of acts stay. */
export async function destroy(name: string, how: How): Promise<Done> {
  const folder = folderOf(how.dir, name)
  return withLock(folder, async () => {
    const current = currentOf(folder)
    if (current === undefined) return { changes: [], version: null }
    const changes = [
      ...current.pipelines.map(({ pipeline, run }): Change => {
        return { action: 'remove', kind: 'pipeline', name: pipeline, detail: `its processes end; run ${run} is kept` }
      }),
      ...current.deployment.services.map((name): Change => {
        return { action: 'remove', kind: 'service', name, detail: 'stopped; what it kept stays' }
      }),
    ]
    await written(how, current, 'destroy', changes, async () => {
      if (current.target === 'local') await local.destroy(current, how)
      setCurrent(folder, null)
    })
    return { changes, version: null }
  })
}

/** Starts again what should run and does not; the version stays. */
export async function heal(name: string, how: How): Promise<Done> {
  const folder = folderOf(how.dir, name)
  return withLock(folder, async () => {
    const current = currentOf(folder)
    if (current === undefined || current.target !== 'local') return { changes: [], version: current?.number ?? null }
    const changes = driftOf(folder, current)
    if (changes.length > 0) await written(how, current, 'heal', changes, () => local.heal(current, how))
    return { changes, version: current.number }
  })
}

async function applyAs(
  deployment: Deployment,
  how: How,
  action: 'apply' | 'rollback',
  rollbackOf?: number,
): Promise<Done> {
  const folder = folderOf(how.dir, deployment.name)
  await admitHere(deployment, how)
  const { changes, next, current } = await prepare(deployment, how, rollbackOf)
  if (current !== undefined && !changes.some(isOfVersion)) {
    if (changes.length > 0) await written(how, current, 'heal', changes, () => local.heal(current, how))
    return { changes, version: current.number }
  }
  writeVersion(folder, next)
  const overrides = overridesOf(deployment)
  if (overrides.length > 0) await answer(how, next, overrides)
  try {
    await written(how, next, action, changes, () =>
      how.target === 'local' ? local.apply(next, currentOn(how.target, current), how) : manifests.apply(next, how),
    )
  } catch (error) {
    writeVersion(folder, { ...next, outcome: 'failed' })
    throw error
  }
  writeVersion(folder, { ...next, outcome: 'done' })
  setCurrent(folder, next.number)
  return { changes, version: next.number }
}

async function prepare(deployment: Deployment, how: How, rollbackOf?: number) {
  const folder = folderOf(how.dir, deployment.name)
  const current = currentOf(folder)
  const versions = readVersions(folder)
  const { target, why = '', newRuns } = how
  const next = makeVersion({
    ...{ deployment, target, current, versions, timeMs: Date.now(), who: whoIs(), why },
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(newRuns === undefined ? {} : { newRuns }),
  })
  const own = difference(current, next)
  const drift =
    target === 'local'
      ? current?.target === 'local' && own.length === 0
        ? driftOf(folder, current)
        : []
      : manifests.differences(own.length === 0 ? current! : next, how)
  return { changes: [...own, ...drift], next, current }
}

/** What a person does with the files that were written. */
export function nextStep({ target, out }: How): string {
  if (target === 'compose') return `start it: sh ${out}/up.sh`
  return `apply it: kubectl apply -k ${out}`
}

function currentOn(target: Target, current: Version | undefined): Version | undefined {
  return current?.target === target ? current : undefined
}

/** Whether it makes a new version, rather than mending what the current one should be. */
function isOfVersion({ kind }: Change): boolean {
  return kind !== 'process'
}

/** Does the work between two entries of the audit. */
async function written(
  how: How,
  version: Version,
  action: Act['action'],
  changes: readonly Change[],
  work: () => Promise<void>,
): Promise<void> {
  const { number, hash, target, deployment } = version
  const what = changes.map((one) => `${one.action} ${one.kind} ${one.name}: ${one.detail}`).join('\n')
  const act = { action, version: number, hash, target, who: whoIs(), what }
  const write = (outcome: Act['outcome'], why: string) =>
    writeAct(how.dir, deployment.name, { ...act, outcome, why }, Date.now())
  await write('begun', how.why ?? '')
  try {
    await work()
  } catch (error) {
    await write('failed', (error as Error).message)
    throw error
  }
  await write('done', how.why ?? '')
}

/** Writes down who deploys what although validation may say that it is luck, and why. */
function answer({ dir }: How, { number: version, hash, target, deployment }: Version, overrides: readonly string[]) {
  const act = { action: 'override', outcome: 'done', version, hash, target, who: whoIs() } as const
  const what = 'trades whatever validation says of its strategies'
  return writeAct(dir, deployment.name, { ...act, what, why: overrides.join('\n') }, Date.now())
}
