// The market of an instrument at its beginning: its book joins updates as its exchange says.
import { exchanges } from '../connectors/exchanges/index.ts'
import type { Instrument } from '../operators/instrument.ts'
import { MarketState } from '../operators/market-state.ts'
import { inOrder } from '../operators/quality/book.ts'

export function marketOf(instrument: Instrument): MarketState {
  return new MarketState(instrument, { rule: ruleOf(instrument.exchange) })
}

/** How snapshots and updates of an exchange's books join. */
export function ruleOf(exchange: string) {
  return exchanges.find(({ id }) => id === exchange)?.sync ?? inOrder
}
