// Strategies of one run on bars of their own intervals, each held against a run of its own, or a loop of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import { parity } from '../../pipelines/parity.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputsOf, rowsIn, runTopology, seatsOf } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'
import { importMarket } from '../market.ts'

const params = { fast: 3, slow: 8, size: 0.01 }
let topics: Topics
let dir: string

async function open(fill: (topics: Topics) => Promise<unknown>): Promise<void> {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-intervals-'))
  topics = await openTopics({ dir })
  await fill(topics)
}

async function close(): Promise<void> {
  await topics?.close()
  rmSync(dir, { recursive: true, force: true })
}

describe('on ticks', () => {
  beforeAll(() => open(() => importMarket(dir, { seed: 5, minutes: 2 })))
  afterAll(close)

  const base: TopologyInput = { interval: '1s', risk: 'off' }
  const intervals = ['1s', '3s', '50 ticks']
  const all: TopologyInput = {
    ...base,
    strategies: intervals.map((interval, at) => ({
      ...{ name: 'sma-cross', params, account: { name: `a${at}` } },
      ...(at === 0 ? {} : { interval }),
    })),
  }

  test('each sees the bars of its interval, and trades as in a run of that interval', async () => {
    await runTopology(topics, 'all', all)
    for (const [at, interval] of intervals.entries()) {
      const strategy = { name: 'sma-cross', params }
      const alone = await runTopology(topics, `alone${at}`, {
        ...base,
        interval,
        strategy,
        account: { name: `a${at}` },
      })
      expect(alone.fills).toBeGreaterThan(2)
      for (const record of ['signals', 'orders', 'executions'] as const) {
        const own = (await rowsIn(topics, record, 'all')).filter(({ account }) => account === `a${at}`)
        expect(own, `${record} of ${interval}`).toEqual(await rowsIn(topics, record, `alone${at}`))
      }
    }
  })

  test('how rows were cut does not show, and parity holds', async () => {
    await runTopology(topics, 'cut', all, { batchRows: 61, stepRows: 500, snapshotRows: 700 })
    expect(await outputsOf(topics, 'cut')).toMatchObject({ orders: (await outputsOf(topics, 'all')).orders! })
    const about = (await aboutOf(topics, 'all'))!
    const { equal } = await parity(topics, 'all', about, { seats: seatsOf(about.plan.topology), codeHash: 'code' })
    expect(equal).toBe(true)
  })

  test('an interval that cannot be read names the strategy', async () => {
    const strategies = [{ name: 'sma-cross', params, interval: '3 weeks', account: { name: 'slow' } }]
    await expect(async () => runTopology(topics, 'bad', { ...base, strategies })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('sma-cross of account slow'),
    })
  })
})

describeWith('data', 'on a month of minutes', () => {
  beforeAll(() =>
    open(async () => {
      const file = join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz')
      const market = { exchange: 'bybit', symbol: 'BTCUSDT', settle: 'USDT' }
      await loadCandles(topics, { ...market, file, interval: { name: '1m', us: 60e6 } })
    }),
  )
  afterAll(close)

  test('one on 15m signals at the closes of quarters of an hour, and is filled at the next minute’s open', async () => {
    const strategies = ['1m', '15m'].map((interval) => {
      return { name: 'sma-cross', params, interval, account: { name: `on-${interval}` } }
    })
    await runTopology(topics, 'two', { risk: 'off', strategies })
    const minutes = await rowsIn(topics, 'candles')
    const closes: { time: number; close: number }[] = []
    for (const { time, openTime, close } of minutes) {
      const quarter = (Math.floor(openTime / 900e6) + 1) * 900e6
      if (time === quarter) closes.push({ time, close })
    }
    const expected: string[] = []
    let before = 0
    for (let at = params.slow - 1; at < closes.length; at++) {
      const mean = (n: number) => closes.slice(at + 1 - n, at + 1).reduce((sum, one) => sum + one.close, 0) / n
      const sign = Math.sign(Number((mean(params.fast) - mean(params.slow)).toFixed(6)))
      if (sign > 0 && before <= 0) expected.push(`${closes[at]!.time} ${params.size}`)
      if (sign < 0 && before >= 0) expected.push(`${closes[at]!.time} 0`)
      before = sign
    }
    const own = <T extends { account: string }>(rows: readonly T[]) =>
      rows.filter(({ account }) => account === 'on-15m')
    const signals = own(await rowsIn(topics, 'signals', 'two'))
    expect(expected.length).toBeGreaterThan(200)
    expect(signals.map(({ time, target }) => `${time} ${target}`)).toEqual(expected)
    const opens = new Map(minutes.map(({ openTime, open }) => [openTime, open]))
    for (const { kind, time, ticks, tickSize } of own(await rowsIn(topics, 'executions', 'two'))) {
      if (kind === 'fill') expect(ticks! * tickSize).toBeCloseTo(opens.get(time)!, 6)
    }
  })
})
