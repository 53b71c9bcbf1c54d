// The commands that read topics, run as a person runs them, over a real capture.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import canonicalize from 'canonicalize'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documentOf as json, command as run } from '../../tests/commands.ts'
import { dataDir, describeWith, root } from '../../tests/data.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-read-'))
const dir = join(folder, 'log')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

process.env.SMARTSPEED_DIR = dir

interface Row {
  readonly received: number
  readonly exchange: string
  readonly price: number
  readonly size: number
  readonly time: number
}

describe('without a log', () => {
  test('B4: reading says that nothing is there and how to get it, and makes no folder', async () => {
    for (const args of [['topics'], ['cat', 'trades'], ['hash', 'trades'], ['dead-letters']]) {
      const { code, out, err } = await run([...args, '--dir', join(folder, 'nowhere'), '--json'])
      expect(code).toBe(1)
      expect(JSON.parse(out)).toMatchObject({ error: { code: 'NO_DATA' } })
      expect(err).toContain('smartspeed import')
    }
    expect(() => readFileSync(join(folder, 'nowhere'))).toThrow(/ENOENT/)
  })

  test('wrong arguments are exit 2 before anything is opened', async () => {
    for (const [args, words] of [
      [['cat', 'trades', '--from', 'yesterday'], '--from: "yesterday"'],
      [['cat', 'trades', '--from', '2024-02-02', '--to', '2024-02-01'], 'not after --from'],
      [['cat', 'trades', '--limit', '0'], '--limit: "0"'],
      [['cat', 'trades', '--format', 'xml'], 'unknown format "xml"'],
      [['cat'], "missing required argument 'topic'"],
      [['book', '--exchange', 'binance', '--symbol', 'BTCUSDT'], '--at'],
      [['bars', '--exchange', 'binance', '--symbol', 'BTCUSDT', '--interval', '2w'], '"2w"'],
      [['topics', '--engine', 'kafak'], '"kafak"'],
      [['topics', '--engine', 'kafka'], 'needs --brokers'],
      [
        ['load', 'bars', 'x.csv', '--exchange', 'binanse', '--symbol', 'X', '--interval', '1m'],
        'unknown exchange "binanse"',
      ],
      [['load', 'bars', 'x.csv', '--exchange', 'binance', '--symbol', 'X', '--interval', '5 ticks'], 'length in time'],
    ] as const) {
      const { code, err } = await run(args)
      expect(err).toContain(words)
      expect(code, args.join(' ')).toBe(2)
    }
  })

  test('smartspeed.yaml names the folder, below a flag and the environment; a wrong key is named with its line', async () => {
    const place = mkdtempSync(join(folder, 'config-'))
    const config = join(place, 'smartspeed.yaml')
    const { SMARTSPEED_DIR: _dir, ...env } = process.env
    const topics = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, 'bin/main.ts'), 'topics', ...args], { cwd: place, env, encoding: 'utf8' })
    writeFileSync(config, 'dir: from-the-file\n')
    expect(topics().stderr).toContain('from-the-file')
    expect(topics('--dir', 'from-the-flag').stderr).toContain('from-the-flag')
    writeFileSync(config, '# where\ndirr: here\n')
    const wrong = topics()
    expect(wrong.status).toBe(2)
    expect(wrong.stderr).toContain('smartspeed.yaml:2: unknown key dirr = "here"; allowed: dir')
    expect(wrong.stderr).toContain('did you mean "dir"?')
    writeFileSync(config, 'engine: 7\n')
    expect(topics().stderr).toContain('smartspeed.yaml:1: engine = 7')
    writeFileSync(config, 'dir: [\n')
    expect(topics().stderr).toContain('not YAML')
  })
})

describeWith('data', 'over a real capture', () => {
  const capture = join(dataDir, 'captures/usdm-btcusdt-20240808.gz')
  const of = ['--exchange', 'binance-usdm', '--symbol', 'BTCUSDT']
  const start = 1723161255000000

  beforeAll(async () => {
    expect((await run(['import', capture, '--exchange', 'binance-usdm'])).code).toBe(0)
  })

  test('topics counts what is there', async () => {
    const { topics } = await json<{ topics: { name: string; rows: number; partitions: number; ends: number[] }[] }>(
      'topics',
    )
    const rows = Object.fromEntries(topics.map(({ name, rows }) => [name, rows]))
    expect(rows).toMatchObject({ 'market.trades': 21_313, 'market.quotes': 66_089, 'market.books': 6_552 })
    for (const { rows, ends } of topics) expect(ends.reduce((sum, end) => sum + end, 0)).toBe(rows)
  })

  test('cat prints rows in receive order, as lines and as one array, and only those asked for', async () => {
    const { out } = await run(['cat', 'trades', ...of])
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(21_313)
    const rows = lines.map((line) => JSON.parse(line) as Row)
    expect(rows.every(({ received }, at) => at === 0 || rows[at - 1]!.received <= received)).toBe(true)
    expect(await json<Row[]>('cat', 'trades')).toEqual(rows)
    const [from, to] = [rows[5000]!.received, rows[9000]!.received]
    const some = rows.filter(({ received }) => received >= from && received < to)
    expect(await json<Row[]>('cat', 'market.trades', '--from', String(from), '--to', String(to))).toEqual(some)
    expect(await json<Row[]>('cat', 'trades', '--limit', '3')).toEqual(rows.slice(0, 3))
  })

  test('hash is that of the rows of cat as canonical JSON, and of a range of them', async () => {
    const sha = (rows: readonly Row[]): string =>
      createHash('sha256')
        .update(rows.map((row) => `${canonicalize(row)}\n`).join(''))
        .digest('hex')
    const rows = await json<Row[]>('cat', 'trades')
    expect(await json('hash', 'trades')).toEqual({ topic: 'market.trades', rows: 21_313, hash: sha(rows) })
    const some = rows.filter(({ received }) => received < start + 60e6)
    const range = await json('hash', 'market.trades', ...of, '--to', String(start + 60e6))
    expect(range).toMatchObject({ rows: some.length, hash: sha(some) })
  })

  test('the book at a time is that of a plain reading of the capture', async () => {
    const lines = gunzipSync(readFileSync(capture)).toString().split('\n')
    for (const seconds of [30, 120, 300]) {
      const at = start + seconds * 1e6
      const expected = plainBook(lines, at)
      const book = await json<Book>('book', ...of, '--at', String(at))
      expect(book.synced).toBe(true)
      expect(book.bids).toEqual(expected.bids)
      expect(book.asks).toEqual(expected.asks)
      expect(book.sequence).toBe(expected.sequence)
      expect(book.levels).toEqual({ bids: expected.bids.length, asks: expected.asks.length })
      expect(book.received).toBeLessThanOrEqual(at)
      const best = await json<Book>('book', ...of, '--at', String(at), '--levels', '2')
      expect([best.bids, best.asks]).toEqual([book.bids.slice(0, 2), book.asks.slice(0, 2)])
    }
  })

  test('bars are those of the trades within each minute', async () => {
    const trades = await json<Row[]>('cat', 'trades')
    const bars = await json<Bar[]>('bars', ...of, '--interval', '1m')
    expect(bars.length).toBe(6)
    for (const bar of bars) {
      const own = trades.filter(({ time }) => time >= bar.openTime && time < bar.openTime + 60e6)
      const prices = own.map(({ price }) => price)
      expect(bar).toMatchObject({
        open: prices[0],
        close: prices.at(-1),
        high: Math.max(...prices),
        low: Math.min(...prices),
      })
      expect(bar.volume).toBeCloseTo(
        own.reduce((sum, { size }) => sum + size, 0),
        6,
      )
      expect(bar.trades).toBe(own.length)
      expect(bar.time).toBe(bar.openTime + 60e6)
    }
    expect((await json<Bar[]>('bars', ...of, '--interval', '1s', '--fill')).length).toBeGreaterThan(
      (await json<Bar[]>('bars', ...of, '--interval', '1s')).length,
    )
  })

  test('B4: an unknown symbol, exchange, topic or run, and a range without rows, say what there is', async () => {
    for (const [args, code, words] of [
      [['cat', 'trades', '--symbol', 'BTCUSD'], 1, 'did you mean "BTCUSDT"?'],
      [['cat', 'trades', '--exchange', 'binance'], 1, 'did you mean "binance-usdm"?'],
      [['cat', 'trades', '--from', '2024-09-01'], 1, 'there are some from 2024-08-08T23:54:15'],
      [['cat', 'trade'], 2, 'did you mean "trades"?'],
      [['cat', 'candles'], 1, 'there are no candles yet'],
      [['cat', 'orders'], 2, 'say which with --run'],
      [['cat', 'orders', '--run', 'mine'], 1, 'unknown run "mine"'],
      [
        ['book', '--exchange', 'binance-usdm', '--symbol', 'ETHUSDT', '--at', String(start)],
        1,
        'did you mean "BTCUSDT"?',
      ],
      [['book', ...of, '--at', '2024-08-01'], 1, 'there are some from'],
      [['bars', ...of, '--interval', '1m', '--to', '2024-08-01'], 1, 'there are some from'],
      [['bars', ...of, '--interval', '1d', '--to', String(start + 60e6)], 1, 'no bar of 1d'],
    ] as const) {
      const { code: seen, err } = await run(args)
      expect(err, args.join(' ')).toContain(words)
      expect(seen, args.join(' ')).toBe(code)
    }
  })

  test('a reader that goes away ends cat quietly', async () => {
    const command = `"${process.execPath}" "${join(root, 'bin/main.ts')}" cat books --dir "${dir}" | head -1`
    const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], { encoding: 'utf8' })
    expect(JSON.parse(stdout)).toMatchObject({ exchange: 'binance-usdm' })
    expect([status, stderr]).toEqual([0, ''])
  })

  test('Ctrl-C ends with 130 and leaves no file that is not whole', async () => {
    const file = join(folder, 'stopped.jsonl')
    const child = spawn(process.execPath, [join(root, 'bin/main.ts'), 'cat', 'books', '-o', file], { env: process.env })
    const ended = once(child, 'exit')
    while (!existsSync(`${file}.partial`) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 1))
    child.kill('SIGINT')
    const [code] = await ended
    expect(code).toBe(130)
    expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false])
  })

  test('a file in any format holds every row', async () => {
    for (const format of ['jsonl.gz', 'csv', 'arrow', 'parquet']) {
      const file = join(folder, `trades.${format}`)
      expect(await json('cat', 'trades', '-o', file)).toEqual({ rows: 21_313, file })
      expect(readFileSync(file).length).toBeGreaterThan(100_000)
    }
    expect(readFileSync(join(folder, 'trades.csv'), 'utf8').split('\n')).toHaveLength(21_313 + 2)
  })
})

interface Book {
  readonly synced: boolean
  readonly sequence: number
  readonly received: number
  readonly bids: [number, number][]
  readonly asks: [number, number][]
  readonly levels: { bids: number; asks: number }
}

interface Bar {
  readonly time: number
  readonly openTime: number
  readonly volume: number
  readonly trades: number
}

/** The book of a USDⓈ-M capture at a receive time, by the rule of the data's own page. */
function plainBook(lines: readonly string[], at: number): Pick<Book, 'bids' | 'asks' | 'sequence'> {
  type Depth = { u: number; U: number; b: [string, string][]; a: [string, string][] }
  type Snapshot = { lastUpdateId: number; bids: [string, string][]; asks: [string, string][] }
  const updates: Depth[] = []
  let snapshot: Snapshot | undefined
  for (const line of lines) {
    const space = line.indexOf(' ')
    if (space < 0 || Math.floor(Number(line.slice(0, space)) / 1000) > at) continue
    if (line.includes('"lastUpdateId"')) snapshot = JSON.parse(line.slice(space + 1)) as Snapshot
    else if (line.includes('"depthUpdate"')) updates.push((JSON.parse(line.slice(space + 1)) as { data: Depth }).data)
  }
  const bids = new Map<number, number>()
  const asks = new Map<number, number>()
  const put = (side: Map<number, number>, levels: readonly [string, string][]): void => {
    for (const [price, size] of levels) {
      if (Number(size) === 0) side.delete(Number(price))
      else side.set(Number(price), Number(size))
    }
  }
  put(bids, snapshot!.bids)
  put(asks, snapshot!.asks)
  let sequence = snapshot!.lastUpdateId
  for (const { u, b, a } of updates) {
    if (u < snapshot!.lastUpdateId) continue
    put(bids, b)
    put(asks, a)
    sequence = u
  }
  return {
    sequence,
    bids: [...bids].sort(([one], [two]) => two - one),
    asks: [...asks].sort(([one], [two]) => one - two),
  }
}
