// A bad hour, day or week ends early: after a loss, no new risk until the next one.
import type { RunningCheck } from './check.ts'
import { allow, percent } from './check.ts'

export interface LossPeriod {
  /** `since midnight UTC` */
  readonly since: string
  /** `the next UTC day` */
  readonly until: string
  readonly reason: string
  /** Number of the period that a time lies in, µs since 1970. */
  readonly of: (now: number) => number
}

/**
 * Halts when equity at mark falls to 1 − share of what it was at the period's first instant, and stays halted until the next period
 * (in UTC, by receive time), also if equity recovers. What only takes from a position passes.
 */
export function lossWithin(period: LossPeriod, share: number): RunningCheck {
  let number = Number.NaN
  let start = Number.NaN
  let lost = 0
  let halted = false
  return {
    watch(now, equity) {
      const current = period.of(now)
      const resumed = halted && current !== number
      if (current !== number) {
        number = current
        start = equity
        halted = false
      }
      lost = (start - equity) / start
      if (resumed)
        return { action: 'resumed', value: 0, limit: share, detail: period.until.replace('the next', 'a new') }
      if (halted || lost < share) return undefined
      halted = true // also when lost is NaN
      return { action: 'halted', value: lost, limit: share, detail: `lost ${percent(lost)} ${period.since}` }
    },
    check({ reduces }) {
      if (!halted || reduces) return allow(lost, share)
      const detail = `halted until ${period.until}`
      return { allowed: false, value: lost, limit: share, reason: period.reason, detail }
    },
    save: () => ({ number, start, lost, halted }),
    load(state) {
      ;({ number, start, lost, halted } = state as { number: number; start: number; lost: number; halted: boolean })
    },
  }
}

const hourUs = 3_600_000_000
const dayUs = 24 * hourUs

export const hour: LossPeriod = {
  ...{ since: 'since the hour began', until: 'the next UTC hour', reason: 'HOURLY_LOSS' },
  of: (now) => Math.floor(now / hourUs),
}
export const day: LossPeriod = {
  ...{ since: 'since midnight UTC', until: 'the next UTC day', reason: 'DAILY_LOSS' },
  of: (now) => Math.floor(now / dayUs),
}
/** From Monday on: 1970 began on a Thursday. */
export const week: LossPeriod = {
  ...{ since: 'since Monday UTC', until: 'the next UTC week', reason: 'WEEKLY_LOSS' },
  of: (now) => Math.floor((now / dayUs + 3) / 7),
}
