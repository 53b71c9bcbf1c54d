// What exchanges ask of an account without a discount: data with dates.
import { SmartspeedError } from '../../schemas/errors.ts'
import { parseTime } from '../../schemas/time.ts'
import type { FeeRates } from './fees.ts'

export interface FeeSchedule extends FeeRates {
  /** The day on which it was seen to hold, in UTC. */
  readonly seen: string
}

/**
 * Rates of the lowest tier (VIP 0) without discounts, by exchange id, the oldest first.
 *
 * Source: Binance, "Fee Schedule" and "Futures Fee Structure", as accounts and ccxt said them on these days: spot 0.1 % (2019-08-17);
 *         USDⓈ-M 0.02 % and 0.04 % (2021-06-30), 0.05 % for takers (2024-04-28, still on 2026-10-12); COIN-M 0.01 % and 0.05 % (2021-06-30).
 */
export const feeSchedules: Readonly<Record<string, readonly FeeSchedule[]>> = {
  binance: [{ seen: '2019-08-17', maker: 0.001, taker: 0.001 }],
  'binance-usdm': [
    { seen: '2021-06-30', maker: 0.0002, taker: 0.0004 },
    { seen: '2024-04-28', maker: 0.0002, taker: 0.0005 },
  ],
  'binance-coinm': [{ seen: '2021-06-30', maker: 0.0001, taker: 0.0005 }],
}

/**
 * The rates of an exchange's lowest tier as they were at a time, µs: the last that were seen by then, else the first.
 * @throws SmartspeedError CONFIG_INVALID for an exchange whose rates are not known here
 */
export function lowestTier(exchange: string, time: number): FeeSchedule {
  const schedules = feeSchedules[exchange]
  if (schedules === undefined) {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `venue.fees = vip0: the rates of ${exchange} are not known; those of ${Object.keys(feeSchedules).join(', ')} are`,
      { fix: `say them: fees: {${exchange}: {maker: 0.0002, taker: 0.0005}}`, at: ['venue', 'fees'] },
    )
  }
  return schedules.findLast(({ seen }) => parseTime('seen', seen) <= time) ?? schedules[0]!
}
