// Two instruments that one strategy holds against each other, and how far what it holds of them is from cancelling out.
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Desk } from '../desk.ts'
import { type Instrument, sizeOf } from '../instrument.ts'

/** What legs are named by: `BTCUSDT`, or where that is two instruments `binance:BTCUSDT`. */
export interface LegNames {
  readonly first?: string | undefined
  readonly second?: string | undefined
}

/** What the one and the other leg has to be, when none is named: any, or of a type. */
export type LegKind = readonly [Instrument['type'] | undefined, Instrument['type'] | undefined]

/**
 * The two legs of a strategy; of a kind that is not named the first in the run's order.
 *
 * Errors: CONFIG_INVALID for a name of none or of two instruments, for less than two instruments, and for inverse contracts: a size of
 * those is no amount of the asset.
 */
export function legsOf(
  { instruments }: Pick<Desk, 'instruments'>,
  { strategy, names, kind = [undefined, undefined] }: { strategy: string; names: LegNames; kind?: LegKind },
): readonly [Instrument, Instrument] {
  const first = named(names.first) ?? instruments.find((one) => fits(one, kind[0]) && one !== named(names.second))
  const second = named(names.second) ?? instruments.find((one) => fits(one, kind[1]) && one !== first)
  if (first === undefined || second === undefined || first === second) {
    const what = kind[0] === undefined ? 'two instruments' : `a ${kind[0]} and a ${kind[1]}`
    throw invalid(`it needs ${what}, and the run has ${listed(instruments)}`)
  }
  for (const one of [first, second])
    if (one.inverse) throw invalid(`${nameOf(one)} is inverse: its size is no amount of the asset`)
  return [first, second]

  function named(name: string | undefined): Instrument | undefined {
    if (name === undefined) return undefined
    const found = instruments.filter((one) => one.symbol === name || nameOf(one) === name)
    if (found.length === 1) return found[0]
    throw invalid(
      `${name} is ${found.length === 0 ? 'none' : 'several'} of the run’s instruments: ${listed(instruments)}`,
    )
  }

  function invalid(what: string): SmartspeedError {
    return new SmartspeedError('CONFIG_INVALID', `strategy ${strategy}: ${what}`, {
      fix: 'name both in symbols, of several exchanges as binance:BTCUSDT',
      at: ['strategy', 'params'],
    })
  }
}

function fits({ type, inverse }: Instrument, kind: Instrument['type'] | undefined): boolean {
  return !inverse && (kind === undefined || type === kind)
}

function nameOf({ exchange, symbol }: Instrument): string {
  return `${exchange}:${symbol}`
}

function listed(instruments: readonly Instrument[]): string {
  return instruments.map(nameOf).join(', ')
}

/** What a size of an instrument is in units of its asset. */
export function amountOf({ contractSize }: Instrument, size: number): number {
  return size * contractSize
}

/** The size of an amount of the asset: whole lots, towards 0. */
export function sizeWithin(instrument: Instrument, amount: number): number {
  const lots = Math.trunc((amount / instrument.contractSize / instrument.lotSize) * (1 + 1e-12))
  return sizeOf(instrument, lots)
}

/** The smallest amount of the asset that either leg can be traded by: a lot of the coarser one. */
export function coarserLot(legs: readonly [Instrument, Instrument]): number {
  return Math.max(amountOf(legs[0], legs[0].lotSize), amountOf(legs[1], legs[1].lotSize))
}
