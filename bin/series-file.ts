// A series of returns, or of values that make returns, from a file of rows.
import { decimalOf, microsIn } from '../connectors/files/cells.ts'
import { openTable } from '../connectors/files/table.ts'
import { simpleReturns } from '../operators/metrics/index.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import { isoOf } from '../schemas/time.ts'
import { note } from './output.ts'

export interface Series {
  /** What was read: its name, or its place from 1 in a file without names. */
  readonly column: string
  readonly returns: Float64Array
  /** What the returns make of a start: that of the file, or 1. One value more than returns. */
  readonly equity: Float64Array
  /** Of each return, µs since 1970 UTC; absent where the file says none. */
  readonly times: Float64Array | undefined
  /** Returns in a year of 365 days, by the median step of the times; undefined where there is none. */
  readonly periods: number | undefined
}

const timeNames = ['time', 'date', 'timestamp', 'datetime', 'open_time', 'open_time_ms', 'day']
const returnNames = ['returns', 'return']

/**
 * Reads one column. A first return that is empty is left out: of a first value there is none.
 *
 * Errors: FILE_…; NO_DATA for no rows; UNKNOWN_NAME for a column that is not there, with those that are;
 *         CONFIG_INVALID where several could be meant; MESSAGE_UNREADABLE with the line of a cell that is no number.
 */
export async function readSeries(file: string, asked: string | undefined): Promise<Series> {
  let place: Place | undefined
  const values: number[] = []
  const times: number[] = []
  for await (const { cells, number } of (await openTable(file)).rows()) {
    if (place === undefined) {
      const names = cells.some((cell) => isData(cell)) ? undefined : cells
      place = placeOf(file, { cells, names, asked })
      if (names !== undefined) continue
    }
    const cell = cells[place.at]
    const isEmpty = cell === undefined || cell === '' || /^nan$/i.test(cell)
    if (isEmpty && place.holdsReturns && values.length === 0) {
      note(`line ${number} has no return and is left out`)
      continue
    }
    const value = isEmpty ? Number.NaN : decimalOf(cell)
    if (!Number.isFinite(value)) {
      const message = `${file}, line ${number}: "${cell ?? ''}" in column ${place.name} is no number`
      throw new SmartspeedError('MESSAGE_UNREADABLE', message, { fix: 'take the line out, or choose another --column' })
    }
    values.push(value)
    if (place.time !== undefined)
      times.push(
        laterThan(times.at(-1), microsIn(cells[place.time], `time in line ${number}`), `${file}, line ${number}`),
      )
  }
  if (place === undefined || values.length === 0) {
    throw new SmartspeedError('NO_DATA', `${file} holds no rows`, { fix: 'a row a period: a return, or equity' })
  }
  const stamps = place.time === undefined ? undefined : Float64Array.from(times)
  const periods = stamps === undefined ? undefined : periodsOf(stamps)
  const series = Float64Array.from(values)
  if (!place.holdsReturns) {
    return { column: place.name, returns: simpleReturns(series), equity: series, times: stamps?.subarray(1), periods }
  }
  if (series.every((value) => value > 1)) {
    note(`every value of column ${place.name} is a gain of over 100 %: if it holds equity, say --column equity`)
  }
  const equity = new Float64Array(series.length + 1)
  equity[0] = 1
  for (let i = 0; i < series.length; i++) equity[i + 1] = equity[i]! * (1 + series[i]!)
  return { column: place.name, returns: series, equity, times: stamps, periods }
}

const dayUs = 86_400_000_000

/** The median, so that a hole does not count; months, quarters and years, whose lengths vary, are those of the calendar. */
function periodsOf(times: Float64Array): number | undefined {
  if (times.length < 2) return undefined
  const steps = Float64Array.from({ length: times.length - 1 }, (_, i) => times[i + 1]! - times[i]!).sort()
  const days = steps[steps.length >> 1]! / dayUs
  if (days >= 28 && days <= 31) return 12
  if (days >= 90 && days <= 92) return 4
  if (days >= 365 && days <= 366) return 1
  return 365 / days
}

/** Returns of rows that are not in the order of time would be those of nobody. */
function laterThan(before: number | undefined, time: number, where: string): number {
  if (before === undefined || time > before) return time
  const message = `${where}: time ${isoOf(time)} does not come after ${isoOf(before)} of the row before it`
  throw new SmartspeedError('MESSAGE_UNREADABLE', message, {
    fix: 'sort the rows by time, the oldest first, one a period',
  })
}

interface Place {
  readonly at: number
  readonly name: string
  readonly holdsReturns: boolean
  readonly time: number | undefined
}

/** Which column is meant: the one asked for; else returns, else equity; else the only one that is no time. */
function placeOf(
  file: string,
  {
    cells,
    names,
    asked,
  }: { cells: readonly string[]; names: readonly string[] | undefined; asked: string | undefined },
): Place {
  const lower = names?.map((name) => name.toLowerCase())
  const time = lower === undefined ? cells.findIndex(isTime) : lower.findIndex((name) => timeNames.includes(name))
  const isReturn = (name: string | undefined) => name !== undefined && returnNames.includes(name)
  const place = (at: number, holdsReturns: boolean): Place => {
    return { at, name: names?.[at] || String(at + 1), holdsReturns, time: time < 0 ? undefined : time }
  }
  const wanted = asked === undefined ? [...returnNames, 'equity'] : asked === 'returns' ? returnNames : [asked]
  for (const name of wanted) {
    const at = lower?.indexOf(name.toLowerCase()) ?? -1
    if (at >= 0) return place(at, isReturn(lower![at]))
  }
  const others = cells.flatMap((_, at) => (at === time ? [] : [at]))
  const isKind = asked === undefined || asked === 'returns' || asked === 'equity'
  if (isKind && others.length === 1) return place(others[0]!, asked !== 'equity')
  if (names !== undefined && asked !== undefined) throw unknownName(`column of ${file}`, asked, names)
  const seen = names === undefined ? `${cells.length} columns without names` : `columns ${names.join(', ')}`
  throw new SmartspeedError('CONFIG_INVALID', `${file} has ${seen}: which holds the series is not clear`, {
    fix:
      names === undefined
        ? 'give them names in a first line: time,returns'
        : `for example --column ${lower?.includes('close') ? names[lower.indexOf('close')] : names.at(-1)}`,
  })
}

const isNumber = (cell: string) => !Number.isNaN(decimalOf(cell))
const isData = (cell: string) => isNumber(cell) || isTime(cell)

/** A time as text. A number could be anything. */
function isTime(cell: string): boolean {
  return /^\d{4}-\d\d-\d\d/.test(cell)
}
