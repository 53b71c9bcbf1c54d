import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTopology } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import { createProgram } from './main.ts'
import { compareRuns, listRuns, removeRun } from './runs.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-runs-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** One trade and its fee; nothing at all from ten times the cash; and the first one again. */
beforeAll(async () => {
  await importMarket(dir, { seed: 3, minutes: 1 })
  const topics = await openTopics({ dir })
  const strategy = (size: number) => ({ name: 'sma-cross', params: { fast: 2, slow: 4, size } })
  const on = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off' as const }
  await runTopology(topics, 'trades', { ...on, strategy: strategy(1) })
  await runTopology(topics, 'idle', { ...on, strategy: strategy(1e-9), account: { cash: 100_000 } })
  await runTopology(topics, 'again', { ...on, strategy: strategy(1) })
  await topics.close()
}, 60_000)

test('where there is no log, nothing is made, and what to do is said', async () => {
  const nowhere = join(dir, 'nowhere')
  await expect(listRuns(nowhere)).rejects.toMatchObject({ code: 'NO_DATA', fix: expect.stringContaining('import') })
  const args = ['backtest', '--strategy', 'sma-cross', '--dir', nowhere]
  await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toMatchObject({ code: 'NO_DATA' })
  expect(existsSync(nowhere)).toBe(false)
})

test('runs are listed in the order in which they began, with what came of them', async () => {
  const runs = await listRuns(dir)
  expect(runs.map(({ run }) => run).sort()).toEqual(['again', 'idle', 'trades'])
  expect(runs.find(({ run }) => run === 'idle')).toMatchObject({ status: 'finished', fills: 0, finalEquity: 100_000 })
  expect(runs.find(({ run }) => run === 'trades')!.fills).toBeGreaterThan(0)
})

test('of two runs the one with the larger return is better, whatever cash they began with', async () => {
  const compared = await compareRuns(dir, 'trades', 'idle')
  const returns = compared.figures.find(({ name }) => name === 'totalReturn')!
  expect(returns.a).toBeLessThan(0)
  expect(compared).toMatchObject({ better: 'idle', equal: false })
  expect(compared.config).toContainEqual({ key: 'account.cash', a: 1_000_000, b: 100_000 })
  expect(compared.different).toContain('executions')
})

test('a run and its repetition are equal, and neither is better', async () => {
  expect(await compareRuns(dir, 'trades', 'again')).toMatchObject({
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
  const [about] = (await listRuns(dir)).filter(({ run }) => run === 'trades')
  expect(executed.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(about!.fills!)
})

test('a run that is removed is gone, its market stays', async () => {
  expect(await removeRun(dir, 'again')).toBeGreaterThan(0)
  await expect(compareRuns(dir, 'trades', 'again')).rejects.toMatchObject({ code: 'RUN_MISSING' })
  expect((await listRuns(dir)).map(({ run }) => run)).not.toContain('again')
  expect(await compareRuns(dir, 'trades', 'trades')).toMatchObject({ equal: true })
})
