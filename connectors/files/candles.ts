// Candles from CSV: one of the header's columns is the time, others are open, high, low, close and maybe volume.
// Layout without a header: data.binance.vision "Klines" (12 columns, read 2026-11-21).
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { parseTime } from '../../schemas/time.ts'

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

/**
 * How the lines of a file are read, by its first line.
 *
 * Errors: CONFIG_INVALID when a column is missing, saying which there are.
 */
export function candleLines(firstLine: string, format: CandleFormat): CandleLines {
  const separator = [',', ';', '\t'].find((one) => firstLine.includes(one)) ?? ','
  const cells = cellsOf(firstLine, separator)
  const headless = cells.length === 12 && cells.every((cell) => cell !== '' && Number.isFinite(Number(cell)))
  const header = headless ? binanceArchive.split(',') : cells
  const at = (field: string): number => header.findIndex((name) => names[field]!.includes(name.toLowerCase()))
  const time = format.timeColumn === undefined ? at('time') : header.indexOf(format.timeColumn)
  if (time < 0) throw noColumn(format.timeColumn ?? 'time', header, '--time-column')
  const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((field) => {
    if (at(field) < 0) throw noColumn(field, header)
    return at(field)
  }) as [number, number, number, number]
  const [volume, quoteVolume, trades] = [at('volume'), at('quoteVolume'), at('trades')]
  const scale = unitOf(header[time]!)
  const { exchange, symbol, interval } = format
  return {
    headless,
    parse(line) {
      const cells = cellsOf(line, separator)
      const openTime = microsOf(cells[time], scale, line)
      const candle: Candle = {
        time: openTime + interval.us,
        received: openTime + interval.us,
        exchange,
        symbol,
        openTime,
        interval: interval.name,
        open: numberOf(cells[open], 'open', line),
        high: numberOf(cells[high], 'high', line),
        low: numberOf(cells[low], 'low', line),
        close: numberOf(cells[close], 'close', line),
        volume: cells[volume] ? numberOf(cells[volume], 'volume', line) : 0,
        quoteVolume: cells[quoteVolume] ? numberOf(cells[quoteVolume], 'quote volume', line) : undefined,
        trades: cells[trades] ? numberOf(cells[trades], 'number of trades', line) : undefined,
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

function cellsOf(line: string, separator: string): string[] {
  const cells = line.split(separator)
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!.trim()
    cells[i] = cell.length > 1 && cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1) : cell
  }
  return cells
}

function numberOf(cell: string | undefined, what: string, line: string): number {
  const value = Number(cell)
  if (cell === undefined || cell === '' || !Number.isFinite(value)) {
    throw new SmartspeedError('MESSAGE_UNREADABLE', `no ${what}: ${excerpt(line)}`)
  }
  return value
}

/** µs in one unit of a column of numbers, where its name says so. */
function unitOf(name: string): number | undefined {
  const unit = /_(s|ms|us|ns)$/.exec(name.toLowerCase())?.[1]
  return unit === undefined ? undefined : { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 }[unit]
}

/** Start of a candle, µs. Numbers without a named unit are s, ms, µs or ns by their size (until the year 5138). */
function microsOf(cell: string | undefined, unit: number | undefined, line: string): number {
  if (cell === undefined || cell === '') throw new SmartspeedError('MESSAGE_UNREADABLE', `no time: ${excerpt(line)}`)
  if (/^\d+(\.\d*)?$/.test(cell)) {
    const value = Number(cell)
    return Math.round(value * (unit ?? (value < 1e11 ? 1e6 : value < 1e14 ? 1e3 : value < 1e17 ? 1 : 1e-3)))
  }
  try {
    return parseTime('time', cell)
  } catch (cause) {
    throw new SmartspeedError('MESSAGE_UNREADABLE', `no time: ${excerpt(line)}`, { cause })
  }
}

function noColumn(seen: string, header: readonly string[], option?: string): SmartspeedError {
  const near = nearest(seen, header)
  const what = option === undefined ? `no column "${seen}"` : `no column "${seen}" (${option})`
  return new SmartspeedError('CONFIG_INVALID', `${what}; the file has: ${header.map(excerpt).join(', ')}`, {
    fix: near === undefined ? 'a header is needed' : `did you mean "${excerpt(near)}"?`,
  })
}

function excerpt(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
