import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTopology } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import { createProgram } from './main.ts'
import { collectGarbage, compareRuns, listRuns, removeRuns } from './runs.ts'
import { collectedText, comparisonText, runsText } from './runs-text.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-runs-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** One trade and its fee; nothing at all from ten times the cash; and the first one again. */
beforeAll(async () => {
  await importMarket(dir, { seed: 3, minutes: 1 })
  const topics = await openTopics({ dir })
  const strategy = (size: number) => ({ name: 'sma-cross', params: { fast: 2, slow: 4, size } })
  const on = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off' as const }
  const at = (ms: number) => ({ clock: { nowMs: () => ms } })
  await runTopology(topics, 'trades', { ...on, strategy: strategy(1) }, at(2))
  await runTopology(topics, 'idle', { ...on, strategy: strategy(1e-9), account: { cash: 100_000 } }, at(1))
  await runTopology(topics, 'again', { ...on, strategy: strategy(1) }, at(3))
  await topics.close()
}, 60_000)

test('where there is no log, nothing is made, and what to do is said', async () => {
  const nowhere = join(dir, 'nowhere')
  await expect(listRuns({ dir: nowhere })).rejects.toMatchObject({
    code: 'NO_DATA',
    fix: expect.stringContaining('import'),
  })
  const args = ['backtest', '--strategy', 'sma-cross', '--dir', nowhere]
  await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toMatchObject({ code: 'NO_DATA' })
  expect(existsSync(nowhere)).toBe(false)
})

test('runs are listed with what came of them, the newest first, within the width of the terminal', async () => {
  const runs = await listRuns({ dir })
  expect(runs.map(({ run }) => run)).toEqual(['again', 'trades', 'idle'])
  const idle = runs.find(({ run }) => run === 'idle')!
  expect(idle).toMatchObject({ status: 'finished', fills: 0, finalEquity: 100_000, net: 0, currency: 'USDT' })
  const trades = runs.find(({ run }) => run === 'trades')!
  expect(trades.fills).toBeGreaterThan(0)
  expect(trades.net).toBeCloseTo(trades.finalEquity! - 1_000_000, 6)
  expect(trades.to! - trades.from!).toBeGreaterThan(50e6)
  for (const width of [60, 80, 160]) {
    const lines = runsText(runs, width).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
    expect(lines.some((line) => line.includes('in a wider terminal'))).toBe(width < 160)
  }
  expect(runsText([], 80)).toContain('smartspeed backtest')
})

test('the range of a finished run is what it ran over, not what it was asked for', async () => {
  const topics = await openTopics({ dir })
  const writer = await topics.writer({ run: 'asked' })
  const about = (await topics.runs()).find(({ run }) => run === 'trades')!.about as { plan: object }
  await writer.commit({ outputs: [], run: { ...about, plan: { ...about.plan, from: 0, to: 9e15 } } })
  await writer.close()
  await topics.close()
  const runs = await listRuns({ dir })
  const [asked, trades] = ['asked', 'trades'].map((name) => runs.find(({ run }) => run === name)!)
  expect([asked!.from, asked!.to]).toEqual([trades!.from, trades!.to])
  await removeRuns({ dir }, ['asked'])
})

test('a run that nobody writes any more is not running, whatever it said last', async () => {
  const topics = await openTopics({ dir })
  const writer = await topics.writer({ run: 'killed' })
  const about = (await topics.runs()).find(({ run }) => run === 'idle')!.about as Record<string, unknown>
  const { result: _, ...begun } = about
  await writer.commit({ outputs: [], run: { ...begun, status: 'running' } })
  const status = async () => (await listRuns({ dir })).find(({ run }) => run === 'killed')!.status
  expect(await status()).toBe('running')
  await expect(removeRuns({ dir }, ['killed'])).rejects.toMatchObject({ code: 'LEASE_HELD' })
  await writer.close()
  await topics.close()
  expect(await status()).toBe('interrupted')
  await expect(compareRuns({ dir }, 'trades', 'killed')).rejects.toMatchObject({ code: 'NO_DATA' })
  await removeRuns({ dir }, ['killed'])
})

test('of two runs the one with the larger return is better, whatever cash they began with', async () => {
  const compared = await compareRuns({ dir }, 'trades', 'idle')
  const returns = compared.figures.find(({ name }) => name === 'totalReturn')!
  expect(returns.a).toBeLessThan(0)
  expect(compared).toMatchObject({ better: 'idle', equal: false })
  expect(compared.config).toContainEqual({ key: 'account.cash', a: 1_000_000, b: 100_000 })
  expect(compared.different).toContain('executions')
  const { first } = compared.outputs.find(({ topic }) => topic === 'executions')!
  expect(first).toMatchObject({ offset: 0, is: null })
  expect(JSON.parse(first!.was!)).toMatchObject({ kind: 'accepted' })
  // What a minute of data says of skill is nothing.
  expect(compared.luck).toMatchObject({ better: null, said: expect.stringContaining('too few') })
  expect(compared).toMatchObject({ sameCode: true, inputs: [], range: { equal: true } })
  const text = comparisonText(compared, 80)
  expect(text).toMatch(/^idle returned more\. Beyond luck\?/)
  expect(text).toContain('account.cash: 1000000 and 100000')
  expect(text).toMatch(/not given: .*Sharpe.*NEEDS_30_DAYS/s)
  expect(text).toContain('executions from offset 0 on: the second has no more rows')
})

test('a run and its repetition are equal, and neither is better', async () => {
  expect(await compareRuns({ dir }, 'trades', 'again')).toMatchObject({
    better: null,
    equal: true,
    different: [],
    config: [],
  })
})

test('the journal of a run is read like a topic: a row a step, with what it read and wrote', async () => {
  const file = join(dir, 'journal.jsonl')
  const { catTopic, queryOf } = await import('./commands/cat.ts')
  const topics = await openTopics({ dir, readOnly: true })
  const steps = await catTopic(topics, 'journal', await queryOf({ run: 'trades', output: file }))
  const none = catTopic(topics, 'journal', await queryOf({ run: 'trades', output: file, from: '2030-01-01' }))
  await expect(none).rejects.toMatchObject({ code: 'NO_DATA' })
  await expect(catTopic(topics, 'journal', await queryOf({ run: 'trade' }))).rejects.toMatchObject({
    code: 'RUN_MISSING',
  })
  await topics.close()
  const rows = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows).toHaveLength(steps)
  expect(rows.map(({ step }) => step)).toEqual(rows.map((_, at) => rows[0].step + at))
  expect(rows[0]).toMatchObject({ run: 'trades', task: 'trading', codeHash: 'code', hash: expect.any(String) })
  const executed = rows.flatMap(({ outputs }) => outputs).filter(({ topic }) => topic.endsWith('executions'))
  const [about] = (await listRuns({ dir })).filter(({ run }) => run === 'trades')
  expect(executed.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(about!.fills!)
})

test('nothing is removed by a dry run, nor when one of the names is nobody’s', async () => {
  const dry = await removeRuns({ dir }, ['*'], { dryRun: true })
  expect(dry.runs.map(({ run }) => run).sort()).toEqual(['again', 'idle', 'trades'])
  expect(dry.bytes).toBe(dry.runs.reduce((sum, { bytes }) => sum + bytes, 0))
  await expect(removeRuns({ dir }, ['again', 'agian'])).rejects.toMatchObject({
    code: 'RUN_MISSING',
    fix: expect.stringContaining('again'),
  })
  expect((await listRuns({ dir })).length).toBe(3)
})

test('garbage is told before it is deleted, and where there is none that is said', async () => {
  const dry = await collectGarbage({ dir }, { dryRun: true })
  expect(dry).toEqual({ rows: 0, bytes: 0, topics: [], dryRun: true })
  expect(await collectGarbage({ dir })).toEqual({ ...dry, dryRun: false })
  expect(collectedText(dry)).toContain('nothing to delete')
})

test('a run that is removed is gone, its market stays', async () => {
  const removed = await removeRuns({ dir }, ['ag?in'])
  expect(removed).toMatchObject({ runs: [{ run: 'again' }], dryRun: false })
  expect(removed.bytes).toBeGreaterThan(0)
  await expect(compareRuns({ dir }, 'trades', 'again')).rejects.toMatchObject({ code: 'RUN_MISSING' })
  expect((await listRuns({ dir })).map(({ run }) => run)).not.toContain('again')
  expect(await compareRuns({ dir }, 'trades', 'trades')).toMatchObject({ equal: true })
})
