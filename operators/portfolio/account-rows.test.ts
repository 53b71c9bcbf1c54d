import { expect, test } from 'vitest'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import { AccountRows } from './account-rows.ts'
import { normal } from './money.ts'

test('rows are those that the generated builder makes, of any amount and however many', () => {
  const name = { exchange: 'x', account: 'a', currency: 'USDT' }
  const amounts = [
    0n,
    1n,
    -1n,
    2n ** 32n,
    -(2n ** 32n) - 1n,
    2n ** 53n - 1n,
    -(2n ** 53n) + 1n,
    2n ** 53n,
    -(2n ** 62n),
  ]
  const rows = Array.from({ length: 3000 }, (_, i) => {
    const [cash, unrealized, equity] = [0, 1, 2].map((n) => amounts[(i + n) % amounts.length]!)
    const rest = { realized: BigInt(i), fees: 2n, funding: -3n, exposure: 4n }
    const event = (['execution', 'minute', 'funding'] as const)[i % 3]!
    return {
      ...name,
      symbol: '',
      time: i,
      received: i + 0.5,
      event,
      cash: cash!,
      unrealized: unrealized!,
      equity: equity!,
      ...rest,
    }
  })
  const writer = new AccountRows([name])
  const push = (row: (typeof rows)[number]) =>
    writer.push(0, row.time, row.received, row.event, {
      ...{ cash: normal(row.cash), unrealized: normal(row.unrealized), equity: normal(row.equity) },
      ...{ realized: normal(row.realized), fees: 2, funding: -3, exposure: 4 },
    })
  for (const row of rows) push(row)
  expect(writer.take()).toEqual(batchOf('accounts', rows))
  push(rows[7]!)
  expect(rowsOf(writer.take())).toEqual([rows[7]])
  expect(writer.take()).toEqual(batchOf('accounts', []))
})

test('rows of two accounts say whose they are', () => {
  const names = ['a', 'b'].map((account) => ({ exchange: 'x', account, currency: 'USDT' }))
  const writer = new AccountRows(names)
  const amounts = { cash: 1, unrealized: 0, equity: 1, realized: 0, fees: 0, funding: 0, exposure: 0 }
  for (let i = 0; i < 1500; i++) writer.push(i % 3 === 0 ? 1 : 0, i, i, 'minute', amounts)
  const rows = rowsOf(writer.take())
  expect(rows.map(({ account }) => account)).toEqual(rows.map((_, i) => (i % 3 === 0 ? 'b' : 'a')))
  expect(rows.every(({ exchange, currency }) => exchange === 'x' && currency === 'USDT')).toBe(true)
})
