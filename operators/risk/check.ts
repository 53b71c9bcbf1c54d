// What a risk check is, and what it may look at.
import type { z } from 'zod'
import type { RiskEvent } from '../../schemas/records.generated.ts'
import type { RiskView } from './view.ts'

/** What was measured and what is allowed; a no has a reason of few fixed words and a sentence for people. */
export type Verdict =
  | { readonly allowed: true; readonly value: number; readonly limit: number }
  | {
      readonly allowed: false
      readonly value: number
      readonly limit: number
      readonly reason: string
      readonly detail: string
    }

/** A check with its limits. What it remembers is in `save`. */
export interface RunningCheck {
  /** May throw: that is a no (fail closed). */
  check(view: RiskView): Verdict
  /** Called when an order passed every check. */
  passed?(view: RiskView): void
  /** Called at least once a UTC minute, and before each check, so that highs and days are known without orders. */
  watch?(
    now: number,
    equity: number,
  ): { action: RiskEvent['action']; value: number; limit: number; detail: string } | undefined
  save?(): unknown
  load?(state: unknown): void
}

/** A check of the ordered list in index.ts. */
export interface Check<C extends z.ZodType = z.ZodType> {
  readonly name: string
  /** Checked whatever the config says: without it an order makes no sense. */
  readonly always?: true
  /** Limits: a zod object whose fields have defaults, and descriptions with unit and source. */
  readonly config: C
  create(config: z.output<C>): RunningCheck
}

/** Gives a check the types of its limits; changes nothing. */
export function defineCheck<C extends z.ZodType>(check: Check<C>): Check<C> {
  return check
}

/** Allowed when value ≤ limit; NaN is never allowed. */
export function atMost(value: number, limit: number, reason: string, detail: () => string): Verdict {
  if (value <= limit) return { allowed: true, value, limit }
  return {
    allowed: false,
    value,
    limit,
    reason: Number.isNaN(value) || Number.isNaN(limit) ? 'NOT_A_NUMBER' : reason,
    detail: detail(),
  }
}

/** Allowed when value ≥ limit; NaN is never allowed. */
export function atLeast(value: number, limit: number, reason: string, detail: () => string): Verdict {
  if (value >= limit) return { allowed: true, value, limit }
  return {
    allowed: false,
    value,
    limit,
    reason: Number.isNaN(value) || Number.isNaN(limit) ? 'NOT_A_NUMBER' : reason,
    detail: detail(),
  }
}

/** `12.3 %` for details. */
export function percent(share: number): string {
  return `${Math.round(share * 1e4) / 100} %`
}

/** An amount of money for details: no more than two decimals. */
export function money(amount: number): string {
  return String(Math.round(amount * 100) / 100)
}
