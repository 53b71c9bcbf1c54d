// A parent cut into slices: so much at each of some times.
import { z } from 'zod'
import { type Hand, minuteUs, type Parent } from './algorithm.ts'

/** Parameters of what works to a clock. */
export const minutes = z
  .number()
  .positive()
  .max(100_000)
  .default(10)
  .describe('time from the signal to the end, in minutes')
export const rest = z
  .enum(['take', 'leave'])
  .default('take')
  .describe('what is not filled at the end: taken at once (of a limit order within its limit), or left')

/** When a parent that began at `start` ends, µs. */
export function endAfter(start: number, minutes: number): number {
  return start + Math.round(minutes * minuteUs)
}

/** Times are µs, each not before the last; `due` is what should have been sent by then, in all. */
export interface Schedule {
  readonly times: readonly number[]
  readonly due: readonly number[]
}

/**
 * Whole numbers in proportion to the weights that sum up to `whole`: each is rounded down, and what is left goes by one each to the largest
 * remainders, of equal ones to the first. In equal parts where no weight is above 0.
 *
 * Source: Hamilton's method, as in M. Balinski, H. P. Young (1982), "Fair Representation".
 */
export function partsOf(whole: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const exact = weights.map((weight) => (total > 0 ? (whole * weight) / total : whole / weights.length))
  const parts = exact.map(Math.floor)
  const left = whole - parts.reduce((sum, part) => sum + part, 0)
  const order = exact.map((_, at) => at).sort((a, b) => exact[b]! - parts[b]! - (exact[a]! - parts[a]!) || a - b)
  for (let at = 0; at < left; at++) parts[order[at % order.length]!]! += 1
  return parts
}

/** A slice at each of the times. */
export function scheduleOf(lots: number, weights: readonly number[], times: readonly number[]): Schedule {
  let sum = 0
  return { times, due: partsOf(lots, weights).map((part) => (sum += part)) }
}

/**
 * Takes what is due by now and neither filled nor open, and gives the time of the next slice, µs. So a slice that found nothing, was refused, or
 * whose time no row came at is in the next one.
 */
export function followSchedule(parent: Parent, hand: Hand): number {
  const { times, due } = parent.plan as Schedule
  let past = 0
  while (past < times.length && times[past]! <= hand.now) past++
  const wanted = (due[past - 1] ?? 0) - (parent.lots - hand.left)
  if (wanted > 0) hand.take(wanted)
  return times[past] ?? parent.end
}
