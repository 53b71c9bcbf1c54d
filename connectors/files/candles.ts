// Candles from CSV: one of the header's columns is the time, others are open, high, low, close and maybe volume.
// Layout without a header: data.binance.vision "Klines" (12 columns, read 2026-11-21).
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { cellsOf, decimalOf, excerpt, microsIn, separatorOf } from './cells.ts'

export interface CandleFormat {
  readonly exchange: string
  readonly symbol: string
  /** What stands in the interval column, and its length in µs. */
  readonly interval: { readonly name: string; readonly us: number }
  /** Name of the column with the start of each candle; found by its name when absent. */
  readonly timeColumn?: string | undefined
}

export interface CandleLines {
  /** True when the first line is already a candle. */
  readonly headless: boolean
  /**
   * The candle of a line. `time` and `received` are the moment it closed: nobody could know it before.
   * A volume that is not there is 0 (candles of mark prices have none).
   * @throws SmartspeedError MESSAGE_UNREADABLE when a number or the time is missing, VALUE_IMPOSSIBLE when the prices contradict each other
   *         or the candle does not begin on the UTC grid of its interval
   */
  parse(line: string): Candle
}

const names: Readonly<Record<string, readonly string[]>> = {
  time: ['open_time_ms', 'open_time', 'opentime', 'timestamp', 'time', 'datetime', 'date'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume', 'vol', 'base_volume'],
  quoteVolume: ['quote_volume', 'quotevolume', 'quote_asset_volume'],
  trades: ['trades', 'count', 'number_of_trades'],
}

const binanceArchive =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_volume,taker_quote,ignore'

/** A price or a size of a candle. */
export type CandleField = 'open' | 'high' | 'low' | 'close' | 'volume' | 'quoteVolume' | 'trades'

/** Where the fields of a candle stand in the lines of a file. */
export interface CandleLayout {
  /** True when the first line is already a candle. */
  readonly headless: boolean
  cells(line: string): string[]
  has(field: CandleField): boolean
  /** Start of the candle, µs, from 1970 to 2286. @throws SmartspeedError MESSAGE_UNREADABLE */
  openTime(cells: readonly string[], line: string): number
  /** Undefined when there is no such cell, or nothing in it. @throws SmartspeedError MESSAGE_UNREADABLE when it is no decimal number, VALUE_IMPOSSIBLE when it is beyond what can be */
  optional(field: CandleField, cells: readonly string[], line: string): number | undefined
  /** @throws SmartspeedError as `optional`, and when there is nothing */
  number(field: CandleField, cells: readonly string[], line: string): number
}

/**
 * The layout of a file, by its first line.
 *
 * Errors: CONFIG_INVALID when the time or a field of `needs` has no column, saying which columns there are.
 */
export function candleLayout(
  firstLine: string,
  { timeColumn, needs }: { timeColumn?: string | undefined; needs: readonly CandleField[] },
): CandleLayout {
  const separator = separatorOf(firstLine)
  const first = cellsOf(firstLine, separator)
  const headless = first.length === 12 && first.every((cell) => cell !== '' && Number.isFinite(Number(cell)))
  const header = headless ? binanceArchive.split(',') : first
  const find = (field: string): number => header.findIndex((name) => names[field]!.includes(name.toLowerCase()))
  const time = timeColumn === undefined ? find('time') : header.indexOf(timeColumn)
  if (time < 0) throw noColumn(timeColumn ?? 'time', header, '--time-column')
  for (const field of needs) if (find(field) < 0) throw noColumn(field, header)
  const scale = unitOf(header[time]!)
  const columns = new Map(Object.keys(names).map((field) => [field, find(field)]))
  const at = (field: CandleField): number => columns.get(field)!
  return {
    headless,
    cells: (line) => cellsOf(line, separator),
    has: (field) => at(field) >= 0,
    openTime: (cells, line) => microsOf(cells[time], scale, line),
    optional: (field, cells, line) => (cells[at(field)] ? numberOf(cells[at(field)], field, line) : undefined),
    number: (field, cells, line) => numberOf(cells[at(field)], field, line),
  }
}

const spoken: Readonly<Record<CandleField, string>> = {
  ...{ open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume' },
  ...{ quoteVolume: 'quote volume', trades: 'number of trades' },
}

/**
 * How the lines of a file are read, by its first line.
 *
 * Errors: CONFIG_INVALID when a column is missing, saying which there are.
 */
export function candleLines(firstLine: string, format: CandleFormat): CandleLines {
  const { timeColumn, exchange, symbol, interval } = format
  const layout = candleLayout(firstLine, { timeColumn, needs: ['open', 'high', 'low', 'close'] })
  return {
    headless: layout.headless,
    parse(line) {
      const cells = layout.cells(line)
      const openTime = layout.openTime(cells, line)
      const candle: Candle = {
        time: openTime + interval.us,
        received: openTime + interval.us,
        exchange,
        symbol,
        openTime,
        interval: interval.name,
        open: layout.number('open', cells, line),
        high: layout.number('high', cells, line),
        low: layout.number('low', cells, line),
        close: layout.number('close', cells, line),
        volume: layout.optional('volume', cells, line) ?? 0,
        quoteVolume: layout.optional('quoteVolume', cells, line),
        trades: layout.optional('trades', cells, line),
      }
      const wrong = contradiction(candle, interval)
      if (wrong !== undefined) throw new SmartspeedError('VALUE_IMPOSSIBLE', `${wrong}: ${excerpt(line)}`)
      return candle
    },
  }
}

function contradiction({ open, high, low, close, volume, openTime }: Candle, { name, us }: CandleFormat['interval']) {
  if (!(low > 0)) return 'a price that is not above 0'
  if (high < low || high < open || high < close) return 'the high is not the highest price'
  if (low > open || low > close) return 'the low is not the lowest price'
  if (volume < 0) return 'a volume below 0'
  if (openTime % us !== 0) return `a candle of ${name} that does not begin on the UTC grid`
  return undefined
}

/** Past these a number is a mistake, and its sums and products would lose their last digits or be infinite. */
const most: Readonly<Record<CandleField, number>> = {
  ...{ open: 1e15, high: 1e15, low: 1e15, close: 1e15 },
  ...{ volume: 1e18, quoteVolume: 1e18, trades: 1e15 },
}

function numberOf(cell: string | undefined, field: CandleField, line: string): number {
  const value = decimalOf(cell)
  if (Number.isNaN(value)) throw new SmartspeedError('MESSAGE_UNREADABLE', `no ${spoken[field]}: ${excerpt(line)}`)
  if (Math.abs(value) <= most[field]) return value
  throw new SmartspeedError('VALUE_IMPOSSIBLE', `${spoken[field]} beyond ${most[field]}: ${excerpt(line)}`)
}

/** µs in one unit of a column of numbers, where its name says so. */
function unitOf(name: string): number | undefined {
  const unit = /_(s|ms|us|ns)$/.exec(name.toLowerCase())?.[1]
  return unit === undefined ? undefined : { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 }[unit]
}

/** Start of a candle, µs: ISO 8601, or a number in the unit that the column names; without one as `microsIn`. */
function microsOf(cell: string | undefined, unit: number | undefined, line: string): number {
  const micros =
    unit !== undefined && cell && /^\d+(\.\d*)?$/.test(cell) ? Math.round(Number(cell) * unit) : textMicros(cell, line)
  if (micros >= 0 && micros < end) return micros
  const why = micros < 0 ? 'a time before 1970' : 'a time after the year 2286'
  throw new SmartspeedError('MESSAGE_UNREADABLE', `${why}: ${excerpt(line)}`)
}

/** µs of 2286-11-20, where times in µs get a 17th digit. */
const end = 1e16

function textMicros(cell: string | undefined, line: string): number {
  try {
    return microsIn(cell, 'time')
  } catch (cause) {
    if (!(cause instanceof SmartspeedError)) throw cause
    throw new SmartspeedError('MESSAGE_UNREADABLE', `${cause.message}: ${excerpt(line)}`, { cause })
  }
}

function noColumn(seen: string, header: readonly string[], option?: string): SmartspeedError {
  // Nobody means the low who lacks the close.
  const others = Object.values(names).flat()
  const near = nearest(
    seen,
    option === undefined ? header.filter((one) => !others.includes(one.toLowerCase())) : header,
  )
  const what = option === undefined ? `no column "${seen}"` : `no column "${seen}" (${option})`
  return new SmartspeedError('CONFIG_INVALID', `${what}; the file has: ${header.map(excerpt).join(', ')}`, {
    fix:
      near === undefined
        ? 'a header names the columns: time,open,high,low,close,volume'
        : `did you mean "${excerpt(near)}"?`,
  })
}
