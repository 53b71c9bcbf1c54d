// Several looks at tasks, one after the other: how fast each goes on, until when it has caught up, and what is wrong where it does not.
import type { PartitionLag } from './lag.ts'
import type { TaskLook } from './lag-look.ts'

/**
 * What a task is in. `slow`: it commits, and more comes than it takes. `stuck`: somebody holds it, there are rows, and nothing is
 * committed. `stopped`: nobody holds it, and it is not finished.
 */
export type LagState = 'running' | 'slow' | 'stuck' | 'stopped' | 'finished'

export const lagStates: readonly LagState[] = ['running', 'slow', 'stuck', 'stopped', 'finished']

/** A partition, with what only several looks can tell. */
export interface PartitionReport extends PartitionLag {
  /** Rows of the partition that the task passed a second. */
  readonly rowsPerSecond: number | null
  readonly etaSeconds: number | null
}

export interface TaskReport extends Omit<TaskLook, 'partitions'> {
  readonly state: LagState
  /** Why it is in that state, for a person; empty when all is well. */
  readonly why: string
  readonly partitions: readonly PartitionReport[]
}

export interface LagHistory {
  /** Adds a look, made at `nowMs` of a clock, and says what is known now. */
  add(nowMs: number, looks: readonly TaskLook[]): TaskReport[]
}

export interface LagHistoryOptions {
  /** A task that somebody holds, and that committed nothing for so long though there are rows, is stuck. */
  readonly stuckAfterMs: number
  /** Rates are over so long. */
  readonly windowMs?: number
}

/** A task at an earlier moment. */
interface Past {
  readonly ms: number
  readonly look: TaskLook
  readonly rows: number
}

interface Known {
  readonly past: Past[]
  /** Since when somebody holds it, as far as was seen. */
  heldSinceMs: number | undefined
}

export function lagHistory({ stuckAfterMs, windowMs = 60_000 }: LagHistoryOptions): LagHistory {
  const known = new Map<string, Known>()

  function reportOf(nowMs: number, look: TaskLook): TaskReport {
    const name = `${look.run}:${look.task}`
    const one = known.get(name) ?? { past: [], heldSinceMs: look.held ? Number.NEGATIVE_INFINITY : undefined }
    known.set(name, one)
    if (!look.held) one.heldSinceMs = undefined
    else one.heldSinceMs ??= nowMs
    one.past.push({ ms: nowMs, look, rows: rowsOf(look) })
    while (one.past.length > 2 && one.past[1]!.ms <= nowMs - windowMs) one.past.shift()
    const { state, why } = stateOf(one, { nowMs, stuckAfterMs })
    return {
      ...look,
      state,
      why,
      partitions: look.partitions.map((part) => ({ ...part, ...pace(one.past, part, state) })),
    }
  }

  return {
    add(nowMs, looks) {
      const names = new Set(looks.map(({ run, task }) => `${run}:${task}`))
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
      return looks.map((look) => reportOf(nowMs, look))
    },
  }
}

function rowsOf({ partitions }: TaskLook): number {
  return partitions.reduce((sum, { rows }) => sum + rows, 0)
}

function stateOf(
  { past, heldSinceMs }: Known,
  { nowMs, stuckAfterMs }: { readonly nowMs: number; readonly stuckAfterMs: number },
): { state: LagState; why: string } {
  const { look, rows } = past.at(-1)!
  if (look.finished) return { state: 'finished', why: '' }
  if (!look.held) return { state: 'stopped', why: 'nobody works on it' }
  const quietMs = nowMs - Math.max(look.committedMs ?? Number.NEGATIVE_INFINITY, heldSinceMs!)
  const same = past.every((one) => one.look.step === look.step || nowMs - one.ms >= stuckAfterMs)
  if (rows > 0 && same && quietMs >= stuckAfterMs) {
    const since = Number.isFinite(quietMs) ? `for ${Math.round(quietMs / 1000)} s` : 'yet'
    return { state: 'stuck', why: `somebody holds it, and nothing was committed ${since}` }
  }
  if (fallsBehind(past)) return { state: 'slow', why: 'it commits, and more comes than it takes' }
  return { state: 'running', why: '' }
}

/**
 * Commits make teeth: lag rises to each and falls with it. So the least of the later half of the looks is held against the greatest of
 * the earlier half, and it must have committed meanwhile.
 */
function fallsBehind(past: readonly Past[]): boolean {
  if (past.length < 2 || past[0]!.look.step === past.at(-1)!.look.step) return false
  const middle = past.length >> 1
  const before = past.slice(0, middle).map(({ rows }) => rows)
  const after = past.slice(middle).map(({ rows }) => rows)
  return Math.min(...after) > Math.max(...before)
}

/** How fast a partition was passed since the first look, and until when it is done at that pace. */
function pace(
  past: readonly Past[],
  part: PartitionLag,
  state: LagState,
): Pick<PartitionReport, 'rowsPerSecond' | 'etaSeconds'> & { reason?: string } {
  const done = part.rows === 0 ? 0 : null
  const first = past[0]!
  const seconds = (past.at(-1)!.ms - first.ms) / 1000
  const then = first.look.partitions.find((one) => one.topic === part.topic && one.partition === part.partition)
  const because = (reason: string) => (part.reason === undefined ? { reason } : {})
  if (state === 'finished') return { rowsPerSecond: null, etaSeconds: done, ...because('it is finished') }
  if (state === 'stopped')
    return { rowsPerSecond: 0, etaSeconds: done, ...(done === 0 ? {} : because('it is stopped')) }
  if (seconds <= 0 || then === undefined) {
    return { rowsPerSecond: null, etaSeconds: done, ...because('a rate takes two looks: --watch') }
  }
  const rate = Math.max(0, (part.committed ?? 0) - (then.committed ?? 0)) / seconds
  const gain = rate - (part.end - then.end) / seconds
  if (done === 0) return { rowsPerSecond: rate, etaSeconds: 0 }
  if (gain > 0) return { rowsPerSecond: rate, etaSeconds: (part.end - (part.committed ?? 0)) / gain }
  return { rowsPerSecond: rate, etaSeconds: null, ...because(rate === 0 ? whyStill(state) : 'it gains nothing') }
}

function whyStill(state: LagState): string {
  return state === 'stuck' ? 'it is stuck' : 'nothing was committed between the looks'
}
