import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perpetual } from '../operators/portfolio/samples.ts'
import { strategyOf } from '../operators/strategies/index.ts'
import { batchOf } from '../schemas/batch.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import type { Topics } from '../topics/topics.ts'
import { parseTopology } from './config.ts'
import { planOf } from './plan.ts'

const minute = 60_000_000
let dir: string
let topics: Topics

/** CANDLES has candles of 1m and, later, of 5m; TICKS has trades; BOTH has both; EURO is settled in EUR. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-plan-'))
  topics = await openEmbedded(dir)
  const writer = await topics.writer({ run: 'import', market: true })
  const of = (symbol: string) => ({ exchange: 'x', symbol })
  const instruments = ['CANDLES', 'TICKS', 'BOTH'].map((symbol) => perpetual(of(symbol)))
  instruments.push(perpetual({ ...of('EURO'), settle: 'EUR' }))
  const candle = (symbol: string, minutes: number, i: number): Candle => {
    const time = (i + 1) * minutes * minute
    const prices = { open: 1, high: 2, low: 1, close: 2, volume: 1 }
    return {
      ...of(symbol),
      ...prices,
      time,
      received: time,
      openTime: time - minutes * minute,
      interval: `${minutes}m`,
    }
  }
  const candles = ['CANDLES', 'BOTH', 'EURO'].flatMap((symbol) => [0, 1, 2].map((i) => candle(symbol, 1, i)))
  const trades = ['TICKS', 'BOTH'].map((symbol) => {
    return { ...of(symbol), time: 1000, received: 1000, price: 1, size: 1, side: 'buy' as const, id: '1' }
  })
  candles.push(candle('CANDLES', 5, 0))
  await writer.commit({
    outputs: [batchOf('instruments', instruments), batchOf('candles', candles), batchOf('trades', trades)],
  })
  await writer.close()
})

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

function plan(symbols: readonly string[], more: object = {}, strategy = 'sma-cross') {
  const topology = parseTopology({ exchange: 'x', symbols, strategy: { name: strategy }, ...more })
  return planOf(topics, topology, [strategyOf(strategy)])
}

test('ticks are filled on the book, candles at the next open, with the interval that there is', async () => {
  expect(await plan(['TICKS'])).toMatchObject({ fill: 'book', interval: '1m' })
  expect(await plan(['BOTH'])).toMatchObject({ fill: 'book' })
  expect(await plan(['CANDLES'])).toMatchObject({ fill: 'next-open', interval: '1m' })
  expect(await plan(['CANDLES'], { interval: '5m' })).toMatchObject({ fill: 'next-open', interval: '5m' })
  expect(await plan(['BOTH'], { venue: { fill: 'close' } })).toMatchObject({ fill: 'close', interval: '1m' })
})

test('what is to be kept of bars has bars, though the strategy looks at ticks alone', async () => {
  expect(await plan(['TICKS'], {}, 'market-maker')).toMatchObject({ fill: 'book', interval: undefined })
  for (const keep of ['bars', 'features', 'regimes'])
    expect(await plan(['TICKS'], { keep: [keep] }, 'market-maker')).toMatchObject({ interval: '1m' })
  expect(await plan(['TICKS'], { keep: ['features'], interval: '5s' }, 'market-maker')).toMatchObject({
    interval: '5s',
  })
})

test('B4: candles of an interval that is not there are an error that says which are', async () => {
  await expect(plan(['CANDLES'], { interval: '15m' })).rejects.toMatchObject({
    code: 'NO_DATA',
    message: expect.stringMatching(/15m of x CANDLES; there are those of 1m, 5m/),
    fix: expect.stringContaining('--interval 1m'),
  })
  await expect(plan(['BOTH', 'CANDLES'], { interval: '5m', venue: { fill: 'close' } })).rejects.toMatchObject({
    code: 'NO_DATA',
    message: expect.stringContaining('BOTH'),
  })
})

test('B4: a symbol without ticks beside one with them is an error, not a silent one', async () => {
  await expect(plan(['CANDLES', 'TICKS'])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/of x CANDLES; there are only candles/),
  })
  await expect(plan(['TICKS'], { venue: { fill: 'next-open' } })).rejects.toMatchObject({
    code: 'NO_DATA',
    message: expect.stringContaining('there are none'),
  })
})

test('a strategy that needs ticks is refused on candles', async () => {
  await expect(plan(['CANDLES'], {}, 'market-maker')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('market-maker needs ticks'),
  })
  await expect(plan(['BOTH'], { venue: { fill: 'close' } }, 'market-maker')).rejects.toMatchObject({
    fix: expect.stringContaining('leave --fill out'),
  })
})

test('instruments that are settled in several currencies do not share an account', async () => {
  await expect(plan(['CANDLES', 'EURO'])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/CANDLES is settled in USDT, EURO is settled in EUR/),
  })
  await expect(plan(['EURO'], { account: { currency: 'USDT' } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('EURO is settled in EUR'),
  })
  expect(await plan(['EURO'], { account: { currency: 'EUR' } })).toMatchObject({ symbols: ['EURO'] })
})
