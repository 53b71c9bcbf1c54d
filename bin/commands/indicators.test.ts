// `smartspeed indicators`, run as a person runs it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Command } from 'commander'
import { afterAll, expect, test } from 'vitest'
import { indicators } from '../../operators/indicators/list.ts'
import { command } from '../../tests/commands.ts'
import { dataDir, describeWith } from '../../tests/data.ts'
import { register } from './indicators.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-indicators-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => command(['indicators', ...args])

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

const candles = ['open_time_ms,open,high,low,close,volume', '60000,1,3,1,2,10', '120000,2,5,2,4,', '180000,4,9,4,9,5']

test('a cell is empty before the warm-up, and an absent volume is 0', async () => {
  const { code, out } = await run(file('small.csv', candles), '--indicators', 'sma:2,obv,bbands:2')
  expect(code).toBe(0)
  expect(out.split('\n')).toEqual([
    'time,sma:2,obv,bbands:2.upper,bbands:2.middle,bbands:2.lower',
    '60000000,,10,,,',
    '120000000,3,10,5,3,1',
    '180000000,6.5,15,11.5,6.5,1.5',
    '',
  ])
})

test('--json prints one array, with null before the warm-up', async () => {
  const { out } = await run(file('small.csv', candles), '--indicators', 'sma:3', '--json')
  expect(JSON.parse(out)).toEqual([
    { time: 60_000_000, 'sma:3': null },
    { time: 120_000_000, 'sma:3': null },
    { time: 180_000_000, 'sma:3': 5 },
  ])
})

test('-o writes the same bytes to a file, compressed when its name says so, and says what it did', async () => {
  const small = file('small.csv', candles)
  const { out } = await run(small, '--indicators', 'roc:1')
  const target = join(folder, 'out.csv.gz')
  const written = await run(small, '--indicators', 'roc:1', '-o', target, '--json')
  expect(gunzipSync(readFileSync(target)).toString()).toBe(out)
  expect(JSON.parse(written.out)).toMatchObject({ file: target, candles: 3, columns: ['roc:1'], complete: true })
})

test('only the columns that an indicator looks at are needed', async () => {
  const closes = file('closes.csv', ['timestamp,close', '2024-01-01T00:00:00Z,1.5', '2024-01-01T00:01:00Z,2.5'])
  expect((await run(closes, '--indicators', 'sma:2')).out).toBe('time,sma:2\n1704067200000000,\n1704067260000000,2\n')
  const { code, err } = await run(closes, '--indicators', 'sma:2,atr:3')
  expect(code).toBe(2)
  expect(err).toContain('no column "high"; the file has: timestamp, close')
})

test('lines that are no candles and candles that come again are left out and counted', async () => {
  const [header, ...rest] = candles
  const untidy = file('untidy.csv', [
    ...[header!, rest[0]!, rest[0]!, '60000,1,3,1,2.5,10', 'not,a,candle'],
    ...rest.slice(1),
  ])
  const { code, out, err } = await run(untidy, '--indicators', 'sma:1')
  expect([code, out]).toEqual([0, 'time,sma:1\n60000000,2\n120000000,4\n180000000,9\n'])
  expect(err).toContain('1 line is no candle and was left out; the first is line 5')
  expect(err).toContain('1 candle that says the one before it again was left out')
  expect(err).toContain('1 candle contradicts the one before of the same time, which stays; the first is line 4')
})

test('an error in the middle of a long file leaves no half array on stdout', async () => {
  const rows = Array.from({ length: 9000 }, (_, at) => `${at * 60_000},1,3,1,2,10`)
  const back = file('late.csv', [candles[0]!, ...rows, '0,1,3,1,2,10'])
  const { code, out } = await run(back, '--indicators', 'sma:1', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toHaveProperty('error.code', 'VALUE_IMPOSSIBLE')
})

test('candles that are not in the order of time are refused, and no file is left behind', async () => {
  const [header, ...rest] = candles
  const target = join(folder, 'never.csv')
  const { code, err } = await run(
    file('back.csv', [header!, ...rest.toReversed()]),
    '--indicators',
    'sma:1',
    '-o',
    target,
  )
  expect(code).toBe(1)
  expect(err).toContain('line 3')
  expect(err).toContain('the oldest candle first')
  expect(() => readFileSync(target)).toThrow('ENOENT')
})

test('an unknown indicator is refused with the nearest name before the file is opened', async () => {
  const { code, err } = await run('/no/such/file.csv', '--indicators', 'sma:3,rsj:14')
  expect(code).toBe(2)
  expect(err).toContain('did you mean "rsi"?')
})

test('--help names every indicator', async () => {
  const program = new Command()
  register(program)
  let help = ''
  program.commands[0]!.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  expect(help).toContain(indicators.map(({ name }) => name).join(', '))
})

describeWith('data', 'every shared candle file', () => {
  test.each([
    ['bars/btc-perp-1m-2022-01.csv.gz', 45_031],
    ['bars/xrp-usdt-perp-1h-mark.csv.gz', 100],
    ['bars/xrp-usdt-perp-8h-funding-rate.csv.gz', 91],
    ['csv/binance-spot-adabtc-1m-20211127.csv', 10],
  ])('%s can be read', async (name, rows) => {
    const { code, out } = await run(join(dataDir, name), '--indicators', 'sma:3,mfi:3,stoch:3:1:1')
    expect(code).toBe(0)
    expect(out.trimEnd().split('\n').length - 1).toBe(rows)
  })
})
