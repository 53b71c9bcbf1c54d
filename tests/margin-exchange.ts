// A simulated exchange with a margin account over several instruments, driven row by row. Prices in ticks, sizes in lots, times in µs.
import { createVenue, type VenueOptions } from '../operators/execution/index.ts'
import { type Instrument, instrumentOf } from '../operators/instrument.ts'
import { bracketsSchema, tiersOf } from '../operators/margin/brackets.ts'
import { defaultBrackets } from '../operators/margin/default-brackets.ts'
import type { MarginTerms } from '../operators/margin/terms.ts'
import { MarketState } from '../operators/market-state.ts'
import { AccountPortfolio } from '../operators/portfolio/portfolio.ts'
import { perpetual } from '../operators/portfolio/samples.ts'
import { type Batch, batchOf } from '../schemas/batch.ts'
import type { Execution, Order, RecordName, Rows } from '../schemas/records.generated.ts'

const ours = tiersOf(bracketsSchema.parse(defaultBrackets), 'BTCUSDT')

/** Two linear contracts. */
export const linear = [
  instrumentOf(perpetual(), 0),
  instrumentOf(perpetual({ symbol: 'ETHUSDT', tickSize: 0.01, lotSize: 0.01 }), 1),
]

/** An inverse one: a lot is worth 100 USD, and profit is in BTC. */
export const inverse = [
  instrumentOf(perpetual({ symbol: 'BTCUSD_PERP', settle: 'BTC', lotSize: 1, contractSize: 100, inverse: true }), 0),
]

/** Terms with our default tiers; those of inverse contracts in coins at 10,000. */
export function marginTerms(instruments: readonly Instrument[], changes: Partial<MarginTerms> = {}): MarginTerms {
  const tiers = instruments.map(({ inverse }) => {
    if (!inverse) return ours
    return ours.map((one) => {
      return { ...one, floor: one.floor / 1e4, cap: one.cap! / 1e4, amount: one.amount / 1e4 }
    })
  })
  return {
    ...{ mode: 'cross', positions: 'one-way', leverage: instruments.map(() => 20), tiers, collateral: [] },
    ...{ liquidationFee: 0.012, insuranceFund: 0, ...changes },
  }
}

type Asked = Pick<Order, 'side' | 'lots'> & Partial<Pick<Order, 'type' | 'ticks' | 'positionSide' | 'reduceOnly'>>

export class MarginExchange {
  readonly markets: readonly MarketState[]
  readonly venue: ReturnType<typeof createVenue>
  readonly portfolio: AccountPortfolio
  /** In the order in which they were seen. */
  readonly executions: Execution[] = []
  orders = 0
  private readonly batches = new Map<string, Batch>()

  constructor(
    instruments: readonly Instrument[],
    terms: MarginTerms,
    cash: bigint,
    options: Partial<VenueOptions> = {},
  ) {
    this.markets = instruments.map((instrument) => new MarketState(instrument))
    this.venue = createVenue({
      ...{ fill: 'book', markets: this.markets, account: 'a', takerFee: 0.0004, makerFee: 0.0002 },
      ...{ margin: { terms, cash: Number(cash) }, ...options },
    })
    const { exchange, settle } = instruments[0]!
    this.portfolio = new AccountPortfolio({
      ...{ account: 'a', exchange, currency: settle, cash, instruments, margin: terms },
    })
  }

  quote(at: number, index: number, [bid, bidLots]: Level, [ask, askLots]: Level): this {
    const { tickSize, lotSize } = this.markets[index]!.instrument
    const batch = this.batch('quotes', index)
    batch.columns.bid[0] = bid * tickSize
    batch.columns.bidSize[0] = bidLots * lotSize
    batch.columns.ask[0] = ask * tickSize
    batch.columns.askSize[0] = askLots * lotSize
    return this.row('quotes', batch, index, at)
  }

  mark(at: number, index: number, ticks: number): this {
    const batch = this.batch('marks', index)
    batch.columns.mark[0] = ticks * this.markets[index]!.instrument.tickSize
    return this.row('marks', batch, index, at)
  }

  funding(at: number, index: number, rate: number): this {
    const batch = this.batch('funding', index)
    batch.columns.rate[0] = rate
    return this.row('funding', batch, index, at)
  }

  /** An order that arrives at once; it acts at the next row. */
  order(at: number, index: number, asked: Asked): void {
    const { exchange, symbol, tickSize, lotSize } = this.markets[index]!.instrument
    this.orders += 1
    this.venue.take({
      ...{ time: at, received: at, exchange, symbol, account: 'a', clientId: `s.a.${this.orders}`, strategy: 's' },
      ...{ signal: 1, kind: 'new', tickSize, lotSize, verdicts: [], reduceOnly: false, type: 'market', ...asked },
    })
  }

  /** State of markets and venue. */
  save(): Uint8Array[] {
    return [this.venue.save(), ...this.markets.map((market) => market.save())]
  }

  load([venue, ...markets]: readonly Uint8Array[]): void {
    this.venue.load(venue!)
    for (const [at, market] of this.markets.entries()) market.load(markets[at]!)
  }

  until(received: number): this {
    while (this.venue.reports.nextDue <= received) {
      const execution = this.venue.due()
      this.executions.push(execution)
      this.portfolio.apply(execution)
    }
    return this
  }

  private row(topic: RecordName, batch: Batch, index: number, at: number): this {
    const market = this.markets[index]!
    const row = { topic, time: at, received: at, batch, row: 0, market }
    this.venue.arrive(row)
    market.apply(row)
    this.venue.meet(row)
    this.portfolio.mark(market)
    return this.until(at)
  }

  /** One row of a topic and an instrument: the same memory for all rows, as nobody keeps a row. */
  private batch<T extends 'quotes' | 'marks' | 'funding'>(topic: T, index: number): Batch<T> {
    const key = `${topic} ${index}`
    let batch = this.batches.get(key)
    if (batch === undefined) {
      const { exchange, symbol } = this.markets[index]!.instrument
      const none = { bid: 0, bidSize: 0, ask: 0, askSize: 0, mark: 0, rate: 0 }
      batch = batchOf(topic, [
        { time: 0, received: 0, exchange, symbol, timeEstimated: false, ...none } as Rows[T],
      ]) as Batch
      this.batches.set(key, batch)
    }
    return batch as Batch<T>
  }
}

type Level = readonly [ticks: number, lots: number]
