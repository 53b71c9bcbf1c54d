// Figures of round trips: how often they won, how much, and how long the account was in the market.

import { kellyShare } from './distribution.ts'
import { absent, type Figure, isAbsent } from './figure.ts'
import { amountOf, type OpenTrip, type RoundTrip, type RoundTrips } from './round-trips.ts'

export type TradeFigures = {
  /** Closed round trips. */
  readonly trades: Figure
  /** Share of them that made money after fees and funding, in [0, 1]. */
  readonly winRate: Figure
  /** What the winners made over what the losers lost. */
  readonly profitFactor: Figure
  /** Mean result of a round trip; as the two below, in the settlement currency. */
  readonly expectancy: Figure
  /** Mean result of the winners, > 0. */
  readonly averageWin: Figure
  /** Mean result of the losers, < 0. */
  readonly averageLoss: Figure
  readonly averageHoldingMs: Figure
  /** `averageWin` over what `averageLoss` lost. */
  readonly payoffRatio: Figure
  /** Share of equity whose repeated bet at these odds grows fastest; below 0 where no bet does. */
  readonly kelly: Figure
  readonly largestWin: Figure
  readonly largestLoss: Figure
  /** Most winners, and most losers, one after the other, in the order in which trips ended. */
  readonly longestWinStreak: Figure
  readonly longestLossStreak: Figure
}

/** Figures of closed round trips. A trip that ended at exactly zero is neither a win nor a loss, but counts as a trade. */
export function tradeFigures(closed: readonly RoundTrip[]): TradeFigures {
  let wins = 0
  let losses = 0
  let wonE8 = 0n
  let lostE8 = 0n
  let holdingMs = 0
  let [largestE8, smallestE8] = [0n, 0n]
  const streak = { wins: 0, losses: 0, longestWins: 0, longestLosses: 0 }
  for (const { pnlE8, holdingMs: held } of closed) {
    holdingMs += held
    if (pnlE8 > 0n) {
      wins++
      wonE8 += pnlE8
    } else if (pnlE8 < 0n) {
      losses++
      lostE8 += pnlE8
    }
    if (pnlE8 > largestE8) largestE8 = pnlE8
    if (pnlE8 < smallestE8) smallestE8 = pnlE8
    streak.wins = pnlE8 > 0n ? streak.wins + 1 : 0
    streak.losses = pnlE8 < 0n ? streak.losses + 1 : 0
    streak.longestWins = Math.max(streak.longestWins, streak.wins)
    streak.longestLosses = Math.max(streak.longestLosses, streak.losses)
  }
  const trades = closed.length
  const ofTrades = (figure: number) => (trades === 0 ? absent('NO_TRADES') : figure)
  const ofLosses = (figure: number) => (trades > 0 && losses === 0 ? absent('NO_LOSSES') : ofTrades(figure))
  const ofWins = (figure: number) => (trades > 0 && wins === 0 ? absent('NO_WINS') : ofTrades(figure))
  const payoff = wins === 0 ? ofWins(0) : ofLosses((amountOf(wonE8) / wins / -amountOf(lostE8)) * losses)
  return {
    trades,
    winRate: ofTrades(wins / trades),
    profitFactor: ofLosses(amountOf(wonE8) / -amountOf(lostE8)),
    expectancy: ofTrades(amountOf(wonE8 + lostE8) / trades),
    averageWin: ofWins(amountOf(wonE8) / wins),
    averageLoss: ofLosses(amountOf(lostE8) / losses),
    averageHoldingMs: ofTrades(holdingMs / trades),
    payoffRatio: payoff,
    kelly: isAbsent(payoff) ? payoff : kellyShare(wins / trades, payoff),
    largestWin: ofWins(amountOf(largestE8)),
    largestLoss: ofLosses(amountOf(smallestE8)),
    longestWinStreak: ofTrades(streak.longestWins),
    longestLossStreak: ofTrades(streak.longestLosses),
  }
}

/**
 * Share of a span during which any position was open, in [0, 1]. Positions that overlap are counted once.
 *
 * In:     from, to — µs since 1970 UTC. A trip that is still open lasts until `to`.
 */
export function exposure({ closed, open }: Pick<RoundTrips, 'closed' | 'open'>, from: number, to: number): Figure {
  if (!(to > from)) return absent('NO_DATA')
  const trips: (OpenTrip | RoundTrip)[] = [...closed, ...open]
  trips.sort((a, b) => a.entryTime - b.entryTime)
  let covered = from
  let inside = 0
  for (const trip of trips) {
    const end = 'exitTime' in trip ? Math.min(trip.exitTime, to) : to
    const begin = Math.max(trip.entryTime, covered)
    if (end <= begin) continue
    inside += end - begin
    covered = end
  }
  return inside / (to - from)
}
