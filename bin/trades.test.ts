import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RoundTrip } from '../operators/metrics/index.ts'
import type { BacktestResult } from '../pipelines/result.ts'
import { runTopology } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import { summaryOf } from './backtest.ts'
import { tableFormat, writeTable } from './rows/tables.ts'
import { printTrades, tripFields, tripRow } from './trades.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-trades-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
let result: BacktestResult

beforeAll(async () => {
  await importMarket(dir, { seed: 3, minutes: 2 })
  const topics = await openTopics({ dir })
  const strategy = (size: number) => ({ name: 'sma-cross', params: { fast: 2, slow: 4, size } })
  result = await runTopology(topics, 'two', {
    ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off' },
    strategies: [
      { ...strategy(1), account: { name: 'large' } },
      { ...strategy(0.5), account: { name: 'small', cash: 500_000 } },
    ],
  })
  await topics.close()
}, 60_000)

test('trades of a run as CSV say everything of each trip, and add up to the run', async () => {
  const output = join(dir, 'trades.csv')
  await printTrades('two', { dir, format: 'csv', output })
  const [head, ...lines] = readFileSync(output, 'utf8').trimEnd().split('\n')
  const names = head!.split(',')
  expect(names).toEqual([
    ...['exchange', 'symbol', 'side', 'entryTime', 'exitTime', 'size', 'averageEntry', 'averageExit', 'fills'],
    ...['holdingMs', 'fees', 'funding', 'pnl', 'account', 'strategy', 'return', 'entryNotional'],
    ...['entryReason', 'exitReason'],
  ])
  const rows = lines.map((text) => Object.fromEntries(text.split(',').map((cell, at) => [names[at]!, cell])))
  expect(rows.length).toBeGreaterThan(5)
  expect(rows.length).toBe(result.trades)
  expect(new Set(rows.map((row) => row.account))).toEqual(new Set(['large', 'small']))
  for (const { account, trades } of result.strategies) {
    expect(rows.filter((row) => row.account === account)).toHaveLength(trades)
  }
  for (const row of rows) {
    expect(row.strategy).toBe('sma-cross')
    expect(row.entryReason).not.toBe('')
    expect(Number(row.return)).toBeCloseTo(Number(row.pnl) / Number(row.entryNotional), 12)
    expect(Number(row.holdingMs)).toBe((Number(row.exitTime) - Number(row.entryTime)) / 1_000)
  }
})

test('trades in a columnar file say the same as JSON Lines', async () => {
  const [lines, arrow] = [join(dir, 'trades.jsonl'), join(dir, 'trades.arrow')]
  await printTrades('two', { dir, output: lines })
  await printTrades('two', { dir, output: arrow })
  const said = readFileSync(lines, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const table = tableFromIPC(readFileSync(arrow))
  expect(table.numRows).toBe(result.trades)
  expect(Array.from(table.getChild('averageEntry')!)).toEqual(said.map((row) => row.averageEntry))
  expect(Array.from(table.getChild('side')!)).toEqual(said.map((row) => row.side))
})

test('a reason with a comma, a quote or a line end stays one cell', async () => {
  const trip: RoundTrip = {
    ...{
      exchange: 'x',
      symbol: 'AB',
      side: 'long',
      entryTime: 1,
      exitTime: 2,
      size: 1,
      averageEntry: 1,
      averageExit: 2,
    },
    ...{
      fills: 2,
      holdingMs: 1,
      feesE8: 0n,
      fundingE8: 0n,
      pnlE8: 100_000_000n,
      pnl: 1,
      entryNotionalE8: 100_000_000n,
    },
    ...{ returnOnEntry: 1, entryReason: 'a, "b"', exitReason: 'c\nd' },
  }
  const file = join(dir, 'cells.csv')
  await writeTable({ name: 'trades', fields: tripFields, rows: [tripRow(trip)] }, tableFormat('csv'), file)
  expect(readFileSync(file, 'utf8').slice(readFileSync(file, 'utf8').indexOf('\n') + 1)).toBe(
    'x,AB,long,1,2,1,1,2,2,1,0,0,1,,,1,1,"a, ""b""","c\nd"\n',
  )
})

test('the summary of a run of several strategies has a line for each account', () => {
  const lines = summaryOf(result).split('\n')
  for (const { account, fills, trades } of result.strategies) {
    expect(lines.find((line) => line.startsWith(`  ${account} `))).toContain(`${fills} fills, ${trades} round trips`)
  }
  expect(lines.every((line) => line.length <= 80 || line.startsWith('  !'))).toBe(true)
})
