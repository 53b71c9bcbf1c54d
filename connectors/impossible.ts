// Prices of records held to bounds that are handed in: the numbers are an operator's (operators/quality/impossible-price.ts).
import type { Said } from './exchanges/exchange.ts'

/** Prices outside of these are impossible. */
export interface Bounds {
  readonly lowest: number
  readonly highest: number
}

/** The first price of a record that is out of bounds. Levels of a book are not held to them: people rest orders anywhere. */
export function impossibleIn({ topic, row }: Said, { lowest, highest }: Bounds): number | undefined {
  return pricesOf({ topic, row } as Said).find((price) => !(price >= lowest && price <= highest))
}

function pricesOf(said: Said): readonly number[] {
  switch (said.topic) {
    case 'trades':
    case 'liquidations':
      return [said.row.price]
    case 'quotes':
      return [said.row.bid, said.row.ask]
    case 'marks':
      return [said.row.mark]
    case 'candles':
      return [said.row.open, said.row.high, said.row.low, said.row.close]
    default:
      return []
  }
}
