// Foreign layouts of trades, quotes and books: which columns they have, by name or by place.
import { SmartspeedError, unknownName } from '../../schemas/errors.ts'
import { excerpt } from './cells.ts'

export type TickRecord = 'trades' | 'quotes' | 'books'

export interface FileFormat {
  readonly id: string
  /** Whose it is, for help. */
  readonly about: string
  readonly records: readonly TickRecord[]
  /** Columns that every file of it names, so that another format is not taken for it. */
  readonly named: readonly string[]
  /** Names of the columns of a file without names, by its first row; undefined when it is no such file. */
  unnamed?(cells: readonly string[], record: TickRecord): readonly string[] | undefined
}

export const fileFormats: readonly FileFormat[] = [
  {
    id: 'tardis',
    about: 'Tardis.dev CSV: trades, quotes, book_snapshot_N, incremental_book_L2',
    records: ['trades', 'quotes', 'books'],
    named: ['exchange', 'symbol', 'timestamp', 'local_timestamp'],
  },
  {
    id: 'binance-archive',
    about: 'data.binance.vision: trades, aggTrades, bookTicker, T_DEPTH; with or without names of columns',
    records: ['trades', 'quotes', 'books'],
    named: [],
    unnamed: binanceColumns,
  },
  {
    id: 'ccxt',
    about: 'trades of fetchTrades written as a table: timestamp, id, side, price, amount',
    records: ['trades'],
    named: ['timestamp', 'price', 'amount'],
  },
  {
    id: 'kraken-archive',
    about: 'Kraken’s trading history: seconds,price,volume without names or sides (needs --side tick-rule)',
    records: ['trades'],
    named: [],
    unnamed: (cells) => (cells.length === 3 && cells.every(isNumber) ? ['time', 'price', 'volume'] : undefined),
  },
  {
    id: 'columns',
    about: 'any table whose columns have usual names: timestamp, price, size, side; bid, bid_size, ask, ask_size; …',
    records: ['trades', 'quotes', 'books'],
    named: [],
  },
]

/** Errors: UNKNOWN_NAME with the nearest format; CONFIG_INVALID for a record that the format has not. */
export function fileFormat(id: string, record: TickRecord): FileFormat {
  const ids = fileFormats.map((one) => one.id)
  const format = fileFormats.find((one) => one.id === id)
  if (format === undefined) throw unknownName('format', id, ids)
  if (format.records.includes(record)) return format
  throw new SmartspeedError('CONFIG_INVALID', `--format ${id} has ${format.records.join(', ')}, no ${record}`, {
    fix: `formats with ${record}: ${fileFormats
      .filter((one) => one.records.includes(record))
      .map((one) => one.id)
      .join(', ')}`,
  })
}

/** The columns of a file. */
export class Columns {
  /** True when the first row is already a row of data. */
  readonly headless: boolean
  readonly names: readonly string[]
  private readonly lower: readonly string[]

  /** Errors: CONFIG_INVALID when the first row is neither names nor data of that format. */
  constructor(format: FileFormat, record: TickRecord, first: readonly string[]) {
    const unnamed = format.unnamed?.(first, record)
    this.headless = unnamed !== undefined
    this.names = unnamed ?? first
    this.lower = this.names.map((name) => name.toLowerCase())
    const missing = format.named.find((name) => !this.lower.includes(name))
    if (missing !== undefined) throw this.without(missing, `--format ${format.id} has it in every file`)
    if (unnamed === undefined && first.every((cell) => isNumber(cell) || isBoolean(cell))) {
      throw new SmartspeedError('CONFIG_INVALID', `the first row names no columns: ${excerpt(first.join(','))}`, {
        fix: `--format ${format.id} reads ${record} with a row of names before them`,
      })
    }
  }

  /** Where a column of one of these names is; −1 when there is none. */
  at(names: readonly string[]): number {
    for (const name of names) {
      const at = this.lower.indexOf(name)
      if (at >= 0) return at
    }
    return -1
  }

  /** Errors: CONFIG_INVALID, with the names that there are. */
  need(names: readonly string[]): number {
    const at = this.at(names)
    if (at < 0) throw this.without(names[0]!, names.length > 1 ? `also called ${names.slice(1).join(', ')}` : undefined)
    return at
  }

  private without(name: string, also?: string): SmartspeedError {
    const seen = excerpt(this.names.join(', '))
    return new SmartspeedError(
      'CONFIG_INVALID',
      `no column "${name}"${also === undefined ? '' : ` (${also})`}; the file has: ${seen}`,
      {
        fix: 'choose the --format and the record that the file is; --format columns takes any usual names',
      },
    )
  }
}

/** Source: the README of github.com/binance/binance-public-data (layouts; read 2026-11-21). */
function binanceColumns(cells: readonly string[], record: TickRecord): readonly string[] | undefined {
  if (record !== 'trades' || !isNumber(cells[0] ?? '')) return undefined
  const trades = ['id', 'price', 'qty', 'quote_qty', 'time', 'is_buyer_maker', 'is_best_match']
  const aggregated = ['agg_trade_id', 'price', 'quantity', 'first_trade_id', 'last_trade_id', 'transact_time']
  if (cells.length >= 6 && cells.length <= 7 && isBoolean(cells[5]!)) return trades.slice(0, cells.length)
  if (cells.length >= 7 && cells.length <= 8 && isBoolean(cells[6]!))
    return [...aggregated, 'is_buyer_maker', 'is_best_match'].slice(0, cells.length)
  return undefined
}

function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Number(cell))
}

function isBoolean(cell: string): boolean {
  return /^(true|false)$/i.test(cell)
}
