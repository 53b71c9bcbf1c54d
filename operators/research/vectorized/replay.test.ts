// A sweep's trial and a backtest of the same parameters, of one instrument and of several in one account: equal to the last 10⁻⁸, over real candles.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startUs, yearOfBars } from '../../../bench/series.ts'
import { aboutOf } from '../../../pipelines/about.ts'
import { accountCurves, tripsOf } from '../../../pipelines/collect.ts'
import { batchOf } from '../../../schemas/batch.ts'
import type { Candle, Instrument as InstrumentRow } from '../../../schemas/records.generated.ts'
import { runTopology } from '../../../tests/backtests.ts'
import { dataDir, describeWith, rounds } from '../../../tests/data.ts'
import { openEmbedded } from '../../../topics/embedded/embedded.ts'
import type { Topics } from '../../../topics/topics.ts'
import { instrumentOf } from '../../instrument.ts'
import { dailyEquity } from '../../metrics/curve.ts'
import { e8ToNumber, textToE8 } from '../../portfolio/money.ts'
import { defineStrategy, type Strategy, strategyOf } from '../../strategies/index.ts'
import { sliceOf } from './columns.ts'
import { type CandleColumns, type SweepTerms, sweepTrials } from './index.ts'

const minuteUs = 60_000_000
const minutes = 6000

const common = {
  ...{ time: startUs, received: startUs, exchange: 'x', base: 'BTC', quote: 'USD', ccxtSymbol: '', status: '' },
  ...{ settle: 'USD', minNotional: 0, contractSize: 1, inverse: false, inferred: false },
}
const perpetual = { ...common, type: 'perpetual', tickSize: 0.01, lotSize: 0.001 } as const
const small = { tickSize: 0.1, lotSize: 0.00001, minNotional: 90, contractSize: 0.1 }
const coin = { settle: 'BTC', tickSize: 0.5, lotSize: 1, contractSize: 100, inverse: true }
/** One to four of these share an account, whose money counts coins for dollars where it has both. */
const rows: readonly InstrumentRow[] = [
  { ...perpetual, symbol: 'FINE' },
  { ...perpetual, symbol: 'SMALL', ...small },
  { ...perpetual, symbol: 'COIN', ...coin },
  { ...perpetual, symbol: 'GAPS' },
  { ...perpetual, symbol: 'LATE', tickSize: 0.1 },
  { ...perpetual, exchange: 'w', symbol: 'SHORT' },
  { ...common, symbol: 'SPOT', type: 'spot', tickSize: 0.01, lotSize: 0.0001, minNotional: 10 },
  { ...common, exchange: 'w', symbol: 'CASH', type: 'spot', tickSize: 0.1, lotSize: 0.001 },
  { ...common, symbol: 'DUST', type: 'spot', tickSize: 0.01, lotSize: 0.00001 },
]
const spot = rows.filter(({ type }) => type === 'spot')
/** Bars of other lengths. */
const quarters: readonly InstrumentRow[] = [
  { ...perpetual, symbol: 'QUARTERS', tickSize: 0.1 },
  { ...perpetual, symbol: 'QUARTERS-BACK' },
]
const halves: readonly InstrumentRow[] = [
  { ...perpetual, symbol: 'HALVES' },
  { ...perpetual, symbol: 'HALVES-GAPS' },
]

/** Asks for a size that follows the last digits of the close, now and then for one of no whole lots, mostly for nothing. */
const digits = defineStrategy({
  name: 'digits',
  summary: 'a size by the digits of the close',
  parameters: z.strictObject({ every: z.int().default(7), size: z.number().default(1) }),
  warmup: () => 0,
  needs: 'bars',
  create: ({ every, size }, desk) => ({
    bar({ instrument, close }) {
      const wanted = wish(Math.round(close * 100), every, size)
      if (!Number.isNaN(wanted)) desk.target(instrument, wanted, 'digits')
    },
    save: () => new Uint8Array(0),
    load: () => {},
  }),
  vectorized: ({ close }, { every, size }) =>
    Float64Array.from(close, (price) => wish(Math.round(price * 100), every, size)),
})

function wish(cents: number, every: number, size: number): number {
  return cents % every === 0 ? ((Math.floor(cents / every) % 9) - 4) * size * 0.37 : Number.NaN
}

let dir: string
let topics: Topics
/** By symbol. */
const candles = new Map<string, { readonly intervalUs: number; readonly of: CandleColumns }>()

async function load(): Promise<void> {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-sweep-'))
  topics = await openEmbedded(dir)
  const series = await yearOfBars(dataDir, minutes)
  const prices = (cents: Int32Array) => Float64Array.from(cents, (value) => value / 100)
  const whole: CandleColumns = {
    time: Float64Array.from(series.open, (_, bar) => startUs + bar * minuteUs),
    ...{ open: prices(series.open), high: prices(series.high), low: prices(series.low), close: prices(series.close) },
    volume: series.volume,
  }
  const back = backwards(whole)
  const ofMinutes = { FINE: whole, SMALL: back, COIN: whole, GAPS: withGaps(whole) }
  const ofSpot = { SPOT: whole, CASH: withGaps(back), DUST: back }
  const cut = { LATE: sliceOf(back, 1300, 5500), SHORT: sliceOf(whole, 0, 3100) }
  for (const [symbol, of] of Object.entries({ ...ofMinutes, ...ofSpot, ...cut }))
    candles.set(symbol, { intervalUs: minuteUs, of })
  candles.set('QUARTERS', { intervalUs: 15 * minuteUs, of: joined(whole, 15) })
  candles.set('QUARTERS-BACK', { intervalUs: 15 * minuteUs, of: joined(withGaps(back), 15) })
  const halved = { ...whole, time: whole.time.map((time) => startUs + (time - startUs) / 2) }
  candles.set('HALVES', { intervalUs: minuteUs / 2, of: halved })
  candles.set('HALVES-GAPS', { intervalUs: minuteUs / 2, of: withGaps({ ...backwards(halved), time: halved.time }, 2) })
  const writer = await topics.writer({ run: 'import', market: true })
  await writer.commit({ outputs: [batchOf('instruments', [...rows, ...quarters, ...halves])] })
  for (const [symbol, one] of candles) await writer.commit({ outputs: [batchOf('candles', records(symbol, one))] })
  await writer.close()
}

/** Without a bar in eleven, and without the hours around a midnight; `faster` bars have more of them in a day. */
function withGaps(whole: CandleColumns, faster = 1): CandleColumns {
  const [from, to] = [1400 * faster, 1530 * faster]
  const kept = Array.from(whole.time.keys()).filter((bar) => bar % 11 !== 3 && (bar < from || bar > to))
  const pick = (column: Float64Array) => Float64Array.from(kept, (bar) => column[bar]!)
  const { time, open, high, low, close, volume } = whole
  return {
    ...{ time: pick(time), open: pick(open), high: pick(high) },
    ...{ low: pick(low), close: pick(close), volume: pick(volume) },
  }
}

/** The same prices from the last to the first. */
function backwards({ time, open, high, low, close, volume }: CandleColumns): CandleColumns {
  const turned = (column: Float64Array) => column.slice().reverse()
  return {
    ...{ time, open: turned(close), high: turned(high), low: turned(low), close: turned(open) },
    volume: turned(volume),
  }
}

/** Bars of several minutes. */
function joined({ time, open, high, low, close, volume }: CandleColumns, length: number): CandleColumns {
  const starts = Array.from({ length: Math.floor(time.length / length) }, (_, bar) => bar * length)
  const over = (column: Float64Array, of: (some: number[]) => number) =>
    Float64Array.from(starts, (start) => of([...column.subarray(start, start + length)]))
  const sum = (some: number[]) => some.reduce((total, one) => total + one, 0)
  return {
    ...{ time: over(time, (some) => some[0]!), open: over(open, (some) => some[0]!) },
    ...{ high: over(high, (some) => Math.max(...some)), low: over(low, (some) => Math.min(...some)) },
    ...{ close: over(close, (some) => some.at(-1)!), volume: over(volume, sum) },
  }
}

function records(symbol: string, { intervalUs, of }: { intervalUs: number; of: CandleColumns }): Candle[] {
  return Array.from(of.time, (openTime, bar) => {
    const time = openTime + intervalUs
    const { exchange } = [...rows, ...quarters, ...halves].find((row) => row.symbol === symbol)!
    return {
      ...{ time, received: time, exchange, symbol, openTime, interval: nameOf(intervalUs), volume: of.volume[bar]! },
      ...{ open: of.open[bar]!, high: of.high[bar]!, low: of.low[bar]!, close: of.close[bar]! },
    }
  })
}

function nameOf(intervalUs: number): string {
  return intervalUs < minuteUs ? `${intervalUs / 1e6}s` : `${intervalUs / minuteUs}m`
}

interface Asked {
  readonly strategy: Strategy
  readonly params: Record<string, unknown>
  readonly traded: readonly InstrumentRow[]
  readonly cash: number
  /** µs. */
  readonly from: number
  readonly to: number
  readonly takerFee: number
  readonly terms: Omit<SweepTerms, 'cashE8'>
}

let runs = 0
/** Orders that no money was left for, of one instrument and of several. */
const unpaid = { one: 0, several: 0 }

/** An exchange of its own has fees of its own. */
function feeAt(exchange: string, takerFee: number): number {
  return exchange === 'w' ? takerFee / 2 : takerFee
}

/** What a backtest says that a trial says, too. */
async function replayed({ strategy, params, traded, cash, from, to, takerFee, terms }: Asked) {
  const { fill, slippageBps, stopLoss, takeProfit } = terms
  const run = `sweep-${++runs}`
  const exit = { name: 'stop', share: stopLoss ?? 10, ...(takeProfit !== undefined && { target: takeProfit }) }
  const isStopped = stopLoss !== undefined || takeProfit !== undefined
  const exchanges = [...new Set(traded.map(({ exchange }) => exchange))]
  const isMixed = traded.some(({ settle }) => settle !== traded[0]!.settle)
  const result = await runTopology(
    topics,
    run,
    {
      ...{ exchange: exchanges.join(), symbols: traded.map(({ exchange, symbol }) => `${exchange}:${symbol}`) },
      ...{ risk: 'off', interval: nameOf(candles.get(traded[0]!.symbol)!.intervalUs), from, to },
      account: { cash, ...(isMixed && { currency: 'USD', pegged: ['BTC'] }) },
      strategy: { name: 'sma-cross', params },
      venue: {
        fill,
        fees: Object.fromEntries(exchanges.map((name) => [name, { taker: feeAt(name, takerFee), maker: 0 }])),
        ...(slippageBps !== undefined && { slippage: { bps: slippageBps } }),
      },
      ...(isStopped && { exits: [exit] }),
    },
    { strategy },
  )
  for (const [why, count] of Object.entries(result.summary.rejections))
    if (why.includes('NOT_ENOUGH')) unpaid[traded.length > 1 ? 'several' : 'one'] += count
  const { plan } = (await aboutOf(topics, run)) as { plan: Parameters<typeof tripsOf>[2] }
  const trips = await tripsOf(topics, run, plan)
  const curve = (await accountCurves(topics, run)).get('main')!
  const equityE8 = BigInt(result.summary.equityE8)
  const daily = dailyEquity(
    Float64Array.of(...curve.times, result.span.to),
    Float64Array.of(...curve.equity, e8ToNumber(equityE8)),
    { ...result.span, start: cash },
  )
  await topics.removeRun(run)
  return {
    ...{ equityE8, fills: trips.fills, feesE8: trips.feesE8, trips: trips.closed.length },
    wins: trips.closed.filter(({ pnlE8 }) => pnlE8 > 0n).length,
    days: [...daily.equity.subarray(1)],
  }
}

/** What the trial of a sweep says. */
async function swept({ strategy, params, traded, cash, from, to, takerFee, terms }: Asked) {
  const markets = traded.map((row, at) => {
    const { of } = candles.get(row.symbol)!
    return { instrument: instrumentOf(row, at), candles: of, takerFee: feeAt(row.exchange, takerFee) }
  })
  const { intervalUs } = candles.get(traded[0]!.symbol)!
  const all = { cashE8: textToE8(String(cash)), intervalUs, ...terms }
  const trials = await sweepTrials(strategy, markets, [params], all, { from, to, threads: 1 })
  return {
    ...{ equityE8: trials.finalEquityE8[0], fills: trials.fills[0], feesE8: trials.feesE8[0] },
    ...{ trips: trials.trips[0], wins: trials.wins[0] },
    days: [...trials.endEquity],
  }
}

const mode = fc.constantFrom('long-flat', 'long-short')
const size = fc.constantFrom(0.001, 0.0123, 0.5, 1, 3)
const strategies = fc.oneof(
  fc
    .record({ fast: fc.integer({ min: 1, max: 40 }), more: fc.integer({ min: 1, max: 200 }), size, mode })
    .map(({ fast, more, ...rest }) => {
      return { strategy: strategyOf('sma-cross'), params: { fast, slow: fast + more, ...rest } }
    }),
  fc
    .record({
      ...{ bars: fc.integer({ min: 2, max: 60 }), entry: fc.double({ min: 0.7, max: 3, noNaN: true }), size, mode },
      edge: fc.constantFrom(0, 0.0005, 0.002),
      exit: fc.constantFrom(0, 0.3, 0.6),
      stop: fc.constantFrom(0, 0.002, 0.02),
      maxBars: fc.constantFrom(0, 1, 30),
    })
    .map((params) => ({ strategy: strategyOf('mean-reversion'), params })),
  fc
    .record({
      ...{ bars: fc.integer({ min: 2, max: 60 }), exitBars: fc.integer({ min: 1, max: 60 }), size, mode },
      beyond: fc.constantFrom(0, 0.0003, 0.001),
      volumeFactor: fc.constantFrom(0, 1, 1.5),
      trail: fc.constantFrom(0, 0.003, 0.02),
    })
    .map((params) => ({ strategy: strategyOf('momentum-breakout'), params })),
  fc.record({ every: fc.constantFrom(3, 7, 40), size }).map((params) => ({ strategy: digits as Strategy, params })),
)
const several = fc.oneof(
  { weight: 8, arbitrary: fc.shuffledSubarray([...rows], { minLength: 2, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(spot, quarters, halves) },
)

function asked(traded: fc.Arbitrary<readonly InstrumentRow[]>, counts: { readonly min: number; readonly max: number }) {
  return fc
    .record({
      ...{ chosen: strategies, traded, scale: fc.constantFrom(1, 100), from: fc.constantFrom(0, 0.2, 0.47) },
      // Little cash: some orders are refused.
      cash: fc.constantFrom(25, 900, 7000, 40_000, 1_000_000),
      count: fc.integer(counts),
      takerFee: fc.constantFrom(0, 0.0004, 0.00075, -0.0001),
      terms: fc.record(
        {
          fill: fc.constantFrom<SweepTerms['fill']>('close', 'next-open'),
          slippageBps: fc.constantFrom(0, 0.3, 5),
          stopLoss: fc.constantFrom(0.001, 0.004, 0.02),
          takeProfit: fc.constantFrom(0.001, 0.005, 0.03),
        },
        { requiredKeys: ['fill'] },
      ),
    })
    .map(({ chosen: { strategy, params }, traded, scale, cash, from: share, count, ...rest }): Asked => {
      const { intervalUs, of } = candles.get(traded[0]!.symbol)!
      const from = of.time[Math.floor(share * of.time.length)]! + intervalUs
      const isCoin = traded.every(({ inverse }) => inverse)
      // Contracts of a coin are of 100 dollars.
      const own = { ...params, size: params.size * (isCoin ? 10 * scale : 1) }
      return {
        ...{ strategy, params: own, traded, cash: isCoin ? cash / 100 : cash },
        ...{ from, to: from + count * intervalUs, ...rest },
      }
    })
}

describeWith('data', 'a trial of a sweep', () => {
  beforeAll(load)
  afterAll(async () => {
    await topics.close()
    rmSync(dir, { recursive: true })
  })

  test.for([
    ['of one instrument', 'one', 100, 25],
    ['of several in one account', 'several', 80, 15],
  ] as const)(
    '%s is equal to a backtest: equity to the last 10⁻⁸, fills, trips, wins, fees, and every day',
    {
      timeout: 120_000,
    },
    async ([, kind, all, few]) => {
      const one = fc.constantFrom(...rows, ...quarters, ...halves).map((row) => [row])
      await fc.assert(
        fc.asyncProperty(asked(kind === 'one' ? one : several, { min: 2, max: 2900 }), async (wish) => {
          expect(await swept(wish)).toEqual(await replayed(wish))
        }),
        { numRuns: rounds(all, few), seed: 7 },
      )
      expect(unpaid[kind]).toBeGreaterThan(0)
    },
  )
})
