// Round trips from executions: from the fill that leaves zero to the fill that comes back to it.

/** Whose position it is. A run of one account may leave it out. */
export interface TripOwner {
  readonly account?: string
  readonly strategy?: string
  /** In hedge mode: which of the two positions of its instrument. */
  readonly positionSide?: 'long' | 'short'
}

/** A fill, as the portfolio booked it. Sizes are whole lots, so that a position is back at zero exactly. */
export interface TripFill extends TripOwner {
  readonly kind: 'fill'
  /** µs since 1970 UTC. */
  readonly time: number
  readonly exchange: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly price: number
  readonly lots: number
  readonly lotSize: number
  /** Value of what was traded, >= 0; as the two below, in 10⁻⁸ of the settlement currency. */
  readonly notionalE8: bigint
  /** Paid; a rebate is negative. */
  readonly feeE8: bigint
  /** Profit that this fill realised at average cost, before fees; 0 for a fill that only opens. */
  readonly pnlE8: bigint
  /** Why it was ordered, where that is known: the reason of the signal. */
  readonly reason?: string
}

/** Funding received (negative: paid) by the position that was open. */
export interface TripFunding extends TripOwner {
  readonly kind: 'funding'
  readonly time: number
  readonly exchange: string
  readonly symbol: string
  readonly cashE8: bigint
}

export type TripEvent = TripFill | TripFunding

/** One position from its opening to its end; times in µs since 1970 UTC, sizes in the exchange's own unit. */
export interface OpenTrip extends TripOwner {
  readonly exchange: string
  readonly symbol: string
  readonly side: 'long' | 'short'
  readonly entryTime: number
  /** All that was added to the position, however it was added and taken away in between. */
  readonly size: number
  /** Mean price of what was added, weighted by size. */
  readonly averageEntry: number
  readonly fills: number
  readonly feesE8: bigint
  readonly fundingE8: bigint
  /** Realised profit after fees and funding, in 10⁻⁸ of the settlement currency. */
  readonly pnlE8: bigint
  /** The same as a number. */
  readonly pnl: number
  /** Value of what was added, at the prices paid, in 10⁻⁸ of the settlement currency. */
  readonly entryNotionalE8: bigint
  /** `pnl` over the value of what was added: a fraction, not percent. */
  readonly returnOnEntry: number
  /** The reason of the fill that opened the trip. */
  readonly entryReason?: string
}

export interface RoundTrip extends OpenTrip {
  readonly exitTime: number
  /** Mean price of what was taken away, weighted by size. */
  readonly averageExit: number
  readonly holdingMs: number
  /** The reason of the fill that closed the trip. */
  readonly exitReason?: string
}

export interface RoundTrips {
  /** In the order in which they ended. */
  readonly closed: readonly RoundTrip[]
  /** In the order in which they began. Their pnl holds what was realised so far, less all fees. */
  readonly open: readonly OpenTrip[]
  readonly fills: number
  /** Sums over all events. */
  readonly notionalE8: bigint
  readonly feesE8: bigint
  readonly fundingE8: bigint
  /** The part of the funding that came when no position was open: it belongs to no trip. */
  readonly looseFundingE8: bigint
}

/** What is known of a trip that has not ended. */
interface Trip {
  account: string | undefined
  strategy: string | undefined
  positionSide: 'long' | 'short' | undefined
  exchange: string
  symbol: string
  lotSize: number
  entryTime: number
  /** Signed lots that are open. */
  position: number
  long: boolean
  entryLots: number
  entryValue: number
  entryNotionalE8: bigint
  entryReason: string | undefined
  exitLots: number
  exitValue: number
  fills: number
  grossE8: bigint
  feesE8: bigint
  fundingE8: bigint
}

/**
 * Round trips at average cost: partial exits belong to the trip, they do not end it. A fill through zero
 * ends one trip and begins the next: its profit belongs to the first, its fee is shared by size to the last unit.
 *
 * In:     events in the order in which they happened. Positions are told apart by account, exchange, symbol and side.
 * Out:    pnl of closed and open trips and loose funding add up exactly to all profit - fees + funding.
 * Errors: RangeError (a bug of the caller) for lots that are not whole and positive.
 */
export function roundTrips(events: Iterable<TripEvent>): RoundTrips {
  const book = new TripBook()
  for (const event of events) book.add(event)
  return book.trips()
}

/** The same, an event at a time: only trips are kept. */
export class TripBook {
  private readonly openTrips = new Map<string, Trip>()
  private readonly closed: RoundTrip[] = []
  private readonly sums = { fills: 0, notionalE8: 0n, feesE8: 0n, fundingE8: 0n, looseFundingE8: 0n }

  add(event: TripEvent): void {
    const { openTrips, sums } = this
    const key = `${event.account ?? ''}:${event.exchange}:${event.symbol}:${event.positionSide ?? ''}`
    const trip = openTrips.get(key)
    if (event.kind === 'funding') {
      sums.fundingE8 += event.cashE8
      if (trip === undefined) sums.looseFundingE8 += event.cashE8
      else trip.fundingE8 += event.cashE8
      return
    }
    if (!(Number.isSafeInteger(event.lots) && event.lots > 0)) throw new RangeError(`a fill of ${event.lots} lots`)
    sums.fills++
    sums.notionalE8 += event.notionalE8
    sums.feesE8 += event.feeE8
    const rest = trip === undefined ? event : meet(trip, event)
    if (trip?.position === 0) {
      this.closed.push(ended(trip, event))
      openTrips.delete(key)
    }
    if (rest !== undefined) openTrips.set(key, begun(rest))
  }

  /** What the events so far came to. */
  trips(): RoundTrips {
    return { closed: [...this.closed], open: [...this.openTrips.values()].map(described).sort(byEntry), ...this.sums }
  }
}

/** Applies a fill to a trip. What is left of it once the trip is back at zero begins another one. */
function meet(trip: Trip, fill: TripFill): TripFill | undefined {
  const adds = (fill.side === 'buy') === trip.long
  const lots = adds ? fill.lots : Math.min(fill.lots, Math.abs(trip.position))
  const part = (amountE8: bigint) => (lots === fill.lots ? amountE8 : (amountE8 * BigInt(lots)) / BigInt(fill.lots))
  const [feeE8, notionalE8] = [part(fill.feeE8), part(fill.notionalE8)]
  if (adds) {
    trip.entryLots += lots
    trip.entryValue += lots * fill.price
    trip.entryNotionalE8 += notionalE8
  } else {
    trip.exitLots += lots
    trip.exitValue += lots * fill.price
  }
  trip.position += fill.side === 'buy' ? lots : -lots
  trip.fills++
  trip.grossE8 += fill.pnlE8
  trip.feesE8 += feeE8
  if (lots === fill.lots) return undefined
  const rest = { lots: fill.lots - lots, feeE8: fill.feeE8 - feeE8, notionalE8: fill.notionalE8 - notionalE8 }
  return { ...fill, ...rest, pnlE8: 0n }
}

function begun(fill: TripFill): Trip {
  const trip: Trip = {
    account: fill.account,
    strategy: fill.strategy,
    positionSide: fill.positionSide,
    exchange: fill.exchange,
    symbol: fill.symbol,
    lotSize: fill.lotSize,
    entryTime: fill.time,
    position: 0,
    long: fill.side === 'buy',
    entryLots: 0,
    entryValue: 0,
    entryNotionalE8: 0n,
    entryReason: fill.reason,
    exitLots: 0,
    exitValue: 0,
    fills: 0,
    grossE8: 0n,
    feesE8: 0n,
    fundingE8: 0n,
  }
  meet(trip, fill)
  return trip
}

function described(trip: Trip): OpenTrip {
  const pnlE8 = trip.grossE8 - trip.feesE8 + trip.fundingE8
  return {
    ...(trip.account === undefined ? {} : { account: trip.account }),
    ...(trip.strategy === undefined ? {} : { strategy: trip.strategy }),
    ...(trip.positionSide === undefined ? {} : { positionSide: trip.positionSide }),
    exchange: trip.exchange,
    symbol: trip.symbol,
    side: trip.long ? 'long' : 'short',
    entryTime: trip.entryTime,
    size: sizeOf(trip.entryLots, trip.lotSize),
    averageEntry: trip.entryValue / trip.entryLots,
    fills: trip.fills,
    feesE8: trip.feesE8,
    fundingE8: trip.fundingE8,
    pnlE8,
    pnl: amountOf(pnlE8),
    entryNotionalE8: trip.entryNotionalE8,
    returnOnEntry: Number(pnlE8) / Number(trip.entryNotionalE8),
    ...(trip.entryReason === undefined ? {} : { entryReason: trip.entryReason }),
  }
}

function ended(trip: Trip, { time: exitTime, reason }: TripFill): RoundTrip {
  return {
    ...described(trip),
    exitTime,
    averageExit: trip.exitValue / trip.exitLots,
    holdingMs: (exitTime - trip.entryTime) / 1_000,
    ...(reason === undefined ? {} : { exitReason: reason }),
  }
}

/** An amount of 10⁻⁸ as the nearest number of whole units. */
export const amountOf = (amountE8: bigint): number => Number(amountE8) / 1e8

/** Lots as a size that prints as the decimal it is: 3 lots of 0.1 are 0.3, although 3 * 0.1 is 0.30000000000000004. */
function sizeOf(lots: number, lotSize: number): number {
  const perUnit = Math.round(1 / lotSize)
  return perUnit > 1 && 1 / perUnit === lotSize ? lots / perUnit : lots * lotSize
}

/** By time, then by name, so that the order of the map does not show. */
function byEntry(a: OpenTrip, b: OpenTrip): number {
  if (a.entryTime !== b.entryTime) return a.entryTime - b.entryTime
  const nameOf = ({ account, exchange, symbol, positionSide }: OpenTrip) =>
    `${exchange}:${symbol}:${account ?? ''}:${positionSide ?? ''}`
  const [x, y] = [nameOf(a), nameOf(b)]
  return x < y ? -1 : x > y ? 1 : 0
}
