// The errors of DESIGN §8, stops and leases, through the program that a shell starts.
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { command } from '../tests/commands.ts'
import { dataDir, lackOf, root, testWith } from '../tests/data.ts'
import { openTopics } from '../topics/index.ts'

const main = join(root, 'bin/main.ts')
/** Where the commands run: as a repository beside a folder `shared`. */
const folder = mkdtempSync(join(tmpdir(), 'smartspeed-cli-'))
const cwd = join(folder, 'repository')
const env = { ...process.env, SMARTSPEED_DIR: '.smartspeed', NODE_OPTIONS: '--no-warnings' }

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function smartspeed(...args: string[]): Promise<Ended> {
  return started(...args).ended
}

/** The same in this process, where no other is needed: a program takes a third of a second to start. */
async function here(...args: string[]): Promise<Ended> {
  const { code, out, err } = await command(args)
  return { code, stdout: out, stderr: err }
}

/** A command that goes on; `pid` to signal it. */
function started(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  return { child, ended }
}

/** The one document that --json prints; fails where there is none or more. */
function documentIn({ stdout }: Pick<Ended, 'stdout'>): Record<string, unknown> {
  expect(stdout.endsWith('\n')).toBe(true)
  return JSON.parse(stdout) as Record<string, unknown>
}

const before = process.cwd()
beforeAll(async () => {
  mkdirSync(cwd)
  process.chdir(cwd)
  vi.stubEnv('SMARTSPEED_DIR', env.SMARTSPEED_DIR)
  symlinkSync(join(dataDir, '..'), join(folder, 'shared'))
  const market = ['--seed', '7', '--minutes', '1.5', '--exchange', 'binance-usdm', '--symbol', 'BTCUSDT']
  expect(await smartspeed('simulate', 'market', ...market, '-o', 'market.gz')).toMatchObject({ code: 0 })
  expect(await here('import', 'market.gz', '--exchange', 'binance-usdm')).toMatchObject({ code: 0 })
  writeFileSync(join(cwd, 'candles.csv'), candles(200))
  const load = ['load', 'bars', 'candles.csv', '--exchange', 'binance-usdm', '--symbol', 'ETHUSDT', '--interval', '1m']
  expect(await here(...load)).toMatchObject({ code: 0 })
}, 60_000)

afterAll(() => {
  process.chdir(before)
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function candles(count: number): string {
  const line = (_: unknown, i: number) =>
    `${1_700_000_040_000 + i * 60_000},${100 + (i % 17)},130,90,${100 + (i % 13)},5`
  return `time,open,high,low,close,volume\n${Array.from({ length: count }, line).join('\n')}\n`
}

const flags = (text: string) => text.split(' ')
const maker = flags('backtest --strategy market-maker --symbol BTCUSDT')
const cross = flags('backtest --strategy sma-cross --symbol BTCUSDT')

// In this process, as thirty programs take half a minute to start.
describe('what is wrong is said with its code, what is allowed and what mends it', () => {
  beforeAll(async () => {
    const file = (name: string, ...lines: string[]) => writeFileSync(join(cwd, name), `${lines.join('\n')}\n`)
    file('broken.yaml', 'strategy:', '  name: sma-cross', '  params: {fast: 3', 'symbols: [BTCUSDT]')
    file('value.yaml', 'strategy:', '  name: sma-cross', 'symbols: [BTCUSDT]', 'venue:', '  queue: pover')
    writeFileSync(join(cwd, 'noise.csv'), Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256)))
    // Loads the modules, which takes longer than a test may where others use the cores.
    await command(['backtest', '--strategy', 'sma-cross', '--symbol', 'NOBODY'])
  }, 300_000)

  test.each([
    // What there is no data for: 1.
    ['an unknown symbol', 'backtest --strategy sma-cross --symbol BTCUSD', 1, 'NO_DATA', /"BTCUSD".*\n.*"BTCUSDT"/],
    ['an unknown exchange', 'backtest --strategy sma-cross --exchange binance', 1, 'NO_DATA', /"binance-usdm"/],
    ['an empty range', `${cross.join(' ')} --from 2030-01-01`, 1, 'NO_DATA', /rows from 2025-01-01T00:00:00/],
    ['no log at all', 'backtest --strategy sma-cross --dir nowhere', 1, 'NO_DATA', /smartspeed import/],
    ['one of two symbols with a comma', 'backtest --strategy sma-cross --symbol BTCUSDT,NO', 1, 'NO_DATA', /"NO"/],
    ['candles of another interval', 'backtest --strategy sma-cross --symbol ETHUSDT --interval 5m', 1, 'NO_DATA', /1m/],
    ['an unknown run', 'parity sma-cros-1', 1, 'RUN_MISSING', /sma-cros-1/],
    ['an order of an unknown run', 'explain nobody 1', 1, 'RUN_MISSING', /nobody/],
    ['a comparison with an unknown run', 'runs compare nobody noone', 1, 'RUN_MISSING', /nobody/],
    ['a pattern that no run has', 'runs rm nobody-*', 1, 'RUN_MISSING', /nobody-\*/],
    ['a report of an unknown run', 'report nobody -o x.html', 1, 'RUN_MISSING', /nobody/],
    // What a person has to write in another way: 2.
    ['an unknown strategy', 'backtest --strategy sma-cros', 2, 'UNKNOWN_NAME', /did you mean "sma-cross"/],
    [
      'an unknown parameter',
      `${cross.join(' ')} --set fasst=3`,
      2,
      'CONFIG_INVALID',
      /fasst = 3[\s\S]*did you mean "fast"/,
    ],
    ['a wrong value', `${cross.join(' ')} --set fast=abc`, 2, 'CONFIG_INVALID', /fast = abc; allowed: a whole number/],
    ['a parameter given twice', `${cross.join(' ')} --set fast=3 --set fast=4`, 2, 'USAGE', /twice: 3 and 4/],
    [
      'a range that ends before it begins',
      `${cross.join(' ')} --from 2025-01-02 --to 2025-01-01`,
      2,
      'CONFIG_INVALID',
      /not after/,
    ],
    ['a time that is none', `${cross.join(' ')} --from yesterday`, 2, 'CONFIG_INVALID', /ISO 8601/],
    ['an interval that is none', `${cross.join(' ')} --interval 7x`, 2, 'CONFIG_INVALID', /1s, 1m/],
    ['a batch of no rows', `${cross.join(' ')} --batch-rows 0`, 2, 'CONFIG_INVALID', /from 1 to 65535/],
    ['a speed of nothing', `${cross.join(' ')} --speed 0`, 2, 'CONFIG_INVALID', /above 0/],
    ['negative cash', `${cross.join(' ')} --cash -5`, 2, 'CONFIG_INVALID', /account.cash = -5/],
    [
      'book fills on candles',
      'backtest --strategy sma-cross --symbol ETHUSDT --fill book',
      2,
      'CONFIG_INVALID',
      /next-open/,
    ],
    ['ticks asked of candles', 'backtest --strategy market-maker --symbol ETHUSDT', 2, 'CONFIG_INVALID', /needs ticks/],
    ['a name that cannot be a folder', `${cross.join(' ')} --name a/b`, 2, 'CONFIG_INVALID', /"a\/b"/],
    ['bad YAML, with its line', 'backtest broken.yaml', 2, 'CONFIG_INVALID', /broken\.yaml:[34]:\d+: not YAML/],
    [
      'a wrong value, with its line',
      'backtest value.yaml',
      2,
      'CONFIG_INVALID',
      /value\.yaml:5[\s\S]*pover[\s\S]*did you mean "power"/,
    ],
    // Files.
    ['a missing topology', 'backtest nothing.yaml', 1, 'FILE_MISSING', /nothing\.yaml/],
    ['a missing strategy file', 'backtest --strategy ./nothing.ts', 1, 'FILE_MISSING', /nothing\.ts/],
    ['a topology that is a capture', 'backtest market.gz', 2, 'CONFIG_INVALID', /market\.gz/],
    [
      'a binary file of bars',
      'load bars noise.csv --exchange binance-usdm --symbol XUSDT --interval 1m',
      1,
      'FILE_BINARY',
      /noise/,
    ],
    [
      'a missing file of bars',
      'load bars candels.csv --exchange binance-usdm --symbol XUSDT --interval 1m',
      1,
      'FILE_MISSING',
      /candles\.csv/,
    ],
  ])('%s', async (_what, line, code, name, said) => {
    const ended = await command([...flags(line), '--json'])
    expect(ended).toMatchObject({ code, err: expect.stringMatching(said) })
    // Nothing of ours in the way of what a person reads: no stack, no path of the program, nothing endless.
    expect(ended.err).not.toMatch(/\n +at |node:internal/)
    expect(ended.err.length).toBeLessThan(1500)
    expect(documentIn({ stdout: ended.out })).toMatchObject({ error: { code: name, message: expect.any(String) } })
  })
})

describe('files that are not whole', () => {
  test('a file of bars that is cut off gives what is whole, and says so; a damaged one ends with 1', async () => {
    const packed = spawnSync('gzip', ['-c'], { input: candles(5000) }).stdout
    writeFileSync(join(cwd, 'cut.csv.gz'), packed.subarray(0, packed.length / 2))
    const damaged = Buffer.from(packed)
    damaged.fill(0xaa, packed.length / 2, packed.length / 2 + 200)
    writeFileSync(join(cwd, 'damaged.csv.gz'), damaged)
    const load = (file: string, symbol: string) =>
      here('load', 'bars', file, ...flags(`--exchange binance-usdm --symbol ${symbol} --interval 1m --json`))
    const cut = await load('cut.csv.gz', 'CUTUSDT')
    expect(cut).toMatchObject({ code: 0, stderr: expect.stringContaining('ends in the middle') })
    expect(Number(documentIn(cut).rows)).toBeGreaterThan(100)
    const bad = await load('damaged.csv.gz', 'BADUSDT')
    expect(bad).toMatchObject({ code: 1 })
    expect(documentIn(bad)).toMatchObject({ error: { code: 'FILE_CORRUPT' } })
  })

  test('a log whose index is cut off is refused by name, with the command that salvages it', async () => {
    const dir = join(cwd, 'damaged-log')
    expect(await here('import', 'market.gz', '--exchange', 'binance-usdm', '--dir', dir)).toMatchObject({
      code: 0,
    })
    const index = ['index/data.mdb', 'data.mdb', 'index.mdb'].map((name) => join(dir, name)).find(existsSync)!
    truncateSync(index, Math.floor(statSync(index).size / 2 / 4096) * 4096)
    const ended = await smartspeed('topics', '--dir', dir, '--json')
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('salvage') })
    expect(documentIn(ended)).toMatchObject({ error: { code: 'LOG_CORRUPT' } })
  })
})

describe('a folder that cannot be written to', () => {
  const readOnly = join(folder, 'read-only')
  const asRoot = process.getuid?.() === 0
  beforeAll(() => {
    mkdirSync(readOnly)
    if (!asRoot) chmodSync(readOnly, 0o555)
    else if (lackOf('tmpfs') === undefined) {
      // Root may write anywhere but on a file system that is mounted so.
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', readOnly])
      spawnSync('cp', ['-r', join(cwd, '.smartspeed'), join(readOnly, 'log')])
      spawnSync('mount', ['-o', 'remount,ro', readOnly])
    }
  })
  afterAll(() => {
    if (asRoot) spawnSync('umount', ['-l', readOnly])
    else chmodSync(readOnly, 0o755)
  })
  const testHere = asRoot ? (name: string, body: () => Promise<void>) => testWith('tmpfs', name, body) : test

  testHere('is named, and what could be done instead', async () => {
    for (const line of [
      ['import', 'market.gz', '--exchange', 'binance-usdm'],
      ['load', 'bars', 'candles.csv', ...flags('--exchange binance-usdm --symbol ETHUSDT --interval 1m')],
      ...(asRoot ? [[...cross, '--dir', join(readOnly, 'log')]] : []),
    ]) {
      const dir = line.includes('--dir') ? [] : ['--dir', join(readOnly, 'new')]
      const ended = await here(...line, ...dir, '--json')
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/--dir|write/) })
      expect(documentIn(ended)).toMatchObject({ error: { code: 'FOLDER_READ_ONLY' } })
    }
    const out = ['simulate', 'market', '--seed', '1', '--minutes', '0.1', '-o', join(readOnly, 'x.gz'), '--json']
    const ended = await here(...out)
    expect(ended.code).toBe(1)
    expect(documentIn(ended)).toMatchObject({
      error: { code: 'FOLDER_READ_ONLY', fix: 'name a file in another folder' },
    })
  })

  if (asRoot) {
    testHere('can be read all the same', async () => {
      const ended = await here('topics', '--dir', join(readOnly, 'log'), '--json')
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(await here('cat', 'trades', '--limit', '3', '--dir', join(readOnly, 'log'))).toMatchObject({
        code: 0,
      })
    })
  }
})

describe('one at a time', () => {
  test('a run that another process writes is refused, by who has it; another run is not', async () => {
    const first = started(...maker, '--name', 'busy', '--speed', '2')
    await until(first, () => here('runs', '--json').then(({ stdout }) => stdout.includes('"busy"')))
    const second = await smartspeed(...maker, '--name', 'busy', '--json')
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(String(first.child.pid)) })
    expect(documentIn(second)).toMatchObject({ error: { code: 'LEASE_HELD' } })
    expect(await here('runs', 'rm', 'busy')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('LEASE_HELD'),
    })
    expect(await here(...cross, '--name', 'beside')).toMatchObject({ code: 0 })
    first.child.kill('SIGINT')
    expect(await first.ended).toMatchObject({ code: 130 })
  })

  test('two imports at once: the second is refused and the first is whole', async () => {
    const topics = await openTopics({ dir: join(cwd, '.smartspeed') })
    const writer = await topics.writer({ run: 'import', market: true })
    const refused = await smartspeed('import', 'market.gz', '--exchange', 'binance-usdm', '--json')
    expect(refused.code).toBe(1)
    expect(documentIn(refused)).toMatchObject({ error: { code: 'LEASE_HELD' } })
    await writer.close()
    await topics.close()
    const again = await here('import', 'market.gz', '--exchange', 'binance-usdm', '--json')
    expect(documentIn(again)).toMatchObject({ records: { trades: 0, quotes: 0, books: 0 } })
  })
})

describe('a stop', () => {
  const hashes = async (name: string) => {
    const ended = await here(...maker, '--name', name, '--json')
    expect(ended, ended.stderr).toMatchObject({ code: 0 })
    return documentIn(ended).hashes
  }

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s in the middle ends with 130, and the same command goes on',
    async (signal) => {
      const name = `stopped-by-${signal}`
      const going = started(...maker, '--name', name, '--speed', '2', '--json')
      const { child, ended } = going
      await until(going, () => here('runs', '--json').then(({ stdout }) => stdout.includes(name)))
      await sleep(300)
      child.kill(signal)
      const stopped = await ended
      expect(stopped).toMatchObject({ code: 130, stderr: expect.stringContaining(`--name ${name}`) })
      expect(documentIn(stopped)).toMatchObject({ error: { code: 'INTERRUPTED' } })
      const { runs } = documentIn(await here('runs', '--json')) as { runs: { run: string; status: string }[] }
      expect(runs.find(({ run }) => run === name)).toMatchObject({ status: 'interrupted' })
      expect(await hashes(name)).toEqual(await hashes('whole'))
      expect(await here('parity', name)).toMatchObject({ code: 0 })
    },
  )

  test('a simulation that is stopped leaves no file', async () => {
    const going = started('simulate', 'market', '--seed', '1', '--minutes', '600', '-o', 'long.gz')
    const { child, ended } = going
    await until(going, async () => existsSync(join(cwd, 'long.gz.partial')))
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 130 })
    expect(existsSync(join(cwd, 'long.gz'))).toBe(false)
  })
})

testWith('time', 'parity of a strategy that was changed since ends with 1 and the first row that differs', async () => {
  const source = (sign: string) => `
    import { defineStrategy, z } from 'smartspeed'
    export default defineStrategy({
      name: 'mine', summary: 'buys or sells at the third bar', parameters: z.strictObject({}), warmup: () => 3, needs: 'bars',
      create(_params, desk) {
        let bars = 0
        return {
          bar: ({ instrument }) => { if (++bars === 3) desk.target(instrument, ${sign}1, 'third') },
          save: () => Uint8Array.of(bars), load: ([n]) => { bars = n },
        }
      },
    })`
  writeFileSync(join(cwd, 'mine.ts'), source(''))
  const ended = await smartspeed(...flags('backtest --strategy ./mine.ts --symbol BTCUSDT --interval 1s --name mine'))
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  expect(await smartspeed('parity', 'mine')).toMatchObject({ code: 0 })
  const explained = documentIn(await smartspeed('explain', 'mine', '1', '--json'))
  expect(explained).toMatchObject({ order: 'mine.main.1', signal: { reason: 'third' }, reexecution: { equal: true } })
  expect(await smartspeed('explain', 'mine', '2')).toMatchObject({
    ...{ code: 1, stderr: expect.stringMatching(/NO_DATA.*mine\.main\.1/) },
  })
  writeFileSync(join(cwd, 'mine.ts'), source('-'))
  const differs = await smartspeed('parity', 'mine', '--json')
  expect(differs.code).toBe(1)
  expect(documentIn(differs)).toMatchObject({ equal: false, first: { topic: expect.any(String), offset: 0 } })
  // Of the order all that was written down is still told.
  const changed = documentIn(await smartspeed('explain', 'mine', '1', '--json'))
  expect(changed).toMatchObject({ saw: null, reexecution: { equal: false, code: 'VERSION_MISMATCH' } })
  expect(changed.executions).toEqual(explained.executions)
})

test('a run whose process was killed is not running, and can be removed', async () => {
  const going = started(...maker, '--name', 'shot', '--speed', '2')
  const { child, ended } = going
  const status = async () => {
    const { runs } = documentIn(await here('runs', '--json')) as { runs: { run: string; status: string }[] }
    return runs.find(({ run }) => run === 'shot')?.status
  }
  await until(going, async () => (await status()) === 'running')
  child.kill('SIGKILL')
  await ended
  expect(await status()).toBe('interrupted')
  expect(documentIn(await here('runs', 'rm', 'sho?', '--json'))).toMatchObject({ runs: [{ run: 'shot' }] })
  expect(await status()).toBeUndefined()
})

/** Waits for something that a command brings about; fails with what it said when it ends first. */
async function until({ ended }: { ended: Promise<Ended> }, is: () => Promise<boolean>): Promise<void> {
  let without: Ended | undefined
  ended.then((end) => {
    without = end
  })
  while (!(await is())) {
    if (without !== undefined) throw new Error(`it ended first: ${JSON.stringify(without)}`)
    await sleep(50)
  }
}
