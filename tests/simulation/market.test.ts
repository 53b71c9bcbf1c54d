// The simulated market as a capture: what is on the wire against the truth file, and its facts against the real market.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulated, type SimulateOptions, simulateMarket } from '../../bin/commands/simulate.ts'
import { type Facts, factsMeter } from '../../operators/market/facts.ts'
import { dataDir, describeWith, root } from '../data.ts'
import { wholeTruth } from '../truth.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-market-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const options: SimulateOptions = {
  seed: 11,
  minutes: 3,
  exchange: 'binance-usdm',
  symbol: 'BTCUSDT',
  file: join(folder, 'market.gz'),
}

describe('the capture against the truth', () => {
  let result: Simulated
  let truth: Awaited<ReturnType<typeof wholeTruth>>
  let lines: Line[]

  beforeAll(async () => {
    result = await simulateMarket(options)
    truth = await wholeTruth(result.truth!)
    lines = readCapture(result.file)
  })

  test('every trade is on the wire once, in order, under consecutive ids, with its price, size and side', () => {
    const trades = lines.filter((line) => line.type === 'trade').map(({ data }) => data)
    expect(trades).toHaveLength(truth.trades.length)
    for (const [i, trade] of trades.entries()) {
      const { id, time, tick, lots, side } = truth.trades[i]!
      expect(id).toBe(truth.trades[0]!.id + i)
      expect([trade.t, trade.T, Number(trade.p), Number(trade.q), trade.m]).toEqual([
        id,
        time / 1000,
        truth.price(tick),
        truth.size(lots),
        side === 'sell',
      ])
    }
  })

  test('the snapshot and the depth messages after it rebuild the book of each second, level by level', () => {
    const snapshotAt = lines.findIndex((line) => line.type === 'snapshot')
    const { data: snapshot } = lines[snapshotAt]!
    const buffered = lines.filter((line, i) => line.type === 'depthUpdate' && i < snapshotAt)
    expect(buffered.length).toBeGreaterThan(1)
    const bids = sideOf(snapshot.bids!)
    const asks = sideOf(snapshot.asks!)
    const books = truth.books.values()
    let expected = books.next().value
    let checked = 0
    let previous: number | undefined
    for (const { data } of lines.filter((line) => line.type === 'depthUpdate')) {
      expect(data.U! <= data.u! && data.pu! < data.U!).toBe(true)
      if (data.u! < snapshot.lastUpdateId!) continue
      if (previous === undefined)
        expect(data.U! <= snapshot.lastUpdateId! && snapshot.lastUpdateId! <= data.u!).toBe(true)
      else expect(data.pu).toBe(previous)
      previous = data.u!
      apply(bids, data.b as string[][])
      apply(asks, data.a as string[][])
      expect(Math.max(...bids.keys())).toBeLessThan(Math.min(...asks.keys()))
      if (data.u !== expected?.sequence) continue
      expect([data.T! * 1000, flat(bids, -1), flat(asks, 1)]).toEqual([
        expected!.time,
        inUnits(expected!.bids),
        inUnits(expected!.asks),
      ])
      checked += 1
      expected = books.next().value
    }
    expect(checked).toBe(truth.books.length)
    expect(checked).toBe(179)
  })

  const inUnits = (levels: readonly number[]) => levels.map((x, i) => (i % 2 === 0 ? truth.price(x) : truth.size(x)))

  test('quotes have rising update ids, never cross, and run ahead of the depth messages', () => {
    let lastId = 0
    let depthId = 0
    let ahead = 0
    const quotes = lines.filter((line) => line.type === 'bookTicker')
    for (const { type, data } of lines) {
      if (type === 'depthUpdate') depthId = data.u!
      if (type !== 'bookTicker') continue
      expect(data.u).toBeGreaterThan(lastId)
      expect(Number(data.b)).toBeLessThan(Number(data.a))
      lastId = data.u!
      if (data.u! > depthId) ahead += 1
    }
    // The real capture: 98 %.
    expect(ahead / quotes.length).toBeGreaterThan(0.9)
  })

  test('receive times rise, lie after the times of the exchange, and some event times step back', () => {
    let last = 0n
    let lastEvent = 0
    let stepsBack = 0
    for (const { received, data } of lines) {
      expect(received).toBeGreaterThan(last)
      last = received
      if (data.E === undefined) continue
      expect(Number(received / 1000n) - data.E * 1000).toBeGreaterThan(-1000)
      if (data.E < lastEvent) stepsBack += 1
      lastEvent = data.E
    }
    expect(stepsBack).toBeGreaterThan(lines.length / 1000)
  })

  test('a sign of life comes each second and a ping every 20 s; the counts are those of the lines', () => {
    const count = (type: string) => lines.filter((line) => line.type === type).length
    expect(count('markPriceUpdate')).toBe(179)
    expect(lines.filter((line) => line.type === 'ping').map(({ data }) => (data.ping! / 1000) % 20)).toEqual(
      Array(8).fill(0),
    )
    const { kind, ...end } = truth.end
    expect(kind).toBe('end')
    expect(result).toMatchObject({ ...end, seed: '11', file: options.file })
    expect(end).toEqual({
      lines: lines.length,
      trades: count('trade'),
      quotes: count('bookTicker'),
      books: count('depthUpdate') + count('snapshot'),
      marks: count('markPriceUpdate'),
      liquidations: count('forceOrder'),
      pings: count('ping'),
    })
    expect([result.from, result.to]).toEqual([lines[0]!, lines.at(-1)!].map(({ received }) => Number(received / 1000n)))
  })
})

describe('what a seed fixes', () => {
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

  test('the same seed gives the same bytes, compressed or not, with the truth or without', async () => {
    const short = { ...options, minutes: 0.5 }
    const [first, second, plain] = ['a.gz', 'b.gz', 'c.txt'].map((name) => join(folder, name))
    await simulateMarket({ ...short, file: first! })
    await simulateMarket({ ...short, file: second!, truth: false })
    await simulateMarket({ ...short, file: plain! })
    expect(readFileSync(first!)).toEqual(readFileSync(second!))
    expect(gunzipSync(readFileSync(first!))).toEqual(readFileSync(plain!))
    const other = { ...short, seed: 12, file: second! }
    await simulateMarket(other)
    expect(readFileSync(first!)).not.toEqual(readFileSync(second!))
  })

  test('the text of seed 1 is the one it was on every machine so far', async () => {
    const file = join(folder, 'golden.txt')
    const { lines } = await simulateMarket({ ...options, seed: 1, minutes: 1, file })
    expect(lines).toBe(goldenLines)
    expect(hash(readFileSync(file))).toBe(goldenHash)
  })

  test('two symbols of one seed are two markets, and a start moves all times', async () => {
    const file = join(folder, 'eth.txt')
    const start = Date.UTC(2026, 4, 1) * 1000
    await simulateMarket({ ...options, symbol: 'ETHUSDT', minutes: 0.1, file, start })
    const [{ data, received }] = readCapture(file) as [Line]
    expect([data.s, Math.floor(data.T! / 1000), received / 10n ** 9n]).toEqual([
      'ETHUSDT',
      start / 1e6,
      BigInt(start / 1e6),
    ])
    expect(Math.round(Number(data.b))).toBe(2650)
  })
})

// Changes only with the rules of the market or with what it writes; then say so, and what changed, in the commit.
const goldenLines = 26_775
const goldenHash = '4b21989455846a5653345794eb926f6509ead11dc79e8c4f8477e4c8a63c6a84'

describe('what goes wrong', () => {
  test('wrong options are refused before anything is written', async () => {
    const wrong: Partial<SimulateOptions>[] = [
      { exchange: 'binance-usdn' },
      { minutes: 0 },
      { minutes: Number.NaN },
      { symbol: 'btc/usdt' },
      { start: 1.5 },
      { price: '-1' },
      { tickSize: '1e-3' },
      { price: '1', tickSize: '0.10' },
      { lotSize: '100' },
    ]
    const file = join(folder, 'wrong.gz')
    for (const part of wrong) {
      await expect(simulateMarket({ ...options, file, ...part })).rejects.toMatchObject({
        code: expect.stringMatching(/^(USAGE|UNKNOWN_NAME)$/),
      })
    }
    expect(existsSync(file)).toBe(false)
  })

  test('a stopped run and a folder that is not there leave no file', async () => {
    const stop = new AbortController()
    const file = join(folder, 'stopped.gz')
    const onProgress = () => stop.abort()
    await expect(
      simulateMarket({ ...options, file, minutes: 60, signal: stop.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await expect(simulateMarket({ ...options, file: join(folder, 'no/where.gz') })).rejects.toMatchObject({
      code: 'FILE_MISSING',
    })
    expect(readdirSync(folder).filter((name) => /stopped|partial/.test(name))).toEqual([])
  })
})

describe('the command', () => {
  const command = (...more: string[]) => ['bin/main.ts', 'simulate', 'market', '--seed', '5', ...more]
  const file = join(folder, 'command.gz')

  test('it prints one JSON document and leaves the capture and its truth', () => {
    const flags = command('--minutes', '0.1', '--exchange', 'binance-usdm', '--symbol', 'BTCUSDT', '-o', file, '--json')
    const { stdout, status } = spawnSync(process.execPath, flags, { cwd: root, encoding: 'utf8' })
    expect(status).toBe(0)
    const result: Simulated = JSON.parse(stdout)
    expect(result).toMatchObject({ file, exchange: 'binance-usdm', symbol: 'BTCUSDT', seed: '5' })
    expect(result.lines).toBe(readCapture(file).length)
    expect(existsSync(result.truth!)).toBe(true)
  })

  test('an exchange that it cannot write ends with 2, Ctrl-C with 130 and without a file', async () => {
    const wrong = spawnSync(process.execPath, command('--minutes', '1', '--exchange', 'okx', '-o', file), { cwd: root })
    expect(wrong.status).toBe(2)
    expect(String(wrong.stderr)).toContain('binance-usdm')
    const stopped = join(folder, 'ctrl-c.gz')
    const child = spawn(process.execPath, command('--minutes', '900', '-o', stopped), { cwd: root, stdio: 'ignore' })
    while (!existsSync(`${stopped}.partial`)) await sleep(20)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(130)
    expect(readdirSync(folder).filter((name) => name.startsWith('ctrl-c'))).toEqual([])
  })
})

/**
 * Bands round the figures of the real capture, for 10 simulated minutes outside of the flash crash. The real capture is
 * 344 s long: its kurtosis rests on a handful of seconds, so a factor of 3 both ways is what it can tell; the standard
 * error of an autocorrelation over 344 values is 0.054, that of the mean of ten near 0.02, and bursts add to both.
 */
describeWith(['data', 'time'], 'stylized facts against the real capture usdm-btcusdt-20240808', () => {
  let real: Facts & Rates

  beforeAll(() => {
    const meter = factsMeter()
    real = { ...rates(readCapture(join(dataDir, 'captures/usdm-btcusdt-20240808.gz')), meter), ...meter.facts() }
  })

  test.each([1, 2, 3])(
    'spread, kurtosis, clusters and the mix of messages of seed %i lie in the bands',
    async (seed) => {
      const result = await simulateMarket({ ...options, seed, minutes: 10, truth: false })
      const { facts } = result
      const meter = factsMeter()
      const measured = rates(readCapture(result.file), meter)
      const whole = meter.facts()
      expect(facts.spread.median).toBe(real.spread.median)
      expect(facts.spread.mean / real.spread.mean).toSatisfy(within(1 / 2, 2))
      expect(facts.spread.timeWeighted / real.spread.timeWeighted).toSatisfy(within(0.8, 1.25))
      expect(facts.kurtosis / real.kurtosis).toSatisfy(within(1 / 3, 3))
      expect(facts.volatilityBps / real.volatilityBps).toSatisfy(within(1 / 2, 2))
      expect(facts.volatilityAutocorrelationMean - real.volatilityAutocorrelationMean).toSatisfy(within(-0.06, 0.2))
      expect(facts.stillSeconds - real.stillSeconds).toSatisfy(within(-0.25, 0.25))
      // With the crash: its seconds are large, and follow each other.
      expect(whole.kurtosis / real.kurtosis).toSatisfy(within(1 / 3, 3))
      expect(whole.volatilityAutocorrelationMean - real.volatilityAutocorrelationMean).toSatisfy(within(0, 0.5))
      for (const rate of ['trades', 'quotes', 'depths', 'levels'] as const) {
        expect(measured[rate] / real[rate]).toSatisfy(within(1 / 2, 2))
      }
    },
  )
})

const within = (low: number, high: number) => (value: number) => value >= low && value <= high

type Rates = { trades: number; quotes: number; depths: number; levels: number }

/** Messages a second of each kind, and levels in a depth message; fills the meter. */
function rates(lines: readonly Line[], meter: { quote(time: number, bid: number, ask: number): void }): Rates {
  const seconds = Number(lines.at(-1)!.received - lines[0]!.received) / 1e9
  const counts = { trades: 0, quotes: 0, depths: 0, levels: 0 }
  for (const { type, data } of lines) {
    if (type === 'trade') counts.trades += 1
    if (type === 'bookTicker') {
      counts.quotes += 1
      meter.quote(data.T! * 1000, Math.round(Number(data.b) * 10), Math.round(Number(data.a) * 10))
    }
    if (type === 'depthUpdate') {
      counts.depths += 1
      counts.levels += data.b!.length + data.a!.length
    }
  }
  const { trades, quotes, depths, levels } = counts
  return { trades: trades / seconds, quotes: quotes / seconds, depths: depths / seconds, levels: levels / depths }
}

// A reader of its own, so that an error in the product's parser cannot hide one in its writer.
type Line = { received: bigint; type: string; data: Data }
type Data = Partial<Record<'E' | 'T' | 'U' | 'u' | 'pu' | 't' | 'ping' | 'lastUpdateId', number>> & {
  e?: string
  s?: string
  b?: string | string[][]
  a?: string | string[][]
  p?: string
  q?: string
  m?: boolean
  bids?: string[][]
  asks?: string[][]
}

function readCapture(file: string): Line[] {
  const bytes = readFileSync(file)
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('latin1')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const space = line.indexOf(' ')
      const message: Data & { data?: Data } = JSON.parse(line.slice(space + 1))
      const data = message.data ?? message
      const type = data.e ?? (data.ping === undefined ? 'snapshot' : 'ping')
      return { received: BigInt(line.slice(0, space)), type, data }
    })
}

const sideOf = (rows: readonly string[][]) => new Map(rows.map(([price, size]) => [Number(price), Number(size)]))

function apply(side: Map<number, number>, rows: readonly string[][]): void {
  for (const [price, size] of rows) {
    if (Number(size) === 0) side.delete(Number(price))
    else side.set(Number(price), Number(size))
  }
}

/** Price, size, price, size, … from the best on. */
function flat(side: ReadonlyMap<number, number>, direction: 1 | -1): number[] {
  return [...side].sort(([a], [b]) => direction * (a - b)).flat()
}
