// Instruments of imported rows: as the exchange described them, else read off the rows themselves and marked so.
import type { Named } from '../connectors/exchanges/exchange.ts'
import { type Decimals, decimalsOf, needNoMore, stepOf } from '../operators/quality/steps.ts'
import type { Batch } from '../schemas/batch.ts'
import type { Dictionary, List } from '../schemas/columns.ts'
import { canonical } from '../schemas/json.ts'
import type { Columns, Instrument } from '../schemas/records.generated.ts'

interface Known extends Decimals {
  /** What was written last, without its times; '' before. */
  written: string
  inferred: boolean
}

/** A row that needs more decimals than all rows of its symbol before it in its topic. */
interface Finding extends Decimals {
  readonly symbol: string
  readonly received: number
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

  /**
   * Instruments that rows have shown to be new, or finer than they seemed, as of the row that shows it.
   * Rows received before `until` are looked at as a whole: they make one instrument each, as of its first row.
   */
  infer(batches: readonly Batch[], { offsetUs, until }: { offsetUs: number; until: number }): Instrument[] {
    const findings = batches.flatMap((batch) => this.findings(batch))
    findings.sort((a, b) => a.received - b.received || (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0))
    const later = findings.findIndex(({ received }) => !(received < until))
    const whole = later === -1 ? findings : findings.slice(0, later)
    for (const finding of whole) this.refine(finding)
    const rows: Instrument[] = []
    for (const [index, finding] of findings.entries()) {
      if (index >= whole.length && !this.refine(finding) && this.of(finding.symbol).written !== '') continue
      const row = this.inferred(finding, offsetUs)
      if (row !== undefined) rows.push(row)
    }
    return rows
  }

  /** The instrument as it is known now, unless it was written so or the exchange has described it. */
  private inferred({ symbol, received }: Finding, offsetUs: number): Instrument | undefined {
    const known = this.of(symbol)
    if (known.written !== '' && !known.inferred) return undefined
    const row: Instrument = {
      ...{ time: received + offsetUs, received, exchange: this.exchange, symbol },
      ...this.named(symbol),
      ...{ tickSize: stepOf(known.price), lotSize: stepOf(known.size), minNotional: 0 },
      ...{ status: 'unknown', inferred: true },
    }
    return this.accept(row) ? row : undefined
  }

  /** True when a finding is finer than what is known. */
  private refine({ symbol, price, size }: Finding): boolean {
    const known = this.of(symbol)
    if (price <= known.price && size <= known.size) return false
    known.price = Math.max(known.price, price)
    known.size = Math.max(known.size, size)
    return true
  }

  private of(symbol: string): Known {
    let known = this.known.get(symbol)
    if (known === undefined) {
      known = { price: 0, size: 0, written: '', inferred: true }
      this.known.set(symbol, known)
    }
    return known
  }

  private findings(batch: Batch): Finding[] {
    switch (batch.topic) {
      case 'trades':
      case 'liquidations': {
        const { price, size } = batch.columns as Columns['trades']
        return this.each(batch, [price], [size], (seen, row) => measure(seen, price[row]!, size[row]!))
      }
      case 'quotes': {
        const { bid, bidSize, ask, askSize } = batch.columns as Columns['quotes']
        return this.each(batch, [bid, ask], [bidSize, askSize], (seen, row) => {
          const finer = measure(seen, bid[row]!, bidSize[row]!)
          return measure(seen, ask[row]!, askSize[row]!) || finer
        })
      }
      case 'books': {
        const { bids, asks } = batch.columns as Columns['books']
        const [bid, ask] = [bids.columns, asks.columns]
        return this.each(batch, [bid.price, ask.price], [bid.size, ask.size], (seen, row) => {
          const finer = measureLevels(seen, bids, row)
          return measureLevels(seen, asks, row) || finer
        })
      }
      // Marks have decimals that no order may have; candles have no sizes of single orders.
      default:
        return []
    }
  }

  /**
   * Rows that are finer than those before them, and the first row of each symbol that is not known yet. `prices` and `sizes` hold
   * all that `measure` looks at: of one symbol they are seldom finer than its first few rows, and that is asked of all at once.
   */
  private each(
    batch: Batch,
    prices: readonly Float64Array[],
    sizes: readonly Float64Array[],
    measure: (seen: Decimals, row: number) => boolean,
  ): Finding[] {
    const { symbol, received } = batch.columns as unknown as { symbol: Dictionary; received: Float64Array }
    const seen = symbol.values.map((name) => ({ ...this.of(name) }))
    const findings: Finding[] = []
    for (let row = 0; row < batch.rows; row++) {
      if (row === fewRows && seen.length === 1) {
        const { price, size } = seen[0]!
        const coarse = prices.every((values) => needNoMore(values, price))
        if (coarse && sizes.every((values) => needNoMore(values, size))) break
      }
      const code = symbol.codes[row]!
      const one = seen[code]!
      if (!measure(one, row) && one.written !== '') continue
      one.written = 'seen'
      const { price, size } = one
      findings.push({ symbol: symbol.values[code]!, received: received[row]!, price, size })
    }
    return findings
  }
}

const fewRows = 32

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
