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
    else if (isOf('orders', batch)) countOrders(trading, run, batch)
    else if (isOf('executions', batch)) countExecutions(trading, run, batch)
    else if (isOf('risk-events', batch)) countRefused(trading, run, batch)
  }
}

type Trading = Metrics['trading']

function countOrders(trading: Trading, run: string, { rows, columns }: Batch<'orders'>): void {
  const kind = enumOf('orders', 'kind', columns.kind)
  for (const [row, count] of tally(rows, [words(columns.account), words(columns.symbol), kind])) {
    trading.orders.inc({ run, ...pair(columns, row), kind: kind.names[kind.codes[row]!]! }, count)
  }
}

function countExecutions(trading: Trading, run: string, { rows, columns }: Batch<'executions'>): void {
  const { account, symbol, reason } = columns
  const kind = enumOf('executions', 'kind', columns.kind)
  for (const [row, count] of tally(rows, [words(account), words(symbol), kind])) {
    trading.executions.inc({ run, ...pair(columns, row), kind: kind.names[kind.codes[row]!]! }, count)
  }
  for (const [row, count] of tally(rows, [words(account), words(reason), kind])) {
    if (kind.names[kind.codes[row]!] !== 'rejected') continue
    const why = wordAt(reason, row) ?? 'none given'
    trading.rejections.inc({ run, account: word(account, row), by: 'venue', reason: why }, count)
  }
}

function countRefused(trading: Trading, run: string, { rows, columns }: Batch<'risk-events'>): void {
  const { account, check, reason } = columns
  const action = enumOf('risk-events', 'action', columns.action)
  for (const [row, count] of tally(rows, [words(account), words(check), words(reason), action])) {
    if (action.names[action.codes[row]!] !== 'rejected') continue
    const by = word(check, row)
    trading.rejections.inc({ run, account: word(account, row), by, reason: word(reason, row) }, count)
  }
}

function isOf<T extends RecordName>(topic: T, batch: Batch): batch is Batch<T> {
  return batch.topic === topic
}

function showAccounts(trading: Trading, run: string, { rows, columns }: Batch<'accounts'>): void {
  for (const [row] of tally(rows, [words(columns.account)])) {
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

function showPositions(trading: Trading, run: string, { rows, columns }: Batch<'positions'>): void {
  for (const [row] of tally(rows, [words(columns.account), words(columns.symbol)])) {
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

/** A column to count by: small numbers below `size`; what is absent is the last of them. */
interface Axis {
  readonly codes: ArrayLike<number>
  readonly size: number
}

const words = ({ codes, values }: Dictionary): Axis => ({ codes, size: values.length + 1 })

/** For each combination of codes that there is: the last row that has it, and how many do. */
function* tally(rows: number, axes: readonly Axis[]): Generator<readonly [row: number, count: number]> {
  const places = axes.reduce((product, { size }) => product * size, 1)
  const counts = new Uint32Array(places)
  const last = new Uint32Array(places)
  for (let row = 0; row < rows; row++) {
    let place = 0
    for (let at = 0; at < axes.length; at++) {
      const { codes, size } = axes[at]!
      const code = codes[row]!
      place = place * size + (code < size ? code : size - 1)
    }
    counts[place]!++
    last[place] = row
  }
  for (let place = 0; place < places; place++) if (counts[place]! > 0) yield [last[place]!, counts[place]!]
}

function enumOf(topic: RecordName, field: string, codes: Uint8Array): Axis & { readonly names: readonly string[] } {
  const names = layouts[topic].find(({ name }) => name === field)!.symbols!
  return { codes, names, size: names.length + 1 }
}
