// Sizing rules over a month of real minutes, each held against a loop of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import { parity } from '../../pipelines/parity.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputsOf, rowsIn, runTopology, seatsOf } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'
import { type Month, month, openMonth, trueRanges } from '../month.ts'

const cash = 100_000
const fee = 0.0004
const lot = 0.001

describeWith('data', 'over a month of minutes', () => {
  const market = month
  let topics: Month['topics']
  let candles: Month['candles']
  let close: Month['close'] | undefined

  beforeAll(async () => {
    ;({ topics, candles, close } = await openMonth({ lotSize: lot }))
  })
  afterAll(() => close?.())

  const topology = (sizing: TopologyInput['sizing'], fast = 60): TopologyInput => ({
    ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off', sizing, account: { cash } },
    strategy: { name: 'sma-cross', params: { fast, slow: 240, mode: 'long-short' } },
    venue: { fill: 'close', fees: { taker: fee } },
  })

  interface Hand {
    /** Returns of the round trips that ended, on what was entered, after fees. */
    readonly returns: readonly number[]
    readonly equity: number
  }

  /** The run's equity when each target is sized by a formula, at the close that gave it; undefined: refused. */
  async function byHand(run: string, sizeAt: (i: number, known: Hand) => number | undefined) {
    const targets = new Map((await rowsIn(topics, 'signals', run)).map(({ time, target }) => [time, target!]))
    let [held, money, fills, earned, entered] = [0, cash, 0, 0, 0]
    const returns: number[] = []
    for (const [i, { time, close }] of candles.entries()) {
      const target = targets.get(time)
      if (target === undefined) continue
      const size = sizeAt(i, { returns, equity: money + held * close }) ?? 0
      if (size === 0 && held * target >= 0) continue
      const wanted = Math.sign(target) * Math.floor(size / lot + 1e-9) * lot
      const change = wanted - held
      const [paid, before] = [Math.abs(change) * close * fee, held]
      money -= change * close + paid
      if (before !== 0) returns.push((earned + before * close - paid) / entered)
      held = wanted
      earned = -held * close - (before === 0 ? paid : 0)
      entered = Math.abs(held) * close
      fills++
    }
    return { fills, equity: money + held * candles.at(-1)!.close }
  }

  async function agrees(run: string, sizing: TopologyInput['sizing'], sizeAt: Parameters<typeof byHand>[1]) {
    const result = await runTopology(topics, run, topology(sizing))
    const expected = await byHand(run, sizeAt)
    expect(expected.fills).toBeGreaterThan(100)
    expect(result.fills).toBe(expected.fills)
    expect(result.finalEquity).toBeCloseTo(expected.equity, 2)
    return result
  }

  test('FR-401: fixed fractional sizes lose their share of equity at the stop', async () => {
    await agrees('fractional', { name: 'fixed-fractional', risk: 0.01, stop: 0.02 }, (i, { equity }) => {
      return (equity * 0.01) / (candles[i]!.close * 0.02)
    })
  })

  test('FR-402: Kelly sizes rest on the round trips that ended before', async () => {
    const rule = { least: 20, trips: 30, fraction: 0.5, most: 0.4, start: 0.1, probe: 0.02 }
    const { least, trips, fraction, most } = rule
    let believed = 0
    let probed = 0
    await agrees('kelly', { name: 'kelly', ...rule }, (i, { returns, equity }) => {
      if (returns.length < least) return (equity * 0.1) / candles[i]!.close
      const last = returns.slice(-trips)
      const [won, lost] = [last.filter((one) => one > 0), last.filter((one) => one <= 0)]
      const mean = (of: number[]) => of.reduce((sum, one) => sum + Math.abs(one), 0) / of.length
      const share =
        won.length === 0 ? 0 : won.length / last.length - lost.length / last.length / (mean(won) / mean(lost))
      if (share <= 0) {
        probed++
        return (equity * rule.probe) / candles[i]!.close
      }
      believed++
      return (equity * Math.min(most, fraction * share)) / candles[i]!.close
    })
    expect(Math.min(believed, probed)).toBeGreaterThan(20)
  })

  test('FR-403: sizes by average true range shrink as the range grows', async () => {
    const [period, risk, multiplier] = [60, 0.002, 3]
    const ranges = trueRanges(candles, period)
    await agrees('atr', { name: 'atr', period, risk, multiplier }, (i, { equity }) => {
      return (equity * risk) / (ranges[i]! * multiplier)
    })
  })

  test('a volatility target caps what a share of equity says', async () => {
    const bars = 120
    const sizing = [
      { name: 'equity-share', share: 0.5 },
      { name: 'volatility-target', target: 0.2, bars, most: 2 },
    ]
    let capped = 0
    let asked = 0
    await agrees('target', sizing, (i, { equity }) => {
      const closes = candles.slice(i - bars, i + 1).map(({ close }) => close)
      const squares = closes.slice(1).reduce((sum, close, at) => sum + (close / closes[at]! - 1) ** 2, 0)
      const volatility = Math.sqrt((squares / bars) * 525_600)
      const share = Math.min(2, 0.2 / volatility)
      asked++
      if (share < 0.5) capped++
      return (equity * Math.min(0.5, share)) / candles[i]!.close
    })
    expect(capped).toBeGreaterThan(10)
    expect(capped).toBeLessThan(asked)
  })

  test('what rules remember is in the snapshots: a run in small steps gives the same rows', async () => {
    const sizing = [
      { name: 'kelly', least: 5, trips: 20, start: 0.1 },
      { name: 'atr', risk: 0.01 },
      { name: 'volatility-target' },
    ]
    await runTopology(topics, 'whole', topology(sizing))
    await runTopology(topics, 'cut', topology(sizing), { stepRows: 3000, snapshotRows: 3000 })
    expect(await outputsOf(topics, 'cut')).toEqual(await outputsOf(topics, 'whole'))
  })
})

describeWith('data', 'over three weeks of three pairs that move together', () => {
  const symbols = ['ETCBTC', 'ETHBTC', 'LTCBTC']
  const [share, lookBack, warmup, everyUs, money] = [0.5, 120, 30, 300e6, 1000]
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-together-'))
  let topics: Topics

  beforeAll(async () => {
    topics = await openTopics({ dir })
    for (const symbol of symbols) {
      const file = join(dataDir, `bars/${symbol.slice(0, 3).toLowerCase()}-btc-5m.csv.gz`)
      const how = { interval: { name: '5m', us: everyUs }, settle: 'BTC', lotSize: lot }
      await loadCandles(topics, { exchange: 'bybit', symbol, file, ...how })
    }
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const topology: TopologyInput = {
    ...{ exchange: 'bybit', symbols, risk: 'off', account: { cash: money } },
    sizing: [{ name: 'equity-share', share }, { name: 'correlation' }],
    strategy: { name: 'sma-cross', params: { fast: 12, slow: 48, mode: 'long-short' } },
    venue: { fill: 'close', fees: { taker: fee } },
  }

  test('an entry that moves with what is held adds no more variance than one that moves with nothing', async () => {
    const result = await runTopology(topics, 'together', topology)
    const signals = await rowsIn(topics, 'signals', 'together')
    const asked = new Map(signals.map(({ received, symbol, target }) => [`${received} ${symbol}`, Math.sign(target!)]))
    const candles = (await rowsIn(topics, 'candles')).sort(
      (a, b) => a.received - b.received || (a.symbol < b.symbol ? -1 : 1),
    )
    const one = () => ({ held: 0, mark: Number.NaN, sampled: Number.NaN, returns: [] as number[] })
    const all = new Map(symbols.map((symbol) => [symbol, one()]))
    const dot = (a: readonly number[], b: readonly number[]) => {
      const apart = b.length - a.length
      return a.reduce((sum, x, at) => sum + x * (b[at + apart] ?? 0), 0)
    }
    const isWarm = ({ returns }: ReturnType<typeof one>) => returns.length >= warmup
    /** Of a sample; a day's 0.05 before it is known. */
    const sigma = (of: ReturnType<typeof one>) =>
      isWarm(of) ? Math.sqrt(dot(of.returns, of.returns) / of.returns.length) : 0.05 / Math.sqrt(86_400e6 / everyUs)
    const rho = (a: ReturnType<typeof one>, b: ReturnType<typeof one>) =>
      isWarm(a) && isWarm(b)
        ? dot(a.returns, b.returns) / Math.sqrt(dot(a.returns, a.returns) * dot(b.returns, b.returns))
        : 0.5
    let [cash, fills, smaller, next] = [money, 0, 0, Number.NEGATIVE_INFINITY]
    for (const { received, symbol, close } of candles) {
      if (received >= next) {
        const points = Number.isFinite(next) ? Math.floor((received - next) / everyUs) + 1 : 1
        for (const of of all.values()) {
          // Between two candles far apart nothing moved.
          const moves = [of.mark / of.sampled - 1, ...new Array<number>(points - 1).fill(0)]
          if (of.sampled > 0) of.returns = [...of.returns, ...moves].slice(-lookBack)
          of.sampled = of.mark
        }
        next = (Math.floor(received / everyUs) + 1) * everyUs
      }
      const own = all.get(symbol)!
      own.mark = close
      const side = asked.get(`${received} ${symbol}`)
      if (side === undefined) continue
      const worths = [...all.values()].map((of) => (of.held === 0 ? 0 : of.held * of.mark))
      const equity = cash + worths.reduce((sum, worth) => sum + worth, 0)
      const alone = equity * share
      let covariance = 0
      for (const of of all.values()) {
        if (of !== own && of.held !== 0) covariance += side * of.held * of.mark * sigma(of) * rho(of, own)
      }
      // What is added is a root of x² + 2·x·cov/σ = alone²·σ²: found by halving, the formula is not asked.
      let [low, high] = [0, alone]
      for (let step = 0; step < 100; step++) {
        const x = (low + high) / 2
        const more = x * x * sigma(own) ** 2 + 2 * x * sigma(own) * covariance
        if (more < alone * alone * sigma(own) ** 2) low = x
        else high = x
      }
      if (high < alone * 0.999) smaller++
      const wanted = side * Math.floor(high / close / lot + 1e-9) * lot
      cash -= (wanted - own.held) * close + Math.abs(wanted - own.held) * close * fee
      fills += wanted === own.held ? 0 : 1
      own.held = wanted
    }
    expect(fills).toBeGreaterThan(300)
    expect(smaller).toBeGreaterThan(100)
    expect(smaller).toBeLessThan(fills * 0.9)
    expect(result.fills).toBe(fills)
    const worth = [...all.values()].reduce((sum, { held, mark }) => sum + held * mark, 0)
    expect(result.finalEquity).toBeCloseTo(cash + worth, 2)
  })

  test('the prices that it rests on are in the snapshots: a run in small steps gives the same rows, and parity holds', async () => {
    await runTopology(topics, 'together-cut', topology, { stepRows: 3000, snapshotRows: 3000, batchRows: 977 })
    expect(await outputsOf(topics, 'together-cut')).toEqual(await outputsOf(topics, 'together'))
    const about = (await aboutOf(topics, 'together'))!
    const { equal } = await parity(topics, 'together', about, { seats: seatsOf(about.plan.topology), codeHash: 'code' })
    expect(equal).toBe(true)
  })
})
