// What ends a position beside the strategy that began it.
import type { z } from 'zod'
import type { Signal } from '../../schemas/records.generated.ts'
import type { BarView } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import type { RiskProfile } from '../regime/profiles.ts'

/** How the reasons of exits begin: what closes a position for its safety is never sent in parts. */
export const exitMark = 'exit: '

export function isExit({ action, target, reason }: Pick<Signal, 'action' | 'target' | 'reason'>): boolean {
  return action === 'target' && target === 0 && reason.startsWith(exitMark)
}

/** A position that is open, as of a row of its market. Prices as the exchange spells them; one object, moved. */
export interface Held {
  readonly instrument: number
  /** 1 long, −1 short. */
  readonly side: number
  /** Mean price of the open size. */
  readonly entry: number
  /** Receive time of the fill that opened it, µs. */
  readonly since: number
  /** Receive time of the row, µs. */
  readonly now: number
  /** At mark. */
  readonly price: number
  /** The best mark since it was opened: the highest of a long, the lowest of a short. */
  readonly best: number
  /** Equity of the account, and the highest it was since it last held nothing, in its currency. */
  readonly equity: number
  readonly highest: number
  /** What the risk regime allows, where it is followed and known. */
  readonly profile: RiskProfile | undefined
  /** What distances of stops are multiplied by: below 1 while the price has just moved too fast. */
  readonly nearer: number
}

/** An exit at work for one account. What it remembers is in `save`. */
export interface RunningExit {
  /** Why the position ends now; undefined while it may stay. */
  leave(held: Held): string | undefined
  /** A bar of the run closed. Nobody keeps it. */
  bar?(bar: BarView): void
  save?(): unknown
  load?(state: unknown): void
}

/** An exit of the list in index.ts. */
export interface Exit<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly summary: string
  /** True when it rests on the run's bars. */
  readonly needsBars?: true
  /** A zod object whose fields have defaults and descriptions. */
  readonly parameters: P
  create(params: z.output<P>, instruments: readonly Instrument[]): RunningExit
}
