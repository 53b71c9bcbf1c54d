// A run that never was, for looking at: a seeded walk, round trips on it, and figures computed from those by operators/metrics.
import { analysisOf } from '../../console/report/analysis.ts'
import { Bands } from '../../console/report/bands.ts'
import type {
  Fills,
  Gap,
  InstrumentCharts,
  Margin,
  RegimeBands,
  ReportData,
  Series,
  Trip,
} from '../../console/report/data.ts'
import { DayEnds, Thinned, ThinnedFills } from '../../console/report/thin.ts'
import { performance, type RoundTrips, roundTrips, type TripEvent } from '../../operators/metrics/index.ts'
import { random } from '../../operators/random.ts'

const from = Date.UTC(2024, 0, 1) * 1000
const minuteUs = 60_000_000
const cash = 1_000_000

export interface Wanted {
  readonly minutes: number
  /** Chance of a trade in a minute. */
  readonly tradeChance?: number
  readonly gaps?: boolean
  /** Points kept of a curve; by default as many as `Thinned` keeps. */
  readonly stretches?: number
}

/** A report's data; equal arguments give equal data. */
export function sampleReport({ minutes, tradeChance = 0.01, gaps: withGaps = false, stretches }: Wanted): ReportData {
  const chance = random('sample report')
  const to = from + minutes * minuteUs
  const gaps: Gap[] = withGaps ? [{ from: from + minutes * 0.4 * minuteUs, to: from + minutes * 0.43 * minuteUs }] : []
  const [equity, price, position] = [new Thinned(stretches), new Thinned(stretches), new Thinned(stretches)]
  const [buys, sells] = [new ThinnedFills(), new ThinnedFills()]
  const events: TripEvent[] = []
  const curve = { times: new Float64Array(minutes), equity: new Float64Array(minutes) }
  const account = { cash, lots: 0, cost: 0, fees: 0n, realized: 0n }
  let last = 42_000
  let held = 0
  for (let minute = 0; minute < minutes; minute++) {
    const time = from + minute * minuteUs
    last *= 1 + 0.0006 * chance.normal()
    const ticks = Math.round(last * 10) / 10
    if (chance.next() < tradeChance && !gaps.some((gap) => time >= gap.from && time < gap.to)) {
      trade(account, events, { time, price: ticks, side: sideOf(account.lots, chance.next()) })
      const fill = events.at(-1)!
      if (fill.kind === 'fill') (fill.side === 'buy' ? buys : sells).push(time, ticks, fill.lots * fill.lotSize)
    }
    if (account.lots !== 0) held++
    const value = account.cash + (account.lots / 1000) * ticks
    curve.times[minute] = time
    curve.equity[minute] = value
    if (gaps.some((gap) => time > gap.from && time < gap.to)) continue
    equity.push(time, value)
    price.push(time, ticks)
    position.push(time, account.lots / 1000)
  }
  const trips = roundTrips(events)
  const days = new DayEnds()
  for (const [at, time] of curve.times.entries()) days.push(time, curve.equity[at]!)
  const unrealized = account.lots === 0 ? 0n : e8((account.lots / 1000) * last) - e8(account.cost)
  const end = e8(cash) + account.realized + unrealized - account.fees
  const instruments: InstrumentCharts[] = [
    {
      ...{ exchange: 'binance-usdm', symbol: 'BTCUSDT', quote: 'USDT', unit: 'BTC', priceOf: 'last trade' },
      ...{ price: price.take(), position: position.take(), heldMs: held * 60_000 },
      ...{ buys: taken(buys), sells: taken(sells) },
      regimes: regimesOf(price.take(), to),
    },
  ]
  const total = equity.take()
  return {
    run: 'sample',
    seats: [
      {
        ...{ strategy: 'sma-cross', params: { fast: 10, slow: 30, size: 1, mode: 'long-short' }, account: 'main' },
        ...{ start: e8(cash), end, fees: account.fees, funding: 0n, fills: trips.fills, trips: trips.closed.length },
        ...{ winRate: undefined, maxDrawdown: 0, equity: total },
      },
    ],
    margin: undefined,
    execution: {
      ...{ taken: trips.fills, rested: 0, takerFees: account.fees, makerFees: 0n },
      ...{ takerSpread: 0n, makerSpread: 0n, slippage: 0n, latency: 0n, unknown: undefined },
    },
    ...analysisOf({
      ...{ from, to, cash, equity: total, days: days.take(), trips: trips.closed, instruments, comparable: true },
    }),
    ...{ source: 'trades in 1m bars', from, to, status: 'done', currency: 'USDT', version: '0.1.0' },
    performance: performance({ ...curve, trips, from, to, start: cash }),
    money: {
      start: e8(cash),
      end,
      ...{ realized: account.realized, unrealized, fees: account.fees, funding: 0n },
    },
    ...{ equity: total, instruments },
    ...{ gaps, trips: tripsOf(trips), tripsOf: trips.closed.length, open: openOf(trips) },
    activity: {
      ...{ marketRows: minutes * 9, bars: minutes, warmup: 30, signals: events.length, orders: events.length },
      ...{ fills: trips.fills, cancelled: 0, expired: 0 },
    },
    assumptions: [
      { name: 'Taker fee', value: '4 bp of the value', meaning: 'each market order pays it' },
      { name: 'Latency', value: '5 ms out, 5 ms back', meaning: 'orders act on what the exchange had by then' },
    ],
    problems: [
      { level: 'note', what: 'Clock offset', where: 'binance-usdm', count: undefined, detail: 'exchange 1.27 s ahead' },
      ...(withGaps
        ? [{ level: 'bad' as const, what: 'Gap', where: 'BTCUSDT', count: 1, detail: 'hatched in the charts' }]
        : []),
    ],
    refusals: [
      { by: 'risk', check: 'stale-data', reason: 'STALE_DATA', count: 12, example: 'last row 61 s old, limit 60 s' },
    ],
    config: {
      pipeline: 'trading',
      strategy: { name: 'sma-cross', params: { fast: 10, slow: 30 } },
      '</script>': '<b>',
    },
    hashes: { code: 'a'.repeat(64), config: 'b'.repeat(64), orders: 'c'.repeat(64) },
  }
}

/** Two horizons of regimes that change with the price of the hour. */
function regimesOf({ times, values }: Series, to: number): RegimeBands[] {
  const [labels, hourUs] = [['BEAR', 'RANGING', 'BULL'], 3_600_000_000]
  return ['1h', 'risk'].map((horizon, at) => {
    const bands = new Bands()
    for (let point = 0; point < times.length; point += 60) {
      const move = values[point]! / values[Math.max(0, point - 60 * (at * 12 + 6))]! - 1
      const label = labels[move > 0.012 ? 2 : move < -0.012 ? 0 : 1]!
      bands.push(Math.floor(times[point]! / hourUs) * hourUs, label)
    }
    return bands.take(horizon, 'report', to)
  })
}

/** The same report of two margin accounts, of which the second was liquidated in part. */
export function withMargin(data: ReportData): ReportData {
  const { times, values, of } = data.equity
  const most = Math.max(...values)
  const ratioOf = (scale: number): Series => ({
    times,
    values: values.map((one) => scale * (most / one - 1) * 100),
    of,
  })
  const peak = (value: number) => ({ value, time: times[Math.floor(times.length / 2)] })
  const lineOf = (account: string, scale: number, liquidations: number) => ({
    ...{ account, symbol: undefined, value: peak(81_234.5 * scale), initial: peak(4061.7 * scale) },
    ...{ maintenance: peak(324.9 * scale), liquidations, liquidationFees: e8(12.5 * liquidations) },
    ...{
      fundingPaid: e8(91.25),
      fundingReceived: e8(17.5),
      ratio: ratioOf(scale),
      highest: peak(scale > 1 ? 1 : 0.34),
    },
    leverage: peak(2.5 * scale),
  })
  const accounts = [lineOf('slow', 1, 0), lineOf('fast', 2, 3)]
  const positions = ['BTCUSDT', 'ETHUSDT'].flatMap((symbol) =>
    accounts.map(({ ratio: _, highest: __, leverage: ___, ...use }) => ({ ...use, symbol })),
  )
  const seats = accounts.map(({ account }) => ({ ...data.seats[0]!, account }))
  return { ...data, seats, margin: { accounts, positions, fund: e8(1037.5) } satisfies Margin }
}

type Account = { cash: number; lots: number; cost: number; fees: bigint; realized: bigint }

/** A market order of half a coin, booked at average cost. */
function trade(
  account: Account,
  events: TripEvent[],
  fill: { time: number; price: number; side: 'buy' | 'sell' },
): void {
  const lots = 500
  const value = (lots / 1000) * fill.price
  const fee = e8(value * 0.0004)
  const way = fill.side === 'buy' ? 1 : -1
  let realized = 0n
  if (Math.sign(account.lots) === -way) {
    const entry = account.cost / (account.lots / 1000)
    realized = e8((fill.price - entry) * (lots / 1000) * -way)
    account.cost -= account.cost * (lots / Math.abs(account.lots))
  } else account.cost += way * value
  account.lots += way * lots
  account.cash -= way * value + Number(fee) / 1e8
  account.fees += fee
  account.realized += realized
  events.push({
    ...{ kind: 'fill', exchange: 'binance-usdm', symbol: 'BTCUSDT', lots, lotSize: 0.001, ...fill },
    ...{ notionalE8: e8(value), feeE8: fee, pnlE8: realized },
  })
}

/** Back to zero more often than away from it. */
function sideOf(lots: number, drawn: number): 'buy' | 'sell' {
  const buy = lots === 0 ? drawn < 0.5 : lots < 0 ? drawn < 0.7 : drawn < 0.3
  return buy ? 'buy' : 'sell'
}

function tripsOf({ closed }: RoundTrips): Trip[] {
  return closed.map((trip) => ({
    account: 'main',
    ...{ symbol: trip.symbol, side: trip.side, entryTime: trip.entryTime, exitTime: trip.exitTime, size: trip.size },
    ...{ entryPrice: trip.averageEntry, exitPrice: trip.averageExit, fills: trip.fills, net: trip.pnl },
    ...{ fees: Number(trip.feesE8) / 1e8, funding: Number(trip.fundingE8) / 1e8 },
  }))
}

function openOf({ open }: RoundTrips): ReportData['open'] {
  return open.map(({ symbol, size, averageEntry, side }) => ({
    ...{
      account: 'main',
      symbol,
      unit: 'BTC',
      size: side === 'long' ? size : -size,
      entryPrice: averageEntry,
      mark: undefined,
    },
    unrealized: 0,
  }))
}

const e8 = (value: number): bigint => BigInt(Math.round(value * 1e8))
const taken = (fills: ThinnedFills): Fills => fills.take()
