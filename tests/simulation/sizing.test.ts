// Sizing rules over a month of real minutes, each held against a loop of its own.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import { outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { describeWith } from '../data.ts'
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
