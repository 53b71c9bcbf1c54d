import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { algorithmOf, algorithms } from '../operators/algorithms/index.ts'
import { describeParameters } from '../operators/strategies/index.ts'
import { parseTopology } from '../pipelines/config.ts'
import { readYaml } from '../pipelines/topology.ts'
import { rowsIn, runTopology } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'

const text = readFileSync(join(import.meta.dirname, 'execution.md'), 'utf8')
const yaml = (number: number) => readYaml(text.split('```yaml\n')[number]!.split('```')[0]!, 'execution.yaml', '').value

describe('docs/execution.md', () => {
  let topics: Topics
  const dir = mkdtempSync(join(tmpdir(), 'execution-doc-'))

  beforeAll(async () => {
    await importMarket(dir, { seed: 5, minutes: 4 })
    topics = await openTopics({ dir })
  }, 60_000)
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('has every algorithm, with its parameters as the code describes them', () => {
    for (const { name, summary, parameters } of algorithms) {
      expect(text).toContain(`\n### ${name}\n${summary[0]!.toUpperCase()}${summary.slice(1)}.\n`)
      const expected = describeParameters(parameters).map((line) => `- ${line.replace(/^(\w+)/, '`$1`')}`)
      const written = text.split(`<!-- parameters ${name} -->`)[1]?.split('<!-- /')[0]?.trim()
      expect(written, name).toBe(expected.join('\n'))
    }
  })

  test('shows the children that its first topology sends', async () => {
    const given = yaml(1) as { strategy: { name: string } }
    await runTopology(topics, 'doc', {
      ...{ ...given, exchange: 'binance-usdm', symbols: ['BTCUSDT'], risk: 'off', flashCrash: 'off' },
    })
    const [signal] = await rowsIn(topics, 'signals', 'doc')
    const rows = (await rowsIn(topics, 'orders', 'doc'))
      .filter(({ signal: number }) => number === 1)
      .map(({ tag, side, lots, received }) => {
        return `| 1 | ${tag} | ${side} | ${lots} | ${Math.round((received - signal!.received) / 1e6)} s |`
      })
    const shown = text.split('<!-- children -->')[1]!.split('<!-- /')[0]!.trim().split('\n').slice(2)
    expect(rows.slice(0, shown.length)).toEqual(shown)
  })

  test('has a topology of several exchanges that is accepted', () => {
    const { execution } = parseTopology(yaml(2))
    const { algorithm, routing } = algorithmOf(execution!)
    expect(algorithm.name).toBe('twap')
    expect(routing).toMatchObject({ maxAgeMs: 1000 })
  })
})
