// The trading graph: bars beside the rows, then the loop; accounts, each with its strategy and its venue.
import { fixedLength } from '../operators/bars/interval.ts'
import type { OrderAtVenue, VenueCounts } from '../operators/desk.ts'
import { parseFlashCrash } from '../operators/flash-crash/config.ts'
import { FlashCrashDetector, type SavedDetector } from '../operators/flash-crash/detector.ts'
import { type Instrument, indexIn, instrumentOf, sharedExchange, sizeOf } from '../operators/instrument.ts'
import type { MarketState } from '../operators/market-state.ts'
import { e8ToNumber } from '../operators/portfolio/money.ts'
import type { AccountPortfolio } from '../operators/portfolio/portfolio.ts'
import { type EquityTap, PortfolioRows } from '../operators/portfolio/portfolio-rows.ts'
import { MarketFacts, memoryOf, PriceHistory } from '../operators/risk/index.ts'
import type { SavedFacts } from '../operators/risk/market-facts.ts'
import type { SavedPrices } from '../operators/risk/prices.ts'
import type { Sight } from '../operators/sight.ts'
import { rulesOf } from '../operators/sizing/index.ts'
import { pack, type Step, unpack } from '../operators/stage.ts'
import type { Batch, Merged } from '../schemas/batch.ts'
import { wordAt } from '../schemas/columns.ts'
import { layouts, type RecordName } from '../schemas/records.generated.ts'
import { createAccount } from './accounts.ts'
import { BarLanes } from './bar-lanes.ts'
import { driven, lift } from './lift.ts'
import { marketOf } from './market-of.ts'
import { Outputs } from './outputs.ts'
import type { Plan } from './plan.ts'
import type { Graph } from './runtime.ts'
import type { Seat } from './seats.ts'
import { accountCurrency } from './settlement.ts'
import { Sights } from './sights.ts'
import { keep, type Prepared, type Tally, tradingLoop } from './trading-loop.ts'

/** What a run came to beside its topics. Plain JSON. */
export interface TradingSummary {
  readonly marketRows: number
  /** Receive times of the first and the last row of its instruments, µs. */
  readonly first: number
  readonly last: number
  readonly bars: number
  readonly warmupBars: number
  readonly lateTrades: number
  /** Settlements of funding at which an account held something and no rate was known. */
  readonly unknownFunding: number
  /** Of margin accounts: how often the exchange closed a position, or a part of one, and what its insurance funds have left. */
  readonly margin?: { readonly liquidations: number; readonly insuranceFundE8: string }
  readonly signals: number
  readonly orders: number
  readonly fills: number
  /** Signals that did not become orders, by check and reason. */
  readonly rejections: Readonly<Record<string, number>>
  /** What all amounts are in. */
  readonly currency: string
  /** Equity at the last mark, whole 10⁻⁸ as text. */
  readonly equityE8: string
  /** The same of each account, in the order of the seats. */
  readonly accounts: readonly { account: string; equityE8: string }[]
  readonly openPositions: readonly {
    account: string
    exchange: string
    symbol: string
    size: number
    entryPrice: number
    /** Absent while no price is known. */
    mark?: number
    unrealized: number
    /** In hedge mode. */
    positionSide?: 'long' | 'short'
    /** Of margin accounts. */
    margin?: number
    leverage?: number
    /** Absent where no price liquidates it. */
    liquidationPrice?: number
  }[]
}

export interface TradingGraph extends Graph {
  summary(): TradingSummary
  /** What strategies see as of the last row. */
  readonly sight: Sight
  /** Where an order of an account is between its decision and its end; undefined before and after. */
  look(account: string, clientId: string): OrderAtVenue | undefined
}

/** What is taken of a graph that nobody stores: the less of it is written, the faster it is. */
export interface Taken {
  /** Topics whose rows are written; what a summary counts of others is 0. */
  readonly kept: ReadonlySet<RecordName>
  /** Hears equity, and rows of `accounts` are not written. */
  readonly equity?: EquityTap | undefined
}

interface Trading {
  readonly plan: Plan
  readonly seats: readonly Seat[]
  readonly taken?: Taken
}

/** The graph of a plan, at its beginning. */
export function createTrading({ plan, seats, taken }: Trading): TradingGraph {
  const { topology, from = Number.NEGATIVE_INFINITY } = plan
  const instruments = plan.instruments.map(instrumentOf)
  const markets = instruments.map(marketOf)
  const outputs = new Outputs(taken?.kept)
  const sights = new Sights({ plan, seats, instruments, markets, outputs })
  const currency = accountCurrency(topology.account, plan.instruments)
  const rows = new PortfolioRows(
    seats.map(({ account }) => ({ exchange: sharedExchange(instruments), account: account.name, currency })),
    taken?.equity,
  )
  const { prices, facts, crash } = memoryOfMarket(plan, markets, instruments)
  const accounts = seats.map((seat, number) =>
    createAccount({ plan, seat, instruments, markets, sight: sights, currency, rows, number, prices, facts }),
  )
  const tally: Tally = { rows: 0, first: Number.NaN, last: Number.NaN, now: Number.NaN, nowTime: Number.NaN }
  const counts: Counts = { signals: 0, orders: 0, fills: 0, rejections: {} }
  const bars = new BarLanes({ plan, seats, instruments, accounts })
  const loop = tradingLoop({ markets, accounts, rows, sights, outputs, tally, prices, facts, crash, from })

  const prepare: Pick<Step<Merged, Prepared>, 'step'> = {
    step(merged) {
      const { own, lanes } = bars.step(merged)
      sights.prepare(merged, own)
      return { merged, lanes }
    },
  }
  const trade: Pick<Step<Prepared, void>, 'step'> = {
    step(prepared) {
      // The first lane is the run's own.
      const kept = topology.keep.includes('bars') ? prepared.lanes[0]?.bars : undefined
      if (kept !== undefined && kept.rows > 0) outputs.add(kept)
      loop(prepared)
    },
  }

  return {
    step: driven((input) => input.pipe(lift(prepare), lift(trade))),
    take() {
      for (const { portfolio } of accounts) portfolio.tell()
      keep(rows, outputs)
      const batches = outputs.take()
      count(batches, counts)
      return batches
    },
    save: () =>
      pack({
        ...{ tally, counts, bars: bars.save(), sights: sights.save() },
        ...{ accounts: accounts.map((account) => account.save()), markets: markets.map((market) => market.save()) },
        ...{ prices: prices?.save(), facts: facts?.save(), crash: crash?.detector.save() },
      } satisfies SavedTrading),
    load(bytes) {
      const saved = unpack<SavedTrading>(bytes)
      Object.assign(tally, saved.tally)
      Object.assign(counts, saved.counts)
      bars.load(saved.bars)
      sights.load(saved.sights)
      if (saved.prices !== undefined) prices?.load(saved.prices)
      if (saved.facts !== undefined) facts?.load(saved.facts)
      if (saved.crash !== undefined) crash?.detector.load(saved.crash)
      for (const [i, market] of markets.entries()) market.load(saved.markets[i]!)
      for (const [i, account] of accounts.entries()) account.load(saved.accounts[i]!)
    },
    sight: sights,
    look: (account, clientId) => accounts.find(({ name }) => name === account)?.venue.look(clientId),
    summary: () => ({
      ...{ marketRows: tally.rows, first: tally.first, last: tally.last },
      bars: Math.max(...accounts.map(({ player }) => player.bars)),
      warmupBars: Math.max(...seats.map(({ strategy, params }) => strategy.warmup(params))),
      ...{ lateTrades: bars.late, ...counts },
      unknownFunding: accounts.reduce((sum, { venue }) => sum + venue.counts.unknownFunding, 0),
      ...marginOf(accounts.map(({ venue }) => venue.counts)),
      currency,
      equityE8: String(accounts.reduce((sum, { portfolio }) => sum + portfolio.state().equity, 0n)),
      accounts: accounts.map(({ name, portfolio }) => ({ account: name, equityE8: String(portfolio.state().equity) })),
      openPositions: accounts.flatMap(({ name, portfolio }) => openPositions(name, portfolio, instruments)),
    }),
  }
}

/** What the exchanges of margin accounts did; nothing where there are none. */
export function marginOf(counts: readonly Pick<VenueCounts, 'margin'>[]): Pick<TradingSummary, 'margin'> {
  const known = counts.flatMap(({ margin }) => margin ?? [])
  if (known.length === 0) return {}
  const liquidations = known.reduce((sum, one) => sum + one.liquidations, 0)
  const insuranceFundE8 = String(known.reduce((sum, one) => sum + one.insuranceFundE8, 0n))
  return { margin: { liquidations, insuranceFundE8 } }
}

/** What risk and sizing have to remember of the market, for all accounts; nothing where nobody asks. */
function memoryOfMarket(
  { topology, fill, interval }: Plan,
  markets: readonly MarketState[],
  instruments: readonly Instrument[],
) {
  const { prices, facts } = memoryOf(
    topology.risk,
    rulesOf(topology.sizing).some(({ rule }) => rule.needs === 'prices'),
  )
  const config = parseFlashCrash(topology.flashCrash ?? (topology.risk === 'off' ? 'off' : 'default'))
  return {
    prices: prices === undefined ? undefined : new PriceHistory(markets, prices, fill === 'book' ? 0 : barUs(interval)),
    facts: facts ? new MarketFacts(instruments) : undefined,
    crash: config === undefined ? undefined : { config, detector: new FlashCrashDetector(markets.length, config) },
  }
}

/** µs of a candle; 0 where it has no fixed length. */
function barUs(interval: string | undefined): number {
  return interval === undefined ? 0 : (fixedLength(interval) ?? 0)
}

function openPositions(
  account: string,
  portfolio: AccountPortfolio,
  instruments: readonly Instrument[],
): TradingSummary['openPositions'] {
  return portfolio.openPositions().map(({ exchange, symbol, lots, entryPrice, unrealized, ...known }) => ({
    ...{ account, exchange, symbol, entryPrice, unrealized: e8ToNumber(unrealized) },
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    size: sizeOf(instruments[indexIn(instruments, exchange, symbol)]!, lots),
  }))
}

interface SavedTrading {
  readonly tally: Tally
  readonly counts: Counts
  readonly bars: Uint8Array
  readonly sights: Uint8Array
  readonly accounts: readonly Uint8Array[]
  readonly markets: readonly Uint8Array[]
  readonly prices: SavedPrices | undefined
  readonly facts: SavedFacts | undefined
  readonly crash: SavedDetector | undefined
}

interface Counts {
  signals: number
  orders: number
  fills: number
  rejections: Record<string, number>
}

/** What a person asks of a run that did not trade. */
function count(batches: readonly Batch[], counts: Counts): void {
  for (const batch of batches) {
    if (batch.topic === 'signals') counts.signals += batch.rows
    else if (batch.topic === 'orders') counts.orders += batch.rows
    else if (batch.topic === 'executions') {
      for (const kind of (batch as Batch<'executions'>).columns.kind) if (kind === fillKind) counts.fills++
    } else if (batch.topic === 'risk-events') {
      const { action, check, reason } = (batch as Batch<'risk-events'>).columns
      for (let row = 0; row < batch.rows; row++) {
        if (action[row] !== rejectedAction) continue
        const why = `${wordAt(check, row)}: ${wordAt(reason, row)}`
        counts.rejections[why] = (counts.rejections[why] ?? 0) + 1
      }
    }
  }
}

const fillKind = layouts.executions.find((field) => field.name === 'kind')!.symbols!.indexOf('fill')
const rejectedAction = layouts['risk-events'].find((field) => field.name === 'action')!.symbols!.indexOf('rejected')
