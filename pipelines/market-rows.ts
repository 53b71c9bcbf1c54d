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
  // The columns that every row is asked for, by source: batches of many topics have as many shapes.
  private times: Float64Array[] = []
  private receives: Float64Array[] = []

  constructor(markets: readonly M[]) {
    this.byKey = new Map(markets.map((market) => [keyOf(market.instrument), market]))
  }

  /** Stands on row `at` of a merged batch. */
  move(merged: Merged, at: number): void {
    if (merged !== this.merged) this.open(merged)
    const source = merged.source[at]!
    const batch = merged.sources[source]!
    const row = merged.row[at]!
    this.batch = batch
    this.topic = batch.topic
    this.row = row
    this.time = this.times[source]![row]!
    this.received = this.receives[source]![row]!
    const markets = this.markets[source]!
    this.market = markets.length === 1 ? markets[0] : markets[placeOf(batch.columns as Common, row)]
  }

  /** Which market each pair of codes means, once a source. */
  private open(merged: Merged): void {
    this.merged = merged
    this.times = merged.sources.map(({ columns }) => (columns as Common).time)
    this.receives = merged.sources.map(({ columns }) => (columns as Common).received)
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

function placeOf({ exchange, symbol }: Common, row: number): number {
  return exchange.codes[row]! * symbol.values.length + symbol.codes[row]!
}

function keyOf({ exchange, symbol }: { exchange: string; symbol: string }): string {
  return `${exchange}:${symbol}`
}
