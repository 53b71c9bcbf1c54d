// Merged rows for tests of this folder: trades, quotes, clocks and heartbeats of two symbols, written in seconds.
import { batchOf, type Merged } from '../../schemas/batch.ts'
import type { RecordName, Rows } from '../../schemas/records.generated.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'

const exchange = 'binance-usdm'
export const instruments = [
  instrumentOf(perpetual(), 0),
  instrumentOf(perpetual({ symbol: 'ETHUSDT', tickSize: 0.01, lotSize: 0.01 }), 1),
]

export type Item = { [T in RecordName]: { topic: T; row: Rows[T] } }[RecordName]

const common = (time: number, received: number, symbol = 'BTCUSDT') => ({ time, received, exchange, symbol })
/** Times in seconds; received is half a second later, so that the two cannot be mistaken for each other. */
export const trade = (second: number, price: number, size = 0.001, symbol = 'BTCUSDT'): Item => ({
  topic: 'trades',
  row: { ...common(second * 1e6, second * 1e6 + 5e5, symbol), price, size, side: 'buy', id: '1' },
})
export const quote = (second: number, symbol = 'BTCUSDT'): Item => ({
  topic: 'quotes',
  row: { ...common(second * 1e6, second * 1e6 + 5e5, symbol), bid: 1, bidSize: 1, ask: 2, askSize: 1 },
})
export const clock = (offset: number, connection = 'a'): Item => ({
  topic: 'clocks',
  row: { ...common(0, 0, ''), connection, offset, rows: 1 },
})
export const heartbeat = (second: number, connection = 'a'): Item => ({
  topic: 'heartbeats',
  row: { ...common(second * 1e6, second * 1e6, ''), connection, watermark: second * 1e6 },
})

/** The items as one merged batch: a source a topic, rows in the order given. */
export function mergedOf(items: readonly Item[]): Merged {
  const topics = [...new Set(items.map((item) => item.topic))]
  const rows = topics.map((topic) => items.filter((item) => item.topic === topic).map((item) => item.row))
  const sources = topics.map((topic, source) => batchOf(topic, rows[source] as never[]))
  const next = topics.map(() => 0)
  const source = Uint16Array.from(items, (item) => topics.indexOf(item.topic))
  return { rows: items.length, sources, source, row: Uint32Array.from(source, (s) => next[s]!++) }
}
