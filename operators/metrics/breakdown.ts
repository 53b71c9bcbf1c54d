// Round trips told apart by what they have in common: regime, hour, weekday, symbol, strategy.

import { absent, type Figure, type Reported, report } from './figure.ts'
import { amountOf, type RoundTrip } from './round-trips.ts'
import { tradeFigures } from './trade-figures.ts'

type GroupFigures = {
  /** Closed round trips. */
  readonly trades: Figure
  /** Their result after fees and funding, in the settlement currency. */
  readonly net: Figure
  /** `net` over the capital that was handed in. */
  readonly return: Figure
  /** As the figures of the same names of the whole run. */
  readonly winRate: Figure
  readonly profitFactor: Figure
  readonly expectancy: Figure
  readonly averageHoldingMs: Figure
  /** Fees paid less rebates, and funding received less paid. */
  readonly fees: Figure
  readonly funding: Figure
}

/** The round trips of one key; figures as numbers, or null with the reason under `reasons`. */
export type Group = { readonly key: string; readonly netE8: bigint } & Reported<keyof GroupFigures>

/** What a trip is counted under. */
export type TripKey = (trip: RoundTrip) => string | undefined

/** Where a key is not known: a regime before its warm-up, a trip without a strategy. */
export const unknownKey = 'unknown'

/**
 * In:     keys — those that stand first, in this order, with and without trips; other keys follow by name.
 *         capital — what `return` is measured against, > 0: the opening cash.
 * Out:    every trip in exactly one group, so that the sums of the groups are those of all trips.
 */
export function breakdownBy(
  trips: readonly RoundTrip[],
  keyOf: TripKey,
  { keys = [], capital }: { keys?: readonly string[]; capital?: number } = {},
): Group[] {
  const groups = new Map<string, RoundTrip[]>(keys.map((key) => [key, []]))
  for (const trip of trips) {
    const key = keyOf(trip) ?? unknownKey
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [trip])
    else group.push(trip)
  }
  const others = [...groups.keys()].filter((key) => !keys.includes(key)).sort()
  return [...new Set([...keys, ...others])].map((key) => groupOf(key, groups.get(key)!, capital))
}

function groupOf(key: string, trips: readonly RoundTrip[], capital: number | undefined): Group {
  const { trades, winRate, profitFactor, expectancy, averageHoldingMs } = tradeFigures(trips)
  const netE8 = sum(trips, ({ pnlE8 }) => pnlE8)
  const net = amountOf(netE8)
  const figures = report<keyof GroupFigures>({
    ...{ trades, net, winRate, profitFactor, expectancy, averageHoldingMs },
    return: capital !== undefined && capital > 0 ? net / capital : absent('NO_CAPITAL'),
    fees: amountOf(sum(trips, ({ feesE8 }) => feesE8)),
    funding: amountOf(sum(trips, ({ fundingE8 }) => fundingE8)),
  })
  return { key, netE8, ...figures }
}

const sum = (trips: readonly RoundTrip[], amount: (trip: RoundTrip) => bigint): bigint =>
  trips.reduce((total, trip) => total + amount(trip), 0n)

const hourUs = 3_600_000_000
const dayUs = 86_400_000_000

/** `00` to `23`: the hours of the day, UTC. */
export const hours: readonly string[] = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))
/** A week begins on Monday, as in ISO 8601. */
export const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

/** The UTC hour in which a trip began. */
export const entryHour: TripKey = ({ entryTime }) => hours[Math.floor(entryTime / hourUs) % 24]
/** The UTC weekday on which a trip began. 1 January 1970 was a Thursday. */
export const entryWeekday: TripKey = ({ entryTime }) => weekdays[(Math.floor(entryTime / dayUs) + 3) % 7]
export const tripSymbol: TripKey = ({ symbol }) => symbol
export const tripStrategy: TripKey = ({ strategy }) => strategy

/** Labels of one symbol over time, each from its time on: the regimes of one horizon. Times never fall. */
export interface Labels {
  readonly times: ArrayLike<number>
  readonly labels: readonly string[]
}

/** The label that held for a trip's symbol when the trip began; none before the first. */
export function entryLabel(of: (exchange: string, symbol: string) => Labels | undefined): TripKey {
  return ({ exchange, symbol, entryTime }) => {
    const labels = of(exchange, symbol)
    return labels === undefined ? undefined : labelAt(labels, entryTime)
  }
}

/** The label whose time is the last at or before `time`. */
export function labelAt({ times, labels }: Labels, time: number): string | undefined {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! > time) high = middle
    else low = middle + 1
  }
  return labels[low - 1]
}
