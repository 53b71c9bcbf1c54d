// JSON of exchanges: whole numbers of 16 digits and more stay whole, and fields are read with an error that names them.
import { SmartspeedError } from '../schemas/errors.ts'

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** A whole number that a double may not hold: 16 digits and more, not inside a text. */
const long = /[:[,\s]-?\d{16,}/

/**
 * JSON.parse, but whole numbers of 16 digits and more become BigInts, so that no id loses its last digits.
 * @throws SmartspeedError MESSAGE_UNREADABLE on text that is not JSON
 */
export function parseJson(text: string): Json {
  try {
    return long.test(text) ? (JSON.parse(text, keepLong) as Json) : (JSON.parse(text) as Json)
  } catch (cause) {
    throw new SmartspeedError('MESSAGE_UNREADABLE', `not JSON: ${excerpt(text)}`, { cause })
  }
}

function keepLong(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  return typeof value === 'number' && source !== undefined && /^-?\d{16,}$/.test(source) ? BigInt(source) : value
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The double nearest to a decimal text (or a JSON number). @throws SmartspeedError MESSAGE_UNREADABLE */
export function decimalOf(value: Json | undefined, what: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && decimal.test(value)) return Number(value)
  throw unreadable(what, value)
}

/** A decimal above 0. @throws SmartspeedError MESSAGE_UNREADABLE */
export function positiveOf(value: Json | undefined, what: string): number {
  const number = decimalOf(value, what)
  if (number > 0 && number < Number.POSITIVE_INFINITY) return number
  throw unreadable(what, value)
}

/** A decimal of 0 or more. @throws SmartspeedError MESSAGE_UNREADABLE */
export function notNegativeOf(value: Json | undefined, what: string): number {
  const number = decimalOf(value, what)
  if (number >= 0 && number < Number.POSITIVE_INFINITY) return number
  throw unreadable(what, value)
}

/** A whole number, of any length. @throws SmartspeedError MESSAGE_UNREADABLE */
export function wholeOf(value: Json | undefined, what: string): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value)
  throw unreadable(what, value)
}

/** @throws SmartspeedError MESSAGE_UNREADABLE unless it is a text that is not empty */
export function textOf(value: Json | undefined, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw unreadable(what, value)
}

/** @throws SmartspeedError MESSAGE_UNREADABLE unless it is true or false */
export function flagOf(value: Json | undefined, what: string): boolean {
  if (typeof value === 'boolean') return value
  throw unreadable(what, value)
}

/** @throws SmartspeedError MESSAGE_UNREADABLE unless it is a list */
export function listOf(value: Json | undefined, what: string): readonly Json[] {
  if (isList(value)) return value
  throw unreadable(what, value)
}

export function unreadable(what: string, value: Json | undefined): SmartspeedError {
  const seen = value === undefined ? 'missing' : excerpt(typeof value === 'string' ? `"${value}"` : stringOf(value))
  return new SmartspeedError('MESSAGE_UNREADABLE', `${what}: ${seen}`)
}

function stringOf(value: Json): string {
  return JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? String(field) : field))
}

/** The beginning of a text, for an error. */
export function excerpt(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
