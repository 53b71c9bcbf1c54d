// What an exchange takes from an account in a stretch of time; what is more it refuses.
import type { Order } from '../../../schemas/records.generated.ts'
import { binanceLimits } from './binance.ts'
import { Limits } from './windows.ts'

export interface LimitRule {
  /** Length of the windows, which begin at whole multiples of it since 1970 UTC. */
  readonly seconds: number
  readonly limit: number
}

/** The limits of an exchange as they were at some time. */
export interface LimitSchedule {
  /** The day on which they were seen to hold, in UTC. */
  readonly seen: string
  /** Of new orders, and amended ones. */
  readonly orders: readonly LimitRule[]
  /** Of the weight of all requests. */
  readonly weight: readonly LimitRule[]
  readonly weights: Readonly<Record<Order['kind'], number>>
}

/** Limits of one's own, for every exchange; what is left out is not limited. */
export interface OwnLimits {
  readonly ordersPer10s?: number | undefined
  readonly ordersPerMinute?: number | undefined
  readonly ordersPerDay?: number | undefined
  readonly weightPerMinute?: number | undefined
}

export type LimitOptions = 'off' | 'default' | OwnLimits

/** The limits of an exchange; undefined where there are none, or none are known. */
export function limitsOf(options: LimitOptions, exchange: string): Limits | undefined {
  if (options === 'off') return undefined
  const schedules = options === 'default' ? binanceLimits[exchange] : [ownSchedule(options)]
  return schedules === undefined ? undefined : new Limits(schedules)
}

function ownSchedule({ ordersPer10s, ordersPerMinute, ordersPerDay, weightPerMinute }: OwnLimits): LimitSchedule {
  const rule = (seconds: number, limit: number | undefined) => (limit === undefined ? [] : [{ seconds, limit }])
  return {
    seen: '1970-01-01',
    orders: [...rule(10, ordersPer10s), ...rule(60, ordersPerMinute), ...rule(86_400, ordersPerDay)],
    weight: rule(60, weightPerMinute),
    weights: { new: 1, cancel: 1, amend: 1, 'cancel-all': 1 },
  }
}
