// A simulated exchange with one instrument, driven row by row as the trading loop drives it. Prices in ticks, sizes in lots, times in µs.
import type { MarketRow } from '../operators/desk.ts'
import { createVenue, type VenueOptions } from '../operators/execution/index.ts'
import { type Instrument, instrumentOf } from '../operators/instrument.ts'
import { type DepthSource, MarketState } from '../operators/market-state.ts'
import { type Batch, batchOf } from '../schemas/batch.ts'
import type { Execution, Order, RecordName, Rows } from '../schemas/records.generated.ts'
import type { SyncRule } from '../schemas/sync.ts'

export type Level = readonly [ticks: number, lots: number]

const tickSize = 0.5
const lotSize = 0.001

/** 1 lot at 1 tick is worth 0.0005, which is 50,000 of 10⁻⁸. */
export const instrument: Instrument = instrumentOf(
  {
    ...{ time: 0, received: 0, exchange: 'x', symbol: 'Y', type: 'perpetual', base: 'Y', quote: 'U', settle: 'U' },
    ...{ tickSize, lotSize, minNotional: 0, contractSize: 1, inverse: false, ccxtSymbol: 'Y/U:U', status: 'trading' },
    inferred: false,
  },
  0,
)

/** What is told with its price and size. */
const withSize: readonly string[] = ['fill', 'liquidation', 'cancelled', 'expired', 'triggered', 'amended']

interface When {
  readonly time: number
  /** The same as `time` when absent. */
  readonly received?: number
  readonly timeEstimated?: boolean
}

type OrderTerms = Partial<Order>

export class Exchange {
  readonly market: MarketState
  readonly venue: ReturnType<typeof createVenue>
  /** In the order in which they were seen. */
  readonly executions: Execution[] = []
  private orders = 0

  constructor(options: Partial<VenueOptions> & { depth?: DepthSource; rule?: SyncRule } = {}) {
    const { depth, rule, ...venue } = options
    this.market = new MarketState(instrument, { depth, rule })
    this.venue = createVenue({ fill: 'book', markets: [this.market], account: 'a', ...venue })
  }

  /** A whole book, or new sizes of levels; `sequence` where the feed has one. */
  book(
    when: When,
    bids: readonly Level[],
    asks: readonly Level[],
    more: { snapshot?: boolean; sequence?: number } = {},
  ) {
    const levels = (side: readonly Level[]) =>
      side.map(([ticks, lots]) => ({ price: ticks * tickSize, size: lots * lotSize }))
    const sequence = more.sequence === undefined ? undefined : BigInt(more.sequence)
    const row = { ...this.common(when), snapshot: more.snapshot ?? false, sequence, firstSequence: sequence }
    return this.row('books', { ...row, previousSequence: undefined, bids: levels(bids), asks: levels(asks) })
  }

  quote(when: When, [bid, bidLots]: Level, [ask, askLots]: Level, sequence?: number) {
    return this.row('quotes', {
      ...{ ...this.common(when), bid: bid * tickSize, bidSize: bidLots * lotSize, ask: ask * tickSize },
      ...{ askSize: askLots * lotSize, sequence: sequence === undefined ? undefined : BigInt(sequence) },
    })
  }

  trade(when: When, side: 'buy' | 'sell', ticks: number, lots: number) {
    return this.row('trades', { ...this.common(when), price: ticks * tickSize, size: lots * lotSize, side, id: '1' })
  }

  /** A candle that closes at `time`, in ticks. */
  candle(when: When & { openTime: number }, open: number, high: number, low: number, close: number, lots = 10) {
    const [o, h, l, c] = [open, high, low, close].map((ticks) => ticks * tickSize) as [number, number, number, number]
    const prices = { open: o, high: h, low: l, close: c, volume: lots * lotSize }
    return this.row('candles', { ...this.common(when), openTime: when.openTime, interval: '1m', ...prices })
  }

  /** A mark price, in ticks. */
  mark(when: When, ticks: number) {
    const mark = ticks * tickSize
    return this.row('marks', { ...this.common(when), mark, index: undefined })
  }

  clock(when: When, offset: number) {
    return this.row('clocks', { ...this.common(when), symbol: '', connection: 'c', offset, rows: 1 })
  }

  heartbeat(when: When) {
    const { received, ...common } = this.common(when)
    return this.row('heartbeats', { ...common, received, symbol: '', connection: 'c', watermark: received })
  }

  /** An order decided at `received`; gives its client id. */
  order(received: number, terms: OrderTerms): string {
    this.orders += 1
    return this.send({ received, clientId: `s.a.${this.orders}`, kind: 'new', ...terms })
  }

  cancel(received: number, clientId: string): string {
    return this.send({ received, clientId, kind: 'cancel' })
  }

  amend(received: number, clientId: string, change: Pick<Order, 'lots' | 'ticks' | 'triggerTicks'>): string {
    return this.send({ received, clientId, kind: 'amend', ...change })
  }

  cancelAll(received: number): void {
    this.send({ received, clientId: '', kind: 'cancel-all' })
  }

  /** Sees what is due by a receive time. */
  until(received: number): this {
    while (this.venue.reports.nextDue <= received) this.executions.push(this.venue.due())
    return this
  }

  /** Executions so far in short: `fill 100×5 maker`. */
  get told(): string[] {
    return this.executions.map(({ kind, ticks, lots, liquidity, reason, queueAhead }) =>
      [
        kind,
        withSize.includes(kind) ? `${ticks ?? 'market'}×${lots ?? 'all'}` : '',
        liquidity ?? '',
        reason ?? '',
        queueAhead === undefined ? '' : `behind ${queueAhead}`,
      ]
        .filter((part) => part !== '')
        .join(' '),
    )
  }

  /** State of market and venue. */
  save(): [Uint8Array, Uint8Array] {
    return [this.market.save(), this.venue.save()]
  }

  /** Goes on counting orders where another left off. */
  follow({ orders }: Exchange): void {
    this.orders = orders
  }

  load([market, venue]: [Uint8Array, Uint8Array]): void {
    this.market.load(market)
    this.venue.load(venue)
  }

  row<T extends RecordName>(topic: T, row: Rows[T]): this {
    const batch = batchOf(topic, [row]) as Batch
    const { time, received } = row as { time: number; received: number }
    const ofMarket = topic !== 'clocks' && topic !== 'heartbeats'
    const market = ofMarket ? this.market : undefined
    const marketRow: MarketRow = { topic, time, received, batch, row: 0, market }
    this.until(received)
    this.venue.arrive(marketRow)
    market?.apply(marketRow)
    this.venue.meet(marketRow)
    return this.until(received)
  }

  private common({ time, received = time, timeEstimated = false }: When) {
    return { time, received, exchange: 'x', symbol: 'Y', timeEstimated }
  }

  private send(order: OrderTerms & Pick<Order, 'received' | 'clientId' | 'kind'>): string {
    this.venue.take({
      ...{
        time: order.received,
        exchange: 'x',
        symbol: 'Y',
        account: 'a',
        strategy: 's',
        signal: 1,
        tickSize,
        lotSize,
      },
      ...{ reduceOnly: false, verdicts: [], ...order },
    })
    return order.clientId
  }
}
