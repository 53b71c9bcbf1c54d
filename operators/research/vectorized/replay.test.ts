// A sweep's trial and a backtest of the same parameters: equal to the last 10⁻⁸, over real candles.
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
import { type CandleColumns, type SweepTerms, sweepTrials } from './index.ts'

const minuteUs = 60_000_000
const minutes = 6000

const common = {
  ...{ time: startUs, received: startUs, exchange: 'x', base: 'BTC', quote: 'USD', ccxtSymbol: '', status: '' },
  ...{ settle: 'USD', minNotional: 0, contractSize: 1, inverse: false, inferred: false },
}
const rows: readonly InstrumentRow[] = [
  { ...common, symbol: 'FINE', type: 'perpetual', tickSize: 0.01, lotSize: 0.001 },
  {
    ...common,
    symbol: 'SMALL',
    type: 'perpetual',
    tickSize: 0.1,
    lotSize: 0.00001,
    minNotional: 90,
    contractSize: 0.1,
  },
  {
    ...common,
    symbol: 'COIN',
    type: 'perpetual',
    settle: 'BTC',
    tickSize: 0.5,
    lotSize: 1,
    contractSize: 100,
    inverse: true,
  },
  { ...common, symbol: 'GAPS', type: 'perpetual', tickSize: 0.01, lotSize: 0.001 },
  { ...common, symbol: 'QUARTERS', type: 'perpetual', tickSize: 0.1, lotSize: 0.001 },
  { ...common, symbol: 'SPOT', type: 'spot', tickSize: 0.01, lotSize: 0.0001, minNotional: 10 },
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
  for (const { symbol } of rows) {
    const [minutesABar, of] =
      symbol === 'GAPS' ? [1, withGaps(whole)] : symbol === 'QUARTERS' ? [15, joined(whole, 15)] : [1, whole]
    candles.set(symbol, { intervalUs: minutesABar * minuteUs, of })
  }
  const writer = await topics.writer({ run: 'import', market: true })
  await writer.commit({ outputs: [batchOf('instruments', rows)] })
  for (const [symbol, one] of candles) await writer.commit({ outputs: [batchOf('candles', records(symbol, one))] })
  await writer.close()
}

/** Without a bar in eleven, and without the hours around a midnight. */
function withGaps(whole: CandleColumns): CandleColumns {
  const kept = Array.from(whole.time.keys()).filter((bar) => bar % 11 !== 3 && (bar < 1400 || bar > 1530))
  const pick = (column: Float64Array) => Float64Array.from(kept, (bar) => column[bar]!)
  const { time, open, high, low, close, volume } = whole
  return {
    ...{ time: pick(time), open: pick(open), high: pick(high) },
    ...{ low: pick(low), close: pick(close), volume: pick(volume) },
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
    const interval = `${intervalUs / minuteUs}m`
    return {
      ...{ time, received: time, exchange: 'x', symbol, openTime, interval, volume: of.volume[bar]! },
      ...{ open: of.open[bar]!, high: of.high[bar]!, low: of.low[bar]!, close: of.close[bar]! },
    }
  })
}

interface Asked {
  readonly strategy: Strategy
  readonly params: readonly Record<string, unknown>[]
  readonly row: InstrumentRow
  readonly cash: number
  readonly from: number
  readonly to: number
  readonly terms: Omit<SweepTerms, 'instrument' | 'cashE8'>
}

let runs = 0

/** What a backtest says that a trial says, too. */
async function replayed({ strategy, row, cash, from, to, terms }: Asked, params: Record<string, unknown>) {
  const { intervalUs, of } = candles.get(row.symbol)!
  const closed = (bar: number) => (of.time[bar] ?? of.time.at(-1)! + intervalUs) + intervalUs
  const { fill, takerFee, slippageBps, stopLoss, takeProfit } = terms
  const run = `sweep-${++runs}`
  const exit = { name: 'stop', share: stopLoss ?? 10, ...(takeProfit !== undefined && { target: takeProfit }) }
  const isStopped = stopLoss !== undefined || takeProfit !== undefined
  const result = await runTopology(
    topics,
    run,
    {
      ...{
        exchange: 'x',
        symbols: [row.symbol],
        risk: 'off',
        account: { cash },
        interval: `${intervalUs / minuteUs}m`,
      },
      strategy: { name: 'sma-cross', params },
      ...{ from: closed(from), to: closed(to) },
      venue: {
        fill,
        fees: { taker: takerFee, maker: 0 },
        ...(slippageBps !== undefined && { slippage: { bps: slippageBps } }),
      },
      ...(isStopped && { exits: [exit] }),
    },
    { strategy },
  )
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

/** What the trials of a sweep say, one after the other. */
async function swept({ strategy, params, row, cash, from, to, terms }: Asked, threads: number) {
  const all = { instrument: instrumentOf(row, 0), cashE8: textToE8(String(cash)), ...terms }
  const trials = await sweepTrials(strategy, candles.get(row.symbol)!.of, params, all, { from, to, threads })
  const width = trials.days.length
  return params.map((_, at) => ({
    ...{ equityE8: trials.finalEquityE8[at], fills: trials.fills[at], feesE8: trials.feesE8[at] },
    ...{ trips: trials.trips[at], wins: trials.wins[at] },
    days: [...trials.dayEquity.subarray(at * width, (at + 1) * width)],
  }))
}

/** Bars of a range that begins at a share of all there are. */
function within(symbol: string, share: number, count: number): { from: number; to: number } {
  const bars = symbol === 'QUARTERS' ? minutes / 15 : 5000
  const from = Math.floor(share * bars)
  return { from, to: Math.min(bars, from + count) }
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
const asked = fc
  .record({
    chosen: strategies,
    row: fc.constantFrom(...rows),
    scale: fc.constantFrom(1, 100),
    // Little cash: some orders are refused.
    cash: fc.constantFrom(25, 900, 7000, 1_000_000),
    from: fc.constantFrom(0, 0.2, 0.47),
    count: fc.integer({ min: 2, max: 2900 }),
    terms: fc.record(
      {
        fill: fc.constantFrom<SweepTerms['fill']>('close', 'next-open'),
        takerFee: fc.constantFrom(0, 0.0004, 0.00075, -0.0001),
        slippageBps: fc.constantFrom(0, 0.3, 5),
        stopLoss: fc.constantFrom(0.001, 0.004, 0.02),
        takeProfit: fc.constantFrom(0.001, 0.005, 0.03),
      },
      { requiredKeys: ['fill', 'takerFee'] },
    ),
  })
  .map(({ chosen, row, scale, cash, from, count, terms }): Asked => {
    const { strategy, params } = chosen
    // Contracts of a coin are of 100 dollars.
    const own = { ...params, size: params.size * (row.inverse ? 10 * scale : 1) }
    return {
      strategy,
      params: [own],
      row,
      cash: row.inverse ? cash / 100 : cash,
      ...within(row.symbol, from, count),
      terms,
    }
  })

describeWith('data', 'a trial of a sweep', () => {
  beforeAll(load)
  afterAll(async () => {
    await topics.close()
    rmSync(dir, { recursive: true })
  })

  test('is equal to a backtest: equity to the last 10⁻⁸, fills, trips, wins, fees, and every day', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (one) => {
        expect(await swept(one, 1)).toEqual([await replayed(one, one.params[0]!)])
      }),
      { numRuns: rounds(150, 25), seed: 7 },
    )
  })
})
