// What every engine promises to readers: resuming, following, holes, receive time, other processes, retention.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import { canonical } from '../../schemas/json.ts'
import type { Trade } from '../../schemas/records.generated.ts'
import { idsRead, quotesOf, rowsRead, tradeRow, tradesOf } from './rows.ts'
import type { Suite } from './topics.ts'

const hour = 3_600_000

/** The same times in batches of the same lengths, but rising through all of them. */
function sortedTimes(batches: readonly (readonly number[])[]): number[][] {
  const times = batches.flat().sort((a, b) => a - b)
  return batches.map(({ length }) => times.splice(0, length))
}

export function readingPromises(at: Suite): void {
  describe('a reader', () => {
    test('that resumes at any offset misses nothing and repeats nothing', async () => {
      await at.write([0, 7], [7, 8], [8, 40], [40, 64])
      for (let stop = 0; stop <= 64; stop++) {
        const before = await idsRead(at.topics, 'market.trades', { to: { offsets: [stop] } })
        const behind = await idsRead(at.topics, 'market.trades', { from: { offsets: [stop] } })
        expect([...before, ...behind]).toEqual(Array.from({ length: 64 }, (_, i) => i))
        expect(before.length).toBe(stop)
      }
    })

    test('ends at what was committed when it began, and a follower goes on', async () => {
      await at.write([0, 5])
      const seen: number[] = []
      const stop = new AbortController()
      const following = (async () => {
        for await (const { batch } of at.topics.read('market.trades', { follow: true, signal: stop.signal })) {
          for (const row of rowsOf(batch)) seen.push(Number((row as Trade).id))
          if (seen.length >= 9) stop.abort()
        }
      })()
      await at.write([5, 6], [6, 9])
      await following
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
      expect((await idsRead(at.topics, 'market.trades')).length).toBe(9)
    })

    test('that follows ends when it is told to stop, also while nothing comes', async () => {
      await at.topics.create([{ record: 'trades' }])
      const stop = new AbortController()
      const following = idsRead(at.topics, 'market.trades', { follow: true, signal: stop.signal })
      setTimeout(() => stop.abort(), 20)
      expect(await following).toEqual([])
    })

    test('that watches sees the ends of several topics move together, and is told when they may have', async () => {
      const watch = await at.topics.watch()
      expect(watch.ends(['market.trades', 'market.quotes'])).toEqual([undefined, undefined])
      const writer = await at.topics.writer({ run: 'both', market: true })
      await writer.commit({ outputs: [tradesOf(0, 3), quotesOf(2)] })
      const told = watch.next(600_000)
      await told
      const both = () => watch.ends(['market.trades', 'market.quotes'])
      while (both()[0] === undefined) await watch.next(1000)
      expect(both()).toEqual([[3], [2]])
      const again = watch.next(600_000)
      await writer.commit({ outputs: [tradesOf(3, 4), quotesOf(3)] })
      await again
      while (both()[0]![0] === 3) await watch.next(1000)
      expect(both()).toEqual([[4], [5]])
      const stop = new AbortController()
      const waiting = watch.next(600_000, stop.signal)
      stop.abort()
      await waiting
      await writer.close()
    })

    test('may stop early', async () => {
      await at.write([0, 5], [5, 10])
      for await (const { offset } of at.topics.read('market.trades')) {
        expect(offset).toBe(0)
        break
      }
      expect((await idsRead(at.topics, 'market.trades')).length).toBe(10)
    })

    test('meets holes of offsets and goes on behind them', async ({ skip }) => {
      if (at.place.punch === undefined) return skip('this engine never has holes')
      await at.write([0, 4], [4, 9], [9, 12])
      at.topics = await at.place.punch(at.topics)
      const rows = await rowsRead(at.topics, 'market.trades')
      const kept = [0, 1, 2, 3, 9, 10, 11]
      expect(rows.map(({ offset }) => offset)).toEqual(kept)
      expect(rows.map(({ row }) => Number(row.id))).toEqual(kept)
      for (const from of [4, 6, 8]) {
        expect(await idsRead(at.topics, 'market.trades', { from: { offsets: [from] } })).toEqual([9, 10, 11])
        expect(await idsRead(at.topics, 'market.trades', { to: { offsets: [from] } })).toEqual([0, 1, 2, 3])
      }
      await at.write([12, 14])
      expect(await idsRead(at.topics, 'market.trades', { order: 'received' })).toEqual([...kept, 12, 13])
    })
  })

  describe('receive time', () => {
    /** Trades whose receive times stand in any order: numbers as ids, times as given. */
    async function writeTimes(batches: readonly (readonly number[])[]): Promise<Trade[]> {
      const writer = await at.topics.writer({ run: 'feed', market: true })
      const all: Trade[] = []
      for (const times of batches) {
        const rows = times.map((time, i) => {
          const symbol = ['b', 'a', 'c'][(time + i) % 3]!
          return tradeRow(all.length + i, { received: time, symbol })
        })
        all.push(...rows)
        await writer.commit({ outputs: [batchOf('trades', rows)] })
      }
      await writer.close()
      return all
    }
    const anyTimes = fc.array(fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 })
    const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
    const byRule = (a: Trade, b: Trade) =>
      a.received - b.received || text(a.exchange, b.exchange) || text(a.symbol, b.symbol) || Number(a.id) - Number(b.id)

    test('orders rows that were appended in any other order, ties by exchange, symbol and offset', async () => {
      let runs = 0
      await fc.assert(
        fc.asyncProperty(anyTimes, fc.boolean(), fc.nat(40), fc.nat(40), async (anyBatches, rising, from, to) => {
          const batches = rising ? sortedTimes(anyBatches) : anyBatches
          if (runs++ > 0) {
            await at.topics.close()
            await at.place.remove()
            at.place = await at.newPlace()
            at.topics = await at.place.open()
          }
          const all = await writeTimes(batches)
          const wanted = all.filter(({ received }) => received >= from && received < to)
          const read = (order: 'offset' | 'received') =>
            rowsRead(at.topics, 'market.trades', { order, from: { received: from }, to: { received: to } })
          const inOrder = await read('received')
          expect(inOrder.map(({ row }) => row)).toEqual([...wanted].sort(byRule))
          expect(inOrder.map(({ offset }) => offset)).toEqual(inOrder.map(({ row }) => Number(row.id)))
          expect((await read('offset')).map(({ row }) => row)).toEqual(wanted)
          const resumed = { order: 'received' as const, from: { offsets: [3] }, to: { offsets: [9] } }
          const part = all.filter(({ id }) => Number(id) >= 3 && Number(id) < 9)
          expect((await rowsRead(at.topics, 'market.trades', resumed)).map(({ row }) => row)).toEqual(part.sort(byRule))
        }),
        { numRuns: Math.ceil(30 * at.share), seed: 11 },
      )
    })

    test('finds the first row at or after a time', async () => {
      await at.write([0, 100], [100, 200], [200, 300])
      for (const number of [0, 1, 99, 100, 150, 299]) {
        const from = { received: tradeRow(number).received }
        expect((await idsRead(at.topics, 'market.trades', { from }))[0]).toBe(number)
        expect((await idsRead(at.topics, 'market.trades', { to: from })).length).toBe(number)
      }
      expect(await idsRead(at.topics, 'market.trades', { from: { received: tradeRow(300).received } })).toEqual([])
    })
  })

  test('readers in other processes see every commit of one writer, in order', async () => {
    await at.topics.create([{ record: 'trades' }])
    const readers = [1, 2, 3].map(() => at.start('follow', 'market.trades', '1000'))
    for (const { line } of readers) expect(await line()).toBe('ready')
    const cuts = Array.from({ length: 100 }, (_, i): [number, number] => [i * 10, i * 10 + 10])
    await at.write(...cuts)
    const hash = createHash('sha256')
    for (const row of rowsOf(tradesOf(0, 1000))) hash.update(canonical('trades', row))
    const digest = hash.digest('hex')
    for (const { line } of readers) expect(await line()).toBe(digest)
  })

  describe('retention', () => {
    test('counts from writing, not from the rows’ own times, and says which rows are gone', async () => {
      let now = 1_000_000_000_000
      await at.topics.close()
      at.topics = await at.place.open({ clock: () => now })
      await at.topics.create([{ record: 'trades', retentionMs: 48 * hour }, { record: 'quotes' }])
      const writer = await at.topics.writer({ run: 'feed', market: true })
      // Old rows written late, new rows written early.
      await writer.commit({ outputs: [tradesOf(5_000_000, 5_000_004), quotesOf(3)] })
      now += 10 * hour
      await writer.commit({ outputs: [tradesOf(0, 3)] })
      expect(await at.topics.retain(now)).toMatchObject({ rows: 0 })
      now += 39 * hour
      await writer.commit({ outputs: [tradesOf(10, 12)] })
      const would = await at.topics.retain(now, { dryRun: true })
      expect((await rowsRead(at.topics, 'market.trades')).length).toBe(9)
      const gone = await at.topics.retain(now)
      expect(gone.rows).toBe(4)
      expect(would.rows).toBe(4)
      expect(gone.bytes).toBeGreaterThan(0)
      expect((await rowsRead(at.topics, 'market.trades')).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8])
      expect(await at.topics.info('market.trades')).toMatchObject({
        ...{ rows: 5, ends: [9], retentionMs: 48 * hour },
        ...{ first: tradeRow(0).received, last: tradeRow(11).received },
      })
      expect((await at.topics.info('market.quotes')).rows).toBe(3)
      const asked = rowsRead(at.topics, 'market.trades', { from: { offsets: [2] } })
      await expect(asked).rejects.toMatchObject({
        code: 'HISTORY_EXPIRED',
        message: expect.stringContaining('offset 2'),
      })
      expect((await rowsRead(at.topics, 'market.trades', { from: { offsets: [4] } })).length).toBe(5)
      now += 100 * hour
      expect((await at.topics.retain(now)).rows).toBe(5)
      expect(await idsRead(at.topics, 'market.trades')).toEqual([])
      await writer.commit({ outputs: [tradesOf(20, 21)] })
      expect((await rowsRead(at.topics, 'market.trades')).map(({ offset }) => offset)).toEqual([9])
      await writer.close()
    })
  })
}
