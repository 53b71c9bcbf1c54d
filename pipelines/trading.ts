// The trading graph: bars beside the rows, then the loop; one account, its strategies, one venue.
import { exchanges } from '../connectors/exchanges/index.ts'
import { type Bars, barsStage } from '../operators/bars/index.ts'
import { createVenue } from '../operators/execution/index.ts'
import { instrumentOf, sizeOf } from '../operators/instrument.ts'
import { MarketState } from '../operators/market-state.ts'
import { e8ToNumber, textToE8 } from '../operators/portfolio/money.ts'
import { AccountPortfolio } from '../operators/portfolio/portfolio.ts'
import { createRisk } from '../operators/risk/index.ts'
import { blind } from '../operators/sight.ts'
import { SignalDesk } from '../operators/signal-desk.ts'
import { createSizing } from '../operators/sizing/index.ts'
import { pack, type Step, unpack } from '../operators/stage.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { type Batch, batchOf, type Merged } from '../schemas/batch.ts'
import { wordAt } from '../schemas/columns.ts'
import { layouts } from '../schemas/records.generated.ts'
import { sliceRows } from '../topics/rows.ts'
import { driven, lift } from './lift.ts'
import { Outputs } from './outputs.ts'
import type { Plan } from './plan.ts'
import { Player } from './player.ts'
import type { Graph } from './runtime.ts'
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
  readonly signals: number
  readonly orders: number
  readonly fills: number
  /** Signals that did not become orders, by check and reason. */
  readonly rejections: Readonly<Record<string, number>>
  /** What all amounts are in. */
  readonly currency: string
  /** Equity at the last mark, whole 10⁻⁸ as text. */
  readonly equityE8: string
  readonly openPositions: readonly {
    exchange: string
    symbol: string
    size: number
    entryPrice: number
    unrealized: number
  }[]
}

export interface TradingGraph extends Graph {
  summary(): TradingSummary
}

/** The graph of a plan, at its beginning. */
export function createTrading({
  plan,
  strategy,
  params,
}: {
  plan: Plan
  strategy: Strategy
  params: Record<string, unknown>
}): TradingGraph {
  const { topology, exchange, from = Number.NEGATIVE_INFINITY } = plan
  const instruments = plan.instruments.map(instrumentOf)
  const rule = exchanges.find((one) => one.id === exchange)?.sync
  const markets = instruments.map((instrument) => new MarketState(instrument, rule === undefined ? {} : { rule }))
  const account = topology.account.name
  const { venue: venueConfig } = topology
  const currency = topology.account.currency ?? instruments[0]!.settle
  const portfolio = new AccountPortfolio({
    ...{ account, exchange, instruments, currency },
    cash: textToE8(String(topology.account.cash)),
  })
  const latency =
    typeof venueConfig.latency === 'number'
      ? { outMs: venueConfig.latency, backMs: venueConfig.latency }
      : venueConfig.latency
  const venue = createVenue({
    ...{
      fill: plan.fill,
      markets,
      account,
      takerFee: venueConfig.fees.taker,
      makerFee: venueConfig.fees.maker,
      latency,
    },
    ...{ queue: venueConfig.queue, slippage: venueConfig.slippage, seed: topology.seed },
    ...(plan.interval === undefined ? {} : { interval: plan.interval }),
  })
  const risk = createRisk(topology.risk, { account, markets, portfolio })
  const desk = new SignalDesk({ strategy: strategy.name, account, instruments, markets, portfolio, sight: blind })
  const player = new Player({
    ...{ strategy: strategy.name, trader: strategy.create(params, desk), desk, markets, portfolio },
    ...{ sizing: createSizing(topology.sizing), candles: plan.fill === 'book' ? undefined : plan.interval },
  })
  const outputs = new Outputs()
  const tally: Tally = { rows: 0, first: Number.NaN, last: Number.NaN }
  const counts: Counts = { signals: 0, orders: 0, fills: 0, rejections: {} }
  const bars =
    plan.fill === 'book' && plan.interval !== undefined
      ? barsStage.create({ interval: plan.interval, instruments })
      : undefined
  const loop = tradingLoop({ markets, venue, portfolio, players: [player], risk, outputs, tally, from })

  const prepare: Pick<Step<Merged, Prepared>, 'step'> = {
    step: (merged) => ({ merged, ...(bars === undefined ? noBars : since(from, bars.step(merged))) }),
  }
  const trade: Pick<Step<Prepared, void>, 'step'> = {
    step(prepared) {
      if (topology.keep.includes('bars') && prepared.bars.rows > 0) outputs.add(prepared.bars)
      loop(prepared)
    },
  }

  return {
    step: driven((input) => input.pipe(lift(prepare), lift(trade))),
    take() {
      keep(portfolio, outputs)
      const batches = outputs.take()
      count(batches, counts)
      return batches
    },
    save: () =>
      pack({
        ...{ tally, counts, bars: bars?.save(), venue: venue.save(), risk: risk.save(), player: player.save() },
        ...{ portfolio: portfolio.save(), markets: markets.map((market) => market.save()) },
      }),
    load(bytes) {
      const saved = unpack<SavedTrading>(bytes)
      Object.assign(tally, saved.tally)
      Object.assign(counts, saved.counts)
      if (saved.bars !== undefined) bars?.load(saved.bars)
      for (const [i, market] of markets.entries()) market.load(saved.markets[i]!)
      portfolio.load(saved.portfolio)
      venue.load(saved.venue)
      risk.load(saved.risk)
      player.load(saved.player)
    },
    summary: () => ({
      ...{ marketRows: tally.rows, first: tally.first, last: tally.last },
      ...{ bars: player.bars, warmupBars: strategy.warmup(params), lateTrades: bars?.late ?? 0, ...counts },
      currency,
      equityE8: String(portfolio.state().equity),
      openPositions: portfolio.openPositions().map(({ exchange, symbol, lots, entryPrice, unrealized }) => ({
        ...{ exchange, symbol, entryPrice, unrealized: e8ToNumber(unrealized) },
        size: sizeOf(instruments.find((one) => one.symbol === symbol)!, lots),
      })),
    }),
  }
}

interface SavedTrading {
  readonly tally: Tally
  readonly counts: Counts
  readonly bars: Uint8Array | undefined
  readonly venue: Uint8Array
  readonly risk: Uint8Array
  readonly player: Uint8Array
  readonly portfolio: Uint8Array
  readonly markets: readonly Uint8Array[]
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
const noBars = { bars: batchOf('bars', []), at: new Uint32Array(0) }

/** The bars that were given from that receive time on; the first of them may hold trades from before it. */
function since(from: number, { batch, at }: Bars): Omit<Prepared, 'merged'> {
  const { received } = batch.columns
  let first = 0
  while (first < batch.rows && received[first]! < from) first++
  return { bars: sliceRows(batch, first, batch.rows), at: at.subarray(first) }
}
