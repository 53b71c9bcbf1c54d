import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeReport } from '../../bin/report.ts'
import { random } from '../../operators/random.ts'
import { aboutOf } from '../../pipelines/about.ts'
import type { BacktestOptions } from '../../pipelines/backtest.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import type { Account, Book as BookRow, Candle, Execution, Instrument, Trade } from '../../schemas/records.generated.ts'
import { runTopology } from '../../tests/backtests.ts'
import { openEmbedded } from '../../topics/embedded/embedded.ts'
import type { Topics } from '../../topics/topics.ts'
import { collectReport } from './collect.ts'
import type { ReportData } from './data.ts'
import { renderReport } from './page.ts'
import { problemsOf } from './problems.ts'
import { scanBooks } from './scan-books.ts'
import { scanMarket } from './scan-market.ts'
import { accountedFor, netOf, verdictOf, whyNoTrades } from './verdict.ts'

const minuteUs = 60_000_000
const startUs = Date.UTC(2024, 0, 1) * 1000
const minutes = 3_000
/** Candles from here on are missing, so many. */
const hole = { at: 1_000, count: 30 }
let dir: string
let topics: Topics

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-report-'))
  topics = await openEmbedded(dir)
  const writer = await topics.writer({ run: 'import', market: true })
  const clock = {
    ...{ time: startUs, received: startUs, exchange: 'x', symbol: '' },
    ...{ connection: 'c1', offset: 1_270_000, rows: 99 },
  }
  const letter = {
    ...{ time: startUs, received: startUs, exchange: 'x', symbol: '', source: 'file', reason: 'MESSAGE_UNREADABLE' },
    ...{ message: 'cut', bytes: Uint8Array.of(1, 2), attempts: 0 },
  }
  await writer.commit({
    outputs: [
      batchOf('instruments', [
        instrument('AB'),
        instrument('TICK'),
        { ...instrument('TINY'), tickSize: 1e-12, lotSize: 1 },
      ]),
      batchOf('clocks', [clock]),
      batchOf('candles', [...candles(), ...candles().slice(0, 500).map(tiny)]),
      batchOf('trades', trades()),
      batchOf('dead-letters', [letter, letter]),
    ],
  })
  await writer.close()
})

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

function instrument(symbol: string): Instrument {
  return {
    ...{
      time: startUs,
      received: startUs,
      exchange: 'x',
      symbol,
      type: 'perpetual',
      base: 'A',
      quote: 'B',
      settle: 'B',
    },
    ...{
      tickSize: 0.01,
      lotSize: 0.001,
      minNotional: 0,
      contractSize: 1,
      inverse: false,
      ccxtSymbol: '',
      status: '',
      inferred: true,
    },
  }
}

/** A random walk in cents, a candle a minute, with a hole. */
function candles(): Candle[] {
  const dice = random(11)
  let price = 10_000
  const all = Array.from({ length: minutes }, (_, i): Candle => {
    const open = price
    price = Math.max(100, price + Math.floor(dice.next() * 41) - 20)
    const openTime = startUs + i * minuteUs
    const time = openTime + minuteUs
    return {
      ...{ time, received: time, exchange: 'x', symbol: 'AB', openTime, interval: '1m', volume: 10 },
      ...{ open: open / 100, high: Math.max(open, price) / 100, low: Math.min(open, price) / 100, close: price / 100 },
    }
  })
  return all.filter((_, i) => i < hole.at || i >= hole.at + hole.count)
}

/** The same at prices at which a position of 1 is worth less than 10⁻⁸. */
function tiny(candle: Candle): Candle {
  const { open, high, low, close } = candle
  const ticks = (price: number) => Math.round(price * 10) / 1e12
  return { ...candle, symbol: 'TINY', open: ticks(open), high: ticks(high), low: ticks(low), close: ticks(close) }
}

/** Trades of the other instrument: three a second, one in a hundred stamped earlier than the one before it. */
function trades(): Trade[] {
  const dice = random(12)
  let price = 5_000
  return Array.from({ length: 6_000 }, (_, i): Trade => {
    price = Math.max(100, price + dice.below(5) - 2)
    const received = startUs + i * 333_333
    const time = received + (i % 100 === 99 ? -500_000 : 0)
    const estimated = i < 7 ? { timeEstimated: true } : {}
    return {
      ...{ time, received, exchange: 'x', symbol: 'TICK', price: price / 100, size: 1 + dice.below(5), ...estimated },
      ...{ side: dice.next() < 0.5 ? 'buy' : 'sell', id: String(i) },
    }
  })
}

const cross = { fast: 5, slow: 20, size: 1, mode: 'long-short' }
const base: TopologyInput = {
  ...{ exchange: 'x', symbols: ['AB'], risk: 'off', account: { cash: 10_000 }, venue: { fill: 'next-open' } },
  strategy: { name: 'sma-cross', params: cross },
}

const seat = (name: string, params: object, cash = 10_000) => {
  return { name: 'sma-cross', params: { ...cross, ...params }, account: { name, cash } }
}

/** Of a run that a person stops after its first step. */
function stopping(): Partial<BacktestOptions> {
  const stop = new AbortController()
  return { batchRows: 500, stepRows: 500, signal: stop.signal, onStep: () => stop.abort() }
}

async function reportOf(
  run: string,
  more: Partial<TopologyInput> = {},
  options: Partial<BacktestOptions> = {},
): Promise<ReportData> {
  await runTopology(topics, run, { ...base, ...more }, options).catch((error: { code?: string }) => {
    if (error.code !== 'INTERRUPTED') throw error
  })
  return collectReport(topics, run, { about: (await aboutOf(topics, run))!, version: '0.0.0' })
}

describe('the report of a run over candles', () => {
  let data: ReportData
  beforeAll(async () => {
    data = await reportOf('candles')
  })

  test('adds up to the last 10⁻⁸, and ends where the account ended', async () => {
    const accounts: Account[] = []
    for await (const { batch } of topics.read<'accounts'>('candles.accounts')) accounts.push(...rowsOf(batch))
    expect(netOf(data.money)).toBe(accountedFor(data.money))
    expect(data.money.fees).toBe(accounts.at(-1)!.fees)
    expect(data.equity.values[0]).toBe(10_000)
    expect(data.equity.values.at(-1)).toBe(Number(data.money.end) / 1e8)
    expect(data.equity.of).toBeGreaterThanOrEqual(accounts.length)
    expect(data.status).toBe('done')
  })

  test('has every fill at its price and size, and as many as the run', async () => {
    const fills: Execution[] = []
    for await (const { batch } of topics.read<'executions'>('candles.executions')) {
      fills.push(...rowsOf(batch).filter(({ kind }) => kind === 'fill'))
    }
    const [{ buys, sells, position }] = data.instruments as [ReportData['instruments'][number]]
    expect(fills.length).toBe(data.activity.fills)
    const bought = fills.filter(({ side }) => side === 'buy')
    expect([...buys.times]).toEqual(bought.map(({ received }) => received))
    expect([...buys.prices].map((price) => Math.round(price * 100))).toEqual(bought.map(({ ticks }) => ticks))
    const lots = (sizes: Float64Array) => sizes.reduce((sum, size) => sum + Math.round(size * 1000), 0)
    expect(lots(buys.sizes) - lots(sells.sizes)).toBe(Math.round(position.values.at(-1)! * 1000))
    expect(data.tripsOf).toBe(data.performance.trades)
  })

  test('shows the hole in the candles as a gap, and as a problem that questions the result', () => {
    const from = startUs + hole.at * minuteUs
    expect(data.gaps).toEqual([{ from, to: from + (hole.count + 1) * minuteUs }])
    expect(data.problems[0]).toMatchObject({ level: 'bad', what: 'Gaps', count: 1 })
  })

  test('M7: states the clock offset, and counts unreadable messages with their reason', () => {
    expect(data.problems).toContainEqual(
      expect.objectContaining({
        what: 'Clock offset',
        detail: expect.stringContaining('1.27 s ahead of the recorder'),
      }),
    )
    expect(data.problems).toContainEqual(
      expect.objectContaining({ what: 'MESSAGE_UNREADABLE', count: 2, level: 'bad' }),
    )
  })

  test('states fees, latency, fills, cash and the range as assumptions', () => {
    const said = Object.fromEntries(data.assumptions.map(({ name, value }) => [name, value]))
    expect(said).toMatchObject({
      Matching: 'next-open',
      'Resting orders': 'through',
      'Fees of x': 'taker 4 bp, maker 2 bp',
      Slippage: 'none',
      'Starting cash': '10\u2009000 B',
    })
    expect(said['Data range']).toMatch(/^2024-01-01T00:0[01]:00Z to 2024-01-03T02:00:00Z$/)
  })

  test('names what held the position and for how long', () => {
    expect(data.instruments[0]).toMatchObject({ unit: 'A', quote: 'B', priceOf: 'close of 1m candles' })
    const share = data.instruments[0]!.heldMs / ((data.to - data.from) / 1e3)
    expect(share).toBeCloseTo(data.performance.exposure!, 2)
  })

  test('is a page', () => {
    expect(renderReport(data)).toMatch(/sma-cross · AB on x[\s\S]*fast 5, slow 20/)
  })
})

describe('the report of several strategies', () => {
  let data: ReportData
  beforeAll(async () => {
    const slow = seat('slow', { fast: 20, slow: 90 }, 500)
    data = await reportOf('several', { strategy: undefined, strategies: [seat('fast', {}), slow] })
  })

  test('has a line an account, which add up to the whole', () => {
    const { seats, money, equity } = data
    expect(seats.map(({ account }) => account)).toEqual(['fast', 'slow'])
    const sum = (amount: (seat: (typeof seats)[number]) => bigint) =>
      seats.reduce((all, seat) => all + amount(seat), 0n)
    expect(sum(({ start }) => start)).toBe(money.start)
    expect(sum(({ end }) => end)).toBe(money.end)
    expect(sum(({ fees }) => fees)).toBe(money.fees)
    expect(netOf(money)).toBe(accountedFor(money))
    expect(seats.reduce((all, seat) => all + seat.fills, 0)).toBe(data.activity.fills)
    expect(seats.reduce((all, seat) => all + seat.trips, 0)).toBe(data.tripsOf)
    expect(equity.values[0]).toBe(10_500)
    expect(equity.values.at(-1)).toBe(Number(money.end) / 1e8)
  })

  test('says of what is left open whose it is, and the mark at which it counts', () => {
    const { open } = data
    expect(open.map(({ account }) => account)).toEqual(['fast', 'slow'])
    for (const { size, entryPrice, mark, unrealized } of open)
      expect((mark! - entryPrice!) * size).toBeCloseTo(unrealized, 6)
    const page = renderReport(data)
    const table = page.slice(page.indexOf('Marked, not closed'))
    expect(table).toMatch(/<th>Account<\/th>[\s\S]*<td>fast<\/td>[\s\S]*<td>slow<\/td>/)
  })

  test('draws the account that traded alone as it would have been without the other', async () => {
    const alone = await reportOf('alone', { account: { cash: 10_000 } })
    expect(data.seats[0]!.equity.values).toEqual(alone.equity.values)
    expect(data.seats[0]!.maxDrawdown).toBe(alone.performance.intradayMaxDrawdown)
    expect(renderReport(data)).toContain('Result by account')
  })
})

test('regimes that the run did not keep are computed as it would have kept them', async () => {
  const kept = await reportOf('kept', { keep: ['regimes'] })
  const computed = await reportOf('computed')
  const bands = (data: ReportData) => data.instruments[0]!.regimes.map(({ source: _, ...band }) => band)
  expect(kept.instruments[0]!.regimes.map(({ source, horizon }) => [source, horizon])).toEqual([
    ['run', '1h'],
    ['run', 'risk'],
    ['run', '24h'],
  ])
  expect(bands(computed)).toEqual(bands(kept))
  expect(computed.instruments[0]!.regimes[0]!.source).toBe('report')
})

test('round trips too small to have a return are no number in the histogram of returns', async () => {
  const params = { fast: 5, slow: 20, size: 1, mode: 'long-short' }
  const data = await reportOf('tiny', { symbols: ['TINY'], strategy: { name: 'sma-cross', params } })
  expect(data.tripsOf).toBeGreaterThan(0)
  expect(data.returns.count).toBe(0)
  expect(renderReport(data)).not.toContain('NaN %')
})

describe('the report of a run without trades', () => {
  test('says when the warm-up was longer than the data', async () => {
    const data = await reportOf('warm', { to: startUs + 10 * minuteUs })
    expect(whyNoTrades(data)?.why).toMatch(/from bar 20 on, and the data end after \d+ bars/)
    expect(data.money).toMatchObject({ fees: 0n, start: 1_000_000_000_000n, end: 1_000_000_000_000n })
    expect(renderReport(data)).toContain('Why there are no trades.')
  })

  test('says which check rejected every signal', async () => {
    const data = await reportOf('refused', { risk: { 'position-size': { share: 0.000001 } } })
    expect(data.activity).toMatchObject({ orders: 0, fills: 0 })
    expect(data.refusals[0]).toMatchObject({ by: 'risk', check: 'position-size', reason: 'MAX_POSITION' })
    expect(whyNoTrades(data)?.why).toContain('the check position-size said MAX_POSITION')
  })
})

test('the report of a run over ticks draws its trades and counts odd times', async () => {
  const data = await reportOf('ticks', { symbols: ['TICK'], interval: '10s', venue: { fill: 'book' } })
  expect(data.source).toBe('trades in 10s bars')
  expect(data.instruments[0]!.priceOf).toBe('last trade')
  expect(data.instruments[0]!.price.of).toBe(6_000)
  expect(data.problems).toContainEqual(expect.objectContaining({ what: 'Estimated times', count: 7 }))
  expect(data.problems).toContainEqual(expect.objectContaining({ what: 'Times that step back', count: 60 }))
  expect(netOf(data.money)).toBe(accountedFor(data.money))
})

describe('M1: the depth that a run saw', () => {
  const plan = (inputs: readonly string[]) => ({
    ...{
      topology: parseTopology({ ...base }),
      exchange: 'binance-usdm',
      symbols: ['DEPTH'],
      from: undefined,
      to: undefined,
    },
    ...{
      interval: undefined,
      fill: 'book' as const,
      instruments: [{ ...instrument('DEPTH'), exchange: 'binance-usdm' }],
    },
    inputs: inputs.map((topic) => ({ topic, ends: [99] })),
  })
  /** A snapshot, then updates by last id, previous id and best bid; a second each. */
  const rows = ([1, 2, 3, 5, 6, 0, 8, 9] as const).map((last, second): BookRow => {
    const time = startUs + second * 1e6
    const snapshot = second === 0 || last === 0
    return {
      ...{
        time,
        received: time,
        exchange: 'binance-usdm',
        symbol: 'DEPTH',
        snapshot,
        sequence: BigInt(last === 0 ? 7 : last),
      },
      ...(snapshot ? {} : { firstSequence: BigInt(last), previousSequence: BigInt(last === 5 ? 4 : last - 1) }),
      bids: [{ price: last === 9 ? 102 : 100, size: 1 }],
      asks: [{ price: 101, size: 1 }],
    }
  })

  test('is judged by gaps, by the time out of sync after them, and by crossed rows', async () => {
    const writer = await topics.writer({ run: 'depth', market: true })
    await writer.commit({ outputs: [batchOf('books', rows)] })
    await writer.close()
    const scan = (await scanBooks(topics, plan(['market.books']))).get('DEPTH')!
    // Id 4 never came: from second 3 to the snapshot in second 5 nothing holds; the last row's bid is above the ask.
    expect(scan).toEqual({ rows: 8, gaps: 1, firstGap: startUs + 3e6, crossed: 1, startUs: 0, outUs: 2e6 })
    expect((await scanBooks(topics, plan([]))).size).toBe(0)
  })

  test('is a problem that questions the result', async () => {
    const market = await scanMarket(topics, plan([]))
    const books = await scanBooks(topics, plan(['market.books']))
    const problems = problemsOf({ market, books, warnings: [] }, plan(['market.books']))
    expect(problems.map(({ level, what, count }) => [level, what, count])).toEqual([
      ['bad', 'Gaps in the depth', 1],
      ['bad', 'Crossed book', 1],
    ])
    expect(problems[0]!.detail).toContain('the first at 2024-01-01T00:00:03Z; out of sync for 2 s in all')
  })
})

test('the command writes the page as a whole, and names the nearest run when there is none of that name', async () => {
  const file = join(dir, 'page.html')
  const written = await writeReport(topics, 'candles', file)
  expect(written).toEqual({ run: 'candles', file, bytes: statSync(file).size })
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
  expect(readdirSync(dir).filter((name) => name.startsWith('page'))).toEqual(['page.html'])
  await expect(writeReport(topics, 'candels', file)).rejects.toMatchObject({
    code: 'RUN_MISSING',
    fix: 'did you mean "candles"?',
  })
})

test('the report of a run that was stopped tells it up to there, and says that it is incomplete', async () => {
  const data = await reportOf('stopped', {}, stopping())
  expect(data.status).toBe('interrupted')
  expect(verdictOf(data).word).toBe('Incomplete')
  expect(data.to).toBeLessThan(startUs + minutes * minuteUs)
  expect(data.equity.values.at(-1)).toBe(Number(data.money.end) / 1e8)
  expect(data.performance.fills).toBe(data.activity.fills)
})

test('what a run that was stopped leaves open is of each account its own', async () => {
  const strategies = [1, 3].map((size) => seat(`of-${size}`, { size }))
  const { open } = await reportOf('left', { strategy: undefined, strategies }, stopping())
  expect(open.map(({ account, size }) => `${account}: ${Math.abs(size)}`)).toEqual(['of-1: 1', 'of-3: 3'])
})
