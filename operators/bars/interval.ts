// How bars are cut: `1m`, `45m`, `1d`; `100 ticks`; `5 volume`; `1000 dollars`.
import { SmartspeedError } from '../../schemas/errors.ts'

/** How bars are cut. `name` is what stands in the `interval` column: `15m`, `100t`, `5v`, `1000q`. */
export type Interval =
  | { readonly kind: 'time'; readonly name: string /** Length in µs. */; readonly us: number }
  | { readonly kind: 'ticks'; readonly name: string /** Trades a bar. */; readonly count: number }
  | {
      readonly kind: 'volume'
      readonly name: string /** Size a bar, in the exchange's own unit. */
      readonly size: number
    }
  | {
      readonly kind: 'quote'
      readonly name: string /** Value a bar, in the quote currency: price × size × contractSize. */
      readonly value: number
    }

const unitsUs: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }

/**
 * The interval that a text says: a time from 1s to 1d, `N ticks` (also `Nt`), `N volume` (also `Nv`) or `N dollars`
 * (also `N quote`, `Nq`): dollar bars, as the field calls them whatever the quote currency is.
 * @throws SmartspeedError CONFIG_INVALID with what is allowed
 */
export function parseInterval(text: string): Interval {
  const [, digits = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? []
  const number = Number(digits)
  if (!(number > 0)) throw invalid(text)
  switch (unit.toLowerCase()) {
    case 't':
    case 'tick':
    case 'ticks':
      if (!Number.isSafeInteger(number)) throw invalid(text)
      return { kind: 'ticks', name: `${number}t`, count: number }
    case 'v':
    case 'volume':
      return { kind: 'volume', name: `${number}v`, size: number }
    case 'q':
    case 'quote':
    case 'dollar':
    case 'dollars':
      return { kind: 'quote', name: `${number}q`, value: number }
    default: {
      const us = number * (unitsUs[unit.toLowerCase()] ?? Number.NaN)
      if (!Number.isInteger(number) || !(us <= unitsUs.d!)) throw invalid(text)
      return { kind: 'time', name: `${number}${unit.toLowerCase()}`, us }
    }
  }
}

/** Length of a bar that is cut by time, µs; undefined for the others. @throws SmartspeedError as `parseInterval` */
export function fixedLength(interval: string): number | undefined {
  const parsed = parseInterval(interval)
  return parsed.kind === 'time' ? parsed.us : undefined
}

function invalid(text: string): SmartspeedError {
  return new SmartspeedError(
    'CONFIG_INVALID',
    `interval = "${text}": allowed is a time from 1s to 1d, "N ticks", "N volume" or "N dollars"`,
    {
      fix: 'write for example 1s, 1m, 45m, 4h, 1d, "100 ticks", "5 volume" or "1000000 dollars"',
    },
  )
}
