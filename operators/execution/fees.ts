// What a fill costs.
import type { Execution } from '../../schemas/records.generated.ts'
import type { Instrument } from '../instrument.ts'
import { feeE8, valueE8 } from '../portfolio/money.ts'

/** Shares of a fill's value, such as 0.0004; negative is a rebate. */
export interface FeeRates {
  readonly maker: number
  readonly taker: number
}

/** Rates of every exchange, and of some what differs. */
export interface FeeSchedule extends FeeRates {
  readonly exchanges?: Readonly<Record<string, { readonly [K in keyof FeeRates]?: number | undefined }>> | undefined
}

/** What trading each of the instruments costs. @throws RangeError unless each rate is within ±1 */
export function ratesOf({ exchanges = {}, maker, taker }: FeeSchedule, instruments: readonly Instrument[]): FeeRates[] {
  return instruments.map(({ exchange }) => {
    const own = exchanges[exchange]
    const rates = { maker: own?.maker ?? maker, taker: own?.taker ?? taker }
    for (const rate of [rates.taker, rates.maker])
      if (!(Math.abs(rate) <= 1)) throw new RangeError(`a fee is a share within ±1, not ${rate}`)
    return rates
  })
}

/** The fee on `lots` at `ticks`, 10⁻⁸ of the settlement currency, rounded half away from zero. @throws RangeError unless the rate is within ±1 */
export function feeOn(
  instrument: Instrument,
  fill: { ticks: number; lots: number; liquidity: NonNullable<Execution['liquidity']> },
  rates: FeeRates,
): bigint {
  const rate = rates[fill.liquidity]
  return rate === 0 ? 0n : feeE8(valueE8(instrument, fill.ticks, fill.lots), rate)
}
