import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textToE8 } from '../operators/portfolio/money.ts'
import { equityOf } from '../pipelines/collect.ts'
import type { BacktestResult } from '../pipelines/result.ts'
import { runTopology } from '../tests/backtests.ts'
import { command, documentOf } from '../tests/commands.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import type { WrittenTables } from './report-tables.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-tables-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const accounts = [
  { name: 'large', cash: 1_000_000 },
  { name: 'small', cash: 500_000 },
]
let result: BacktestResult
let written: WrittenTables

beforeAll(async () => {
  await importMarket(dir, { seed: 3, minutes: 2 })
  const topics = await openTopics({ dir })
  result = await runTopology(topics, 'two', {
    ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off' },
    strategies: accounts.map((account, at) => ({
      ...{ name: 'sma-cross', params: { fast: 2, slow: 4, size: at === 0 ? 1 : 0.5 }, account },
    })),
  })
  await topics.close()
  const out = join(dir, 'tables')
  written = await documentOf('report', 'two', '--tables', out, '--format', 'jsonl', '--dir', dir)
}, 60_000)

/** Values of which each test knows what they are. */
type Row = Record<'time' | 'drawdown' | 'depth', number> & Record<string, string>

function rows(table: string): Row[] {
  const text = readFileSync(join(dir, 'tables', `${table}.jsonl`), 'utf8')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test('each table is a file with as many rows as are said', () => {
  expect(written.tables.map(({ table }) => table)).toEqual([
    ...['equity', 'drawdowns', 'months', 'metrics', 'trades', 'breakdowns', 'open-positions', 'accounts'],
    ...['refusals', 'assumptions'],
  ])
  for (const { table, rows: count } of written.tables) expect(rows(table), table).toHaveLength(count)
})

test('equity begins with the cash, has every point of the accounts together, and ends with what they are worth', async () => {
  const equity = rows('equity')
  expect(Number(equity[0]!.equity)).toBe(1_500_000)
  expect(Number(equity.at(-1)!.equity)).toBe(result.finalEquity)
  expect(equity.at(-1)!.time).toBe(result.span.to)
  const topics = await openTopics({ dir })
  const curve = await equityOf(topics, 'two', accounts)
  await topics.close()
  const said = new Map(equity.map((row) => [row.time, Number(row.equity)]))
  let points = 0
  for (const [at, time] of curve.times.entries()) {
    if (time >= result.span.to) continue
    expect(said.get(time as never)).toBeCloseTo(curve.equity[at]!, 6)
    points++
  }
  expect(points).toBeGreaterThan(20)
  let peak = 0
  for (const row of equity) {
    peak = Math.max(peak, Number(row.equity))
    expect(Number(row.peak)).toBe(peak)
    expect(row.drawdown).toBeCloseTo((Number(row.equity) - peak) / peak, 12)
  }
  expect(Math.min(...equity.map(({ drawdown }) => drawdown))).toBeCloseTo(rows('drawdowns')[0]!.depth!, 12)
  const times = equity.map(({ time }) => time)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('round trips, groups and accounts add up to the run, figures are those of its result', () => {
  const sum = (table: Row[], column: string): bigint => table.reduce((total, row) => total + textToE8(row[column]!), 0n)
  const trades = rows('trades')
  expect(trades).toHaveLength(result.trades)
  for (const by of new Set(rows('breakdowns').map((row) => row.by))) {
    expect(
      sum(
        rows('breakdowns').filter((row) => row.by === by),
        'net',
      ),
      by,
    ).toBe(sum(trades, 'pnl'))
  }
  expect(sum(rows('accounts'), 'end')).toBe(textToE8(String(result.finalEquity)))
  const metrics = Object.fromEntries(rows('metrics').map(({ figure, value }) => [figure, value]))
  const { reasons, ...figures } = result.metrics
  expect(metrics).toEqual(figures)
  expect(
    Object.fromEntries(rows('metrics').flatMap(({ figure, reason }) => (reason ? [[figure, reason]] : []))),
  ).toEqual(reasons)
})

test('other formats say the same', async () => {
  const out = join(dir, 'arrow')
  const { tables } = await documentOf<WrittenTables>(
    'report',
    'two',
    '--tables',
    out,
    '--format',
    'arrow',
    '--dir',
    dir,
  )
  for (const { table, file, rows: count } of tables) {
    const read = tableFromIPC(readFileSync(file))
    expect(read.numRows, table).toBe(count)
    if (count > 0) expect(read.schema.fields.map(({ name }) => name)).toEqual(Object.keys(rows(table)[0]!))
  }
})

test('a wrong format, a format without tables, and a page beside them are refused before anything is read', async () => {
  for (const args of [
    ['--tables', 'x', '--format', 'parket'],
    ['--format', 'csv'],
    ['--tables', 'x', '-o', 'x.html'],
  ]) {
    expect((await command(['report', 'two', ...args, '--dir', join(dir, 'nowhere')])).code).toBe(2)
  }
})

test('runs are a table too, one document with --json, and no other format then', async () => {
  expect(await documentOf('runs', '--format', 'jsonl', '--dir', dir)).toMatchObject([{ run: 'two' }])
  expect((await command(['runs', '--format', 'csv', '--json', '--dir', dir])).code).toBe(2)
  expect(await documentOf('trades', 'two', '--format', 'csv', '--dir', dir)).toHaveLength(result.trades)
  const file = join(dir, 'runs.jsonl')
  await documentOf('runs', '-o', file, '--dir', dir)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    ...{ run: 'two', status: 'finished', symbols: 'BTCUSDT', trades: result.trades },
    finalEquity: String(result.finalEquity),
  })
})
