// `import` and `normalize` as a shell sees them.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../tests/data.ts'

const main = join(root, 'bin/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'smartspeed-import-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function smartspeed(args: readonly string[], input = '') {
  return spawnSync(process.execPath, [main, '--dir', join(folder, 'log'), ...args], { encoding: 'utf8', input })
}

const trade = (id: number) =>
  `{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":${id},"p":"61800.30","q":"0.006","X":"MARKET","m":false}}`
const line = (id: number) => `${1_723_161_255_000_000_000n + BigInt(id) * 100_000_000n} ${trade(id)}\n`
const lines = (count: number) => Array.from({ length: count }, (_, id) => line(id)).join('')

describe('import', () => {
  const capture = join(folder, 'session.gz')
  writeFileSync(capture, gzipSync(lines(30)))

  test('prints one JSON document, and adds nothing the second time', () => {
    const first = smartspeed(['import', capture, '--exchange', 'binance-usdm', '--json'])
    expect([first.status, first.stderr]).toEqual([0, ''])
    expect(JSON.parse(first.stdout)).toMatchObject({
      files: [{ file: capture, lines: 30, unreadable: 0, complete: true }],
      streams: { 'btcusdt@trade': 30 },
      records: { trades: 30, quotes: 0, books: 0 },
      duplicates: { trades: 0 },
      symbols: { BTCUSDT: { synced: null, gaps: [], crossed: 0, checksums: { ok: 0, bad: 0 } } },
      clocks: [{ exchange: 'binance-usdm', minFeedLatencyUs: 1000 }],
      quality: { timeBack: 0, impossiblePrice: 0, crossed: 0 },
      deadLetters: 0,
      seconds: expect.any(Number),
    })
    const second = smartspeed(['import', capture, '--exchange', 'binance-usdm', '--json'])
    expect(JSON.parse(second.stdout)).toMatchObject({ records: { trades: 0 }, duplicates: { trades: 30 } })
    const read = smartspeed(['import', capture, '--exchange', 'binance-usdm'])
    expect(read.stdout).toMatch(/new: nothing[\s\S]*30 trades/)
  })

  test('says what is wrong with a name before it makes a folder', () => {
    const nowhere = join(folder, 'nowhere')
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [main, '--dir', nowhere, 'import', ...args], { encoding: 'utf8' })
    const missing = run(capture.replace('session', 'sesion'), '--exchange', 'binance-usdm')
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringMatching(/FILE_MISSING[\s\S]*session\.gz/)])
    const unknown = run(capture, '--exchange', 'binance-udm')
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringMatching(/UNKNOWN_NAME[\s\S]*binance-usdm/)])
    expect(run(capture).status).toBe(2)
    expect(existsSync(nowhere)).toBe(false)
  })

  test('a capture that is cut off ends with 0 and a warning, a damaged one with 1', () => {
    const whole = gzipSync(lines(3000))
    const cut = join(folder, 'cut.gz')
    writeFileSync(cut, whole.subarray(0, whole.length - 20))
    const { status, stdout, stderr } = smartspeed(['import', cut, '--exchange', 'binance-usdm', '--json'])
    expect([status, JSON.parse(stdout).files[0].complete, stderr]).toEqual([
      0,
      false,
      expect.stringContaining('cut off'),
    ])
    writeFileSync(cut, Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8, 7)]))
    const damaged = smartspeed(['import', cut, '--exchange', 'binance-usdm'])
    expect([damaged.status, damaged.stderr]).toEqual([1, expect.stringContaining('FILE_CORRUPT')])
  })

  test('Ctrl-C in the middle ends with 130, and the same command goes on', async () => {
    const long = join(folder, 'long.txt')
    writeFileSync(long, lines(400_000))
    const log = join(folder, 'stopped')
    const args = [main, '--dir', log, 'import', long, '--exchange', 'binance-usdm', '--json']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
    while (!existsSync(join(log, 'market', 'trades')) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(said).toMatch(/INTERRUPTED[\s\S]*same command/)
    const again = spawnSync(process.execPath, args, { encoding: 'utf8' })
    const { records, duplicates } = JSON.parse(again.stdout)
    expect(records.trades + duplicates.trades).toBe(400_000)
    expect(duplicates.trades).toBeGreaterThan(0)
  })
})

describe('normalize', () => {
  const normalize = (input: string, ...args: string[]) =>
    smartspeed(['normalize', '--exchange', 'binance-usdm', ...args], input)
  const record = { topic: 'trades', time: 1723161256321000, exchange: 'binance-usdm', symbol: 'BTCUSDT' }

  test('answers each line alone, with or without its receive time', () => {
    const input = [
      `1723161255088176367 ${trade(7)}`,
      trade(7),
      '{"result":null,"id":1}',
      '{"e":"new"}',
      '{"e":',
      '',
    ].join('\n')
    const { status, stdout } = normalize(`${input}\n`)
    const answers = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    expect(status).toBe(0)
    const said = { ...record, price: 61800.3, size: 0.006, side: 'buy', id: '7' }
    expect(answers).toEqual([
      [{ ...said, received: 1723161255088176 }],
      [said],
      [],
      { error: { code: 'MESSAGE_UNKNOWN', message: expect.any(String) } },
      { error: { code: 'MESSAGE_UNREADABLE', message: expect.any(String) } },
      [],
    ])
  })

  test('prints one array with --json, and takes the symbol of a snapshot from --symbol', () => {
    const snapshot = '{"lastUpdateId":9007199254740993,"E":2,"T":1,"bids":[["60000.0","1"]],"asks":[]}'
    expect(JSON.parse(normalize(`${snapshot}\n`, '--json').stdout)).toEqual([
      { error: { code: 'MESSAGE_UNREADABLE', message: expect.stringContaining('--symbol') } },
    ])
    const [[row]] = JSON.parse(normalize(`${snapshot}\n`, '--json', '--symbol', 'BTCUSDT').stdout)
    expect(row).toEqual({
      ...{ topic: 'books', time: 1000, exchange: 'binance-usdm', symbol: 'BTCUSDT', snapshot: true },
      ...{ sequence: '9007199254740993', bids: [{ price: 60000, size: 1 }], asks: [] },
    })
    expect(JSON.parse(normalize('', '--json').stdout)).toEqual([])
  })
})
