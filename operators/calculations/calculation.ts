// A formula by its name: what it takes, what it gives, and where it is from. `smartspeed calc` asks for one.
import type { z } from 'zod'

export interface Calculation<A extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly summary: string
  /** A zod object whose fields say units. */
  readonly arguments: A
  /** The names in its answer, with units. */
  readonly gives: string
  readonly source: string
  answer(given: z.output<A>): Readonly<Record<string, unknown>>
}

/** Says that the arguments of an answer are those of its schema. */
export function calculation<A extends z.ZodType>(one: Calculation<A>): Calculation {
  return one
}
