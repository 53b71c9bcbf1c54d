// The round trips that one order had a part in, and what it did in each.
import type { OpenTrip, RoundTrip } from '../operators/metrics/index.ts'
import { e8ToText } from '../operators/portfolio/money.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { Order } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import { tripsOf } from './collect.ts'
import type { Plan } from './plan.ts'

export type TripPart = 'opened' | 'added to' | 'reduced' | 'closed'

export interface OrderTrip {
  /** Counts the round trips of this account in this instrument from 1, in the order in which they began. */
  readonly number: number
  /** What the order did in it, each once, in order. */
  readonly parts: readonly TripPart[]
  readonly side: 'long' | 'short'
  readonly entryTime: number
  /** Null while it is open, as the two behind it. */
  readonly exitTime: number | null
  readonly averageExit: number | null
  readonly holdingMs: number | null
  readonly size: number
  readonly averageEntry: number
  readonly fills: number
  /** Money as decimal text; pnl is after fees and funding. */
  readonly fees: string
  readonly funding: string
  readonly pnl: string
}

/** Of every fill of an account in an instrument: where the position was before and after it decides which trip it belongs to. */
export async function tripsOfOrder(topics: Topics, run: string, plan: Plan, order: Order): Promise<OrderTrip[]> {
  const { account, exchange, symbol, clientId, positionSide } = order
  const touched = new Map<number, Set<TripPart>>()
  const touch = (trip: number, part: TripPart) => {
    touched.set(trip, (touched.get(trip) ?? new Set()).add(part))
  }
  let number = 0
  let position = 0
  for await (const { batch } of topics.read<'executions'>(physicalName('executions', run))) {
    for (let at = 0; at < batch.rows; at++) {
      const one = rowAt(batch, at)
      if (one.kind !== 'fill' && one.kind !== 'liquidation') continue
      if (one.account !== account || one.symbol !== symbol || one.exchange !== exchange) continue
      if (one.positionSide !== positionSide) continue
      const before = position
      position += one.side === 'buy' ? one.lots! : -one.lots!
      const ours = one.clientId === clientId
      if (before === 0) number++
      if (ours) touch(number, partOf(before, position))
      // Through zero: what is left of the fill begins the next trip.
      if (before * position < 0) {
        number++
        if (ours) touch(number, 'opened')
      }
    }
  }
  if (touched.size === 0) return []
  const { closed, open } = await tripsOf(topics, run, plan)
  const own = [...closed, ...open].filter(
    (trip) => trip.symbol === symbol && trip.exchange === exchange && (trip.account ?? account) === account,
  )
  return [...touched].flatMap(([number, parts]) => {
    const trip = own[number - 1]
    return trip === undefined ? [] : [told(number, [...parts], trip)]
  })
}

function told(number: number, parts: readonly TripPart[], trip: RoundTrip | OpenTrip): OrderTrip {
  const { side, entryTime, size, averageEntry, fills } = trip
  const ended = 'exitTime' in trip ? trip : undefined
  return {
    ...{ number, parts, side, entryTime, exitTime: ended?.exitTime ?? null, averageExit: ended?.averageExit ?? null },
    ...{ holdingMs: ended?.holdingMs ?? null, size, averageEntry, fills },
    ...{ fees: e8ToText(trip.feesE8), funding: e8ToText(trip.fundingE8), pnl: e8ToText(trip.pnlE8) },
  }
}

function partOf(before: number, after: number): TripPart {
  if (before === 0) return 'opened'
  if (before > 0 !== after > 0 || after === 0) return 'closed'
  return Math.abs(after) > Math.abs(before) ? 'added to' : 'reduced'
}
