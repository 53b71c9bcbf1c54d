// Orders that were sent once, sent again at the same moments: what becomes of them at another venue, nobody deciding anew.
import { exchanges } from '../connectors/exchanges/index.ts'
import { Outcomes } from '../operators/calibration/outcome.ts'
import { createVenue } from '../operators/execution/index.ts'
import { instrumentOf } from '../operators/instrument.ts'
import { MarketState } from '../operators/market-state.ts'
import { normal, textToE8 } from '../operators/portfolio/money.ts'
import { rowsOf } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { Order } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { marginTermsOf } from './margin.ts'
import { MarketRows } from './market-rows.ts'
import { inputOptions, type Plan } from './plan.ts'
import { venueOptions } from './venue-options.ts'

/** Every request of a run, in the order of sending. */
export async function requestsOf(topics: Topics, run: string): Promise<Order[]> {
  const requests: Order[] = []
  const name = physicalName('orders', run)
  if (!(await topics.list()).some((info) => info.name === name)) return requests
  for await (const { batch } of topics.read<'orders'>(name)) for (const row of rowsOf(batch)) requests.push(row)
  return requests.sort((a, b) => a.received - b.received)
}

/**
 * What the venue of a plan makes of requests of others: each is sent when it was, after the rows that were received by then. Requests for
 * instruments that the plan does not have are left out, and so are those from after its rows. `cash` is what each account has at the
 * beginning, where the venue asks for margin.
 */
export async function resend(
  topics: Topics,
  plan: Plan,
  requests: readonly Order[],
  { cash }: { readonly cash: number },
): Promise<Outcomes> {
  const { fill, interval, exchange } = plan
  const rule = exchanges.find((one) => one.id === exchange)?.sync
  const instruments = plan.instruments.map(instrumentOf)
  const markets = instruments.map((instrument) => new MarketState(instrument, rule === undefined ? {} : { rule }))
  const terms = marginTermsOf(plan.topology, plan.instruments)
  const known = requests.filter((one) => instruments.some(({ symbol }) => symbol === one.symbol))
  const venues = new Map(
    [...new Set(known.map(({ account }) => account))].map((account) => {
      const more = {
        ...(interval === undefined ? {} : { interval }),
        ...(terms === undefined ? {} : { margin: { terms, cash: normal(textToE8(String(cash))) } }),
      }
      return [account, createVenue({ fill, markets, account, ...venueOptions(plan), ...more })]
    }),
  )
  const outcomes = new Outcomes()
  const row = new MarketRows(markets)
  let sent = 0
  const sendUntil = (received: number) => {
    for (; sent < known.length && known[sent]!.received < received; sent++) {
      outcomes.order(known[sent]!)
      venues.get(known[sent]!.account)!.take(known[sent]!)
    }
  }
  const hear = (received: number) => {
    for (const venue of venues.values()) while (venue.reports.nextDue <= received) outcomes.execution(venue.due())
  }
  for await (const { merged } of replay(topics, inputOptions(plan))) {
    for (let i = 0; i < merged.rows; i++) {
      row.move(merged, i)
      sendUntil(row.received)
      for (const venue of venues.values()) venue.arrive(row)
      row.market?.apply(row)
      for (const venue of venues.values()) venue.meet(row)
      hear(row.received)
    }
  }
  // What was sent at the last row is on its way for ever, but at the close of a candle.
  sendUntil(row.received + 1)
  hear(row.received)
  return outcomes
}
