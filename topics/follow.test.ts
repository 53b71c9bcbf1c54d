import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { batchOf, rowAt } from '../schemas/batch.ts'
import type { RecordName, Rows } from '../schemas/records.generated.ts'
import { type FollowOptions, follow, type Released } from './follow.ts'
import { openTopics } from './index.ts'
import { replay } from './replay.ts'
import type { Topics, Writer } from './topics.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-follow-topics-'))
const inputs = [
  { topic: 'market.trades', partitions: [0] },
  { topic: 'market.heartbeats', partitions: [0] },
]
let logs = 0
let topics: Topics
let writer: Writer

afterAll(() => rmSync(root, { recursive: true, force: true }))

beforeEach(async () => {
  topics = await openTopics({ dir: join(root, `${logs++}`) })
  await topics.create([{ record: 'trades' }, { record: 'heartbeats' }])
  writer = await topics.writer({ run: 'feed', market: true })
  return async () => {
    await writer.close()
    await topics.close()
  }
})

const trade = (received: number, symbol = 'A'): Rows['trades'] => {
  return { time: received, received, exchange: 'x', symbol, price: 1, size: 1, side: 'buy', id: `${symbol}${received}` }
}
const beat = (watermark: number, connection = 'one'): Rows['heartbeats'] => {
  return { time: watermark, received: watermark, exchange: 'x', symbol: '', connection, watermark }
}

async function write<T extends RecordName>(topic: T, ...rows: Rows[T][]): Promise<void> {
  await writer.commit({ outputs: [batchOf(topic, rows)] })
}

/** Follows, and gives each release as the receive times of its rows. */
function following(more: Partial<FollowOptions> = {}) {
  const stop = new AbortController()
  const options = { inputs, positions: [], commitMs: 0, maxWaitMs: 1e9, signal: stop.signal, ...more }
  const releases = follow(topics, options)[Symbol.asyncIterator]()
  return {
    async next(): Promise<{ times: number[]; positions: Released['positions'] }> {
      const times: number[] = []
      for (;;) {
        const { value } = await releases.next()
        const { merged, positions, last } = value as Released
        for (let at = 0; at < merged.rows; at++) {
          times.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!).received)
        }
        if (last && times.length > 0) return { times, positions }
      }
    },
    async end() {
      stop.abort()
      await releases.next()
    },
  }
}

const offsetsOf = (positions: Released['positions']) => positions.map(({ offset }) => offset)

describe('a follower', () => {
  test('releases rows up to the least watermark of all connections, in the order rule', async () => {
    await write('heartbeats', beat(1), beat(1, 'two'))
    await write('trades', trade(5, 'B'), trade(3, 'A'), trade(5, 'A'), trade(9))
    const rows = following()
    expect((await rows.next()).times).toEqual([1, 1])
    await write('heartbeats', beat(6))
    await write('heartbeats', beat(8, 'two'))
    const { times, positions } = await rows.next()
    // The beat of the second connection was received after what the first one is sure of.
    expect(times).toEqual([3, 5, 5, 6])
    expect(offsetsOf(positions)).toEqual([3, 3])
    await rows.end()
  })

  test('releases a row after the longest wait, and what came too late for its place with the next', async () => {
    const rows = following({ maxWaitMs: 0 })
    await write('trades', trade(5))
    expect((await rows.next()).times).toEqual([5])
    await write('trades', trade(2), trade(7))
    expect((await rows.next()).times).toEqual([2, 7])
    await rows.end()
  })

  test('gives releases that replaying their ranges gives again, with the rows that nobody wants passed over', async () => {
    const rows = following({ maxWaitMs: 0, symbols: ['A'], maxRows: 2 })
    let before = [0, 0]
    const lists = [[trade(9), trade(4, 'B'), trade(4)], [trade(6, 'B')], [trade(8, 'B'), trade(3), trade(8)]]
    for (const list of lists) {
      await write('trades', ...list)
      if (!list.some(({ symbol }) => symbol === 'A')) continue
      const { times, positions } = await rows.next()
      const again: number[] = []
      const [starts, ends] = [
        { 'market.trades': before.slice(0, 1) },
        { 'market.trades': offsetsOf(positions).slice(0, 1) },
      ]
      for await (const { merged } of replay(topics, { inputs: inputs.slice(0, 1), symbols: ['A'], starts, ends }))
        for (let at = 0; at < merged.rows; at++)
          again.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!).received)
      expect(times).toEqual(again)
      before = offsetsOf(positions)
    }
    expect(before[0]).toBe(7)
    await rows.end()
  })

  test('goes on from its positions, and holds no more than it was told', async () => {
    await write('trades', ...Array.from({ length: 100 }, (_, at) => trade(at)))
    const rows = following({
      maxWaitMs: 0,
      stepRows: 10,
      maxRows: 10,
      positions: [{ topic: 'market.trades', partition: 0, offset: 40 }],
    })
    const all: number[] = []
    while (all.length < 60) {
      // A whole block is the least that is read.
      all.push(...(await rows.next()).times)
    }
    expect(all).toEqual(Array.from({ length: 60 }, (_, at) => 40 + at))
    await rows.end()
  })
})
