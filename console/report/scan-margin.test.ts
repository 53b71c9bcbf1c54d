// Margin figures of a report over real minutes, each held against plain formulas over executions and closes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { defineStrategy, type Strategy } from '../../operators/strategies/strategy.ts'
import { aboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import type { Candle, Execution } from '../../schemas/records.generated.ts'
import { rowsIn, runTopology } from '../../tests/backtests.ts'
import { dataDir, describeWith } from '../../tests/data.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { collectReport } from './collect.ts'
import type { Margin, ReportData } from './data.ts'
import { renderReport } from './page.ts'

const both = { name: 'both-ways', params: {} }
/** In hedge mode: a long with the second bar, and a smaller short with the tenth. */
const hedger = defineStrategy({
  name: both.name,
  summary: 'both ways at once',
  parameters: z.strictObject({}),
  warmup: () => 0,
  needs: 'bars',
  create(_, desk) {
    let bars = 0
    return {
      bar() {
        bars++
        if (bars === 2) desk.order(0, { tag: 'up', side: 'buy', size: 0.5, positionSide: 'long' }, 'up')
        if (bars === 10) desk.order(0, { tag: 'down', side: 'sell', size: 0.2, positionSide: 'short' }, 'down')
      },
      save: () => new Uint8Array([Math.min(bars, 255)]),
      load: ([saved]) => {
        bars = saved!
      },
    }
  },
})

const minute = 60_000_000
const cash = 3000

describeWith('data', 'margin accounts over a BTC perpetual in January 2022', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-scan-margin-'))
  let topics: Topics
  let candles: Candle[]

  beforeAll(async () => {
    topics = await openTopics({ dir })
    const file = join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz')
    const how = { interval: { name: '1m', us: minute }, lotSize: 0.001 }
    await loadCandles(topics, { exchange: 'binance-usdm', symbol: 'BTCUSDT', file, ...how })
    candles = await rowsIn(topics, 'candles')
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const seat = (name: string, fast: number, size: number) => ({
    ...{ name: 'sma-cross', params: { fast, slow: 240, size, mode: 'long-short' } },
    account: { name },
  })
  const topology = (margin: NonNullable<TopologyInput['venue']>['margin'], sizes = [0.5, 0.2]): TopologyInput => ({
    ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], risk: 'off', account: { cash }, to: '2022-01-12' },
    strategies: [seat('large', 60, sizes[0]!), seat('small', 20, sizes[1]!)],
    venue: { fill: 'next-open', fees: { taker: 0.0004 }, funding: { rate: 0.0001, intervalHours: 1 }, margin },
  })

  async function reportOf(run: string, config: TopologyInput, strategy?: Strategy): Promise<ReportData> {
    await runTopology(topics, run, config, strategy && { strategy })
    return collectReport(topics, run, { about: (await aboutOf(topics, run))!, version: '0' })
  }

  /** Highest figures of one account: below 50,000 the rate is 0.4 % and nothing is taken off; what is liquidated was at 100 %. */
  function byHand(executions: readonly Execution[], leverage: number) {
    let [wallet, held, cost, at] = [cash, 0, 0, 0]
    const most = { ratio: 0, time: 0, value: 0, leverage: 0 }
    const see = (ratio: number, time: number): void => {
      if (ratio > most.ratio) Object.assign(most, { ratio, time })
    }
    const measure = (close: number, time: number): void => {
      const value = Math.abs(held) * close
      const balance = wallet + held * close - cost
      most.value = Math.max(most.value, value)
      most.leverage = Math.max(most.leverage, value / balance)
      see((value * 0.004) / balance, time)
    }
    const sums = { liquidations: 0, fees: 0, paid: 0, received: 0 }
    for (const { close, received } of candles.filter(({ received }) => received < Date.UTC(2022, 0, 12) * 1e3)) {
      if (held !== 0) measure(close, received)
      for (; executions[at] !== undefined && executions[at]!.received <= received; at++) {
        const { kind, side, lots, lotSize, ticks, tickSize, fee } = executions[at]!
        const money = Number(fee) / 1e8
        if (kind === 'liquidation') {
          sums.liquidations++
          sums.fees += money
          see(1, received)
        }
        if (kind === 'funding') {
          if (money > 0) sums.paid += money
          else sums.received -= money
        } else if (kind !== 'fill' && kind !== 'liquidation') continue
        else {
          const change = (side === 'buy' ? 1 : -1) * lots! * lotSize
          const price = ticks! * tickSize
          const closes = Math.sign(change) === -Math.sign(held) ? Math.min(Math.abs(change), Math.abs(held)) : 0
          const share = held === 0 ? 0 : (cost * closes) / Math.abs(held)
          wallet += Math.sign(held) * closes * price - share
          cost += change * price - Math.sign(held) * -closes * price - share
          held = Math.abs(held + change) < 1e-9 ? 0 : held + change
        }
        wallet -= money
        measure(close, received)
      }
    }
    return { ...most, ...sums, initial: most.value / leverage, maintenance: most.value * 0.004 }
  }

  async function agrees(run: string, margin: Margin, leverage: number) {
    const all = await rowsIn(topics, 'executions', run)
    for (const line of margin.accounts) {
      const hand = byHand(
        all.filter(({ account }) => account === line.account),
        leverage,
      )
      expect(line.highest.value).toBeCloseTo(Math.min(hand.ratio, 2), 9)
      expect(line.highest.time).toBe(hand.time)
      expect(line.leverage.value / hand.leverage).toBeCloseTo(1, 9)
      expect(line.value.value / hand.value).toBeCloseTo(1, 9)
      expect(line.initial.value / hand.initial).toBeCloseTo(1, 9)
      expect(line.maintenance.value / hand.maintenance).toBeCloseTo(1, 9)
      expect([line.liquidations, Number(line.liquidationFees) / 1e8]).toEqual([
        hand.liquidations,
        expect.closeTo(hand.fees, 6),
      ])
      expect(Number(line.fundingPaid) / 1e8).toBeCloseTo(hand.paid, 6)
      expect(Number(line.fundingReceived) / 1e8).toBeCloseTo(hand.received, 6)
      expect(Math.max(...line.ratio.values)).toBeCloseTo(Math.min(hand.ratio, 2) * 100, 6)
      // Of one instrument an account is its position.
      const own = margin.positions.find(({ account }) => account === line.account)!
      expect(own).toEqual({ ...useOf(line), symbol: 'BTCUSDT' })
    }
  }
  const useOf = ({ ratio: _, highest: __, leverage: ___, ...use }: Margin['accounts'][number]) => use

  test('ratio, margins, leverage and funding of two accounts at their highest are those of plain formulas', async () => {
    const { margin } = await reportOf('calm', topology({ leverage: 20 }))
    await agrees('calm', margin!, 20)
    const [large, small] = margin!.accounts
    expect([large!.liquidations, small!.liquidations]).toEqual([0, 0])
    expect(large!.highest.value).toBeGreaterThan(small!.highest.value)
    expect(
      Math.min(...margin!.accounts.flatMap((one) => [Number(one.fundingPaid), Number(one.fundingReceived)])),
    ).toBeGreaterThan(0)
  })

  test('what was liquidated had come to 100 %, and its fees are those that the insurance fund took', async () => {
    const data = await reportOf('wild', topology({ leverage: 125 }, [1, 0.5]))
    await agrees('wild', data.margin!, 125)
    const { accounts, fund } = data.margin!
    expect(accounts.reduce((sum, one) => sum + one.liquidations, 0)).toBeGreaterThan(0)
    expect(Math.max(...accounts.map(({ highest }) => highest.value))).toBeGreaterThanOrEqual(1)
    expect(fund).toBeGreaterThan(0n)
    const page = renderReport(data)
    expect(page).toContain('How near was liquidation?')
    expect(page).toMatch(/The exchange liquidated in \d+ executions?; the insurance fund took/)
  })

  test('of isolated positions in hedge mode the ratio is the highest of any, by what was set aside for it', async () => {
    const config = topology({ mode: 'isolated', positions: 'hedge', leverage: 20 })
    const { margin } = await reportOf(
      'alone',
      { ...config, strategies: [{ ...both, account: { name: 'both' } }] },
      hedger,
    )
    const rows = await rowsIn(topics, 'positions', 'alone')
    const held = new Map<string, { size: number; entry: number; margin: number }>()
    let [at, most, initial, sides] = [0, 0, 0, 0]
    const measure = (close: number): void => {
      const open = [...held.values()].filter(({ size }) => size !== 0)
      sides = Math.max(sides, open.length)
      initial = Math.max(
        initial,
        open.reduce((sum, one) => sum + one.margin, 0),
      )
      for (const { size, entry, margin } of open)
        most = Math.max(most, (Math.abs(size) * close * 0.004) / (margin + size * (close - entry)))
    }
    for (const { close, received } of candles.filter(({ received }) => received < Date.UTC(2022, 0, 12) * 1e3)) {
      measure(close)
      for (; rows[at] !== undefined && rows[at]!.received <= received; at++) {
        const { positionSide, lots, lotSize, entryPrice = 0, margin = 0 } = rows[at]!
        held.set(positionSide!, { size: lots * lotSize, entry: entryPrice, margin })
        measure(close)
      }
    }
    const [line] = margin!.accounts
    expect(sides).toBe(2)
    expect(line!.highest.value).toBeCloseTo(most, 9)
    expect(line!.initial.value).toBeCloseTo(initial, 6)
    expect(margin!.positions).toHaveLength(1)
  })

  test('a run without margin has no such section', async () => {
    const data = await reportOf('free', { ...topology(undefined), to: '2022-01-02' })
    expect(data.margin).toBeUndefined()
    expect(renderReport(data)).not.toContain('How near was liquidation?')
  })
})
