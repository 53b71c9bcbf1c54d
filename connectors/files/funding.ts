// Funding rates from CSV: one of the header's columns is the time at which a rate was paid, another the rate.
// Layouts: data.binance.vision "fundingRate" (calc_time, funding_interval_hours, last_funding_rate), read 2026-11-29; candles of
// rates as Freqtrade keeps them, where the rate is the open.
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import type { Funding } from '../../schemas/records.generated.ts'
import { cellsOf, decimalOf, excerpt, microsIn, separatorOf } from './cells.ts'

const names = {
  time: ['calc_time', 'funding_time', 'fundingtime', 'open_time_ms', 'timestamp', 'time', 'datetime', 'date'],
  rate: ['last_funding_rate', 'funding_rate', 'fundingrate', 'rate', 'open'],
  hours: ['funding_interval_hours', 'interval_hours', 'intervalhours'],
} as const

/** A settlement is written down some milliseconds after it was due. */
const lateUs = 60_000_000
const hourUs = 3_600_000_000

/**
 * How the lines under a header are read: each is what was paid at its time, which is the full hour where it was written within a minute after.
 *
 * Errors: CONFIG_INVALID when there is no time or no rate among the columns, saying which there are. `parse` throws MESSAGE_UNREADABLE
 *         when a number is missing, VALUE_IMPOSSIBLE for a rate beyond ±1 (100 % of the position).
 */
export function fundingLines(
  header: string,
  { exchange, symbol }: { readonly exchange: string; readonly symbol: string },
): { parse(line: string): Funding } {
  const separator = separatorOf(header)
  const columns = cellsOf(header, separator)
  // In the order of the names: a file may have a rate and an open.
  const find = (field: keyof typeof names): number =>
    Math.max(-1, ...names[field].slice(0, names[field].findIndex((name) => at(name) >= 0) + 1).map(at))
  const at = (name: string) => columns.findIndex((column) => column.toLowerCase() === name)
  const [time, rate, hours] = [find('time'), find('rate'), find('hours')]
  for (const [field, found] of Object.entries({ time, rate })) if (found < 0) throw noColumn(field, columns)
  return {
    parse(line) {
      const cells = cellsOf(line, separator)
      const [paid, value] = [microsOf(cells[time], line), decimalOf(cells[rate])]
      if (Number.isNaN(value)) throw new SmartspeedError('MESSAGE_UNREADABLE', `no rate: ${excerpt(line)}`)
      if (Math.abs(value) > 1) throw new SmartspeedError('VALUE_IMPOSSIBLE', `a rate beyond ±1: ${excerpt(line)}`)
      const due = paid % hourUs < lateUs ? paid - (paid % hourUs) : paid
      const intervalHours = decimalOf(cells[hours])
      return {
        ...{ time: due, received: due, exchange, symbol, timeEstimated: false, rate: value, next: undefined },
        intervalHours: intervalHours > 0 ? intervalHours : undefined,
      }
    },
  }
}

function microsOf(cell: string | undefined, line: string): number {
  try {
    return microsIn(cell, 'time')
  } catch (cause) {
    throw new SmartspeedError('MESSAGE_UNREADABLE', `${(cause as Error).message}: ${excerpt(line)}`, { cause })
  }
}

function noColumn(field: string, columns: readonly string[]): SmartspeedError {
  const near = nearest(field, columns)
  return new SmartspeedError(
    'CONFIG_INVALID',
    `no column "${field}"; the file has: ${columns.map(excerpt).join(', ')}`,
    {
      fix: near === undefined ? 'a header names the columns: time,rate' : `did you mean "${excerpt(near)}"?`,
    },
  )
}
