// The share of equity whose repeated bet grows fastest, or a fraction of it.
import { z } from 'zod'
import { entryOf, noEquity, noPrice, sizeWorth } from './entry.ts'
import type { SizingRule } from './sizing.ts'
import { TripRecord, type Trips } from './trip-record.ts'

const parameters = z.strictObject({
  fraction: z.number().positive().max(1).default(0.5).describe('of Kelly’s share; S4 §3.5.1: a half'),
  trips: z.int().min(1).max(100_000).default(100).describe('closed round trips of the account that it goes back over'),
  least: z.int().min(1).max(100_000).default(30).describe('closed round trips before it is believed'),
  start: z.number().min(0).max(1).default(0.01).describe('share of equity before that (0: refused)'),
  probe: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('share of equity where the formula says none, so that it goes on to be asked (0: refused, for good)'),
  most: z.number().positive().max(125).default(0.25).describe('largest share of equity, whatever the formula says'),
})

/**
 * equity × min(most, fraction × Kelly) / price, from the account's own closed round trips: how often they won, and how much they won and
 * lost on average, as returns on what was entered, after fees. Where the formula says nothing should be staked, nothing is.
 */
export const kelly: SizingRule<typeof parameters> = {
  name: 'kelly',
  summary: 'a fraction of Kelly’s share of equity, by the account’s own round trips',
  parameters,
  create({ fraction, trips, least, start, probe, most }, { instruments }) {
    const record = new TripRecord(instruments, trips)
    return {
      execution: (execution) => record.heard(execution),
      size(signal, _size, view) {
        const { price } = entryOf(signal, view)
        const equity = view.portfolio.equity() / 1e8
        if (!(price > 0)) return noPrice
        if (!(equity > 0)) return noEquity(equity)
        const said = record.trips
        const share = said.count < least ? start : Math.min(most, shareOf(said, fraction)) || probe
        if (share > 0) return sizeWorth(view.instrument, equity * share, price)
        if (said.count < least) {
          return {
            reason: 'NOT_WARM',
            value: said.count,
            limit: least,
            detail: `fewer than ${least} round trips ended`,
          }
        }
        const detail = `${said.wins} of ${said.count} round trips won: no share of equity grows by this`
        return { reason: 'NO_EDGE', value: said.wins / said.count, detail }
      },
      save: () => record.save(),
      load: (state) => record.load(state as ReturnType<TripRecord['save']>),
    }
  },
}

/** Kelly's share of trips; all of `fraction` where none lost, nothing where none won. */
function shareOf({ count, wins, won, lost }: Trips, fraction: number): number {
  const losses = count - wins
  if (wins === 0) return 0
  if (losses === 0 || lost === 0) return fraction
  return kellyFraction({ winRate: wins / count, averageWin: won / wins, averageLoss: lost / losses, fraction })
}

/**
 * fraction × max(0, winRate − (1 − winRate) / (averageWin / averageLoss)): the share of equity to stake; 0 where there is no edge.
 * `winRate` in [0, 1], the averages above 0 in the same unit.
 *
 * Source: J. L. Kelly (1956), "A New Interpretation of Information Rate"; for unequal payoffs E. O. Thorp (2006), "The Kelly Criterion in
 * Blackjack, Sports Betting, and the Stock Market", f = p − q/b. A fraction of it gives up little growth for much less variance.
 */
export function kellyFraction(given: {
  readonly winRate: number
  readonly averageWin: number
  readonly averageLoss: number
  readonly fraction: number
}): number {
  const { winRate, averageWin, averageLoss, fraction } = given
  return fraction * Math.max(0, winRate - (1 - winRate) / (averageWin / averageLoss))
}
