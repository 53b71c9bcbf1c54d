// A real capture whose recorder's clock was 1.27 s behind, as rows, and the tick venue over them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { binanceUsdm } from '../../connectors/exchanges/binance/index.ts'
import { createVenue, type VenueOptions } from '../../operators/execution/index.ts'
import { instrumentOf } from '../../operators/instrument.ts'
import { MarketState } from '../../operators/market-state.ts'
import { type Batch, batchOf } from '../../schemas/batch.ts'
import type { Execution, Order, Rows } from '../../schemas/records.generated.ts'
import { dataDir } from '../data.ts'

const minFeedLatency = 1_000
export const second = 1_000_000

export interface Row {
  readonly topic: 'trades' | 'quotes' | 'books'
  readonly time: number
  readonly received: number
  readonly batch: Batch
  readonly row: number
}

export const instrument = instrumentOf(
  {
    ...{ time: 0, received: 0, exchange: 'binance-usdm', symbol: 'BTCUSDT', type: 'perpetual', base: 'BTC' },
    ...{ quote: 'USDT', settle: 'USDT', tickSize: 0.1, lotSize: 0.001, minNotional: 5, contractSize: 1 },
    ...{ inverse: false, ccxtSymbol: 'BTC/USDT:USDT', status: 'TRADING', inferred: true },
  },
  0,
)

export interface Capture {
  readonly rows: readonly Row[]
  /** Exchange clock − ours, as DESIGN §5 takes it from the first minute. */
  readonly offset: number
}

let known: Capture | undefined

export function capture(): Capture {
  if (known !== undefined) return known
  const lines = gunzipSync(readFileSync(join(dataDir, 'captures', 'usdm-btcusdt-20240808.gz')))
  const said = { trades: [] as Rows['trades'][], quotes: [] as Rows['quotes'][], books: [] as Rows['books'][] }
  const places: Omit<Row, 'batch'>[] = []
  for (const line of lines.toString().split('\n').filter(Boolean)) {
    const space = line.indexOf(' ')
    const received = Math.floor(Number(line.slice(0, space)) / 1000)
    for (const { topic, row } of binanceUsdm.parse(line.slice(space + 1)).records) {
      if (topic !== 'trades' && topic !== 'quotes' && topic !== 'books') continue
      const time = row.time ?? received
      const common = { time, received, exchange: 'binance-usdm', symbol: row.symbol || 'BTCUSDT', timeEstimated: false }
      places.push({ topic, time, received, row: said[topic].length })
      said[topic].push({ ...row, ...common } as never)
    }
  }
  const batches: Record<Row['topic'], Batch> = {
    trades: batchOf('trades', said.trades),
    quotes: batchOf('quotes', said.quotes),
    books: batchOf('books', said.books),
  }
  const rows: Row[] = places.map((place) => ({ ...place, batch: batches[place.topic] }))
  const first = rows.filter(({ received }) => received < rows[0]!.received + 60 * second)
  const least = first.reduce((least, { time, received }) => Math.min(least, received - time), Number.POSITIVE_INFINITY)
  known = { rows, offset: minFeedLatency - least }
  return known
}

export type Planned = Partial<Order> & Pick<Order, 'received' | 'clientId' | 'kind'>

/** Sends planned orders over rows in their order; `ahead` is the exchange's clock minus that of the rows. */
export function trade(over: readonly Row[], orders: readonly Planned[], ahead: number, options: Partial<VenueOptions>) {
  const market = new MarketState(instrument, { rule: binanceUsdm.sync })
  const venue = createVenue({ fill: 'book', markets: [market], account: 'a', ...options })
  const clock = { time: 0, received: 0, exchange: 'binance-usdm', symbol: '', connection: 'c', offset: ahead, rows: 1 }
  venue.arrive({
    topic: 'clocks',
    time: 0,
    received: 0,
    batch: batchOf('clocks', [clock]) as Batch,
    row: 0,
    market: undefined,
  })
  const executions: Execution[] = []
  let sent = 0
  for (const one of over) {
    const { received } = one
    for (; sent < orders.length && orders[sent]!.received < received; sent++) {
      const { exchange, symbol, tickSize, lotSize } = instrument
      const about = { exchange, symbol, tickSize, lotSize, account: 'a', strategy: 's', signal: 1, reduceOnly: false }
      venue.take({ ...about, ...orders[sent]!, time: orders[sent]!.received, verdicts: [] })
    }
    while (venue.reports.nextDue <= received) executions.push(venue.due())
    const row = { ...one, market }
    venue.arrive(row)
    market.apply(row)
    venue.meet(row)
  }
  while (venue.reports.nextDue < Number.POSITIVE_INFINITY) executions.push(venue.due())
  return { executions, counts: venue.counts! }
}
