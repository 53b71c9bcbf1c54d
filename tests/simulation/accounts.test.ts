// Several strategies in one run: each trades its own account over the same market, and none of them notices the others.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { parity } from '../../pipelines/parity.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputRecords, outputsOf, rowsIn, runTopology, seatsOf, tickTopologies } from '../backtests.ts'
import { importMarket } from '../market.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-accounts-'))
const { strategy: maker, ...base } = tickTopologies['market-maker']
const { strategy: cross } = tickTopologies['sma-cross']
const both: TopologyInput = {
  ...base,
  strategies: [
    { ...maker, account: { name: 'quotes', cash: 50_000 } },
    { ...cross, account: { name: 'means', cash: 500_000 } },
  ],
}
let topics: Topics

beforeAll(async () => {
  await importMarket(dir, { seed: 12, minutes: 1.5 })
  topics = await openTopics({ dir })
})

afterAll(async () => {
  await topics?.close()
  rmSync(dir, { recursive: true, force: true })
})

test('each account of a run of two writes what it writes in a run of its own', async () => {
  const result = await runTopology(topics, 'both', both)
  expect(result.fills).toBeGreaterThan(20)
  const alone = { quotes: { ...maker }, means: { ...cross } }
  for (const [name, strategy] of Object.entries(alone)) {
    const cash = name === 'quotes' ? 50_000 : 500_000
    await runTopology(topics, name, { ...base, strategy, account: { name, cash } } as TopologyInput)
    for (const record of outputRecords) {
      if (record === 'bars') continue
      const own = (await rowsIn(topics, record, 'both')).filter((row) => (row as { account: string }).account === name)
      expect(own, `${record} of ${name}`).toEqual(await rowsIn(topics, record, name))
    }
  }
  const [quotes, means] = [await topics.info('quotes.orders'), await topics.info('means.orders')]
  expect((await topics.info('both.orders')).rows).toBe(quotes.rows + means.rows)
})

test('rows of a run of two stand in order of receipt, however they are cut, and parity holds', async () => {
  const whole = await outputsOf(topics, 'both')
  await runTopology(topics, 'cut', both, { batchRows: 97, stepRows: 500, snapshotRows: 1000 })
  expect(await outputsOf(topics, 'cut')).toMatchObject(
    Object.fromEntries(outputRecords.filter((record) => record in whole).map((record) => [record, whole[record]])),
  )
  for (const record of ['executions', 'orders', 'signals'] as const) {
    const times = (await rowsIn(topics, record, 'both')).map(({ received }) => received)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  }
  const about = (await aboutOf(topics, 'both'))!
  expect(await parity(topics, 'both', about, { seats: seatsOf(about.plan.topology), codeHash: 'code' })).toMatchObject({
    equal: true,
  })
})
