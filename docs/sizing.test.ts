import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exits, exitsOf } from '../operators/exits/index.ts'
import { rulesOf, sizingRules } from '../operators/sizing/index.ts'
import { describeParameters } from '../operators/strategies/index.ts'
import { parseTopology } from '../pipelines/config.ts'
import { readYaml } from '../pipelines/topology.ts'

const text = readFileSync(join(import.meta.dirname, 'sizing.md'), 'utf8')

describe('docs/sizing.md', () => {
  test('has every rule and every exit, with its parameters as the code describes them', () => {
    for (const { name, parameters } of [...sizingRules, ...exits]) {
      expect(text).toContain(`\n### ${name}\n`)
      const expected = describeParameters(parameters).map((line) => `- ${line.replace(/^(\w+)/, '`$1`')}`)
      const written = text.split(`<!-- parameters ${name} -->`)[1]?.split('<!-- /')[0]?.trim()
      expect(written, name).toBe(expected.join('\n'))
    }
  })

  test('has a topology that is accepted', () => {
    const { value } = readYaml(text.split('```yaml\n')[1]!.split('```')[0]!, 'sized.yaml', '')
    const { sizing, exits: chosen } = parseTopology(value)
    expect(rulesOf(sizing).map(({ rule }) => rule.name)).toEqual(['fixed-fractional', 'volatility-target'])
    expect(exitsOf(chosen ?? []).map(({ exit }) => exit.name)).toEqual(['trailing', 'time'])
  })
})
