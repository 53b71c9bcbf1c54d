// FR-404 … FR-407 of S4 over real candles and a real capture: what risk lets pass, halts, makes smaller and refuses.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flashCrashConfig } from '../../operators/flash-crash/config.ts'
import { FlashCrashDetector } from '../../operators/flash-crash/detector.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'
import { importCapture } from '../market.ts'

const minute = { name: '1m', us: 60e6 }
const five = { name: '5m', us: 300e6 }
const dayUs = 86_400e6

/** Checks that a test is not about. */
const quiet = {
  ...{ 'order-rate': false, 'losing-streak': false, 'hourly-loss': false, 'weekly-loss': false, volatility: false },
  ...{ 'value-at-risk': false, drawdown: false, 'daily-loss': false, 'trade-risk': false, 'stale-data': false },
  liquidity: false,
}

describeWith('data', 'over January 2022 in minutes', () => {
  const root = mkdtempSync(join(tmpdir(), 'smartspeed-risk-'))
  const btc = { exchange: 'bybit', symbol: 'BTCUSDT' }
  let topics: Topics

  beforeAll(async () => {
    topics = await openTopics({ dir: join(root, 'btc') })
    const file = join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz')
    await loadCandles(topics, { ...btc, file, interval: minute, settle: 'USDT' })
  }, 600_000)
  afterAll(async () => {
    await topics?.close()
    rmSync(root, { recursive: true, force: true })
  })

  const topology = (risk: TopologyInput['risk'], more: TopologyInput = {}): TopologyInput => ({
    ...{ exchange: btc.exchange, symbols: [btc.symbol], flashCrash: 'off', account: { cash: 100_000 } },
    strategy: { name: 'sma-cross', params: { fast: 20, slow: 60, size: 1, mode: 'long-short' } },
    ...{ venue: { fill: 'next-open' }, risk, ...more },
  })

  /** What each position came to at its fills, in USDT; and each refusal by reason. */
  async function ran(name: string, risk: TopologyInput['risk'], more: TopologyInput = {}) {
    const result = await runTopology(topics, name, topology(risk, more))
    const positions = await rowsIn(topics, 'positions', name)
    const accounts = await rowsIn(topics, 'accounts', name)
    const events = await rowsIn(topics, 'risk-events', name)
    const orders = await rowsIn(topics, 'orders', name)
    const reasons: Record<string, number> = {}
    for (const { action, reason } of events) if (action === 'rejected') reasons[reason] = (reasons[reason] ?? 0) + 1
    return { result, positions, accounts, events, orders, reasons }
  }

  test('FR-404: no position and no sum of them passes its limit, which is set for an asset and for the account', async () => {
    const loose = await ran('free', {
      ...quiet,
      'position-size': { share: 10, value: 1e9 },
      'asset-exposure': false,
      'total-exposure': false,
    })
    const tight = await ran('limited', {
      ...quiet,
      'position-size': { share: 0.3, value: 1e9 },
      'asset-exposure': { share: 0.35 },
    })
    const value = ({ lots, lotSize, mark }: { lots: number; lotSize: number; mark: number }) =>
      Math.abs(lots) * lotSize * mark
    const most = (rows: typeof loose.positions) => Math.max(...rows.map((row) => value({ ...row, mark: row.mark! })))
    // One bitcoin is some 40 % of the account.
    expect(most(loose.positions)).toBeGreaterThan(35_000)
    expect(tight.positions).toEqual([])
    expect(tight.reasons.MAX_POSITION).toBe(tight.events.length)
    const smaller = await ran(
      'small',
      { ...quiet, 'position-size': { share: 0.3, value: 1e9 } },
      { strategy: { name: 'sma-cross', params: { fast: 20, slow: 60, size: 0.5, mode: 'long-flat' } } },
    )
    expect(smaller.result.fills).toBeGreaterThan(200)
    // The limit is held at the order; the next open is at most some tenths of a percent away.
    expect(most(smaller.positions)).toBeLessThan(0.3 * 100_000 * 1.02)
    const byValue = await ran('by-value', {
      ...quiet,
      'position-size': { share: 10, value: 20_000 },
      'asset-exposure': false,
    })
    expect(byValue.reasons).toEqual({ MAX_POSITION_VALUE: byValue.events.length })
    const inAll = await ran('in-all', {
      ...quiet,
      'position-size': { share: 10, value: 1e9 },
      'asset-exposure': false,
      'total-exposure': { share: 0.2 },
    })
    expect(inAll.reasons).toEqual({ MAX_EXPOSURE: inAll.events.length })
  }, 600_000)

  test('FR-405: a day that lost its share halts until the next UTC day, every time, and closing still passes', async () => {
    const share = 0.01
    const { events, orders, accounts } = await ran('daily', {
      ...quiet,
      'position-size': { share: 10, value: 1e9 },
      'asset-exposure': false,
      'daily-loss': { share },
    })
    const halts = events.filter(({ action, check }) => action === 'halted' && check === 'daily-loss')
    expect(halts.length).toBeGreaterThan(3)
    for (const { received, value } of halts) {
      expect(value).toBeGreaterThanOrEqual(share)
      const end = (Math.floor(received / dayUs) + 1) * dayUs
      const during = orders.filter((order) => order.received > received && order.received < end)
      // What comes after is no more than what closes the position: one order at most.
      expect(during.length).toBeLessThanOrEqual(1)
      const start = accounts.filter((row) => row.received <= Math.floor(received / dayUs) * dayUs + 60e6).at(-1)!
      const then = accounts.filter((row) => row.received <= received).at(-1)!
      expect(1 - Number(then.equity) / Number(start.equity)).toBeGreaterThan(share * 0.8)
      const after = orders.find((order) => order.received >= end)
      if (after !== undefined) expect(after.received).toBeLessThan(end + dayUs)
    }
    expect(events.filter(({ action }) => action === 'resumed').length).toBeGreaterThanOrEqual(halts.length - 1)
  }, 600_000)

  test('FR-406: the further the account falls, the smaller its orders: 1 − fall / limit of what is asked', async () => {
    const { events, orders } = await ran(
      'falling',
      {
        ...quiet,
        'position-size': { share: 10, value: 1e9 },
        'asset-exposure': false,
        drawdown: { share: 0.2, scaleFrom: 0.02 },
      },
      { strategy: { name: 'sma-cross', params: { fast: 20, slow: 60, size: 1, mode: 'long-flat' } } },
    )
    const scaled = events.filter(({ action }) => action === 'scaled')
    expect(scaled.length).toBeGreaterThan(50)
    const lots = new Map(orders.map(({ signal, lots }) => [signal, lots!]))
    const asked = Math.max(...orders.map(({ lots }) => lots!))
    for (const { signal, value, reason } of scaled) {
      expect(reason).toBe('DRAWDOWN')
      expect(lots.get(signal!)).toBe(Math.floor(asked * (1 - value! / 0.2) * (1 + 1e-12)))
    }
    const deepest = scaled.reduce((a, b) => (b.value! > a.value! ? b : a))
    expect(lots.get(deepest.signal!)!).toBeLessThan(0.8 * asked)
  }, 600_000)

  test('no flash crash is seen in that month, and a sharper detector sees its worst minutes', async () => {
    const candles = await rowsIn(topics, 'candles')
    const alarms = (how: object) => {
      const detector = new FlashCrashDetector(1, flashCrashConfig.parse(how))
      return candles.flatMap(({ received, close }) => (detector.row(0, received, close) ? detector.take() : []))
    }
    expect(alarms({})).toEqual([])
    const sharp = alarms({ '15m': { moderate: 0.02, severe: 0.03, extreme: 0.05 } }).filter(
      ({ severity }) => severity !== 'calm',
    )
    expect(sharp.length).toBeGreaterThan(2)
    const worst = Math.max(
      ...candles.map(({ close }, at) => (at < 15 ? 0 : Math.abs(close / candles[at - 15]!.close - 1))),
    )
    expect(Math.max(...sharp.map(({ value }) => Math.abs(value)))).toBeLessThanOrEqual(worst + 1e-12)
  }, 600_000)
})

describeWith('data', 'over four pairs that move together', () => {
  const root = mkdtempSync(join(tmpdir(), 'smartspeed-pairs-'))
  const symbols = ['ADABTC', 'ETCBTC', 'ETHBTC', 'LTCBTC']
  let topics: Topics

  beforeAll(async () => {
    topics = await openTopics({ dir: join(root, 'pairs') })
    for (const symbol of symbols) {
      const file = join(dataDir, `bars/${symbol.slice(0, 3).toLowerCase()}-btc-5m.csv.gz`)
      await loadCandles(topics, { exchange: 'binance-usdm', symbol, file, interval: five, settle: 'BTC' })
    }
  }, 600_000)
  afterAll(async () => {
    await topics?.close()
    rmSync(root, { recursive: true, force: true })
  })

  test('FR-407: what moves with a position that is held the same way is refused; what does not passes', async () => {
    const most = 0.3
    const topology: TopologyInput = {
      ...{
        exchange: 'binance-usdm',
        symbols,
        flashCrash: 'off',
        account: { cash: 1000 },
        venue: { fill: 'next-open' },
      },
      strategy: { name: 'sma-cross', params: { fast: 12, slow: 48, size: 10, mode: 'long-short' } },
      risk: { ...quiet, 'stale-data': { maxAgeMs: 6e5 }, correlation: { most }, 'max-positions': false },
    }
    await runTopology(topics, 'together', topology)
    const events = (await rowsIn(topics, 'risk-events', 'together')).filter(({ reason }) => reason === 'CORRELATED')
    const orders = await rowsIn(topics, 'orders', 'together')
    expect(events.length).toBeGreaterThan(20)
    const candles = await rowsIn(topics, 'candles')
    const closes = new Map(symbols.map((symbol) => [symbol, candles.filter((one) => one.symbol === symbol)]))
    // The same by hand: returns of the last 120 five minutes of two pairs.
    const returnsOf = (symbol: string, to: number) => {
      const list = closes
        .get(symbol)!
        .filter(({ received }) => received < to)
        .slice(-121)
      return list.slice(1).map(({ close }, at) => close / list[at]!.close - 1)
    }
    const correlation = (a: readonly number[], b: readonly number[]) => {
      const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, one, at) => sum + one * y[at]!, 0)
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
    }
    let compared = 0
    for (const { received, symbol, value, detail } of events) {
      const other = /with (\w+),/.exec(detail)![1]!
      const [a, b] = [returnsOf(symbol, received), returnsOf(other, received)]
      // Where a minute has no candle the price before stands in its place: not in this loop.
      if (a.length !== 120 || b.length !== 120 || [symbol, other].includes('ADABTC')) continue
      expect(Math.abs(value! - Math.abs(correlation(a, b)))).toBeLessThan(1e-9)
      compared++
    }
    expect(compared).toBeGreaterThan(10)
    for (const { verdicts } of orders) {
      const said = verdicts.find(({ check }) => check === 'correlation')
      if (said !== undefined) expect(said.value).toBeLessThanOrEqual(most)
    }
  }, 600_000)
})

describeWith('data', 'over quiet captures', () => {
  const root = mkdtempSync(join(tmpdir(), 'smartspeed-quiet-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test.each([
    ['usdm-btcusdt-20240808.gz', 'binance-usdm'],
    ['spot-btcusdt-20240808.gz', 'binance'],
    ['binance-usdm-multi-20210722.gz', 'binance-usdm'],
    ['binance-spot-multi-20211012.gz', 'binance'],
    ['binance-coinm-multi-20210722.gz', 'binance-coinm'],
  ])(
    '%s: default risk raises no alarm, and lets a market maker trade',
    async (file, exchange) => {
      const dir = join(root, file)
      await importCapture(dir, file, exchange)
      const topics = await openTopics({ dir })
      const symbols = [
        ...new Set((await rowsIn(topics, 'instruments')).map(({ symbol, settle }) => `${settle}/${symbol}`)),
      ]
      const settle = symbols[0]!.split('/')[0]!
      const own = symbols.filter((one) => one.startsWith(`${settle}/`)).map((one) => one.slice(settle.length + 1))
      const topology: TopologyInput = {
        ...{ exchange, symbols: own, interval: '1s', risk: 'default', account: { cash: 1_000_000 } },
        strategy: { name: 'market-maker', params: {} },
        venue: { fill: 'book' },
      }
      const result = await runTopology(topics, 'quiet', topology)
      const events = await rowsIn(topics, 'risk-events', 'quiet')
      expect(events.filter(({ check }) => check === 'emergency')).toEqual([])
      if (!file.includes('multi')) expect(result.fills).toBeGreaterThan(10)
      await topics.close()
    },
    900_000,
  )
})
