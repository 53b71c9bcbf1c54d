// Instruments of imported rows: as the exchange described them, else read off the rows themselves and marked so.
import type { Named } from '../connectors/exchanges/exchange.ts'
import { type Decimals, decimalsOf, stepOf } from '../operators/quality/steps.ts'
import type { Batch } from '../schemas/batch.ts'
import type { Dictionary, List } from '../schemas/columns.ts'
import { canonical } from '../schemas/json.ts'
import type { Columns, Instrument } from '../schemas/records.generated.ts'

interface Known extends Decimals {
  /** What was written last, without its times; '' before. */
  written: string
  inferred: boolean
}

/** First row of a symbol that says something new of it. */
interface News {
  received: number
}

export class IngestInstruments {
  private readonly known: Map<string, Known>
  private readonly exchange: string
  private readonly named: (symbol: string) => Named

  constructor(exchange: string, named: (symbol: string) => Named, saved: ReadonlyMap<string, Known> = new Map()) {
    this.exchange = exchange
    this.named = named
    this.known = new Map(saved)
  }

  save(): ReadonlyMap<string, Known> {
    return this.known
  }

  /** Decimals that a symbol's prices have needed. */
  priceDecimals(symbol: string): number {
    return this.known.get(symbol)?.price ?? 0
  }

  /** True for an instrument that is not the one written last; it counts as written from then on. */
  accept(row: Instrument): boolean {
    const known = this.of(row.symbol)
    const said = textOf(row)
    if (known.written === said) return false
    known.written = said
    known.inferred = row.inferred
    return true
  }

  /** Instruments that rows have shown to be new, or finer than they seemed, as of the first row that shows it. */
  infer(batches: readonly Batch[], offsetUs: number): Instrument[] {
    const news = new Map<string, News>()
    for (const batch of batches) this.look(batch, news)
    const rows: Instrument[] = []
    for (const [symbol, { received }] of inOrder(news)) {
      const known = this.of(symbol)
      if (known.written !== '' && !known.inferred) continue
      const row: Instrument = {
        ...{ time: received + offsetUs, received, exchange: this.exchange, symbol },
        ...this.named(symbol),
        ...{ tickSize: stepOf(known.price), lotSize: stepOf(known.size), minNotional: 0 },
        ...{ status: 'unknown', inferred: true },
      }
      if (this.accept(row)) rows.push(row)
    }
    return rows
  }

  private of(symbol: string): Known {
    let known = this.known.get(symbol)
    if (known === undefined) {
      known = { price: 0, size: 0, written: '', inferred: true }
      this.known.set(symbol, known)
    }
    return known
  }

  private look(batch: Batch, news: Map<string, News>): void {
    switch (batch.topic) {
      case 'trades':
      case 'liquidations': {
        const { price, size } = batch.columns as Columns['trades']
        this.each(batch, news, (known, row) => measure(known, price[row]!, size[row]!))
        break
      }
      case 'quotes': {
        const { bid, bidSize, ask, askSize } = batch.columns as Columns['quotes']
        this.each(batch, news, (known, row) => {
          const finer = measure(known, bid[row]!, bidSize[row]!)
          return measure(known, ask[row]!, askSize[row]!) || finer
        })
        break
      }
      case 'books': {
        const { bids, asks } = batch.columns as Columns['books']
        this.each(batch, news, (known, row) => {
          const finer = measureLevels(known, bids, row)
          return measureLevels(known, asks, row) || finer
        })
        break
      }
      // Marks have decimals that no order may have; candles have no sizes of single orders.
      default:
    }
  }

  /** Asks `measure` of every row; the first row of a symbol, and one that is finer, is news. */
  private each(batch: Batch, news: Map<string, News>, measure: (known: Known, row: number) => boolean): void {
    const { symbol, received } = batch.columns as unknown as { symbol: Dictionary; received: Float64Array }
    const byCode = symbol.values.map((name) => this.of(name))
    const last = new Map<Known, string>(symbol.values.map((name, code) => [byCode[code]!, name]))
    for (let row = 0; row < batch.rows; row++) {
      const known = byCode[symbol.codes[row]!]!
      const finer = measure(known, row)
      if (!finer && known.written !== '') continue
      const name = last.get(known)!
      const first = news.get(name)
      if (first === undefined) news.set(name, { received: received[row]! })
      else if (received[row]! < first.received) first.received = received[row]!
    }
  }
}

/** By receive time, then by symbol. */
function inOrder(news: ReadonlyMap<string, News>): [string, News][] {
  return [...news].sort(([a, first], [b, second]) => first.received - second.received || (a < b ? -1 : 1))
}

function measure(known: Decimals, price: number, size: number): boolean {
  const priceDecimals = decimalsOf(price, known.price)
  const sizeDecimals = decimalsOf(size, known.size)
  if (priceDecimals === known.price && sizeDecimals === known.size) return false
  known.price = priceDecimals
  known.size = sizeDecimals
  return true
}

function measureLevels(
  known: Decimals,
  { offsets, columns }: List<{ price: Float64Array; size: Float64Array }>,
  row: number,
): boolean {
  const { price, size } = columns
  let finer = false
  for (let item = offsets[row]!; item < offsets[row + 1]!; item++) {
    if (measure(known, price[item]!, size[item]!)) finer = true
  }
  return finer
}

function textOf(row: Instrument): string {
  return canonical('instruments', { ...row, time: 0, received: 0 })
}
