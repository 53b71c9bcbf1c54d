import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsIn, runTopology } from '../../tests/backtests.ts'
import { importInto, simulateTo } from '../../tests/market.ts'
import { openTopics } from '../../topics/index.ts'
import { haltHere, haltStatus, statusText } from '../halt.ts'
import { listRuns, removeRuns } from '../runs.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-halt-command-'))
const where = { dir: join(root, 'log') }
let first = 0

beforeAll(async () => {
  await simulateTo(join(root, 'market.gz'), { seed: 3, minutes: 1.5, crash: false })
  await importInto(where.dir, [join(root, 'market.gz')], 'binance-usdm')
  const topics = await openTopics(where)
  first = (await topics.info('market.quotes')).first!
  await topics.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function backtest(name: string): Promise<void> {
  const topics = await openTopics(where)
  const strategy = { name: 'sma-cross', params: { fast: 2, slow: 5, size: 0.1 } }
  await runTopology(topics, name, {
    exchange: 'binance-usdm',
    symbols: ['BTCUSDT'],
    interval: '1s',
    risk: 'off',
    strategy,
  })
  await topics.close()
}

test('a rehearsal: what is said to a run that is still to begin is heard at its time, shown, and removed with the run', async () => {
  const at = String(first + 30e6)
  const said = await haltHere(where, 'flatten', { run: 'drill', account: 'main', who: 'ann', why: 'a drill', at })
  expect(said).toMatchObject({ run: 'drill', account: 'main', action: 'flatten', received: first + 30e6 })
  await backtest('drill')
  const found = await haltStatus(where, 'drill')
  expect(found).toMatchObject({
    accounts: [{ account: 'main', halt: 'flatten', why: 'ann: a drill' }],
    commands: [{ action: 'flatten', who: 'ann', why: 'a drill' }],
  })
  expect(statusText(found)).toMatch(/main +halted \(flatten\) since .*: ann: a drill/)
  const topics = await openTopics(where)
  expect((await rowsIn(topics, 'audit', 'control-drill')).length).toBe(1)
  await topics.close()
  await removeRuns(where, ['drill'])
  const after = await openTopics(where)
  expect((await after.list()).filter(({ run }) => run?.includes('drill'))).toEqual([])
  await after.close()
  expect((await listRuns(where)).map(({ run }) => run)).not.toContain('drill')
})

test('no time can be given to a run that has begun, and nothing is said to one that is finished or not there', async () => {
  await backtest('begun')
  await expect(
    haltHere(where, 'pause', { run: 'begun', who: 'ann', why: 'x', at: '2020-01-01' }),
  ).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    fix: 'leave --at out',
  })
  await expect(haltHere(where, 'pause', { run: 'begun', who: 'ann', why: 'x' })).rejects.toMatchObject({
    message: 'run begun is finished: nothing of it trades any more',
  })
  await expect(haltHere(where, 'pause', { run: 'begum', who: 'ann', why: 'x' })).rejects.toMatchObject({
    code: 'RUN_MISSING',
    fix: 'did you mean "begun"?',
  })
  await expect(haltHere(where, 'pause', { who: 'ann', why: 'x' })).rejects.toMatchObject({ code: 'RUN_MISSING' })
})
