// US-010: "As a trader, I want to run my strategy in paper trading mode so that I can verify performance with real market data before
// using real money."
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import { describeWith } from '../data.ts'
import {
  type Candle,
  type Desk,
  dayUs,
  market,
  metric,
  metricsOf,
  minuteUs,
  openDesk,
  realMinutes,
  type Started,
  tick,
  until,
} from './desk.ts'

interface Trade {
  readonly entryTime: number
  readonly exitTime: number
  readonly fills: number
  readonly entryReason: string
  readonly exitReason: string
}

interface Execution {
  readonly kind: string
  readonly time: number
  readonly side: 'buy' | 'sell'
  readonly lots: number
  readonly lotSize: number
  readonly ticks: number
  readonly fee: string
}

/** What the dashboard shows. */
interface Shown {
  readonly time: number
  readonly equity: number
  readonly position: number
}

const week = 7 * 1440
const cash = 100_000

describeWith(['data', 'time'], 'US-010: four weeks of paper trading', () => {
  let desk: Desk
  let candles: Candle[]
  const shown: Shown[] = []
  const topology: TopologyInput = {
    ...{ exchange: market.exchange, symbols: [market.symbol], interval: '1m', account: { cash }, risk: 'off' },
    strategy: { name: 'sma-cross', params: { fast: 60, slow: 240, size: 0.5, mode: 'long-short' } },
    venue: { fill: 'next-open', funding: { rate: 0 } },
  }

  /** Waits until the dashboard is at the end of what was written, and notes what it shows. */
  async function look(run: Started, piece: readonly Candle[]): Promise<void> {
    const url = await metricsOf(run)
    const time = piece.at(-1)!.openTime + minuteUs
    await until(run, async () => (await metric(url, 'smartspeed_account_received_timestamp_seconds')) === time / 1e6)
    const [equity, position] = await Promise.all(
      ['smartspeed_account_equity', 'smartspeed_position_size'].map((name) => metric(url, name)),
    )
    shown.push({ time, equity: equity!, position: position! })
  }

  beforeAll(async () => {
    desk = openDesk()
    candles = realMinutes(0, 4 * week)
    const file = desk.topology('paper.yaml', topology)
    const start = () => desk.start('run', file, ...'--follow --name paper --commit-ms 5 --http 0'.split(' '))
    const pieces = [0, 1, 2, 3].map((at) => candles.slice(at * week, (at + 1) * week))
    await desk.load(pieces[0]!)
    let run = start()
    await look(run, pieces[0]!)
    // Two days at a time, as they come.
    for (let at = week; at < 2 * week; at += 2 * 1440) {
      const piece = candles.slice(at, Math.min(at + 2 * 1440, 2 * week))
      await desk.load(piece)
      await look(run, piece)
    }
    expect(await run.stop()).toBe(130)
    // What came while it stood still is traded when it goes on; as soon as that is seen it is killed without a word.
    await desk.load(pieces[2]!)
    run = start()
    const url = await metricsOf(run)
    await until(run, async () => (await metric(url, 'smartspeed_account_equity')) !== undefined)
    run.child.kill('SIGKILL')
    await run.stop()
    run = start()
    await desk.load(pieces[3]!)
    await look(run, pieces[3]!)
    expect(await run.stop()).toBe(130)
  }, 120_000)
  afterAll(() => desk?.close())

  test('US-010: it runs for weeks, over stops and a crash, and trades as one run that never stopped', async () => {
    expect((candles.at(-1)!.openTime - candles[0]!.openTime) / dayUs).toBeGreaterThan(27.9)
    await desk.json('backtest', desk.topology('whole.yaml', topology), '--name', 'whole')
    const trades = await desk.json<Trade[]>('trades', 'paper')
    expect(trades.length).toBeGreaterThan(100)
    expect(trades).toEqual(await desk.json<Trade[]>('trades', 'whole'))
    // Its own journal, computed again, gives every row that it wrote.
    expect(await desk.json<{ equal: boolean }>('parity', 'paper')).toMatchObject({ equal: true })
  })

  test('US-010: every trade is logged with the times of its entry and exit, which are those of its fills', async () => {
    const trades = await desk.json<Trade[]>('trades', 'paper')
    const executions = await desk.json<Execution[]>('cat', 'executions', '--run', 'paper')
    const fills = executions.filter(({ kind }) => kind === 'fill')
    // A turn ends one trade and begins the next: long and short, there is no time between.
    const times = fills.map(({ time }) => time)
    expect(trades.map(({ entryTime }) => entryTime)).toEqual(times.slice(0, trades.length))
    expect(trades.map(({ exitTime }) => exitTime)).toEqual(times.slice(1, trades.length + 1))
    for (const { entryTime, exitTime, entryReason, exitReason } of trades) {
      expect(exitTime).toBeGreaterThan(entryTime)
      expect([entryReason, exitReason].every((reason) => reason.length > 0)).toBe(true)
    }
    // None is left out: the position of the last fill alone is still open.
    expect(fills.length).toBe(trades.length + 1)
  })

  test('US-010: the metrics of a dashboard move with the rows as they come: equity and position of each moment', async () => {
    const executions = await desk.json<Execution[]>('cat', 'executions', '--run', 'paper')
    expect(shown).toHaveLength(6)
    expect(new Set(shown.map(({ equity }) => equity)).size).toBe(6)
    expect(new Set(shown.map(({ position }) => position))).toEqual(new Set([0.5, -0.5]))
    const closes = new Map(candles.map(({ openTime, close }) => [openTime + minuteUs, close]))
    for (const { time, equity, position } of shown) {
      const before = executions.filter((one) => one.kind === 'fill' && one.time < time)
      const sizes = before.map(({ side, lots, lotSize }) => (side === 'buy' ? 1 : -1) * lots * lotSize)
      const held = sizes.reduce((sum, size) => sum + size, 0)
      const spent = before.reduce((sum, { ticks, fee }, at) => sum + sizes[at]! * ticks * tick + Number(fee) / 1e8, 0)
      expect(position).toBeCloseTo(held, 9)
      expect(equity).toBeCloseTo(cash - spent + held * closes.get(time)!, 4)
    }
  })
})
