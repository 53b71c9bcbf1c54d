// What a fill costs.
import type { Execution } from '../../schemas/records.generated.ts'
import type { Instrument } from '../instrument.ts'
import { feeE8, valueE8 } from '../portfolio/money.ts'

/** Shares of a fill's value, such as 0.0004; negative is a rebate. */
export interface FeeRates {
  readonly maker: number
  readonly taker: number
}

/** The rates of an exchange. */
export type RatesOf = (exchange: string) => FeeRates

/** The fee on `lots` at `ticks`, 10⁻⁸ of the settlement currency, rounded half away from zero. @throws RangeError unless the rate is within ±1 */
export function feeOn(
  instrument: Instrument,
  fill: { ticks: number; lots: number; liquidity: NonNullable<Execution['liquidity']> },
  rates: FeeRates,
): bigint {
  const rate = rates[fill.liquidity]
  return rate === 0 ? 0n : feeE8(valueE8(instrument, fill.ticks, fill.lots), rate)
}
