// What a risk check is, and what it may look at.
import type { z } from 'zod'
import type { Execution, RiskEvent } from '../../schemas/records.generated.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
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

/** A smaller size for what an order adds to risk, and why. */
export interface Scaling {
  /** In [0, 1): what it is multiplied by. */
  readonly factor: number
  readonly value: number
  readonly limit: number
  readonly reason: string
}

/** A check with its limits. What it remembers is in `save`. Its functions are called by themselves: they know no `this`. */
export interface RunningCheck {
  /** May throw: that is a no (fail closed). */
  check(view: RiskView): Verdict
  /** Asked before all checks: makes the order smaller, never larger; undefined leaves it as it is. What takes from a position is never scaled. */
  scale?(view: RiskView): Scaling | undefined
  /** Called when an order passed every check. */
  passed?(view: RiskView): void
  /** Called with each fill, liquidation and funding, after it changed the portfolio. */
  executed?(execution: Execution, portfolio: AccountPortfolio): Happening | undefined
  /** Called at least once a UTC minute, and before each check, so that highs and days are known without orders. */
  watch?(now: number, equity: number): Happening | undefined
  save?(): unknown
  load?(state: unknown): void
}

/** A halt, or its end. */
export interface Happening {
  readonly action: RiskEvent['action']
  readonly value: number
  readonly limit: number
  readonly detail: string
}

/** A check of the ordered list in index.ts. */
export interface Check<C extends z.ZodType = z.ZodType> {
  readonly name: string
  /** Checked whatever the config says: without it an order makes no sense. */
  readonly always?: true
  /** Its yes is no verdict worth keeping. */
  readonly silent?: true
  /** Limits: a zod object whose fields have defaults, and descriptions with unit and source. */
  readonly config: C
  create(config: z.output<C>): RunningCheck
}

/** Gives a check the types of its limits; changes nothing. */
export function defineCheck<C extends z.ZodType>(check: Check<C>): Check<C> {
  return check
}

const yes = { allowed: true as const, value: 0, limit: 0 }

/** A yes. One object for all of them: whoever asks takes from it what he keeps, before he asks again. */
export function allow(value: number, limit: number): Verdict {
  yes.value = value
  yes.limit = limit
  return yes
}

/** A no, with its reason unless one of the numbers is none. */
export function refuse(value: number, limit: number, reason: string, detail: string): Verdict {
  const isNumber = !Number.isNaN(value) && !Number.isNaN(limit)
  return { allowed: false, value, limit, reason: isNumber ? reason : 'NOT_A_NUMBER', detail }
}

/** `12.3 %` for details. */
export function percent(share: number): string {
  return `${Math.round(share * 1e4) / 100} %`
}

/** An amount of money for details: no more than two decimals. */
export function money(amount: number): string {
  return String(Math.round(amount * 100) / 100)
}
