// From what runs to a new version on this machine, so that nothing is lost when the new one is no good: blue-green.
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { SmartspeedError } from '../../schemas/errors.ts'
import { runFlags } from '../run-flags.ts'
import { topologyInputOf } from '../topology/checks.ts'
import type { Deployment, Pipeline } from '../topology/schema.ts'
import { type Version, writeText } from '../versions/folder.ts'
import { of } from '../versions/version.ts'
import { ensureSupervisor } from './alone.ts'
import type { MemberState } from './restart.ts'
import { readState, type SupervisorState } from './state.ts'
import { type Desired, membersOf, readDesired, type Unit, writeDesired } from './unit.ts'

const POLL_MS = 50
/** From being taken over from until it is asked to end; one of the same code is not taken over from, and would stay. */
const LEAVES_MS = 5000

/** What a change needs besides the versions. */
export interface Means {
  readonly folder: string
  readonly program: readonly string[]
  /** The flags that say where topics are. */
  readonly where: readonly string[]
  readonly signal?: AbortSignal
  note?(line: string): void
}

/**
 * Makes it so that `is` runs. The processes of a pipeline that did not change are not touched. Of one that did, the new ones start
 * beside the old: they take its run over, or begin a new run; the old ones end when the new ones are ready. On the embedded engine one
 * process alone may write a run: there the old one ends, at a commit, when the new one has computed the same beside it and waits.
 * When a new process does not get ready, the new ones are ended, the old ones go on, and the reason is thrown.
 *
 * @throws SmartspeedError SERVICE_FAILED, or the code that the process itself gave
 */
export async function changeTo(is: Version, was: Version | undefined, means: Means): Promise<void> {
  const { folder } = means
  const before = unitsOf(was)
  const wish = (units: readonly Unit[]) => wishOf(is, units, means)
  const units = unitsOf(is)
  for (const unit of units) {
    writeUnit(folder, unit, is.deployment.pipelines.find(({ name }) => name === unit.pipeline)!)
  }
  const fresh = units.filter((unit) => !before.some((one) => isSame(one, unit)))
  const kept = units.filter((unit) => !fresh.includes(unit))
  // Those whose run goes on in other processes, and those that are no longer there or begin another run.
  const replaced = before.filter((one) => !units.some((unit) => isSame(one, unit)))
  const successor = (one: Unit) => fresh.find((unit) => unit.run === one.run)
  const embedded = is.deployment.engine === 'embedded'
  // The same code has nothing to show, and cannot wait for its turn: where one process alone may write a run, the old one ends first.
  const endsFirst = (one: Unit) => embedded && successor(one) !== undefined && isSameCode(one, was!, is)
  try {
    if (replaced.some(endsFirst)) {
      await until(wish([...kept, ...replaced.filter((one) => !endsFirst(one))]), means, ({ settled }) => settled)
    }
    const old = replaced
      .filter((one) => !endsFirst(one))
      .map((one): Unit => ({ ...one, role: successor(one) ? 'old' : one.role }))
    const next = fresh.map((unit): Unit => {
      const takesOver = !embedded ? before.some((one) => one.run === unit.run) : old.some((one) => one.run === unit.run)
      return { ...unit, takesOver, role: 'next' }
    })
    const idsOf = (some: readonly Unit[]) => new Set(membersOf(folder, some).map(({ id }) => id))
    const [nextIds, oldIds] = [idsOf([...kept, ...next]), idsOf(old.filter(({ role }) => role === 'old'))]
    const ready = (more: readonly MemberState['status'][]) => (state: SupervisorState) =>
      areReady(state.members, { ids: nextIds, rules: is.deployment.restart, more })
    await until(wish([...kept, ...old, ...next]), means, ready(embedded ? ['in shadow'] : []))
    if (embedded) await until(wish([...kept, ...old.filter((one) => !successor(one)), ...next]), means, ready([]))
    const leaveBy = Date.now() + LEAVES_MS
    await until(
      undefined,
      means,
      ({ members }) => members.every(({ id, pid }) => !oldIds.has(id) || pid === undefined) || Date.now() > leaveBy,
    )
    // From now on one that is started again is a member like the others.
    await until(wish(units), means, ({ settled }) => settled)
  } catch (error) {
    means.note?.(was === undefined ? 'ending what was started' : `going back to version ${was.number}`)
    const back = before.map(
      (unit): Unit => (replaced.some((one) => isSame(one, unit)) ? again(unit, is.deployment) : unit),
    )
    const patient = { ...means, signal: undefined }
    const wasStarted = ({ pid, status }: MemberState) => pid !== undefined || status !== 'waiting'
    await until(wishOf(was ?? is, back, means), patient, ({ settled, members }) => settled && members.every(wasStarted))
    await until(wishOf(was ?? is, before, means), patient, ({ settled }) => settled)
    throw error
  }
}

/** What was taken over from, and is needed after all, has to take its run back. */
function again(unit: Unit, { engine }: Deployment): Unit {
  return engine === 'kafka' ? { ...unit, takesOver: true } : unit
}

/** Ends every process of the deployment, and waits until they are gone. */
export function stopAll(is: Version, means: Means): Promise<void> {
  return until(wishOf(is, [], means), means, ({ settled }) => settled)
}

/** The units of a version that runs. */
export function unitsOf(version: Version | undefined): Unit[] {
  return (version?.pipelines ?? []).map(({ pipeline, run, since }): Unit => {
    const own = version!.deployment.pipelines.find(({ name }) => name === pipeline)!
    const { replicas, mode, resources } = own
    const flags = runFlags(own, { run, takesOver: false })
    const memoryMb = Number.parseInt(resources.memory, 10) * (resources.memory.endsWith('Gi') ? 1024 : 1)
    return { ...{ pipeline, since, run, replicas, flags, mode, memoryMb }, takesOver: false, role: 'serving' }
  })
}

/** Writes the topology of each process of a unit. */
function writeUnit(folder: string, unit: Unit, pipeline: Pipeline): void {
  const text = `# ${pipeline.name}, version ${unit.since}: written by smartspeed deploy.\n${stringify(topologyInputOf(pipeline))}`
  for (const { file } of membersOf(folder, [unit])) writeText(file, text)
}

function isSameCode({ pipeline }: Unit, was: Version, is: Version): boolean {
  return of(was, pipeline)?.code === of(is, pipeline)?.code
}

function isSame(a: Unit, b: Unit): boolean {
  return a.pipeline === b.pipeline && a.since === b.since
}

export function wishOf({ deployment }: Version, units: readonly Unit[], { folder, program, where }: Means): Desired {
  const { name, restart, secrets } = deployment
  const generation = (readDesired(folder)?.generation ?? 0) + 1
  return { generation, name, program, where, units, restart, secrets }
}

/** Writes a wish, unless the last one still holds, and waits until what the supervisor says of it is so. */
export async function until(
  wish: Desired | undefined,
  means: Means,
  isSo: (state: SupervisorState) => boolean,
): Promise<void> {
  const { folder, program, signal } = means
  if (wish !== undefined) writeDesired(folder, wish)
  const { generation } = readDesired(folder)!
  for (;;) {
    signal?.throwIfAborted()
    // It may be killed while we wait: its processes go on, and another takes its place.
    await ensureSupervisor(folder, program)
    const state = readState(folder)
    if (state !== undefined && state.generation === generation && isSo(state)) return
    await sleep(POLL_MS, undefined, { ref: true })
  }
}

/** `more` says what else than ready is good enough. @throws SmartspeedError when one of them will not get ready */
function areReady(
  members: readonly MemberState[],
  {
    ids,
    rules,
    more,
  }: { ids: ReadonlySet<string>; rules: Deployment['restart']; more: readonly MemberState['status'][] },
): boolean {
  const own = members.filter(({ id }) => ids.has(id))
  for (const { id, status, lastEnd, startedMs } of own) {
    if (status === 'failed' || status === 'crash loop') throw notReady(id, status, lastEnd)
    if (status === 'starting' && startedMs !== undefined && Date.now() - startedMs > rules.readyMs) {
      throw notReady(id, `not ready after ${rules.readyMs / 1000} s`, lastEnd)
    }
  }
  return own.length === ids.size && own.every(({ status }) => isUp(status) || more.includes(status))
}

export function isUp(status: MemberState['status']): boolean {
  return status === 'ready' || status === 'running' || status === 'finished'
}

function notReady(id: string, why: string, end: MemberState['lastEnd']): SmartspeedError {
  const said = end === undefined ? '' : `: ${end.how}${end.said === '' ? '' : `, ${end.said}`}`
  return new SmartspeedError('SERVICE_FAILED', `${id} does not get ready (${why})${said}`, {
    fix: 'its log says more: smartspeed deploy status names it',
  })
}
