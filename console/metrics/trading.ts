// What a task that trades writes, as metrics: the newest row of each account and position, and counts of orders and executions.
// Rows are counted by the codes of their columns; labels are made once for each of the few kinds that a batch has.
import { e8ToNumber } from '../../operators/portfolio/money.ts'
import type { Batch } from '../../schemas/batch.ts'
import { type Dictionary, wordAt } from '../../schemas/columns.ts'
import { layouts, type RecordName } from '../../schemas/records.generated.ts'
import type { Metrics } from './registry.ts'

/** Takes what a step wrote. Other topics than those of trading are passed over. */
export function countTrading({ trading }: Metrics, run: string, outputs: readonly Batch[]): void {
  for (const batch of outputs) {
    if (isOf('accounts', batch)) showAccounts(trading, run, batch)
    else if (isOf('positions', batch)) showPositions(trading, run, batch)
    else if (isOf('orders', batch)) {
      const { account, symbol, kind } = batch.columns
      for (const [row, count] of tally(batch.rows, [account.codes, symbol.codes, kind])) {
        trading.orders.inc({ run, ...pair(batch.columns, row), kind: kinds('orders')[kind[row]!]! }, count)
      }
    } else if (isOf('executions', batch)) {
      const { account, symbol, kind, reason } = batch.columns
      const names = kinds('executions')
      for (const [row, count] of tally(batch.rows, [account.codes, symbol.codes, kind])) {
        trading.executions.inc({ run, ...pair(batch.columns, row), kind: names[kind[row]!]! }, count)
      }
      for (const [row, count] of tally(batch.rows, [account.codes, reason.codes, kind])) {
        if (names[kind[row]!] !== 'rejected') continue
        trading.rejections.inc(
          { run, account: word(account, row), by: 'venue', reason: wordAt(reason, row) ?? 'none given' },
          count,
        )
      }
    } else if (isOf('risk-events', batch)) {
      const { account, check, reason, action } = batch.columns
      const rejected = symbolsOf('risk-events', 'action').indexOf('rejected')
      for (const [row, count] of tally(batch.rows, [account.codes, check.codes, reason.codes, action])) {
        if (action[row] !== rejected) continue
        trading.rejections.inc(
          { run, account: word(account, row), by: word(check, row), reason: word(reason, row) },
          count,
        )
      }
    }
  }
}

function isOf<T extends RecordName>(topic: T, batch: Batch): batch is Batch<T> {
  return batch.topic === topic
}

function showAccounts(trading: Metrics['trading'], run: string, { rows, columns }: Batch<'accounts'>): void {
  for (const row of newest(rows, [columns.account.codes])) {
    const account = word(columns.account, row)
    const labels = { run, account, currency: word(columns.currency, row) }
    trading.equity.set(labels, e8ToNumber(columns.equity[row]!))
    trading.cash.set(labels, e8ToNumber(columns.cash[row]!))
    trading.exposure.set(labels, e8ToNumber(columns.exposure[row]!))
    trading.realized.set(labels, e8ToNumber(columns.realized[row]!))
    trading.fees.set(labels, e8ToNumber(columns.fees[row]!))
    trading.received.set({ run, account }, columns.received[row]! / 1e6)
  }
}

function showPositions(trading: Metrics['trading'], run: string, { rows, columns }: Batch<'positions'>): void {
  for (const row of newest(rows, [columns.account.codes, columns.symbol.codes])) {
    const labels = { run, ...pair(columns, row) }
    trading.position.set(labels, columns.lots[row]! * columns.lotSize[row]!)
    trading.unrealized.set(labels, e8ToNumber(columns.unrealized[row]!))
  }
}

function pair({ account, symbol }: { account: Dictionary; symbol: Dictionary }, row: number) {
  return { account: word(account, row), symbol: word(symbol, row) }
}

function word(column: Dictionary, row: number): string {
  return wordAt(column, row) ?? ''
}

/** For each combination of codes: one row that has it, and how many do. */
function tally(rows: number, codes: readonly ArrayLike<number>[]): Iterable<readonly [row: number, count: number]> {
  const counts = new Map<number, [row: number, count: number]>()
  for (let row = 0; row < rows; row++) {
    const key = keyOf(codes, row)
    const found = counts.get(key)
    if (found === undefined) counts.set(key, [row, 1])
    else found[1]++
  }
  return counts.values()
}

/** The last row of each combination of codes. */
function newest(rows: number, codes: readonly ArrayLike<number>[]): Iterable<number> {
  const last = new Map<number, number>()
  for (let row = 0; row < rows; row++) last.set(keyOf(codes, row), row)
  return last.values()
}

/** Codes have 16 bits, and no batch has more than some hundred texts in a column that is counted by: four of them fit a double. */
function keyOf(codes: readonly ArrayLike<number>[], row: number): number {
  let key = 0
  for (const code of codes) key = key * 8192 + Math.min(code[row]!, 8191)
  return key
}

const kinds = (topic: 'orders' | 'executions') => symbolsOf(topic, 'kind')

function symbolsOf(topic: RecordName, field: string): readonly string[] {
  return layouts[topic].find(({ name }) => name === field)!.symbols!
}
