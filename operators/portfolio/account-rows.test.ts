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
  const writer = new AccountRows(name)
  const push = (row: (typeof rows)[number]) =>
    writer.push(row.time, row.received, row.event, {
      ...{ cash: normal(row.cash), unrealized: normal(row.unrealized), equity: normal(row.equity) },
      ...{ realized: normal(row.realized), fees: 2, funding: -3, exposure: 4 },
    })
  for (const row of rows) push(row)
  expect(writer.take()).toEqual(batchOf('accounts', rows))
  push(rows[7]!)
  expect(rowsOf(writer.take())).toEqual([rows[7]])
  expect(writer.take()).toEqual(batchOf('accounts', []))
})
