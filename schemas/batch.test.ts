import { expect, test } from 'vitest'
import { batchOf, rowsOf } from './batch.ts'
import { canonical, toJson } from './json.ts'
import type { Book, Order, Trade } from './records.generated.ts'
import { I64Writer } from './writers.ts'

const common = { time: 1723161256322000, received: 1723161255088176, exchange: 'binance-usdm', symbol: 'BTCUSDT' }

test('rows come back from columns as they were pushed', () => {
  const trades: Trade[] = [
    { ...common, price: 61800.3, size: 0.006, side: 'buy', id: '5266583935' },
    { ...common, symbol: '币安', price: 1, size: 2, side: 'sell', id: '9007199254740993', timeEstimated: true },
  ]
  expect(rowsOf(batchOf('trades', trades))).toEqual(trades.map((trade) => ({ timeEstimated: undefined, ...trade })))
  const books: Book[] = [
    { ...common, snapshot: true, bids: [{ price: 1.5, size: 2 }], asks: [], sequence: 2n ** 60n },
    {
      ...common,
      snapshot: false,
      bids: [],
      asks: [
        { price: 3, size: 0 },
        { price: 4, size: 1 },
      ],
    },
  ]
  expect(rowsOf(batchOf('books', books)).map((row) => toJson('books', row))).toEqual(
    books.map((row) => toJson('books', row)),
  )
})

test('a builder grown past its first room keeps every row', () => {
  const ids = Array.from({ length: 5000 }, (_, i) => `${'x'.repeat(i % 90)}é${i}`)
  const batch = batchOf(
    'trades',
    ids.map((id, i): Trade => ({ ...common, received: i, symbol: `S${i % 300}`, price: i, size: 1, side: 'buy', id })),
  )
  expect(rowsOf(batch).map((row) => row.id)).toEqual(ids)
  expect(rowsOf(batch)[4999]!.symbol).toBe('S199')
})

test('JSON leaves absent fields out, keeps small sequences as numbers and money as text', () => {
  const order: Order = {
    ...common,
    ...{
      account: 'a',
      clientId: 's.a.1',
      strategy: 's',
      signal: 1,
      kind: 'cancel',
      tickSize: 0.1,
      lotSize: 0.001,
      verdicts: [],
    },
  }
  expect(toJson('orders', rowsOf(batchOf('orders', [order]))[0]!)).toEqual(order)
  const [book] = rowsOf(
    batchOf('books', [{ ...common, snapshot: true, bids: [], asks: [], sequence: 5n, firstSequence: 2n ** 53n }]),
  )
  expect(toJson('books', book!)).toMatchObject({ sequence: 5, firstSequence: '9007199254740992' })
  expect(canonical('trades', { ...common, price: 1e21, size: 0.5, side: 'buy', id: '1' })).toBe(
    '{"exchange":"binance-usdm","id":"1","price":1e+21,"received":1723161255088176,"side":"buy","size":0.5,"symbol":"BTCUSDT","time":1723161256322000}',
  )
})

test('an amount written as a number is the amount written as a BigInt', () => {
  const amounts = [0, 1, -1, 2 ** 32, -(2 ** 32), 2 ** 32 - 1, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1)]
  const column = new I64Writer()
  for (let i = 0; i < 1000; i++) for (const amount of amounts) column.number(amount)
  expect([...column.take()]).toEqual(Array.from({ length: 1000 }, () => amounts.map(BigInt)).flat())
})
