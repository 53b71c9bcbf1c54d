// A market of a few rows a second and many symbols, row by row: for suites that append them as they please.
import { perpetual } from '../operators/portfolio/samples.ts'
import { random } from '../operators/random.ts'
import { type Batch, batchOf } from '../schemas/batch.ts'
import type { Instrument, RecordName, Rows } from '../schemas/records.generated.ts'
import type { Writer } from '../topics/topics.ts'

const exchange = 'binance-usdm'
/** µs. */
const start = Date.UTC(2025, 0, 2) * 1000
const second = 1_000_000

/** A row of the market, and what topic it is of. */
export type SparseRow = { [T in RecordName]: readonly [topic: T, row: Rows[T]] }[RecordName]

export interface SparseOptions {
  readonly symbols: readonly string[]
  readonly minutes: number
  readonly seed?: number
}

/** The instruments, which no row moves. */
export function sparseInstruments(symbols: readonly string[]): Batch<'instruments'> {
  const at = { time: start, received: start, exchange, inferred: false }
  const rows = symbols.map((symbol): Instrument => perpetual({ ...at, symbol, tickSize: 0.1, lotSize: 0.001 }))
  return batchOf('instruments', rows)
}

/**
 * Each second a quote and, mostly, a trade of each symbol, and a heartbeat of the one connection behind them; in order of receipt.
 * Some rows of two symbols have the same receive time.
 */
export function sparseMarket({ symbols, minutes, seed = 1 }: SparseOptions): SparseRow[] {
  const dice = random(`sparse ${seed}`)
  const prices = symbols.map((_, at) => 1000 + 100 * at)
  const rows: SparseRow[] = []
  for (let at = 0; at < minutes * 60; at++) {
    const begin = start + at * second
    for (const [i, symbol] of symbols.entries()) {
      prices[i] = Math.max(100, Math.round(prices[i]! * 10 + dice.normal() * 8) / 10)
      const received = begin + dice.below(20) * 40_000
      const common = { time: received - 2000, received, exchange, symbol }
      const sizes = { bidSize: 1 + dice.below(9), askSize: 1 + dice.below(9) }
      const price = prices[i]!
      rows.push(['quotes', { ...common, bid: price - 0.1, ask: price + 0.1, ...sizes }])
      if (dice.below(4) === 0) continue
      const side = dice.below(2) === 0 ? 'buy' : 'sell'
      rows.push([
        'trades',
        { ...common, received: received + dice.below(3), price, size: 1 + dice.below(4), side, id: `${at}` },
      ])
    }
    const received = begin + 0.95 * second
    const beat = { time: received, received, exchange, symbol: '', connection: 'capture', watermark: received }
    rows.push(['heartbeats', beat])
  }
  const rank = (topic: RecordName) => (topic === 'heartbeats' ? 1 : 0)
  return rows.toSorted(([a, one], [b, other]) => one.received - other.received || rank(a) - rank(b))
}

/** Those rows as batches, a batch a topic. */
export function sparseBatches(rows: readonly SparseRow[]): Batch[] {
  const topics = [...new Set(rows.map(([topic]) => topic))]
  return topics.map((topic) =>
    batchOf(topic, rows.flatMap(([own, row]) => (own === topic ? [row] : [])) as Rows[typeof topic][]),
  )
}

/** Writes all of them in commits of so many. */
export async function writeSparse(writer: Writer, rows: readonly SparseRow[], each = 2000): Promise<void> {
  for (let at = 0; at < rows.length; at += each) {
    await writer.commit({ outputs: sparseBatches(rows.slice(at, at + each)) })
  }
}
