// The calculations by name. A new one is a formula where it is used, and one line here.
import { namedIn, SmartspeedError } from '../../schemas/errors.ts'
import { parseObject } from '../strategies/parameters.ts'
import type { Calculation } from './calculation.ts'
import { fundingOf, initialMarginOf, liquidationPriceOf, maintenanceMarginOf } from './margin.ts'
import { researchCalculations } from './research.ts'
import { atrSizeOf, fixedFractionalOf, kellyOf } from './sizing.ts'

export type { Calculation } from './calculation.ts'

export const calculations: readonly Calculation[] = [
  initialMarginOf,
  maintenanceMarginOf,
  liquidationPriceOf,
  fundingOf,
  kellyOf,
  fixedFractionalOf,
  atrSizeOf,
  ...researchCalculations,
]

/** @throws SmartspeedError UNKNOWN_NAME with the nearest name */
export function calculationOf(name: string): Calculation {
  return namedIn(calculations, { kind: 'calculation', name })
}

/** @throws SmartspeedError CONFIG_INVALID with key, value seen and what is allowed */
export function calculate(one: Calculation, given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `calc ${one.name}: ${JSON.stringify(given)} is no object of arguments`,
      {
        fix: `what it takes: smartspeed calc --list`,
      },
    )
  }
  return one.answer(parseObject(one.arguments, given as Readonly<Record<string, unknown>>, `calc ${one.name}`))
}
