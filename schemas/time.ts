// Receive and event times as people write them: ISO 8601, or whole µs since 1970 UTC.
import { SmartspeedError } from './errors.ts'

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/

/**
 * Whole µs since 1970 of an ISO 8601 text (a date is its midnight; without a zone it is UTC; digits beyond µs are dropped)
 * or of a whole number of µs.
 *
 * In:     key — the option or config key, for the error.
 * Errors: CONFIG_INVALID with the key, the value seen and what is allowed.
 */
export function parseTime(key: string, value: string | number): number {
  const text = String(value).trim()
  if (/^-?\d+$/.test(text)) {
    const micros = Number(text)
    if (Number.isSafeInteger(micros)) return micros
    throw wrong(key, text, 'more µs than a double can count')
  }
  const parts = iso.exec(text)
  if (parts === null) throw wrong(key, text, 'neither ISO 8601 nor a whole number')
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const millis = Date.UTC(year, month - 1, day, hour, minute, second)
  const back = new Date(millis)
  // Date.UTC carries 31 February over to March; a person did not mean that.
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw wrong(key, text, 'no such date or time')
  }
  const micros = Number((parts[7] ?? '').padEnd(6, '0').slice(0, 6))
  return millis * 1000 + micros - zoneMinutes(parts[8], key, text) * 60_000_000
}

/** ISO 8601 in UTC with as many decimals as are needed: 0, 3 or 6. */
export function isoOf(micros: number): string {
  const millis = Math.floor(micros / 1000)
  const left = micros - millis * 1000
  const text = new Date(millis).toISOString()
  if (left !== 0) return text.replace('Z', `${String(left).padStart(3, '0')}Z`)
  return text.replace('.000Z', 'Z')
}

function zoneMinutes(zone: string | undefined, key: string, text: string): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || 0)
  if (hours > 14 || minutes > 59) throw wrong(key, text, 'no such time zone')
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

function wrong(key: string, seen: string, why: string): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', `${key}: "${seen}" is no time (${why})`, {
    fix: 'allowed: ISO 8601 (2024-08-08T23:55:00Z, 2024-08-08; UTC unless it says otherwise) or whole µs since 1970 UTC',
  })
}
