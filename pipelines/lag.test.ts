// Lag over the embedded engine: which rows count, and what is said of time.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { batchOf } from '../schemas/batch.ts'
import type { Trade } from '../schemas/records.generated.ts'
import { tradeRow } from '../tests/conformance/rows.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type LagTask, lagOf, type PartitionLag } from './lag.ts'

const topic = 'market.trades'
/** Receive time of the trade of that number, µs. */
const at = (number: number) => tradeRow(number).received

let dir: string
let topics: Topics
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-lag-'))
  topics = await openTopics({ dir })
})
afterEach(async () => {
  await topics.close()
  rmSync(dir, { recursive: true, force: true })
})

async function write(...batches: readonly (readonly Trade[])[]): Promise<void> {
  const writer = await topics.writer({ run: 'import', market: true })
  for (const rows of batches) await writer.commit({ outputs: [batchOf('trades', rows)] })
  await writer.close()
}

const trades = (from: number, to: number, change: Partial<Trade> = {}) =>
  Array.from({ length: to - from }, (_, i) => tradeRow(from + i, change))

/** A task of BTCUSDT of binance over the trades. */
function taskOver(more: Partial<LagTask> & { readonly ends?: readonly number[] } = {}): LagTask {
  const { ends = [1e9], ...rest } = more
  return {
    ...{
      run: 'r',
      pipeline: 'trading',
      task: 'trading-0',
      mode: 'follow',
      instruments: [{ exchange: 'binance', symbol: 'BTCUSDT' }],
    },
    ...{ from: undefined, to: undefined, inputs: [{ topic, partitions: ends.map((_, n) => n), ends }] },
    ...rest,
  }
}

/** Progress of a task that committed so many rows of partition 0, the last of them the trade of that number. */
const upTo = (offset: number, number: number) => ({
  received: at(number),
  positions: [{ topic, partition: 0, offset }],
})

async function lag(task: LagTask, progress?: ReturnType<typeof upTo>, lookRows?: number): Promise<PartitionLag> {
  const infos = new Map((await topics.list()).map((info) => [info.name, info]))
  const found = await lagOf(topics, task, progress, { infos, ...(lookRows === undefined ? {} : { lookRows }) })
  expect(found).toHaveLength(1)
  return found[0]!
}

describe('a task that follows', () => {
  test('has all rows to go before its first commit, from the first to the newest', async () => {
    await write(trades(0, 100))
    const { committed, end, rows, seconds, estimated } = await lag(taskOver())
    expect({ committed, end, rows, estimated }).toEqual({ committed: null, end: 100, rows: 100, estimated: false })
    expect(seconds).toBe(99e-6)
  })

  test('has the rows behind its last commit to go', async () => {
    await write(trades(0, 100))
    const { rows, seconds } = await lag(taskOver(), upTo(60, 59))
    expect(rows).toBe(40)
    expect(seconds).toBe(40e-6)
  })

  test('that has committed all has none to go, however old its last row is', async () => {
    await write(trades(0, 100))
    expect(await lag(taskOver(), upTo(100, 99))).toMatchObject({ rows: 0, seconds: 0 })
  })

  test('rows of other symbols and exchanges are not its own; rows without a symbol are everybody’s', async () => {
    await write([
      ...trades(0, 10),
      ...trades(10, 20, { symbol: 'ETHUSDT' }),
      ...trades(20, 30, { exchange: 'okx' }),
      ...trades(30, 35, { symbol: '' }),
      ...trades(35, 40, { symbol: 'ETHUSDT' }),
    ])
    expect(await lag(taskOver(), upTo(10, 9))).toMatchObject({ end: 40, rows: 5, seconds: 25e-6 })
    expect(await lag(taskOver(), upTo(35, 34))).toMatchObject({ rows: 0, seconds: 0 })
  })

  test('rows that were deleted before it read them are said, and what is left counts', async () => {
    await topics.create([{ record: 'trades', retentionMs: 1000 }])
    await write(trades(0, 100))
    await topics.retain(Date.now() + 3_600_000)
    await write(trades(100, 110))
    const found = await lag(taskOver(), upTo(50, 49))
    expect(found).toMatchObject({ end: 110, rows: 10, reason: 'rows that it has not read were deleted by retention' })
  })

  test('a topic that is gone is said', async () => {
    expect(await lag(taskOver())).toMatchObject({ rows: 0, reason: `there is no topic ${topic} any more` })
  })
})

describe('a task that replays', () => {
  const replay = (ends: readonly number[], more: Partial<LagTask> = {}) => taskOver({ mode: 'replay', ends, ...more })

  test('ends where its input ended when the run began: rows that came later are another run’s', async () => {
    await write(trades(0, 100), trades(100, 150))
    expect(await lag(replay([100]), upTo(100, 99))).toMatchObject({ committed: 100, end: 100, rows: 0 })
    expect(await lag(replay([100]), upTo(90, 89))).toMatchObject({ end: 100, rows: 10, seconds: 10e-6 })
  })

  test('rows outside its range of time are not its own', async () => {
    await write(trades(0, 100))
    expect(await lag(replay([100], { from: at(20), to: at(30) }))).toMatchObject({ rows: 10, seconds: 9e-6 })
    expect(await lag(replay([100], { from: at(20), to: at(30) }), upTo(25, 24))).toMatchObject({ rows: 5 })
  })

  test('rows that were imported before older ones are counted by time, not by offset', async () => {
    await write(trades(50, 100), trades(0, 50))
    // It has read the older half, which lies behind, and so its position is the end already.
    expect(await lag(replay([100]), upTo(100, 49))).toMatchObject({ committed: 100, rows: 50, seconds: 50e-6 })
  })

  test('of rows received at the same microsecond, those behind the committed ones are to go', async () => {
    await write(trades(0, 10, { received: at(5) }))
    expect(await lag(replay([10]), upTo(4, 5))).toMatchObject({ rows: 6, seconds: 0 })
  })
})

describe('at most so many rows are looked at', () => {
  test('of more, the number follows from the share of the first ones, and says so', async () => {
    const mixed = Array.from({ length: 5000 }, (_, n) => tradeRow(n, n % 4 === 0 ? {} : { symbol: 'ETHUSDT' }))
    for (let n = 0; n < 5000; n += 500) await write(mixed.slice(n, n + 500))
    const found = await lag(taskOver(), upTo(1000, 999), 1000)
    expect(found).toMatchObject({ rows: 1000, estimated: true })
    // The newest row of its own, not of the topic.
    expect(found.seconds).toBe((4996 - 999) / 1e6)
    expect(await lag(taskOver(), upTo(1000, 999))).toMatchObject({ rows: 1000, estimated: false })
  })

  test('any rows cut anywhere: what is looked at whole is what a plain count says', async () => {
    const symbols = fc.array(fc.constantFrom('BTCUSDT', 'ETHUSDT', ''), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(symbols, fc.nat(), fc.nat(), async (names, cut, done) => {
        const folder = mkdtempSync(join(tmpdir(), 'smartspeed-lag-'))
        await topics.close()
        topics = await openTopics({ dir: folder })
        try {
          const rows = names.map((symbol, n) => tradeRow(n, { symbol }))
          const at = cut % rows.length
          await write(rows.slice(0, at), rows.slice(at))
          const from = done % (rows.length + 1)
          const own = rows.slice(from).filter(({ symbol }) => symbol !== 'ETHUSDT').length
          const progress = from === 0 ? undefined : upTo(from, from - 1)
          expect((await lag(taskOver(), progress)).rows).toBe(own)
          expect((await lag(taskOver({ mode: 'replay', ends: [rows.length] }), progress)).rows).toBe(own)
        } finally {
          await topics.close()
          rmSync(folder, { recursive: true, force: true })
          topics = await openTopics({ dir })
        }
      }),
      { numRuns: 20 },
    )
  })
})
