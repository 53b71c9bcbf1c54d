// What the simulated exchange reads off a market row.
import type { BookColumns, QuoteColumns, TradeColumns } from '../../schemas/records.generated.ts'
import type { MarketRow } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import type { BookSide } from '../market-state.ts'

type Row = Pick<MarketRow, 'topic' | 'batch' | 'row'>

/** True when the row's exchange time was derived from its receive time. */
export function isEstimated({ batch, row }: Row): boolean {
  const { timeEstimated } = batch.columns as { readonly timeEstimated?: Uint8Array }
  return timeEstimated?.[row] === 1
}

/** Price of a trade row, in ticks. */
export function tradeTicks({ batch, row }: Row, { tickSize }: Instrument): number {
  return Math.round((batch.columns as TradeColumns).price[row]! / tickSize)
}

/** Size of a trade row, in lots. */
export function tradeLots({ batch, row }: Row, { lotSize }: Instrument): number {
  return Math.round((batch.columns as TradeColumns).size[row]! / lotSize)
}

/** True when the taker of a trade row bought. */
export function takerBought({ batch, row }: Row): boolean {
  return (batch.columns as TradeColumns).side[row] === 0
}

/** True when a depth row or a quote says the size of the level at `ticks`. */
export function names({ topic, batch, row }: Row, side: BookSide, ticks: number, { tickSize }: Instrument): boolean {
  if (topic === 'quotes') {
    const { bid, ask } = batch.columns as QuoteColumns
    return Math.round((side === 'bid' ? bid : ask)[row]! / tickSize) === ticks
  }
  if (topic !== 'books') return false
  const { snapshot, bids, asks } = batch.columns as BookColumns
  if (snapshot[row] === 1) return true
  const { offsets, columns } = side === 'bid' ? bids : asks
  for (let item = offsets[row]!; item < offsets[row + 1]!; item++)
    if (Math.round(columns.price[item]! / tickSize) === ticks) return true
  return false
}
