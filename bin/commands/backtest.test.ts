// What is wrong within the files of a backtest is said with its line.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importMarket } from '../../tests/market.ts'
import { createProgram } from '../main.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-lines-'))
const log = join(folder, 'log')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(async () => {
  mkdirSync(log)
  await importMarket(log, { seed: 3, minutes: 0.2 })
}, 60_000)

function file(text: string): string {
  const path = join(folder, 'it.yaml')
  writeFileSync(path, text)
  return path
}

const backtest = (...args: string[]) =>
  createProgram().parseAsync(['backtest', ...args, '--dir', log], { from: 'user' })

test.each([
  ['a strategy', 'strategy:\n  name: sma-cros', 'UNKNOWN_NAME', 2, 'sma-cros', 'did you mean "sma-cross"?'],
  ['a parameter', 'strategy:\n  name: sma-cross\n  params:\n    slov: 9', 'CONFIG_INVALID', 4, 'slov = 9', '"slow"'],
  ['its value', 'strategy:\n  name: sma-cross\n  params: {fast: -1}', 'CONFIG_INVALID', 3, 'fast = -1; allowed: ', ''],
  ['a check', 'strategy: {name: sma-cross}\nrisk:\n  levrage: {}', 'CONFIG_INVALID', 3, 'levrage', '"leverage"'],
  [
    'a limit',
    'strategy: {name: sma-cross}\nrisk:\n  leverage:\n    times: -1',
    'CONFIG_INVALID',
    4,
    'times = -1; allowed: ',
    '',
  ],
  ['a sizing rule', 'strategy: {name: sma-cross}\nsizing: {name: fixd}', 'UNKNOWN_NAME', 2, 'fixd', '"fixed"'],
  [
    'an execution algorithm',
    'strategy: {name: sma-cross}\nexecution:\n  - {name: twap}\n  - {name: ruter}',
    'UNKNOWN_NAME',
    4,
    'ruter',
    '"router"',
  ],
  ['a currency', 'strategy: {name: sma-cross}\naccount:\n  currency: EUR', 'CONFIG_INVALID', 3, 'EUR', 'leave'],
  ['a key of the whole', 'strategy: {name: sma-cross}\nacount:\n  cash: 5', 'CONFIG_INVALID', 2, 'acount', '"account"'],
  ['a key', 'strategy: {name: sma-cross}\nvenue:\n  fils: book', 'CONFIG_INVALID', 3, 'venue.fils', '"fill"'],
])('%s of a topology', async (_what, text, code, line, said, fix) => {
  const path = file(text)
  const error = await backtest(path).catch((thrown) => thrown)
  expect(error).toMatchObject({ code, message: expect.stringContaining(`${path}:${line}: `) })
  expect(error.message).toContain(said)
  expect(String(error.fix)).toContain(fix)
})

test.each([
  ['an unknown check', 'drawdown: {share: 0.1}\nlevrage: {times: 2}', ':2: ', '"leverage"'],
  ['an unknown limit', 'leverage:\n  tims: 2', ':2: ', '"times"'],
  ['a wrong value', 'leverage: {times: 0}', ':1: ', 'times'],
  ['bad YAML', 'leverage: [1\n', ':2:1: not YAML', 'docs/risk.md'],
  ['no limits at all', 'strict', ' holds "strict"', 'docs/risk.md'],
])('%s in a file of limits', async (_what, text, place, fix) => {
  const path = file(text)
  const error = await backtest('--strategy', 'sma-cross', '--risk', path).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(path + place) })
  expect(String(error.fix)).toContain(fix)
})

test('what a flag says wrong is blamed on no line of a file', async () => {
  const path = file('strategy: {name: sma-cross, params: {fast: 3}}')
  const error = await backtest(path, '--set', 'slov=9').catch((thrown) => thrown)
  expect(error.message).toMatch(/^strategy sma-cross: unknown parameter slov = 9/)
})
