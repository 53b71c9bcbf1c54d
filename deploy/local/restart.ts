// What becomes of a process that ended: it is finished, it is started again after a while, or it is given up and said so.
import { random } from '../../operators/random.ts'
import type { Deployment } from '../topology/schema.ts'
import type { Unit } from './unit.ts'

/**
 * `waiting` for its next start; `starting` until it says that it is ready; `running` where it has no way to say so;
 * `in shadow` while it waits for the end of the version before it; `silent` when it no longer answers; `crash loop` waits too, after having ended too often; `failed` will not be started again: its
 * config or its outputs are wrong; `finished` read its inputs to their end; `ended` was asked to, or was taken over from.
 */
export type Status =
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'running'
  | 'in shadow'
  | 'silent'
  | 'crash loop'
  | 'failed'
  | 'finished'
  | 'ended'

export interface Ended {
  readonly atMs: number
  /** `exit 1`, `SIGKILL`, or `ended` where nobody saw how. */
  readonly how: string
  /** What it said last. */
  readonly said: string
}

export interface MemberState {
  readonly id: string
  readonly status: Status
  readonly pid?: number
  readonly port?: number
  readonly startedMs?: number
  /** All its starts but the first. */
  readonly restarts: number
  /** Ends without having lived for long between them. */
  readonly endsInRow: number
  readonly lastEnd?: Ended
  /** When it is started again. */
  readonly nextMs?: number
}

export interface End extends Ended {
  /** Null when a signal ended it, undefined when nobody saw how. */
  readonly code: number | null | undefined
}

/** Config or outputs that are wrong stay wrong: exit 2, or a takeover that computed something else. */
const hopeless = /^(NOT_DETERMINISTIC|VERSION_MISMATCH|RUN_EXISTS): /

/** The state after an end that nobody asked for. */
export function afterEnd(
  state: MemberState,
  { code, ...lastEnd }: End,
  { unit, rules, seed }: { readonly unit: Unit; readonly rules: Deployment['restart']; readonly seed: string },
): MemberState {
  const { pid: _, port: _port, nextMs: _next, ...rest } = state
  const base = { ...rest, lastEnd }
  if (code === 0 && unit.mode === 'backtest') return { ...base, status: 'finished' }
  if (unit.role === 'old' && (code === 0 || /^TAKEN_OVER: /.test(lastEnd.said))) return { ...base, status: 'ended' }
  if (code === 2 || hopeless.test(lastEnd.said)) return { ...base, status: 'failed' }
  const lived = lastEnd.atMs - (state.startedMs ?? lastEnd.atMs)
  const endsInRow = lived >= rules.healthyMs ? 1 : state.endsInRow + 1
  const nextMs = lastEnd.atMs + waitMs(endsInRow, rules, `${seed}/${state.id}/${state.restarts}`)
  return { ...base, endsInRow, nextMs, status: endsInRow >= rules.loopAfter ? 'crash loop' : 'waiting' }
}

/**
 * How long to wait before the next start: twice as long after each end, up to the most; of that a share from a half to all, drawn by the
 * seed, so that processes that ended together do not come back together.
 */
export function waitMs(
  ends: number,
  { firstMs, mostMs }: Pick<Deployment['restart'], 'firstMs' | 'mostMs'>,
  seed: string,
): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(ends - 1, 30))
  return Math.round(full * (0.5 + random(seed).next() / 2))
}
