// Rows for suites: each can be told from its number.
import { batchOf, rowAt } from '../../schemas/batch.ts'
import type { JournalEntry, Trade } from '../../schemas/records.generated.ts'
import type { Fetched, ReadOptions, Topics } from '../../topics/topics.ts'

/** The trade of that number, received `number` µs after the start of 2024 unless said. */
export function tradeRow(number: number, change: Partial<Trade> = {}): Trade {
  const received = 1_704_067_200_000_000 + number
  return {
    ...{ time: received - 1000, received, exchange: 'binance', symbol: 'BTCUSDT', timeEstimated: undefined },
    ...{
      price: 42_000 + number / 8,
      size: 1 + (number % 5),
      side: number % 2 === 0 ? 'buy' : 'sell',
      id: String(number),
    },
    ...change,
  }
}

/** Trades of the numbers from…to. */
export function tradesOf(from: number, to: number, change: Partial<Trade> = {}) {
  return batchOf(
    'trades',
    Array.from({ length: to - from }, (_, i) => tradeRow(from + i, change)),
  )
}

export function journalEntry(run: string, task: string, step: number): JournalEntry {
  return {
    ...{ time: step * 10, received: step * 10, exchange: '', symbol: '', run, task, step, rows: step + 1 },
    positions: [{ topic: 'market.trades', partition: 0, offset: step * 100 }],
    outputs: [{ topic: 'orders', rows: step }],
    ...{ cursor: `{"at":${step}}`, firstReceived: step, lastReceived: step + 1 },
    ...{ hash: `h${step}`, codeHash: 'code', configHash: 'config' },
  }
}

/** All that a read gives. */
export async function fetchAll(topics: Topics, topic: string, options?: ReadOptions): Promise<Fetched[]> {
  const fetched: Fetched[] = []
  for await (const one of topics.read(topic, options)) fetched.push(one)
  return fetched
}

/** Rows of a read, each with its partition and offset. */
export async function rowsRead<Row = Trade>(
  topics: Topics,
  topic: string,
  options?: ReadOptions,
): Promise<{ partition: number; offset: number; row: Row }[]> {
  return (await fetchAll(topics, topic, options)).flatMap(({ partition, offset, offsets, batch }) =>
    Array.from({ length: batch.rows }, (_, i) => ({
      ...{ partition, offset: offsets === undefined ? offset + i : offsets[i]! },
      row: rowAt(batch, i) as Row,
    })),
  )
}

/** The ids of trades read. */
export async function idsRead(topics: Topics, topic: string, options?: ReadOptions): Promise<number[]> {
  return (await rowsRead(topics, topic, options)).map(({ row }) => Number(row.id))
}

/** Alerts of a run, each with its message. */
export function alertsOf(messages: readonly number[]) {
  const words = { exchange: 'binance', symbol: 'BTCUSDT', account: 'main', component: 'test', code: 'C' }
  return batchOf(
    'alerts',
    messages.map((message) => ({ time: 1, received: 2, ...words, severity: 'info', message: String(message) })),
  )
}

/** Quotes like the trades of those numbers. */
export function quotesOf(count: number) {
  const rows = Array.from({ length: count }, (_, i) => {
    const { time, received, exchange, symbol } = tradeRow(i)
    return { time, received, exchange, symbol, bid: 1, bidSize: 1, ask: 2, askSize: 1, sequence: BigInt(i) }
  })
  return batchOf('quotes', rows)
}

/** Journal entries of a task. */
export async function journalRead(topics: Topics, run: string, task: string, from?: number) {
  const entries = []
  for await (const entry of topics.journal(run, task, from)) entries.push(entry)
  return entries
}
