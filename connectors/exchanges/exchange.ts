// What an exchange is to the rest of the product: pure functions and values, listed in index.ts.
import type { Instrument, Rows } from '../../schemas/records.generated.ts'
import type { SyncRule } from '../../schemas/sync.ts'
import type { Intake } from '../intake.ts'

/** The topics that an exchange's messages can become rows of. */
export type MarketTopic =
  | 'instruments'
  | 'trades'
  | 'quotes'
  | 'books'
  | 'funding'
  | 'marks'
  | 'interest'
  | 'liquidations'
  | 'candles'

/**
 * A record as its message says it: when it was received is known to whoever read the socket or the file.
 * `time` is undefined where the message has none. `symbol` is '' where the message has none (a bare snapshot).
 */
export type Said<T extends MarketTopic = MarketTopic> = {
  readonly [K in T]: {
    readonly topic: K
    readonly row: Omit<Rows[K], 'time' | 'received' | 'exchange' | 'timeEstimated'> & {
      readonly time: number | undefined
    }
    /** Ids count in a series of their own: Binance's aggregated trades beside its trades. */
    readonly series?: string
  }
}[T]

/** One message: the stream it came by, as the exchange names it, and what it says. */
export interface Message {
  readonly stream: string
  readonly records: readonly Said[]
}

/** What a symbol's name says of its instrument, for want of an answer from the exchange. */
export type Named = Pick<Instrument, 'type' | 'base' | 'quote' | 'settle' | 'contractSize' | 'inverse' | 'ccxtSymbol'>

/** Reads an exchange's usual messages straight from the lines of a capture. */
export interface Scanner {
  /**
   * Pushes the rows of lines from `at` on, until one that is not of a usual form (`parse` reads it, and nothing of it was pushed),
   * or until `rows` were pushed. Gives where the next line begins.
   */
  lines(bytes: Uint8Array, at: number, rows: number): number
}

export interface Exchange {
  /** The id of CLI.md: binance-usdm. */
  readonly id: string
  readonly name: string
  /**
   * What one message says; no records for acknowledgements, signs of life and kinds that carry nothing for a topic.
   * @throws SmartspeedError MESSAGE_UNREADABLE for text that is not JSON or lacks a number, MESSAGE_UNKNOWN for another shape
   */
  parse(message: string): Message
  /** A faster reader beside `parse`, which it must agree with: worth writing when captures are large. */
  readonly scanner?: (intake: Intake) => Scanner
  readonly sync: SyncRule
  /** True when trade ids of a symbol count up by one, so that a missing one is a gap. */
  readonly consecutiveTrades: boolean
  named(symbol: string): Named
}
