import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { riskProfiles } from '../operators/regime/profiles.ts'
import { checks } from '../operators/risk/index.ts'

/** The table of docs/risk.md from the checks themselves. */
function table(): string {
  const lines = checks.flatMap(({ name, always, config }) => {
    const { properties = {} } = z.toJSONSchema(config, { io: 'input' })
    const when = always ? ' (always)' : ''
    const limits = Object.entries(properties as Record<string, { default?: unknown; description?: string }>)
    if (limits.length === 0)
      return [`| ${name}${when} | – | – | whole lots and ticks, and the instrument’s own smallest order value |`]
    return limits.map(([key, limit]) => `| ${name}${when} | ${key} | ${limit.default} | ${limit.description} |`)
  })
  return ['| check | limit | default | meaning, unit, source |', '|---|---|---|---|', ...lines].join('\n')
}

test('the table of docs/risk.md is that of the checks', () => {
  const text = readFileSync(join(import.meta.dirname, 'risk.md'), 'utf8')
  expect(text.split('<!-- limits -->')[1]!.split('<!-- /limits -->')[0]!.trim()).toBe(table())
})

test('the profiles of docs/risk.md are those of the code', () => {
  const text = readFileSync(join(import.meta.dirname, 'risk.md'), 'utf8')
  const rows = Object.values(riskProfiles).map(
    ({ regime, position, stop, risk, positions }) => `| ${regime} | ${position} | ${stop} | ${risk} | ${positions} |`,
  )
  expect(text.split('<!-- profiles -->')[1]!.split('<!-- /profiles -->')[0]!.trim().split('\n').slice(2)).toEqual(rows)
})
