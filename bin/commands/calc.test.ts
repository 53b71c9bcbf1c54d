import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { calculate, calculationOf, calculations } from '../../operators/calculations/index.ts'
import { root } from '../../tests/data.ts'

function calc(args: readonly string[], input: string) {
  const main = join(root, 'bin/main.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', main, 'calc', ...args], {
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const tiers = [
  { floor: 0, cap: 50_000, rate: 0.004, amount: 0 },
  { floor: 50_000, cap: null, rate: 0.005, amount: 50 },
]

test('calc reads arguments from stdin and writes the answer as JSON', () => {
  const { status, stdout } = calc(['maintenance-margin'], JSON.stringify({ notional: 100_000, tiers }))
  expect([status, JSON.parse(stdout)]).toEqual([0, { margin: 450, rate: 0.005, amount: 50 }])
})

test('calc --list --json gives each formula with its arguments and its source', () => {
  const { status, stdout } = calc(['--list', '--json'], '')
  expect(status).toBe(0)
  const { calculations: listed } = JSON.parse(stdout) as { calculations: Record<string, unknown>[] }
  expect(listed.map(({ name }) => name)).toEqual(calculations.map(({ name }) => name))
  for (const one of listed) expect(one).toMatchObject({ source: expect.any(String), gives: expect.any(String) })
})

test.each([
  ['keli', '{}', /UNKNOWN_NAME.*"keli"[\s\S]*did you mean "kelly"/],
  ['kelly', '', /CONFIG_INVALID: calc kelly: stdin holds nothing/],
  ['kelly', '[1]', /\[1\] is no object/],
  [
    'kelly',
    '{"winrate":0.5,"averageWin":1,"averageLoss":1}',
    /unknown parameter winrate = 0\.5[\s\S]*did you mean "winRate"/,
  ],
  ['funding', '{"side":"up","size":1,"markPrice":1,"rate":0}', /side = up; allowed: long, short/],
])('calc %s with %s is exit 2 and says what is allowed', (name, input, says) => {
  const { status, stdout, stderr } = calc([name], input)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(says)
})

describe('answers', () => {
  const answer = (name: string, given: object) => calculate(calculationOf(name), given)

  test('of what the graph computes itself', () => {
    expect(answer('fixed-fractional', { equity: 10_000, risk: 0.02, price: 100, stopPrice: 98 })).toEqual({ size: 100 })
    expect(answer('atr-size', { equity: 10_000, risk: 0.01, atr: 25, multiplier: 2 })).toEqual({ size: 2 })
    expect(answer('kelly', { winRate: 0.5, averageWin: 2, averageLoss: 1 })).toEqual({ fraction: 0.25 })
    expect(answer('funding', { side: 'short', size: 1, markPrice: 100, rate: 0.01 })).toEqual({ cash: 1 })
    const long = { side: 'long', size: 1, entryPrice: 60_000, walletBalance: 6_000, tiers }
    expect(answer('liquidation-price', long)).toEqual({
      price: (6_050 - 60_000) / (0.005 - 1),
      rate: 0.005,
      amount: 50,
    })
  })
})
