import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { horizons } from '../operators/regime/horizons.ts'
import { ladders } from '../operators/regime/ladders.ts'
import { describeParameters, parseParameters, strategies, strategyOf } from '../operators/strategies/index.ts'
import type { Parameters } from '../operators/strategies/switcher-parameters.ts'
import { parseTopology } from '../pipelines/config.ts'
import { findSeats } from '../pipelines/seats.ts'
import { readYaml } from '../pipelines/topology.ts'
import { dataDir, root, testWith } from '../tests/data.ts'

const text = readFileSync(join(import.meta.dirname, 'strategies.md'), 'utf8')
const part = (name: string) => text.split(`<!-- ${name} -->`)[1]!.split('<!-- /')[0]!.trim()
const block = (language: string, number = 1) => text.split(`\`\`\`${language}\n`)[number]!.split('```')[0]!

describe('docs/strategies.md', () => {
  test('has every strategy, with its parameters as the code describes them', () => {
    for (const { name, parameters } of strategies) {
      expect(text).toContain(`\n| \`${name}\` |`)
      const expected = describeParameters(parameters).map((line) => `- ${line.replace(/^(\w+)/, '`$1`')}`)
      expect(part(`parameters ${name}`), name).toBe(expected.join('\n'))
    }
  })

  test('has the usual strategies of the switcher', () => {
    const rows = horizons.map((horizon) => {
      const { regimes } = parseParameters(strategyOf('switcher'), { horizon }) as unknown as Parameters
      const of = (name: string) => ladders[horizon].filter((regime) => regimes[regime]?.name === name).join(', ')
      const without = ladders[horizon].filter((regime) => regimes[regime] === undefined).join(', ')
      return `| ${horizon} | ${of('mean-reversion')} | ${of('momentum-breakout')} | ${without} |`
    })
    const head = ['| horizon | mean-reversion | momentum-breakout | none |', '|---|---|---|---|']
    expect(part('usual')).toBe([...head, ...rows].join('\n'))
  })

  test('has a switcher that is accepted', async () => {
    const topology = parseTopology(readYaml(block('yaml'), 'switcher.yaml', '').value)
    const { seats } = await findSeats(topology)
    expect(seats[0]!.params).toMatchObject({ horizon: 'risk', regimes: { NORMAL: { params: { bars: 60, entry: 2 } } } })
  })
})

describe('three strategies in one run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-three-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  testWith('data', 'the topology of the document runs on a capture, and each has its account', () => {
    const command = (...words: string[]) =>
      execFileSync(process.execPath, [join(root, 'bin/main.ts'), ...words, '--dir', join(folder, 'log'), '--json'], {
        ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      })
    writeFileSync(join(folder, 'three.yaml'), block('yaml', 2))
    command('import', join(dataDir, 'captures/usdm-btcusdt-20240808.gz'), '--exchange', 'binance-usdm')
    const [, , ...words] = block('sh').trim().split(' ')
    const result = JSON.parse(command(...words))
    const accounts = result.strategies.map(({ strategy, account }: Record<string, string>) => [strategy, account])
    expect(accounts).toEqual([
      ['scalper', 'scalps'],
      ['market-maker', 'quotes'],
      ['momentum-breakout', 'momentum-breakout'],
    ])
    expect(readFileSync(join(folder, 'three.html'), 'utf8')).toContain('momentum-breakout')
    expect(result.fills).toBeGreaterThan(10)
  })
})
