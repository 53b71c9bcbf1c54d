import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { flashCrashConfig, windowNames } from '../operators/flash-crash/config.ts'
import { riskProfiles } from '../operators/regime/profiles.ts'
import { checks } from '../operators/risk/index.ts'
import { pricesConfig } from '../operators/risk/prices.ts'

const withoutLimits: Record<string, string> = {
  emergency: 'no new risk while the account is halted, or the instrument is not calm; its yes leaves no verdict',
  instrument: 'whole lots and ticks, and the instrument’s own smallest order value',
}

function keysOf(config: z.ZodType): [string, { default?: unknown; description?: string }][] {
  const { properties = {} } = z.toJSONSchema(config, { io: 'input' })
  return Object.entries(properties as Record<string, { default?: unknown; description?: string }>)
}

const text = readFileSync(join(import.meta.dirname, 'risk.md'), 'utf8')
const part = (name: string) => text.split(`<!-- ${name} -->`)[1]!.split(`<!-- /${name} -->`)[0]!.trim()

/** The table of docs/risk.md from the checks themselves. */
function table(): string {
  const lines = checks.flatMap(({ name, always, config }) => {
    const when = always ? ' (always)' : ''
    const limits = keysOf(config)
    if (limits.length === 0) return [`| ${name}${when} | – | – | ${withoutLimits[name]} |`]
    return limits.map(([key, limit]) => `| ${name}${when} | ${key} | ${limit.default} | ${limit.description} |`)
  })
  return ['| check | limit | default | meaning, unit, source |', '|---|---|---|---|', ...lines].join('\n')
}

test('the table of docs/risk.md is that of the checks', () => {
  expect(part('limits')).toBe(table())
})

test('the profiles of docs/risk.md are those of the code', () => {
  const rows = Object.values(riskProfiles).map(
    ({ regime, position, stop, risk, positions }) => `| ${regime} | ${position} | ${stop} | ${risk} | ${positions} |`,
  )
  expect(part('profiles').split('\n').slice(2)).toEqual(rows)
})

test('the keys of prices and of flashCrash in docs/risk.md are those of the code', () => {
  const rows = keysOf(pricesConfig).map(([key, said]) => `| ${key} | ${said.default} | ${said.description} |`)
  expect(part('prices').split('\n').slice(2)).toEqual(rows)
  const { cascade, cascadeInstruments, calmMinutes, resume, ...windows } = flashCrashConfig.parse({})
  const moves = windowNames.map((name) => {
    const { moderate, severe, extreme } = windows[name]
    return `| ${name} | ${moderate} | ${severe} | ${extreme} | ${flashCrashConfig.shape[name].description!.split('; ')[1]} |`
  })
  expect(part('windows').split('\n').slice(2)).toEqual(moves)
  const others = Object.entries({ cascade, cascadeInstruments, calmMinutes, resume }).map(
    ([key, value]) =>
      `| ${key} | ${value} | ${keysOf(flashCrashConfig).find(([name]) => name === key)![1].description} |`,
  )
  expect(part('crash').split('\n').slice(2)).toEqual(others)
})
