// Steps through a merged batch row by row without making an object a row.
import type { Market, MarketRow } from '../operators/desk.ts'
import type { Batch, Merged } from '../schemas/batch.ts'
import type { Dictionary } from '../schemas/columns.ts'
import type { RecordName } from '../schemas/records.generated.ts'

interface Common {
  readonly time: Float64Array
  readonly received: Float64Array
  readonly exchange: Dictionary
  readonly symbol: Dictionary
}

/** A row of the market, moved from row to row. */
export class MarketRows<M extends Market> implements MarketRow {
  topic: RecordName = 'trades'
  received = 0
  time = 0
  batch!: Batch
  row = 0
  /** The instrument's market; undefined for rows that belong to none of the task's instruments. */
  market: M | undefined
  private readonly byKey: ReadonlyMap<string, M>
  private merged: Merged | undefined
  private markets: (M | undefined)[][] = []

  constructor(markets: readonly M[]) {
    this.byKey = new Map(markets.map((market) => [keyOf(market.instrument), market]))
  }

  /** Stands on row `at` of a merged batch. */
  move(merged: Merged, at: number): void {
    if (merged !== this.merged) this.open(merged)
    const source = merged.source[at]!
    const batch = merged.sources[source]!
    const row = merged.row[at]!
    const columns = batch.columns as Common
    this.batch = batch
    this.topic = batch.topic
    this.row = row
    this.time = columns.time[row]!
    this.received = columns.received[row]!
    const markets = this.markets[source]!
    this.market =
      markets.length === 1
        ? markets[0]
        : markets[columns.exchange.codes[row]! * columns.symbol.values.length + columns.symbol.codes[row]!]
  }

  /** Which market each pair of codes means, once a source. */
  private open(merged: Merged): void {
    this.merged = merged
    this.markets = merged.sources.map(({ columns }) => {
      const { exchange, symbol } = columns as Common
      return exchange.values.flatMap((_, e) =>
        symbol.values.map((_, s) =>
          this.byKey.get(keyOf({ exchange: exchange.values[e]!, symbol: symbol.values[s]! })),
        ),
      )
    })
  }
}

function keyOf({ exchange, symbol }: { exchange: string; symbol: string }): string {
  return `${exchange}:${symbol}`
}
