import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTopics } from '../topics/index.ts'
import { apply, type How } from './acts.ts'
import { readDeployment } from './topology/read.ts'
import { admitHere, answeredFor } from './verdicts.ts'
import { auditRun, readActs } from './versions/audit.ts'
import { readVersions } from './versions/folder.ts'

let dir: string
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-red-'))
  const topics = await openTopics({ dir })
  const writer = await topics.writer({ run: 'search' })
  const validation = { verdict: 'red', reasons: ['noise is as good'], trials: 9, method: 'cpcv', madeMs: 1, answer: {} }
  const plan = { exchange: 'binance-usdm', symbols: ['BTCUSDT'] }
  await writer.commit({ outputs: [], run: { kind: 'study', strategy: 'sma-cross', startedMs: 0, plan, validation } })
  await writer.close()
  await topics.close()
})
afterEach(() => rmSync(dir, { recursive: true }))

const how = (): How => ({ dir, target: 'compose', out: join(dir, 'out'), program: [], note: () => {} })

function desk(symbol: string, override = '') {
  return readDeployment(
    `name: desk
pipelines:
  - name: maker
    mode: paper
    exchange: binance-usdm
    symbols: [${symbol}]
    strategy: { name: sma-cross }
    ${override}
`,
    'desk.yaml',
  )
}

test('J4: a topology whose strategy has a red verdict is not deployed, and nothing is written of it', async () => {
  await expect(apply(await desk('BTCUSDT'), how())).rejects.toMatchObject({
    code: 'VERDICT_RED',
    message: 'pipeline maker: validation says that this is luck: sma-cross (study search): noise is as good',
    fix: expect.stringContaining("--override 'REASON'") as string,
  })
  expect(readVersions(join(dir, 'deploy', 'desk'))).toEqual([])
})

test('J4: a reason lets it through, by the file or by who applies it', async () => {
  await admitHere(await desk('BTCUSDT', 'override: one lot only'), how())
  await admitHere(answeredFor(await desk('BTCUSDT'), 'one lot only'), how())
  await expect(admitHere(await desk('BTCUSDT'), how())).rejects.toThrow('luck')
  await admitHere(await desk('ETHUSDT'), how())
})

test('J4: who answers for it, and why, is in the book of acts of the deployment', async () => {
  const deployment = answeredFor(await desk('BTCUSDT'), 'one lot only')
  const kafka = { ...deployment, engine: 'kafka' as const, services: ['kafka' as const, 'registry' as const] }
  await apply(kafka, how())
  const topics = await openTopics({ dir, readOnly: true })
  try {
    expect(await readActs(topics, 'desk')).toMatchObject([
      { action: 'override', outcome: 'done', why: 'maker: one lot only', version: 1 },
      { action: 'apply', outcome: 'begun' },
      { action: 'apply', outcome: 'done' },
    ])
    expect(auditRun('desk')).toBe('deploy-desk')
  } finally {
    await topics.close()
  }
})
