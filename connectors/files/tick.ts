// What a row of a foreign file becomes, and what its fields may be.
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Book, Quote, Trade } from '../../schemas/records.generated.ts'
import { microsIn, numberIn } from './cells.ts'
import type { Columns, TickRecord } from './formats.ts'

type Common = 'time' | 'received' | 'exchange' | 'symbol' | 'timeEstimated'

/** A record as the file says it; `received` is undefined where it does not say when a socket got it. Times in µs. */
export type Tick = {
  readonly [T in TickRecord]: {
    readonly topic: T
    readonly time: number
    readonly received: number | undefined
    readonly row: Omit<{ trades: Trade; quotes: Quote; books: Book }[T], Common>
    /** Its id counts in a series of its own: an aggregated trade's. */
    readonly aggregated?: boolean
  }
}[TickRecord]

export interface TickReader {
  /**
   * Takes the next row; gives the record that is complete by then, which is the row's own but for rows of a message of a book.
   * Errors: MESSAGE_UNREADABLE, VALUE_IMPOSSIBLE for that row alone.
   */
  push(cells: readonly string[]): Tick | undefined
  /** The record that the end of the file completes. */
  end(): Tick | undefined
}

/** Reads the two times of a row. */
export function timesOf(
  columns: Columns,
): (cells: readonly string[]) => { time: number; received: number | undefined } {
  const time = columns.need([
    'timestamp',
    'time',
    'transact_time',
    'transaction_time',
    'trade_time',
    'datetime',
    'date',
  ])
  const received = columns.at(['local_timestamp', 'received', 'receive_time'])
  return (cells) => ({
    time: microsIn(cells[time], 'time'),
    received: received < 0 || !cells[received] ? undefined : microsIn(cells[received], 'receive time'),
  })
}

/** A number above 0. Errors: MESSAGE_UNREADABLE, VALUE_IMPOSSIBLE. */
export function priceIn(cell: string | undefined, what: string): number {
  const value = numberIn(cell, what)
  if (!(value > 0)) throw new SmartspeedError('VALUE_IMPOSSIBLE', `a ${what} of ${value}`)
  return value
}

/** A number of at least 0. Errors: MESSAGE_UNREADABLE, VALUE_IMPOSSIBLE. */
export function sizeIn(cell: string | undefined, what: string): number {
  const value = numberIn(cell, what)
  if (!(value >= 0)) throw new SmartspeedError('VALUE_IMPOSSIBLE', `a ${what} of ${value}`)
  return value
}
