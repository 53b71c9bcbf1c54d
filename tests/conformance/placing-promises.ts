// What every engine promises of rows that keep the places which they have elsewhere (`mirror`, `incident`).
import { describe, expect, test } from 'vitest'
import type { Batch } from '../../schemas/batch.ts'
import { gatherRows } from '../../topics/rows.ts'
import { alertsOf, rowsRead, tradeRow, tradesOf } from './rows.ts'
import type { Suite } from './topics.ts'

/** Trades of those numbers, placed under them. */
function placed(partition: number, numbers: readonly number[]) {
  const batch = gatherRows([tradesOf(0, 1 + Math.max(...numbers))], numbers) as Batch<'trades'>
  const place = { topic: 'market.trades', partition, offset: numbers[0]!, batch }
  const dense = numbers.every((number, i) => number === numbers[0]! + i)
  return dense ? place : { ...place, offsets: Float64Array.from(numbers) }
}

const at100 = [100, 101, 102, 110, 111]

export function placingPromises(at: Suite): void {
  describe('rows with a place of their own', () => {
    test('keep partition and number; numbers left out are of rows that are gone', async () => {
      await at.topics.create([{ record: 'trades', partitions: 3 }])
      const writer = await at.topics.writer({ run: 'copy', market: true })
      await writer.commit({ outputs: [], placed: [placed(2, at100), placed(0, [0, 1])] })
      await writer.commit({ outputs: [], placed: [placed(2, [112]), placed(2, [120])] })
      for (const close of [false, true]) {
        if (close) {
          await writer.close()
          await at.topics.close()
          at.topics = await at.place.open()
        }
        const rows = await rowsRead(at.topics, 'market.trades')
        expect(rows.map(({ partition, offset, row }) => [partition, offset, row.id])).toEqual([
          ...[0, 1].map((number) => [0, number, String(number)]),
          ...[...at100, 112, 120].map((number) => [2, number, String(number)]),
        ])
        const { rows: count, ends, first, last } = await at.topics.info('market.trades')
        expect({ count, ends }).toEqual({ count: 9, ends: [2, 0, 121] })
        expect([first, last]).toEqual([tradeRow(0).received, tradeRow(120).received])
      }
    })

    test('are read from any number on, in holes too, and what stood before the first one is expired', async () => {
      await at.topics.create([{ record: 'trades' }])
      const writer = await at.topics.writer({ run: 'copy', market: true })
      await writer.commit({ outputs: [], placed: [placed(0, at100)] })
      await writer.close()
      for (let from = 100; from <= 112; from++) {
        const rows = await rowsRead(at.topics, 'market.trades', { from: { offsets: [from] } })
        expect(rows.map(({ offset }) => offset)).toEqual(at100.filter((number) => number >= from))
        const before = await rowsRead(at.topics, 'market.trades', { to: { offsets: [from] } })
        expect(before.map(({ offset }) => offset)).toEqual(at100.filter((number) => number < from))
        const since = { from: { received: tradeRow(from).received }, order: 'received' } as const
        const later = await rowsRead(at.topics, 'market.trades', since)
        expect(later.map(({ offset }) => offset)).toEqual(at100.filter((number) => number >= from))
      }
      await expect(rowsRead(at.topics, 'market.trades', { from: { offsets: [99] } })).rejects.toMatchObject({
        code: 'HISTORY_EXPIRED',
      })
    })

    test('are followed by ordinary rows, and may follow them', async () => {
      await at.topics.create([{ record: 'trades' }])
      const writer = await at.topics.writer({ run: 'copy', market: true })
      await writer.commit({ outputs: [], placed: [placed(0, [5])] })
      await writer.commit({ outputs: [tradesOf(6, 8)] })
      await writer.commit({ outputs: [tradesOf(8, 9)], placed: [placed(0, [9, 10])] })
      await writer.close()
      const rows = await rowsRead(at.topics, 'market.trades')
      expect(rows.map(({ offset, row }) => [offset, row.id])).toEqual([5, 6, 7, 8, 9, 10].map((n) => [n, String(n)]))
    })

    test('are refused where rows are already, or where there is no such partition; nothing of the step is there then', async () => {
      await at.topics.create([{ record: 'trades', partitions: 2 }])
      const writer = await at.topics.writer({ run: 'copy', market: true })
      await writer.commit({ outputs: [], placed: [placed(1, at100)] })
      const refused = { code: 'RECORD_INVALID', message: expect.stringContaining('market.trades') }
      for (const wrong of [placed(1, [111]), placed(2, [0])]) {
        const step = { outputs: [alertsOf([1])], placed: [placed(0, [0]), wrong] }
        await expect(writer.commit(step)).rejects.toMatchObject(refused)
      }
      await writer.commit({ outputs: [], placed: [placed(1, [112])] })
      await writer.close()
      expect((await rowsRead(at.topics, 'market.trades')).map(({ offset }) => offset)).toEqual([...at100, 112])
      expect((await at.topics.list()).map(({ name }) => name)).toEqual(['market.trades'])
    })

    test('of a run belong to it, market rows to who may write them', async () => {
      const writer = await at.topics.writer({ run: 'r' })
      const alerts = { topic: 'r.alerts', partition: 0, offset: 7, batch: alertsOf([1, 2]) }
      await writer.commit({ outputs: [], placed: [alerts] })
      await expect(writer.commit({ outputs: [], placed: [placed(0, [0])] })).rejects.toMatchObject({ code: 'USAGE' })
      await writer.close()
      expect((await rowsRead(at.topics, 'r.alerts')).map(({ offset }) => offset)).toEqual([7, 8])
      expect((await at.topics.runs()).map(({ run }) => run)).toEqual(['r'])
    })
  })
}
