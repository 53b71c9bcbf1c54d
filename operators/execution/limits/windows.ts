// Requests counted in windows of the exchange's clock.
import type { Order } from '../../../schemas/records.generated.ts'
import { parseTime } from '../../../schemas/time.ts'
import type { About } from '../about.ts'
import type { Reason } from '../orders.ts'
import type { LimitRule, LimitSchedule } from './index.ts'

export const aboutWindows: About = {
  name: 'windows',
  meaning:
    'requests beyond the exchange’s limits are refused, cancels too, until the next window of its clock; nobody is banned for trying',
  source: 'Binance, "Rate Limits on Binance Futures", and the rateLimits of its exchangeInfo',
}

export interface LimitsState {
  readonly chosen: number
  /** Of each rule, orders first: the number of its last window, and what came in it. */
  readonly windows: readonly number[]
  readonly counts: readonly number[]
}

/**
 * Counts requests by windows of the exchange's clock. One that would pass a limit is refused and counts for nothing: weight first, as
 * the gateway stands before the matching engine, then orders.
 *
 * Simpler, and stricter, than the exchange: on spot an order that is filled no longer counts there; requests that it answers by a
 * ban (HTTP 418) are only refused here; weight is an address's there, and an account's here.
 * In:     requests in the order of their arrival. The limits are those that held when the first arrived.
 * Source: Binance spot API documentation, "Rate limits" (windows of the clock) and "Spot Unfilled Order Count Rules".
 */
export class Limits {
  private readonly schedules: readonly LimitSchedule[]
  private chosen = -1
  private windows: number[] = []
  private counts: number[] = []

  constructor(schedules: readonly LimitSchedule[]) {
    this.schedules = schedules
  }

  /** Why a request that arrives at `time`, µs, is refused; undefined, and counted, when it is not. */
  refusal(kind: Order['kind'], time: number): Reason | undefined {
    if (this.chosen < 0) this.choose(scheduleAt(this.schedules, time))
    const { orders, weight, weights } = this.schedules[this.chosen]!
    const places = kind === 'new' || kind === 'amend' ? 1 : 0
    if (!this.hasRoom(weight, orders.length, weights[kind], time)) return 'RATE_LIMIT'
    if (!this.hasRoom(orders, 0, places, time)) return 'TOO_MANY_ORDERS'
    for (let rule = 0; rule < orders.length + weight.length; rule++)
      this.counts[rule]! += rule < orders.length ? places : weights[kind]
    return undefined
  }

  save(): LimitsState {
    const { chosen, windows, counts } = this
    return { chosen, windows: [...windows], counts: [...counts] }
  }

  load({ chosen, windows, counts }: LimitsState): void {
    this.chosen = chosen
    this.windows = [...windows]
    this.counts = [...counts]
  }

  private choose(schedule: number): void {
    this.chosen = schedule
    const { orders, weight } = this.schedules[schedule]!
    this.windows = [...orders, ...weight].map(() => Number.NEGATIVE_INFINITY)
    this.counts = [...orders, ...weight].map(() => 0)
  }

  private hasRoom(rules: readonly LimitRule[], from: number, more: number, time: number): boolean {
    let hasRoom = true
    for (let at = 0; at < rules.length; at++) {
      const { seconds, limit } = rules[at]!
      const window = Math.floor(time / (seconds * 1_000_000))
      if (window > this.windows[from + at]!) {
        this.windows[from + at] = window
        this.counts[from + at] = 0
      }
      if (more > 0 && this.counts[from + at]! + more > limit) hasRoom = false
    }
    return hasRoom
  }
}

/** The last that was seen by then, else the first. */
function scheduleAt(schedules: readonly LimitSchedule[], time: number): number {
  let chosen = 0
  for (const [at, { seen }] of schedules.entries()) if (parseTime('seen', seen) <= time) chosen = at
  return chosen
}
