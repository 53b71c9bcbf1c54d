// The strategies over real data, each held against its rules in a loop of their own, or against what it says of itself.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { ladders } from '../../operators/regime/ladders.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { dataDir, describeWith, testWith } from '../data.ts'
import { type Month, month, openMonth } from '../month.ts'

const cash = 1_000_000
const fee = 0.0004

describeWith('data', 'over a month of minutes', () => {
  const market = month
  let topics: Month['topics']
  let candles: Month['candles']
  let close: Month['close'] | undefined

  beforeAll(async () => {
    ;({ topics, candles, close } = await openMonth())
  })
  afterAll(() => close?.())

  const topology = (name: string, params: Record<string, unknown> = {}): TopologyInput => ({
    ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off', strategy: { name, params } },
    venue: { fill: 'next-open', fees: { taker: fee } },
  })

  /** Fills and equity of a rule that says at each close which position it wants: filled at the next open. */
  function byHand(wanted: (i: number, candle: Candle) => number): { fills: number; equity: number } {
    let [held, next, money, fills] = [0, 0, cash, 0]
    for (const [i, candle] of candles.entries()) {
      if (next !== held) {
        money -= (next - held) * candle.open + Math.abs(next - held) * candle.open * fee
        held = next
        fills++
      }
      next = wanted(i, candle)
    }
    return { fills, equity: money + held * candles.at(-1)!.close }
  }

  test('mean-reversion trades as its rules say', async () => {
    const [bars, entry, edge, stop] = [20, 2, 0.002, 0.004]
    let [side, entered, spent] = [0, 0, 0]
    const expected = byHand((i, { close }) => {
      if (i + 1 < bars) return 0
      const window = candles.slice(i + 1 - bars, i + 1)
      const mean = window.reduce((sum, one) => sum + one.close, 0) / bars
      const deviation = Math.sqrt(window.reduce((sum, one) => sum + (one.close - mean) ** 2, 0) / bars)
      const z = deviation > 0 ? (close - mean) / deviation : 0
      if (spent * z >= 0) spent = 0
      if (side !== 0 && side * z >= 0) side = 0
      else if (side !== 0 && side * (close / entered - 1) <= -stop) {
        spent = side
        side = 0
      }
      if (side === 0 && Math.abs(z) >= entry && Math.abs(close - mean) >= edge * mean && Math.sign(-z) !== spent) {
        side = Math.sign(-z)
        entered = close
      }
      return side
    })
    const result = await runTopology(topics, 'reversion', topology('mean-reversion', { bars, entry, edge, stop }))
    expect(expected.fills).toBeGreaterThan(1000)
    expect(result.fills).toBe(expected.fills)
    expect(result.finalEquity).toBeCloseTo(expected.equity, 2)
  })

  test('momentum-breakout trades as its rules say, on volume as the feature tells it', async () => {
    const [bars, exitBars, beyond, factor, trail] = [30, 12, 0.002, 2, 0.006]
    let [side, best] = [0, 0]
    const expected = byHand((i, { close, high, low, volume }) => {
      const before = (n: number) => candles.slice(i - n, i)
      if (i < bars) return 0
      const was = side
      if (side !== 0) {
        best = side > 0 ? Math.max(best, high) : Math.min(best, low)
        const edge =
          side > 0 ? Math.min(...before(exitBars).map((c) => c.low)) : Math.max(...before(exitBars).map((c) => c.high))
        if (side * (close - edge) < 0 || side * (close / best - 1) <= -trail) side = 0
      }
      const ratio = volume / (before(20).reduce((sum, one) => sum + one.volume, 0) / 20)
      if (side === 0 && ratio >= factor) {
        const up = close >= Math.max(...before(bars).map((c) => c.high)) * (1 + beyond)
        const down = close <= Math.min(...before(bars).map((c) => c.low)) * (1 - beyond)
        const broken = up ? 1 : down ? -1 : 0
        if (broken !== 0 && broken !== was) {
          side = broken
          best = close
        }
      }
      return side
    })
    const params = { bars, exitBars, beyond, volumeFactor: factor, trail }
    const result = await runTopology(topics, 'breakout', topology('momentum-breakout', params))
    expect(expected.fills).toBeGreaterThan(100)
    expect(result.fills).toBe(expected.fills)
    expect(result.finalEquity).toBeCloseTo(expected.equity, 2)
  })

  test('grid rests and fills as its rules say, candle by candle', async () => {
    const [levels, spacing, size, maker] = [8, 0.004, 0.1, 0.0002]
    const tick = (await rowsIn(topics, 'instruments'))[0]!.tickSize
    const at = (price: number) => Math.round(price / tick)
    const centre = candles[0]!.close
    const cells = Array.from({ length: 2 * levels + 1 }, (_, i) => i - levels).flatMap((level) => {
      return level === 0 ? [] : [{ level, open: false, ticks: Number.NaN, sent: false }]
    })
    let [held, money, fills] = [0, cash, 0]
    for (const { open, high, low, close } of candles) {
      const buys = ({ level, open: isOpen }: (typeof cells)[number]) => level < 0 !== isOpen
      const send = (cell: (typeof cells)[number]): void => {
        const wanted = at(centre * (1 + (cell.open ? cell.level - Math.sign(cell.level) : cell.level) * spacing))
        const best = at(close) + (buys(cell) ? -1 : 1)
        const waits = buys(cell) ? wanted > best : wanted < best
        cell.sent = !waits || cell.open
        cell.ticks = waits ? best : wanted
      }
      for (const cell of cells) {
        // Post-only: what the open would fill is refused.
        if (cell.sent && (buys(cell) ? at(open) <= cell.ticks : at(open) >= cell.ticks)) cell.sent = false
      }
      for (const cell of cells) {
        if (!cell.sent || !(buys(cell) ? at(low) < cell.ticks : at(high) > cell.ticks)) continue
        const signed = buys(cell) ? size : -size
        held += signed
        money -= signed * cell.ticks * tick + size * cell.ticks * tick * maker
        fills++
        cell.open = !cell.open
        send(cell)
      }
      for (const cell of cells) if (!cell.sent) send(cell)
    }
    const params = { levels, spacing, size, mode: 'neutral', outside: 'hold' }
    const own = topology('grid', params)
    const result = await runTopology(topics, 'grid', { ...own, venue: { ...own.venue, fees: { taker: fee, maker } } })
    expect(fills).toBeGreaterThan(100)
    expect(result.fills).toBe(fills)
    expect(result.finalEquity).toBeCloseTo(money + held * candles.at(-1)!.close, 2)
  })

  test('grid that is left by the price closes, and begins anew around it', async () => {
    const params = { levels: 3, spacing: 0.003, size: 0.1, outside: 'recentre' }
    const result = await runTopology(topics, 'recentred', topology('grid', params))
    const signals = await rowsIn(topics, 'signals', 'recentred')
    const closed = signals.filter(({ action, reason }) => action === 'target' && reason === 'beyond the bounds')
    expect(closed.length).toBeGreaterThan(10)
    expect(result.fills).toBeGreaterThan(100)
    const held = (await rowsIn(topics, 'positions', 'recentred')).map(({ lots, lotSize }) => lots * lotSize)
    expect(Math.min(...held)).toBeGreaterThan(-1e-9)
    expect(Math.max(...held)).toBeLessThan(0.3 + 1e-9)
  })

  test('switcher lets each strategy act in its regimes alone, and hands nothing over', async () => {
    const mine = topology('switcher', {
      horizon: 'risk',
      regimes: { NORMAL: 'mean-reversion', TRENDING: { name: 'momentum-breakout', params: { beyond: 0.001 } } },
    })
    const result = await runTopology(topics, 'switched', { ...mine, keep: ['regimes'] })
    expect(result.fills).toBeGreaterThan(100)
    const regimes = new Map(
      (await rowsIn(topics, 'regimes', 'switched')).flatMap(({ horizon, received, regime }) =>
        horizon === 'risk' ? [[received, regime] as const] : [],
      ),
    )
    const [normal, , trending] = ladders.risk
    const signals = await rowsIn(topics, 'signals', 'switched')
    const seen = new Map<string, number>()
    for (const { received, reason, target } of signals) {
      seen.set(reason, (seen.get(reason) ?? 0) + 1)
      const regime = regimes.get(received)
      if (/mean/.test(reason)) expect(regime).toBe(normal)
      if (/channel|best price/.test(reason)) expect(regime).toBe(trending)
      if (/takes over/.test(reason)) expect(target).toBe(0)
    }
    const wanted = ['far below the mean', 'far above the mean', 'above the channel', 'another strategy takes over']
    for (const reason of wanted) expect(seen.get(reason), reason).toBeGreaterThan(0)
    // Positions never add up: there is one of one strategy, or none.
    const held = (await rowsIn(topics, 'positions', 'switched')).map(
      ({ lots, lotSize }) => Math.abs(Number(lots)) * lotSize,
    )
    expect(Math.max(...held)).toBeCloseTo(1, 6)
  })

  testWith('time', 'how rows were cut does not show in any of them', async () => {
    for (const [run, name, params] of [
      ['reversion', 'mean-reversion', { bars: 20, entry: 2, edge: 0.002, stop: 0.004 }],
      ['breakout', 'momentum-breakout', { bars: 30, exitBars: 12, beyond: 0.002, volumeFactor: 2, trail: 0.006 }],
      ['recentred', 'grid', { levels: 3, spacing: 0.003, size: 0.1, outside: 'recentre' }],
    ] as const) {
      await runTopology(topics, `${run}-cut`, topology(name, params), {
        batchRows: 101,
        stepRows: 5000,
        snapshotRows: 5000,
      })
      expect(await outputsOf(topics, `${run}-cut`)).toEqual(await outputsOf(topics, run))
    }
  })
})

describeWith('data', 'over the ticks of a capture', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-scalper-'))
  let topics: Topics
  const base = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off' as const }
  const params = { everyMs: 250, patienceMs: 500, target: 0.0005, holdSeconds: 20, minConfidence: 0.65 }
  const scalping: TopologyInput = { ...base, strategy: { name: 'scalper', params }, venue: { latency: 5 } }

  beforeAll(async () => {
    topics = await openTopics({ dir })
    const files = [join(dataDir, 'captures/usdm-btcusdt-20240808.gz')]
    await importFiles({ topics, files, exchange: exchangeOf('binance-usdm'), seconds: () => 0 })
    await runTopology(topics, 'scalped', scalping)
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('scalper holds one position at a time, no longer and no deeper than told', async () => {
    const executions = (await rowsIn(topics, 'executions', 'scalped')).filter(({ kind }) => kind === 'fill')
    expect(executions.length).toBeGreaterThan(20)
    const reasons = (await rowsIn(topics, 'signals', 'scalped')).map(({ reason }) => reason)
    for (const reason of ['the signs agree', 'target', 'stop', 'held long enough']) expect(reasons).toContain(reason)
    let [lots, since] = [0, 0]
    for (const { side, lots: filled, received } of executions) {
      if (lots === 0) since = received
      lots += side === 'buy' ? filled! : -filled!
      expect(Math.abs(lots)).toBeLessThanOrEqual(10)
      // 20 s, a row later, the way of the cancel and of the close there and back at 5 ms, and rows to meet them.
      if (lots === 0) expect(received - since).toBeLessThan(20_500_000)
    }
  })

  test('how rows were cut does not show in it', async () => {
    await runTopology(topics, 'scalped-cut', scalping, { batchRows: 97, stepRows: 4000, snapshotRows: 4000 })
    expect(await outputsOf(topics, 'scalped-cut')).toEqual(await outputsOf(topics, 'scalped'))
  })

  test('without bars there are no features: it does nothing, and says nothing', async () => {
    // The first bar of ten minutes closes when the capture is over.
    const result = await runTopology(topics, 'blind', { ...scalping, interval: '10m' })
    expect([result.fills, (await outputsOf(topics, 'blind')).signals?.rows ?? 0]).toEqual([0, 0])
  })
})
