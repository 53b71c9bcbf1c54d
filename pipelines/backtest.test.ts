import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { random } from '../operators/random.ts'
import { strategyOf } from '../operators/strategies/index.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { batchOf, rowsOf } from '../schemas/batch.ts'
import type { Candle, RecordName } from '../schemas/records.generated.ts'
import { runTopology, seatsOf } from '../tests/backtests.ts'
import { rounds } from '../tests/data.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import type { Topics } from '../topics/topics.ts'
import { aboutOf } from './about.ts'
import { parseTopology, type TopologyInput } from './config.ts'
import { parity } from './parity.ts'

const day = 1_440
const minuteUs = 60_000_000
const startUs = Date.UTC(2024, 0, 1) * 1000
let dir: string
let topics: Topics

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-backtest-'))
  topics = await openEmbedded(dir)
  const writer = await topics.writer({ run: 'import', market: true })
  const common = { exchange: 'x', symbol: 'AB' }
  const instrument = {
    ...{ time: startUs, received: startUs, ...common, type: 'perpetual' as const, base: 'A', quote: 'B', settle: 'B' },
    ...{
      tickSize: 0.01,
      lotSize: 0.001,
      minNotional: 0,
      contractSize: 1,
      inverse: false,
      ccxtSymbol: '',
      status: '',
      inferred: false,
    },
  }
  await writer.commit({ outputs: [batchOf('instruments', [instrument]), batchOf('candles', walk(3 * day))] })
  await writer.close()
})

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

/** A random walk in cents, a candle a minute. */
function walk(count: number): Candle[] {
  const dice = random(11)
  let price = 10_000
  return Array.from({ length: count }, (_, i) => {
    const open = price
    price = Math.max(100, price + Math.floor(dice.next() * 41) - 20)
    const openTime = startUs + i * minuteUs
    const time = openTime + minuteUs
    return {
      ...{ time, received: time, exchange: 'x', symbol: 'AB', openTime, interval: '1m', volume: 10 },
      ...{ open: open / 100, high: Math.max(open, price) / 100, low: Math.min(open, price) / 100, close: price / 100 },
    }
  })
}

const base: TopologyInput = {
  ...{ exchange: 'x', symbols: ['AB'], risk: 'off', account: { cash: 10_000 } },
  strategy: { name: 'sma-cross', params: { fast: 5, slow: 20, size: 1, mode: 'long-short' } },
}

function run(
  name: string,
  more: TopologyInput | Record<string, unknown> = {},
  options: Parameters<typeof runTopology>[3] = {},
) {
  return runTopology(topics, name, { ...base, ...more }, options)
}

function again(strategy = strategyOf('sma-cross')) {
  return { seats: seatsOf(parseTopology(base), strategy), codeHash: 'code' }
}

async function rows<T extends RecordName>(name: string): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const { batch } of topics.read<T>(name)) all.push(...rowsOf(batch))
  return all
}

const outputs = ['signals', 'orders', 'executions', 'positions', 'accounts'] as const

test('B3: batch size, step size and snapshots never show in any output', async () => {
  const whole = await run('whole')
  expect(whole.fills).toBeGreaterThan(50)
  for (const [batchRows, stepRows, snapshotRows] of [
    [1, 50, 100],
    [7, 7, 1000],
    [64, 64, 64],
    [4096, 65_536, 131_072],
    // A plain run has no batches of one row.
  ].slice(rounds(0, 1)) as [number, number, number][]) {
    const name = `cut-${batchRows}`
    expect((await run(name, {}, { batchRows, stepRows, snapshotRows })).hashes).toEqual(whole.hashes)
    for (const topic of outputs) expect(await rows(`${name}.${topic}`)).toEqual(await rows(`whole.${topic}`))
  }
})

test('B1: a run over a prefix of the data gives the prefix of each output', async () => {
  await run('all')
  const to = startUs + 2 * day * minuteUs
  await run('prefix', { to })
  for (const topic of outputs) {
    const prefix = (await rows(`prefix.${topic}`)) as { received: number }[]
    const all = (await rows(`all.${topic}`)) as { received: number }[]
    expect(prefix).toEqual(all.filter((row) => row.received < to))
    expect(prefix.length).toBeGreaterThan(10)
  }
})

test('B4: a symbol, an exchange or a range that is not there is an error that says what is', async () => {
  await expect(run('b4', { symbols: ['AC'] })).rejects.toMatchObject({
    code: 'NO_DATA',
    fix: expect.stringContaining('"AB"'),
  })
  await expect(run('b4', { exchange: 'y' })).rejects.toMatchObject({
    code: 'NO_DATA',
    message: expect.stringContaining('x'),
  })
  await expect(run('b4', { from: '2030-01-01' })).rejects.toMatchObject({
    code: 'NO_DATA',
    fix: expect.stringContaining('2024-01-01T00:01:00.000Z'),
  })
  expect(await aboutOf(topics, 'b4')).toBeUndefined()
})

test('a range that begins before the data does not lengthen the run: its figures are those of the rows there are', async () => {
  const whole = await run('range')
  const early = await run('range-early', { from: '2019-01-01', to: '2030-01-01' })
  expect(early.span).toEqual(whole.span)
  expect(early.metrics).toEqual(whole.metrics)
  expect(early.metrics.sharpe).toBeNull()
})

test('book fills on candles are refused, and next-open needs candles', async () => {
  await expect(run('fill', { venue: { fill: 'book' } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('a finished run says its result again; the same name with another config is refused', async () => {
  const first = await run('twice')
  expect(await run('twice')).toEqual(first)
  await expect(run('twice', { seed: 2 })).rejects.toMatchObject({ code: 'RUN_EXISTS' })
  await expect(run('import', { seed: 2 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  const later = await run('twice', {}, { codeHash: 'newer' })
  expect(later.hashes).toEqual(first.hashes)
  expect(later.warnings.map((warning) => warning.code)).toContain('CODE_CHANGED')
})

test('a run stopped by a person goes on and ends as if it had not been', async () => {
  const stop = new AbortController()
  const cut = { batchRows: 100, stepRows: 200, snapshotRows: 500 }
  const onStep = ({ rows }: { rows: number }) => rows > 1200 && stop.abort()
  await expect(run('stopped', {}, { ...cut, signal: stop.signal, onStep })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(await aboutOf(topics, 'stopped')).toMatchObject({ status: 'interrupted' })
  const whole = await run('not-stopped')
  expect((await run('stopped', {}, cut)).hashes).toEqual(whole.hashes)
})

test('code that changed may not finish what other code began', async () => {
  const stop = new AbortController()
  stop.abort()
  await expect(run('older', {}, { signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await expect(run('older', {}, { codeHash: 'other' })).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
})

test('orders at the close of the signal bar come with a warning, and next-open fills at the next open', async () => {
  const close = await run('close', { venue: { fill: 'close' } })
  const next = await run('next')
  expect(close.warnings.map((warning) => warning.code)).toContain('FILL_AT_SIGNAL_CLOSE')
  expect(next.warnings.map((warning) => warning.code)).not.toContain('FILL_AT_SIGNAL_CLOSE')
  const candles = (await rows('market.candles')) as Candle[]
  const fills = (await rows('next.executions')) as { kind: string; received: number; ticks: number; time: number }[]
  for (const fill of fills.filter((one) => one.kind === 'fill')) {
    const candle = candles.find(
      (one) => one.openTime <= fill.time && fill.time <= one.time && one.received === fill.received,
    )
    expect(fill.ticks).toBe(Math.round(candle!.open * 100))
  }
})

test('what a strategy throws ends the run there, with its name and the time; nothing later is committed', async () => {
  let bars = 0
  const failing = () =>
    planted((trader) => ({
      ...bound(trader),
      bar: (bar) => {
        if (++bars === 1000) throw new TypeError('no such indicator')
        trader.bar!(bar)
      },
    }))
  const cut = { batchRows: 100, stepRows: 100 }
  await expect(run('failing', {}, { ...cut, strategy: failing() })).rejects.toMatchObject({
    code: 'STRATEGY_FAILED',
    message: expect.stringMatching(/sma-cross.*2024-01-01T16:40:00.000Z.*no such indicator/),
    cause: expect.any(TypeError),
  })
  expect(await aboutOf(topics, 'failing')).toMatchObject({ status: 'running' })
  let rows = 0
  for await (const entry of topics.journal('failing', 'trading', 1)) rows += entry.rows
  expect(rows).toBe(900)
})

test('a run that never traded says why', async () => {
  const quiet = await run('quiet', { to: startUs + 10 * minuteUs })
  expect(quiet.warnings.find((warning) => warning.code === 'NO_TRADES')!.message).toMatch(
    /decides from bar 20 on, and the data end after 9 bars\. Give it more data/,
  )
  const poor = await run('poor', { account: { cash: 0.01 }, risk: { 'position-size': {} } })
  expect(poor.warnings.find((warning) => warning.code === 'NO_TRADES')!.message).toMatch(
    /no order.*the check \S+ said [A-Z_]+ \(\d+ times?\)\. See .* explain poor signal:1/,
  )
})

test('parity finds a run equal to its journal', async () => {
  await run('even')
  const about = (await aboutOf(topics, 'even'))!
  expect(await parity(topics, 'even', about, again())).toEqual({
    ...{ equal: true, rows: 3 * day, sameCode: true },
  })
})

/** sma-cross whose wishes depend on something that is not in its rows. */
function planted(change: (strategy: ReturnType<Strategy['create']>) => ReturnType<Strategy['create']>): Strategy {
  const honest = strategyOf('sma-cross')
  return { ...honest, create: (params, desk) => change(honest.create(params, desk)) }
}

test('B6: a clock that a strategy reads turns parity red, with the first row that differs', async () => {
  let clock = 0
  const reading = () =>
    planted((trader) => ({ ...bound(trader), bar: (bar) => trader.bar!({ ...bar, close: bar.close + (clock++ % 3) }) }))
  await run('clock', {}, { strategy: reading() })
  clock++
  const about = (await aboutOf(topics, 'clock'))!
  const found = await parity(topics, 'clock', about, again(reading()))
  expect(found).toMatchObject({ equal: false, first: { topic: expect.any(String), offset: expect.any(Number) } })
  expect(found.first!.was).not.toEqual(found.first!.is)
})

test('B6: an answer that hangs on the order of a map filled by arrival turns parity red', async () => {
  const arrivals = new Map<number, number>()
  const mapped = () =>
    planted((trader) => ({
      ...bound(trader),
      bar: (bar) => {
        // A map that outlives the run: which key comes first depends on who ran before.
        arrivals.delete(bar.openTime - 5 * minuteUs)
        arrivals.set(bar.openTime, bar.close)
        trader.bar!({ ...bar, close: arrivals.values().next().value! })
      },
    }))
  await run('map', {}, { strategy: mapped() })
  const found = await parity(topics, 'map', (await aboutOf(topics, 'map'))!, again(mapped()))
  expect(found.equal).toBe(false)
})

test('B6: a strategy that looks at later candles is caught by the prefix of its run', async () => {
  const candles = (await rows('market.candles')) as Candle[]
  // The trend of the whole series is taken out of each close: what researchers do by mistake.
  const detrended = (known: readonly Candle[]) => {
    const slope = (known.at(-1)!.close - known[0]!.close) / known.length
    const since = (openTime: number) => (openTime - startUs) / minuteUs
    return planted((trader) => ({
      ...bound(trader),
      bar: (bar) =>
        trader.bar!({ ...bar, close: Math.round((bar.close - slope * since(bar.openTime) + 1000) * 100) / 100 }),
    }))
  }
  const to = startUs + day * minuteUs
  await run('ahead', {}, { strategy: detrended(candles) })
  await run('ahead-prefix', { to }, { strategy: detrended(candles.filter((one) => one.received < to)) })
  const before = (row: unknown) => (row as { received: number }).received < to
  expect((await rows('ahead.signals')).filter(before)).not.toEqual(await rows('ahead-prefix.signals'))
})

/** The state of a trader without its handlers. */
function bound(trader: ReturnType<Strategy['create']>): ReturnType<Strategy['create']> {
  return { save: () => trader.save(), load: (bytes) => trader.load(bytes) }
}
