// Rows of foreign files as trades, quotes and messages of a book. What a file does not say stays out.
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Trade } from '../../schemas/records.generated.ts'
import { bookReader } from './books.ts'
import { numberIn, wholeIn } from './cells.ts'
import type { Columns, TickRecord } from './formats.ts'
import { priceIn, sizeIn, type TickReader, timesOf } from './tick.ts'

/** How the side of a trade is known where its file does not say it. */
export type SideRule = 'tick-rule'

/** Errors: CONFIG_INVALID when a column is missing; USAGE when trades have no side and no rule was chosen. */
export function tickReader(record: TickRecord, columns: Columns, side?: SideRule): TickReader {
  if (record === 'trades') return tradeReader(columns, side)
  if (record === 'quotes') return quoteReader(columns)
  return bookReader(columns)
}

function tradeReader(columns: Columns, rule: SideRule | undefined): TickReader {
  const times = timesOf(columns)
  const price = columns.need(['price'])
  const size = columns.need(['amount', 'size', 'quantity', 'qty', 'volume'])
  const aggregated = columns.at(['agg_trade_id', 'aggregate_trade_id'])
  const id = aggregated >= 0 ? aggregated : columns.at(['id', 'trade_id', 'tradeid', 'tid'])
  const side = columns.at(['side', 'taker_side'])
  const maker = columns.at(['is_buyer_maker', 'isbuyermaker', 'buyer_maker', 'was_the_buyer_the_maker'])
  if (side < 0 && maker < 0 && rule === undefined) {
    throw new SmartspeedError('USAGE', 'the file does not say which side took: every trade needs its side', {
      fix: 'add --side tick-rule to infer it: a trade above the price before it was a buy, one below a sell',
    })
  }
  const ticks = new TickRule()
  return {
    push(cells) {
      const at = times(cells)
      const paid = priceIn(cells[price], 'price')
      const inferred = ticks.side(paid)
      const traded = numberIn(cells[size], 'size')
      if (!(traded > 0)) throw new SmartspeedError('VALUE_IMPOSSIBLE', `a size of ${traded}`)
      const said = sideIn(cells[side]) ?? takerOf(cells[maker]) ?? (rule === undefined ? undefined : inferred)
      if (said === undefined) throw new SmartspeedError('MESSAGE_UNREADABLE', 'no side; --side tick-rule infers it')
      const row = { price: paid, size: traded, side: said, id: id < 0 ? '' : cells[id]! }
      return { topic: 'trades', ...at, row, aggregated: aggregated >= 0 }
    },
    end: () => undefined,
  }
}

/**
 * Who took, by the price: up from the last other price is a buy, down a sell, and the first trades of a file count as buys.
 * Source: Lee & Ready (1991), "Inferring Trade Direction from Intraday Data", the tick test.
 */
class TickRule {
  private last = Number.NaN
  private taken: Trade['side'] = 'buy'

  side(price: number): Trade['side'] {
    if (price > this.last) this.taken = 'buy'
    else if (price < this.last) this.taken = 'sell'
    this.last = price
    return this.taken
  }
}

function sideIn(cell: string | undefined): Trade['side'] | undefined {
  const text = cell?.toLowerCase()
  if (text === 'buy' || text === 'b') return 'buy'
  return text === 'sell' || text === 's' ? 'sell' : undefined
}

/** The taker sold when the buyer was the maker. */
function takerOf(buyerMaker: string | undefined): Trade['side'] | undefined {
  const text = buyerMaker?.toLowerCase()
  if (text === 'true') return 'sell'
  return text === 'false' ? 'buy' : undefined
}

function quoteReader(columns: Columns): TickReader {
  const times = timesOf(columns)
  const bid = columns.need(['bid_price', 'bid', 'best_bid_price', 'bidprice'])
  const bidSize = columns.need(['bid_amount', 'bid_size', 'best_bid_qty', 'bidsize', 'bid_qty'])
  const ask = columns.need(['ask_price', 'ask', 'best_ask_price', 'askprice'])
  const askSize = columns.need(['ask_amount', 'ask_size', 'best_ask_qty', 'asksize', 'ask_qty'])
  const sequence = columns.at(['update_id', 'sequence'])
  /** An empty side is no price and no size. */
  const side = (cells: readonly string[], price: number, size: number, what: string) =>
    cells[price] === '' && (cells[size] === '' || Number(cells[size]) === 0)
      ? [0, 0]
      : [sizeIn(cells[price], `${what} price`), sizeIn(cells[size], `${what} size`)]
  return {
    push(cells) {
      const at = times(cells)
      const [bidPrice, bidAmount] = side(cells, bid, bidSize, 'bid') as [number, number]
      const [askPrice, askAmount] = side(cells, ask, askSize, 'ask') as [number, number]
      if (bidAmount === 0 && askAmount === 0) throw new SmartspeedError('VALUE_IMPOSSIBLE', 'a quote without a side')
      const row = { bid: bidPrice, bidSize: bidAmount, ask: askPrice, askSize: askAmount }
      return {
        ...{ topic: 'quotes', ...at },
        row: sequence < 0 ? row : { ...row, sequence: wholeIn(cells[sequence], 'update id') },
      }
    },
    end: () => undefined,
  }
}
