// Cells of a line of text: numbers and times as other people write them.
import { SmartspeedError } from '../../schemas/errors.ts'
import { parseTime } from '../../schemas/time.ts'

/** The separator of a line: comma, semicolon or tab. */
export function separatorOf(line: string): string {
  return [',', ';', '\t'].find((one) => line.includes(one)) ?? ','
}

/** The cells of a line, without spaces round them and without their quotes. */
export function cellsOf(line: string, separator: string): string[] {
  const cells = line.split(separator)
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!.trim()
    cells[i] = cell.length > 1 && cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1) : cell
  }
  return cells
}

/** A decimal number, with an exponent or without; NaN for what else JavaScript reads as one: nothing, 0x10, 0b1, Infinity. */
export function decimalOf(cell: string | undefined): number {
  if (cell === undefined || cell === '') return Number.NaN
  const value = Number(cell)
  return Number.isFinite(value) && !/^[+-]?0[xob]/i.test(cell.slice(0, 3)) ? value : Number.NaN
}

/**
 * A number. Digits past the 15th are noise of binary fractions (0.00031099999999999997 was written as 0.000311), and are rounded away.
 * @throws SmartspeedError MESSAGE_UNREADABLE
 */
export function numberIn(cell: string | undefined, what: string): number {
  const value = decimalOf(cell)
  if (Number.isNaN(value)) throw unreadable(`no ${what}`)
  return cell!.length > 15 ? Number(value.toPrecision(15)) : value
}

/** A whole number of up to 18 digits, exactly. @throws SmartspeedError MESSAGE_UNREADABLE */
export function wholeIn(cell: string | undefined, what: string): bigint {
  if (cell === undefined || !/^-?\d{1,18}$/.test(cell)) throw unreadable(`no ${what}`)
  return BigInt(cell)
}

/**
 * µs since 1970, exactly: ISO 8601, or a number of s, ms, µs or ns by how many digits its whole part has (10, 13, 16, 19: from
 * 2001 to 2286). Digits behind µs are dropped.
 * @throws SmartspeedError MESSAGE_UNREADABLE
 */
export function microsIn(cell: string | undefined, what: string): number {
  if (cell === undefined || cell === '') throw unreadable(`no ${what}`)
  const [, whole, part = ''] = /^(\d+)(?:\.(\d*))?$/.exec(cell) ?? []
  if (whole === undefined) {
    // A sign before digits would be read as whole µs.
    if (/^-?\d+$/.test(cell)) throw unreadable(`${what} ${excerpt(cell)} is before 1970`)
    try {
      return parseTime(what, cell)
    } catch (cause) {
      throw unreadable(`no ${what}`, cause)
    }
  }
  const decimals = { 10: 6, 13: 3, 16: 0, 19: -3 }[whole.length]
  if (decimals === undefined) throw unreadable(`${what} ${excerpt(cell)} is no time in s, ms, µs or ns since 1970`)
  return Number(decimals < 0 ? whole.slice(0, decimals) : whole + part.padEnd(decimals, '0').slice(0, decimals))
}

/** The beginning of a text, for an error. */
export function excerpt(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

function unreadable(message: string, cause?: unknown): SmartspeedError {
  return new SmartspeedError('MESSAGE_UNREADABLE', message, cause === undefined ? {} : { cause })
}
