// The markets of a sweep made ready: cut to its range, in the order in which the graph sees them, in native memory.
import { type SweepMarkets, sweepMarket, sweepMarkets, sweepNeeds } from '../../../native/sweep.ts'
import { SmartspeedError } from '../../../schemas/errors.ts'
import { ticksOf } from '../../instrument.ts'
import { dayBounds } from '../../metrics/curve.ts'
import { type CandleColumns, intervalOf, sliceOf, volumeRatio } from './columns.ts'
import type { SweepKernel } from './kernels.ts'
import { hasExits, packed, refused, type SweepInstrument, type SweepTerms } from './terms.ts'

/** An instrument with its candles. All markets of a sweep have bars of one length; they may begin, pause and end when they like. */
export interface SweepMarket extends SweepInstrument {
  readonly candles: CandleColumns
}

/** Over what trials run, and when equity is asked for. */
export interface SweepRange {
  /** Bars that closed at or after `from` and before `to`, µs, as of a backtest; all when left out. Nobody remembers a bar of before. */
  readonly from?: number
  readonly to?: number
  /** When equity is asked for, µs, rising; left out: where UTC days end. */
  readonly ends?: Float64Array
}

export interface ReadyMarkets {
  readonly native: SweepMarkets
  /** Of each market, what of its candles lies in the range. */
  readonly candles: readonly CandleColumns[]
  readonly ends: Float64Array
}

/** @throws SmartspeedError CONFIG_INVALID for stops on bars shorter than a second; VALUE_IMPOSSIBLE for candles that no money can be counted on */
export function readyMarkets(
  markets: readonly SweepMarket[],
  terms: SweepTerms,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, ends }: SweepRange,
  kernel: SweepKernel | undefined,
): ReadyMarkets {
  const interval = lengthOf(markets, terms)
  if (hasExits(terms) && interval < 1_000_000)
    throw refused('stops and targets are asked once a second: bars are shorter')
  const needs = (kernel?.needs ?? 0) | (terms.fill === 'next-open' ? sweepNeeds.open : 0)
  const ready = [...markets].sort(byName).map((market) => {
    const { time } = market.candles
    const bars = { from: firstFrom(time, from - interval), to: firstFrom(time, to - interval) }
    const candles = sliceOf(market.candles, bars.from, bars.to)
    const ratio =
      (needs & sweepNeeds.prices) === 0
        ? new Float64Array(0)
        : volumeRatio(market.candles, bars, { beginsAt: from, intervalUs: interval })
    return { candles, native: nativeOf(market, candles, terms, { needs, ratio }) }
  })
  const candles = ready.map((one) => one.candles)
  const opens = candles.map(({ time }) => time)
  const asked = ends ?? daysOf(opens, interval)
  const native = sweepMarkets(
    ready.map((one) => one.native),
    { opens, interval, ends: asked },
  )
  return { native, candles, ends: asked }
}

/** The length of a bar, µs; 0 where no market has two of them. */
function lengthOf(markets: readonly SweepMarket[], { intervalUs }: SweepTerms): number {
  const known = markets.map(({ candles }) => intervalOf(candles, intervalUs)).filter((length) => length > 0)
  return known.length === 0 ? 0 : Math.min(...known)
}

/** As topics/slice.ts orders rows of one instant: by code unit. */
function byName({ instrument: a }: SweepMarket, { instrument: b }: SweepMarket): number {
  return compare(a.exchange, b.exchange) || compare(a.symbol, b.symbol)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** The first place whose time is not before a limit. */
function firstFrom(times: Float64Array, limit: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! >= limit) high = middle
    else low = middle + 1
  }
  return low
}

function nativeOf(
  market: SweepMarket,
  candles: CandleColumns,
  terms: SweepTerms,
  { needs, ratio }: { readonly needs: number; readonly ratio: Float64Array },
) {
  const { instrument } = market
  const native = sweepMarket({ ...candles, volumeRatio: ratio }, packed(market, terms), needs)
  if (native !== undefined) return native
  const { open, close } = candles
  const bar = close.findIndex((price, at) => !(ticksOf(instrument, Math.min(price, open[at]!)) > 0))
  const seen =
    bar < 0 ? 'too many ticks to be summed up exactly' : `open ${open[bar]}, close ${close[bar]} at bar ${bar}`
  throw new SmartspeedError('VALUE_IMPOSSIBLE', `candles of ${instrument.symbol} cannot be swept: ${seen}`, {
    fix: 'leave such bars out, or sweep a shorter range',
  })
}

/** Where the UTC days end that lie between the first close of all markets and the last. */
function daysOf(opens: readonly Float64Array[], interval: number): Float64Array {
  const known = opens.filter(({ length }) => length > 0)
  if (known.length === 0) return new Float64Array(0)
  const first = Math.min(...known.map((times) => times[0]!))
  const last = Math.max(...known.map((times) => times.at(-1)!))
  return Float64Array.from(dayBounds(first + interval, last + interval).slice(1))
}
