// `smartspeed regime`, run as a person runs it.
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { command } from '../../tests/commands.ts'
import { dataDir, rounds, testWith } from '../../tests/data.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-regime-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => command(['regime', ...args])

/** Minutes that stand still at 100, then those that are given. */
function file(name: string, still: number, closes: readonly number[] = []): string {
  const path = join(folder, name)
  const all = [...Array.from({ length: still }, () => 100), ...closes]
  writeFileSync(path, `open_time_ms,close\n${all.map((close, at) => `${at * 60_000},${close}`).join('\n')}\n`)
  return path
}

test('a row has the moment at which its candle closed; the first is that of the 21st', async () => {
  const { code, out } = await run(file('crash.csv', 21, [90, 90]))
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => line.split(',').slice(0, 3).join())).toEqual([
    'time,horizon,regime',
    '1260000000,1m,NORMAL',
    '1320000000,1m,FLASH_CRASH',
    '1380000000,1m,NORMAL',
  ])
  expect(lines[2]!.split(',').at(-1)).toBe('1320000000')
})

test('--json prints one array, -o the same CSV as stdout, compressed when its name says so', async () => {
  const crash = file('crash.csv', 21, [90, 90])
  expect(JSON.parse((await run(crash, '--json')).out)).toMatchObject([
    {
      time: 1260e6,
      horizon: '1m',
      regime: 'NORMAL',
      strength: 1,
      since: 1260e6,
      probabilities: [0.25, 0.25, 0.25, 0.25],
    },
    { regime: 'FLASH_CRASH', since: 1320e6 },
    { regime: 'NORMAL' },
  ])
  const target = join(folder, 'out.csv.gz')
  expect(JSON.parse((await run(crash, '-o', target, '--json')).out)).toEqual({
    file: target,
    candles: 23,
    rows: 3,
    complete: true,
  })
  expect(gunzipSync(readFileSync(target)).toString()).toBe((await run(crash)).out)
})

test('before the warm-up there is no row, and it says how many candles are needed', async () => {
  const few = file('few.csv', 20)
  expect(await run(few)).toEqual({
    ...{ code: 0, out: 'time,horizon,regime,confidence,strength,since\n' },
    err: 'no row: 20 candles are fewer than the 21 that the first horizon needs\n',
  })
  expect((await run(few, '--json')).out).toBe('[\n]\n')
})

test('an error in the middle of a long file leaves no half array on stdout', async () => {
  const late = file('late.csv', 9000)
  appendFileSync(late, '0,100\n')
  const { code, out } = await run(late, '--json')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toHaveProperty('error.code', 'VALUE_IMPOSSIBLE')
})

test('-o of a folder is an error that says so, and leaves nothing beside it', async () => {
  const { code, err } = await run(file('few.csv', 20), '-o', folder)
  expect(err).toContain(`USAGE: ${folder} is a folder`)
  expect(code).toBe(2)
  expect(existsSync(`${folder}.partial`)).toBe(false)
})

test('--interval says how long a candle is where they do not', async () => {
  const hours = (await run(file('hours.csv', 60), '--interval', '1h')).out
  expect(hours).not.toContain('1m')
  expect((await run(file('one.csv', 1))).err).toContain('add --interval')
  expect(await run(file('one.csv', 1), '--interval', '5 ticks')).toMatchObject({ code: 2 })
})

testWith('data', 'every file of real candles has regimes, and one of funding rates is refused', async () => {
  const isOfFunding = (name: string) => name.includes('funding')
  const names = readdirSync(join(dataDir, 'bars')).sort()
  for (const name of [
    ...names.filter(isOfFunding),
    ...names.filter((one) => !isOfFunding(one)).slice(0, rounds(names.length, 2)),
  ]) {
    const { code, out, err } = await run(join(dataDir, 'bars', name))
    if (isOfFunding(name)) {
      expect(err).toContain('closes at a price above 0')
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(JSON.parse((await run(join(dataDir, 'bars', name), '--json')).out)).toHaveProperty('error.code', 'NO_DATA')
    } else {
      expect(out).toMatch(
        /^time,horizon,regime,confidence,strength,since\n(\d+,(1m|1h|24h|risk),[A-Z_]+,[\d.e-]+,[\d.e-]+,\d+\n)+$/,
      )
      expect(code).toBe(0)
    }
  }
})
