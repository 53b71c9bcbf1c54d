// How many orders Binance takes from an account, and how many requests: data with dates.
import type { LimitSchedule } from './index.ts'

/** Every request counts 1, as sending and cancelling orders do over the websocket API. */
const spotWeights = { new: 1, cancel: 1, amend: 1, 'cancel-all': 1 } as const
/** On futures sending and amending orders count on the limits of orders alone. */
const futuresWeights = { new: 0, cancel: 1, amend: 0, 'cancel-all': 1 } as const

/**
 * By exchange id, the oldest first; `seen` is when the exchange was seen to say so.
 *
 * Source: `rateLimits` of the exchanges' own exchangeInfo answers of 2021; Binance support, "Rate Limits on Binance Futures" (2024-12-27:
 *         still 1,200 a minute, 300 in 10 s, 2,400 weight); Binance spot API documentation, "Limits" and "Spot Unfilled Order Count
 *         Rules"; backtesting engine, §3 (2025: 6,000 weight, 10 orders a second, 200,000 a day).
 */
export const binanceLimits: Readonly<Record<string, readonly LimitSchedule[]>> = {
  binance: [
    {
      seen: '2021-10-12',
      orders: [
        { seconds: 10, limit: 50 },
        { seconds: 86_400, limit: 160_000 },
      ],
      weight: [{ seconds: 60, limit: 1_200 }],
      weights: spotWeights,
    },
    {
      seen: '2025-10-14',
      orders: [
        { seconds: 10, limit: 100 },
        { seconds: 86_400, limit: 200_000 },
      ],
      weight: [{ seconds: 60, limit: 6_000 }],
      weights: spotWeights,
    },
  ],
  'binance-usdm': [
    {
      seen: '2021-07-22',
      orders: [
        { seconds: 10, limit: 300 },
        { seconds: 60, limit: 1_200 },
      ],
      weight: [{ seconds: 60, limit: 2_400 }],
      weights: futuresWeights,
    },
  ],
  'binance-coinm': [
    {
      seen: '2021-07-22',
      orders: [{ seconds: 60, limit: 1_200 }],
      weight: [{ seconds: 60, limit: 2_400 }],
      weights: futuresWeights,
    },
  ],
}
