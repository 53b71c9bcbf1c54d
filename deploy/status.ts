// How a deployment is: its version, its processes and services, what was done to it.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { openTopics } from '../topics/index.ts'
import { isSupervised } from './local/alone.ts'
import { isUp, unitsOf } from './local/change.ts'
import { foundIn, supervisorsOf } from './local/found.ts'
import { localServices } from './local/places.ts'
import type { MemberState } from './local/restart.ts'
import { readState } from './local/state.ts'
import { membersOf } from './local/unit.ts'
import { type ServiceStatus, statusOfServices } from './services/index.ts'
import { auditRun, brokenAt, readActs } from './versions/audit.ts'
import { currentOf, folderOf, readVersions, type Target, type Version } from './versions/folder.ts'

export interface MemberStatus {
  readonly id: string
  readonly pipeline: string
  readonly run: string
  readonly version: number
  readonly status: MemberState['status'] | 'gone'
  readonly pid: number | null
  readonly port: number | null
  readonly restarts: number
  /** Since it was started. */
  readonly seconds: number | null
  readonly lastEnd: NonNullable<MemberState['lastEnd']> | null
  readonly log: string
}

export interface DeploymentStatus {
  readonly name: string
  /** The number of the version that runs; null when none does. */
  readonly version: number | null
  readonly target: Target | null
  readonly verdict: 'well' | 'starting' | 'not well' | 'finished' | 'not deployed' | 'written'
  /** Its pid; null when there is none. */
  readonly supervisor: number | null
  readonly members: readonly MemberStatus[]
  readonly services: readonly ServiceStatus[]
  readonly versions: readonly Pick<Version, 'number' | 'hash' | 'outcome' | 'target' | 'timeMs' | 'who' | 'why'>[]
  readonly audit: { readonly run: string; readonly acts: number; readonly brokenAt: number | null }
}

/** Looks, and changes nothing. */
export async function statusOf(name: string, dir: string): Promise<DeploymentStatus> {
  const folder = folderOf(dir, name)
  const current = currentOf(folder)
  const members = current?.target === 'local' ? memberStatuses(folder, current) : []
  const names = current?.target === 'local' ? localServices(current.deployment.services) : []
  const services = names.length === 0 ? [] : await statusOfServices({ names, dir: resolve(dir, 'services') })
  const supervisor = isSupervised(folder) ? (supervisorsOf(folder)[0] ?? null) : null
  return {
    ...{ name, version: current?.number ?? null, target: current?.target ?? null },
    ...{ verdict: verdictOf(current, { members, services, supervisor }), supervisor, members, services },
    versions: readVersions(folder).map(
      ({ deployment: _, pipelines: _pipelines, codeHash: _code, ...version }) => version,
    ),
    audit: await auditOf(name, dir),
  }
}

function memberStatuses(folder: string, current: Version): MemberStatus[] {
  const states = new Map((readState(folder)?.members ?? []).map((state) => [state.id, state]))
  const found = foundIn(folder)
  return membersOf(folder, unitsOf(current)).map(({ id, unit, log }) => {
    const state = states.get(id)
    const running = found.find((one) => one.id === id)
    const status = running === undefined && state?.pid !== undefined ? 'gone' : (state?.status ?? 'gone')
    return {
      ...{ id, pipeline: unit.pipeline, run: unit.run, version: unit.since, status },
      ...{ pid: running?.pid ?? null, port: running?.port ?? null, restarts: state?.restarts ?? 0 },
      seconds: running === undefined || state?.startedMs === undefined ? null : (Date.now() - state.startedMs) / 1000,
      ...{ lastEnd: state?.lastEnd ?? null, log },
    }
  })
}

function verdictOf(
  current: Version | undefined,
  { members, services, supervisor }: Pick<DeploymentStatus, 'members' | 'services' | 'supervisor'>,
): DeploymentStatus['verdict'] {
  if (current === undefined) return 'not deployed'
  if (current.target !== 'local') return 'written'
  if (members.every(({ status }) => status === 'finished')) return 'finished'
  if (supervisor === null || services.some(({ ready }) => !ready)) return 'not well'
  if (members.every(({ status }) => status !== 'gone' && isUp(status))) return 'well'
  return members.every(
    ({ status, lastEnd }) =>
      status === 'starting' || (status !== 'gone' && isUp(status)) || (status === 'waiting' && lastEnd === null),
  )
    ? 'starting'
    : 'not well'
}

async function auditOf(name: string, dir: string): Promise<DeploymentStatus['audit']> {
  const run = auditRun(name)
  if (!existsSync(dir)) return { run, acts: 0, brokenAt: null }
  const topics = await openTopics({ dir, readOnly: true }).catch(() => undefined)
  if (topics === undefined) return { run, acts: 0, brokenAt: null }
  try {
    const acts = await readActs(topics, name)
    return { run, acts: acts.length, brokenAt: brokenAt(acts) ?? null }
  } finally {
    await topics.close()
  }
}
