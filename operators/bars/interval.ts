// How bars are cut: `1m`, `45m`, `1d`; `100 ticks`; `5 volume`.
import { SmartspeedError } from '../../schemas/errors.ts'

/** How bars are cut. `name` is what stands in the `interval` column: `15m`, `100t`, `5v`. */
export type Interval =
  | { readonly kind: 'time'; readonly name: string /** Length in µs. */; readonly us: number }
  | { readonly kind: 'ticks'; readonly name: string /** Trades a bar. */; readonly count: number }
  | {
      readonly kind: 'volume'
      readonly name: string /** Size a bar, in the exchange's own unit. */
      readonly size: number
    }

const unitsUs: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }

/**
 * The interval that a text says: a time from 1s to 1d, `N ticks` (also `Nt`) or `N volume` (also `Nv`).
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
    default: {
      const us = number * (unitsUs[unit.toLowerCase()] ?? Number.NaN)
      if (!Number.isInteger(number) || !(us <= unitsUs.d!)) throw invalid(text)
      return { kind: 'time', name: `${number}${unit.toLowerCase()}`, us }
    }
  }
}

function invalid(text: string): SmartspeedError {
  return new SmartspeedError(
    'CONFIG_INVALID',
    `interval = "${text}": allowed is a time from 1s to 1d, "N ticks" or "N volume"`,
    {
      fix: 'write for example 1s, 1m, 45m, 4h, 1d, "100 ticks" or "5 volume"',
    },
  )
}
