// Fields that several kinds of Binance's messages share.
import { isList, type Json, listOf, notNegativeOf, positiveOf, unreadable, wholeOf } from '../../json.ts'

/** From here on a time is in µs: as ms it would be past the year 5000. Streams opened with timeUnit=MICROSECOND send it so. */
const microsFrom = 100_000_000_000_000n

/** µs since 1970 of a time in ms or µs. @throws SmartspeedError MESSAGE_UNREADABLE */
export function microsOf(value: Json | undefined, what: string): number {
  const whole = wholeOf(value, what)
  if (whole <= 0n || whole >= 9_000_000_000_000_000n) throw unreadable(what, value)
  return Number(whole >= microsFrom ? whole : whole * 1000n)
}

/** Levels of one side: price above 0, size 0 or more. Old messages have an empty list as a third item. */
export function pricesOf(value: Json | undefined, what: string): readonly { price: number; size: number }[] {
  return listOf(value, what).map((level) => {
    if (!isList(level) || level.length < 2) throw unreadable(what, level)
    return { price: positiveOf(level[0], `price in ${what}`), size: notNegativeOf(level[1], `size in ${what}`) }
  })
}

/** A text, '' where there is none. */
export function absentText(value: Json | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
