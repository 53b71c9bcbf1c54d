// The data of a report, read from the topics of a run; memory does not grow with its length but for its round trips.
import { type Instrument, indexIn, instrumentOf } from '../../operators/instrument.ts'
import { amountOf, maxDrawdown, type RoundTrips } from '../../operators/metrics/index.ts'
import { textToE8 } from '../../operators/portfolio/money.ts'
import type { RunAbout } from '../../pipelines/about.ts'
import { equityOf, figuresOf, tripsOf } from '../../pipelines/collect.ts'
import { namesOf } from '../../pipelines/named-instruments.ts'
import { comparedTopics } from '../../pipelines/result.ts'
import { countTrials } from '../../pipelines/study/trials.ts'
import { verdictsOn } from '../../pipelines/study/verdict.ts'
import type { Account, Instrument as InstrumentRow } from '../../schemas/records.generated.ts'
import type { Topics } from '../../topics/topics.ts'
import { analysisOf } from './analysis.ts'
import { assumptionsOf } from './assumptions.ts'
import type { InstrumentCharts, Luck, Money, RegimeBands, ReportData, SeatLine, Series, Trip } from './data.ts'
import { problemsOf } from './problems.ts'
import { scanBooks } from './scan-books.ts'
import { scanCosts } from './scan-costs.ts'
import { scanMargin } from './scan-margin.ts'
import { type MarketScan, scanMarket } from './scan-market.ts'
import { scanRegimes } from './scan-regimes.ts'
import { type RunScan, scanRun } from './scan-run.ts'

/** Round trips that a page lists; the command `trades` gives all. */
const mostTrips = 100_000

/**
 * Everything that the report of a run shows.
 *
 * In:     about — what is kept with the run. version — of the product.
 * Errors: those of reading topics. A run that is not finished is told up to its last step, and marked so.
 */
export async function collectReport(
  topics: Topics,
  run: string,
  { about, version }: { about: RunAbout; version: string },
): Promise<ReportData> {
  const { plan, result, status } = about
  const instruments = plan.instruments.map(instrumentOf)
  const nameOf = namesOf(instruments)
  const own = await scanRun(topics, run, {
    ...{ instruments, cash: cashOf(about) },
    to: result?.span.to ?? Number.POSITIVE_INFINITY,
  })
  const market = await scanMarket(topics, plan)
  const books = await scanBooks(topics, plan)
  const trips = await tripsOf(topics, run, plan)
  const currency = accountsOf(own)[0]?.currency ?? plan.topology.account.currency ?? instruments[0]!.settle
  const money = moneyOf(own, about)
  const span = result?.span ?? spanOf(own, market, about)
  const cash = amountOf(money.start)
  const performance =
    result?.metrics ??
    figuresOf(
      await equityOf(
        topics,
        run,
        about.seats.map(({ account }) => account),
      ),
      trips,
      { ...span, cash, end: amountOf(money.end) },
    )
  const summary = result?.summary
  const atEnd = { time: span.to, equity: amountOf(money.end) }
  const equity = curveOf(own.equity.take(), { time: span.from, value: cash }, atEnd)
  const regimes = await scanRegimes(topics, { run, plan, to: span.to })
  const charts = instruments.map((instrument) =>
    chartsOf(instrument, nameOf(instrument.exchange, instrument.symbol), {
      row: rowOf(plan.instruments, instrument),
      own,
      market,
      regimes,
      ...span,
    }),
  )
  const margin = await scanMargin(topics, run, { plan, cash: cashOf(about) })
  const comparable = instruments.every(({ inverse }) => !inverse)
  own.days.push(span.to, amountOf(money.end))
  return {
    luck: await luckOf(topics, about),
    ...{ run, source: sourceOf(about), ...span },
    status: status === 'finished' ? 'done' : status,
    ...{ currency, performance, money, version },
    seats: seatsOf(about, { own, trips, ...span }),
    execution: await scanCosts(topics, run, plan),
    margin: margin && { ...margin, fund: fundOf(result) },
    equity,
    ...analysisOf({
      ...span,
      cash,
      equity,
      days: own.days.take(),
      trips: trips.closed,
      instruments: charts,
      comparable,
    }),
    instruments: charts,
    gaps: market.gaps,
    trips: trips.closed.slice(0, mostTrips).map((trip) => tripOf(trip, nameOf(trip.exchange, trip.symbol))),
    tripsOf: trips.closed.length,
    open: openOf(about, own, trips, instruments),
    activity: {
      marketRows: summary?.marketRows ?? [...market.prices.values()].reduce((sum, price) => sum + price.take().of, 0),
      bars: plan.interval === undefined ? undefined : summary?.bars,
      warmup: plan.interval === undefined ? undefined : summary?.warmupBars,
      ...{ signals: summary?.signals ?? 0, orders: summary?.orders ?? 0, fills: own.fillCount },
      ...{ cancelled: own.cancelled, expired: own.expired },
    },
    assumptions: assumptionsOf(plan, { currency, ...span }),
    problems: problemsOf({ market, books, warnings: result?.warnings ?? [] }, plan),
    refusals: own.refusals,
    config: {
      ...plan.topology,
      exchange: plan.exchange,
      symbols: plan.symbols,
      interval: plan.interval,
      fill: plan.fill,
      seats: about.seats,
      inputs: plan.inputs,
    },
    hashes: hashesOf(about),
  }
}

/** How much was tried on the market of a run, and what validation said of its strategies. */
async function luckOf(topics: Topics, { plan, seats }: RunAbout): Promise<Luck> {
  const { exchange, symbols } = plan
  const names = [...new Set(seats.map(({ strategy }) => strategy))]
  const { all } = await countTrials(topics, { exchange, symbols, strategy: names[0] ?? '' })
  const found = await verdictsOn(topics, { exchange, symbols, strategies: names.map((name) => ({ name })) })
  const verdicts = found.map(({ study, about, kept }) => ({
    ...{ strategy: about.strategy, study, verdict: kept.verdict, reason: kept.reasons[0] ?? '' },
  }))
  return { trials: all, verdicts }
}

/** What the insurance funds of the exchanges have left. */
function fundOf(result: RunAbout['result']): bigint | undefined {
  const left = result?.summary.margin?.insuranceFundE8
  return left === undefined ? undefined : BigInt(left)
}

/** In words, what the graph was given. */
function sourceOf({ plan: { fill, interval, inputs } }: RunAbout): string {
  if (fill !== 'book') return `${interval} candles`
  const names = inputs.map(({ topic }) => topic.replace('market.', ''))
  const ticks = ['trades', 'quotes', 'books'].filter((name) => names.includes(name)).join(', ')
  return interval === undefined ? ticks : `${ticks} in ${interval} bars`
}

/** What each account began with. */
function cashOf({ seats }: RunAbout): ReadonlyMap<string, number> {
  return new Map(seats.map(({ account }) => [account.name, account.cash]))
}

/** The last row of each account that has one. */
function accountsOf({ accounts }: RunScan): Account[] {
  return [...accounts.values()].flatMap(({ last }) => last ?? [])
}

/** Of all accounts together; the last account row is as old as its last minute, the summary stands on the last row of the market. */
function moneyOf(own: RunScan, { seats, result }: RunAbout): Money {
  const total = (amount: (account: Account) => bigint) => accountsOf(own).reduce((sum, one) => sum + amount(one), 0n)
  const start = seats.reduce((sum, { account }) => sum + textToE8(String(account.cash)), 0n)
  const idle = seats.filter(({ account }) => own.accounts.get(account.name)?.last === undefined)
  const end = idle.reduce(
    (sum, { account }) => sum + textToE8(String(account.cash)),
    total(({ equity }) => equity),
  )
  const [fees, funding] = [total((one) => one.fees), total((one) => one.funding)]
  const realized = total((one) => one.realized)
  if (result === undefined) return { start, end, realized, unrealized: total((one) => one.unrealized), fees, funding }
  const unrealized = result.openPositions.reduce((sum, one) => sum + BigInt(Math.round(one.unrealized * 1e8)), 0n)
  return { start, end: BigInt(result.summary.equityE8), realized, unrealized, fees, funding }
}

/** A line a strategy. */
function seatsOf(
  { seats, result }: RunAbout,
  { own, trips, from, to }: { own: RunScan; trips: RoundTrips; from: number; to: number },
): SeatLine[] {
  return seats.map(({ strategy, params, account: { name, cash } }) => {
    const { equity, last, fills } = own.accounts.get(name)!
    const start = textToE8(String(cash))
    const closed = trips.closed.filter((trip) => seats.length === 1 || trip.account === name)
    const marked = result?.openPositions.filter((one) => one.account === name)
    const moved =
      marked === undefined || last === undefined ? 0n : sumE8(marked.map((one) => one.unrealized)) - last.unrealized
    const end = last === undefined ? start : last.equity + moved
    const curve = curveOf(equity.take(), { time: from, value: cash }, { time: to, equity: amountOf(end) })
    return {
      ...{ strategy, params, account: name, start, end, fills, trips: closed.length },
      ...{ fees: last?.fees ?? 0n, funding: last?.funding ?? 0n },
      winRate: closed.length === 0 ? undefined : closed.filter(({ pnlE8 }) => pnlE8 > 0n).length / closed.length,
      maxDrawdown: maxDrawdown({ times: curve.times, equity: curve.values })?.depth ?? 0,
      equity: curve,
    }
  })
}

const sumE8 = (amounts: readonly number[]): bigint => {
  return amounts.reduce((sum, one) => sum + BigInt(Math.round(one * 1e8)), 0n)
}

/** Of a run without a result: from its first price to its last account row. */
function spanOf(own: RunScan, { prices }: MarketScan, { plan }: RunAbout): { from: number; to: number } {
  const firsts = [...prices.values()].map((price) => price.take().times[0] ?? Number.POSITIVE_INFINITY)
  const lasts = accountsOf(own).map(({ received }) => received)
  const first = Math.min(...firsts)
  const known = Number.isFinite(first) ? first : (plan.from ?? lasts[0] ?? 0)
  return { from: known, to: Math.max(known, ...lasts) }
}

/** The curve between its known ends: a point at the start and one at the end, where it has none there. */
function curveOf(curve: Series, start: { time: number; value: number }, end: { time: number; equity: number }): Series {
  const times = [...curve.times]
  const values = [...curve.values]
  if (times[0] !== start.time) {
    times.unshift(start.time)
    values.unshift(start.value)
  }
  if (times.at(-1)! < end.time) {
    times.push(end.time)
    values.push(end.equity)
  }
  const added = times.length - curve.times.length
  return { times: Float64Array.from(times), values: Float64Array.from(values), of: curve.of + added }
}

function rowOf(rows: readonly InstrumentRow[], { symbol, exchange }: Instrument): InstrumentRow {
  return rows.find((row) => row.symbol === symbol && row.exchange === exchange)!
}

function chartsOf(
  { exchange, contractSize, inverse }: Instrument,
  symbol: string,
  of: {
    row: InstrumentRow
    own: RunScan
    market: MarketScan
    regimes: ReadonlyMap<string, readonly RegimeBands[]>
    from: number
    to: number
  },
): InstrumentCharts {
  const { row, own, market, regimes, from, to } = of
  const position = own.positions.get(symbol)!.take()
  const last = position.values.at(-1) ?? 0
  const { us, since } = own.held.get(symbol)!
  const { buys, sells } = own.fills.get(symbol)!
  return {
    ...{ exchange, symbol, quote: row.quote === '' ? row.settle : row.quote, priceOf: market.priceOf },
    unit: inverse || contractSize !== 1 ? 'contracts' : row.base,
    heldMs: (us + (since === undefined ? 0 : to - since)) / 1e3,
    price: market.prices.get(symbol)!.take(),
    position: curveOf(position, { time: from, value: 0 }, { time: to, equity: last }),
    ...{ buys: buys.take(), sells: sells.take() },
    regimes: regimes.get(symbol) ?? [],
  }
}

function tripOf(trip: RoundTrips['closed'][number], symbol: string): Trip {
  const { side, entryTime, exitTime, size, fills } = trip
  return {
    account: trip.account ?? '',
    ...{ symbol, side, entryTime, exitTime, size, fills, entryPrice: trip.averageEntry, exitPrice: trip.averageExit },
    ...{ fees: amountOf(trip.feesE8), funding: amountOf(trip.fundingE8), net: trip.pnl },
  }
}

function openOf(
  { plan, result }: RunAbout,
  own: RunScan,
  { open }: RoundTrips,
  instruments: readonly Instrument[],
): ReportData['open'] {
  const nameOf = namesOf(instruments)
  const whatOf = ({ exchange, symbol }: { exchange: string; symbol: string }) => {
    const at = indexIn(instruments, exchange, symbol)
    const { contractSize, inverse } = instruments[at]!
    const unit = inverse || contractSize !== 1 ? 'contracts' : plan.instruments[at]!.base
    return { symbol: nameOf(exchange, symbol), unit }
  }
  if (result !== undefined) {
    return result.openPositions.map((one) => {
      const { account, size, entryPrice, mark, unrealized } = one
      return { account, ...whatOf(one), size, entryPrice, mark, unrealized }
    })
  }
  return open.map((one) => {
    const { account = '', averageEntry } = one
    const what = whatOf(one)
    return {
      ...{ account, ...what, entryPrice: averageEntry, mark: undefined, unrealized: 0 },
      size: own.left.get(what.symbol)?.get(account) ?? 0,
    }
  })
}

function hashesOf({ codeHash, configHash, result }: RunAbout): Record<string, string> {
  const outputs = comparedTopics.map((topic) => [topic, result?.hashes[topic] ?? 'not finished'])
  return { code: codeHash, config: configHash, ...Object.fromEntries(outputs) }
}
