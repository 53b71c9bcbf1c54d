// Ten strategies on bars of five lengths over ten markets of two exchanges in one run: fifty accounts and their sum.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { strategies } from '../../operators/strategies/index.ts'
import { accountCurves, totalCurve } from '../../pipelines/collect.ts'
import type { BacktestResult } from '../../pipelines/result.ts'
import { readTopology } from '../../pipelines/topology.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { describeWith, root, testWith } from '../data.ts'
import { importPortfolio } from '../portfolio-market.ts'

const file = join(root, 'docs/portfolio.yaml')
const topology = readTopology(readFileSync(file, 'utf8'), file)
const { strategies: seats, ...rest } = topology
const cash = 100_000

describeWith('time', 'docs/portfolio.yaml', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-portfolio-'))
  const [short, long] = [join(dir, 'short'), join(dir, 'long')]
  let topics: Topics
  let result: BacktestResult

  beforeAll(async () => {
    await importPortfolio(short, 1)
    topics = await openTopics({ dir: short })
    result = await runTopology(topics, 'fifty', { ...rest, strategies: [...seats] })
  }, 240_000)
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('FR-103: has each strategy of the list on five intervals, over ten markets of two exchanges', () => {
    const intervals = (name: string) =>
      new Set(seats.filter((one) => one.name === name).map(({ interval }) => interval))
    for (const { name } of strategies) expect(intervals(name).size, name).toBe(5)
    expect(seats.length).toBe(50)
    expect(new Set(topology.symbols).size).toBe(10)
    expect(result.strategies.length).toBe(50)
  })

  test('all accounts together are their sum, and so is their curve at each moment', async () => {
    const sum = (of: (one: BacktestResult['strategies'][number]) => number) =>
      result.strategies.reduce((total, one) => total + of(one), 0)
    expect(result.finalEquity).toBeCloseTo(
      sum(({ finalEquity }) => finalEquity),
      5,
    )
    for (const figure of ['fills', 'trades', 'fees', 'funding'] as const) {
      expect(result[figure], figure).toBeCloseTo(
        sum((one) => one[figure]),
        5,
      )
    }
    expect(result.metrics.startEquity).toBe(50 * cash)
    // What each account was last worth, added up row by row.
    const last = new Map(seats.map(({ account }) => [account.name, cash]))
    const byHand = new Map<number, number>()
    for (const { account, received, equity } of await rowsIn(topics, 'accounts', 'fifty')) {
      last.set(account, Number(equity) / 1e8)
      byHand.set(
        received,
        [...last.values()].reduce((total, one) => total + one, 0),
      )
    }
    const accounts = seats.map(({ account }) => account)
    const curve = totalCurve(accounts, await accountCurves(topics, 'fifty'))
    expect([...curve.times]).toEqual([...byHand.keys()])
    for (const [at, time] of curve.times.entries()) expect(curve.equity[at]).toBeCloseTo(byHand.get(time)!, 5)
    let [peak, deepest] = [50 * cash, 0]
    for (const equity of [...byHand.values(), result.finalEquity]) {
      peak = Math.max(peak, equity)
      deepest = Math.min(deepest, equity / peak - 1)
    }
    expect(result.metrics.intradayMaxDrawdown).toBeCloseTo(deepest, 9)
  })

  test('every strategy traded, on more than one market of those that trade all', async () => {
    const fills = (await rowsIn(topics, 'executions', 'fifty')).filter(({ kind }) => kind === 'fill')
    const traded = new Map<string, Set<string>>()
    for (const { strategy, exchange, symbol } of fills) {
      traded.set(strategy, (traded.get(strategy) ?? new Set()).add(`${exchange}:${symbol}`))
    }
    for (const { name } of strategies) {
      // Whether funding pays, or a switcher’s regime is known within a minute, the market decides.
      if (name !== 'funding-carry' && name !== 'switcher') expect(traded.get(name)?.size, name).toBeGreaterThan(1)
    }
  })

  testWith(
    'time',
    'how rows were cut does not show',
    async () => {
      const cut = { batchRows: 501, stepRows: 20_000, snapshotRows: 20_000 }
      await runTopology(topics, 'cut', { ...rest, strategies: [...seats] }, cut)
      expect(await outputsOf(topics, 'cut')).toEqual(await outputsOf(topics, 'fifty'))
    },
    240_000,
  )

  testWith(
    'time',
    'B7: twice as long takes no more memory',
    async () => {
      await importPortfolio(long, 2)
      const child = async (log: string) => {
        const args = ['--no-warnings', join(import.meta.dirname, 'memory-child.ts'), log, 'backtest']
        const { stdout } = await promisify(execFile)(process.execPath, [
          ...args,
          JSON.stringify({ ...rest, strategies: seats }),
        ])
        return JSON.parse(stdout) as { peakMb: number; rows: number }
      }
      const [first, second] = [await child(short), await child(long)]
      console.log(`B7: ${first.rows} rows ${first.peakMb} MB, ${second.rows} rows ${second.peakMb} MB`)
      expect(second.rows).toBeGreaterThan(1.8 * first.rows)
      expect(second.peakMb - first.peakMb).toBeLessThan(128)
    },
    240_000,
  )
})
