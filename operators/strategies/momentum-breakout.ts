// Follows a close that breaks out of the channel of its last bars on more volume than usual.
import { z } from 'zod'
import type { BarView } from '../desk.ts'
import { pack, unpack } from '../stage.ts'
import { defineStrategy } from './strategy.ts'

const parameters = z.strictObject({
  bars: z.int().min(2).max(10_000).default(20).describe('bars before this one whose high and low are the channel'),
  beyond: z
    .number()
    .min(0)
    .max(1)
    .default(0.005)
    .describe('how far beyond the channel a close must be, as a share of its edge'),
  volumeFactor: z
    .number()
    .min(0)
    .max(1000)
    .default(1.5)
    .describe('smallest volume_ratio: volume over the mean of the 20 bars before (0: any volume)'),
  exitBars: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('bars before this one whose opposite edge ends the position'),
  trail: z
    .number()
    .min(0)
    .max(0.99)
    .default(0.02)
    .describe('fall from the best price since entry that ends the position, as a share of it (0: none)'),
  size: z.number().positive().default(1).describe('size of the position, in the exchange’s unit'),
  mode: z
    .enum(['long-flat', 'long-short'])
    .default('long-short')
    .describe('whether a breakout downwards is sold short'),
})

type Parameters = z.output<typeof parameters>

/**
 * The channel of n bars is the highest high and the lowest low of the n bars before this one.
 *
 * - It enters long at a close ≥ high of `bars` × (1 + beyond), and short (long-short) at a close ≤ low of `bars` ×
 *   (1 − beyond), when the feature `volume_ratio` is at least `volumeFactor`. Before the feature is known it enters nothing.
 * - It leaves a long at a close below the low of `exitBars`, or at `trail` or more below the highest high since entry (of the
 *   entry's own bar its close); a short likewise. A breakout to the other side on the same bar turns the position over.
 *
 * Each instrument is traded by itself. What it remembers is what it asked for.
 *
 * Sources: R. Donchian's channels, with a shorter one for the exit as in C. Faith (2007), "Way of the Turtle";
 * T. Moskowitz, Y. H. Ooi, L. H. Pedersen (2012), "Time series momentum"; that volume adds to what a price says:
 * L. Blume, D. Easley, M. O'Hara (1994), "Market statistics and technical analysis: the role of volume".
 */
export const momentumBreakout = defineStrategy({
  name: 'momentum-breakout',
  summary: 'with a close beyond the channel of its last bars, on more volume than usual',
  parameters,
  warmup: ({ bars, exitBars }) => Math.max(bars, exitBars, 20) + 1,
  needs: 'bars',
  features: true,
  create(params, desk) {
    const { bars, exitBars, size } = params
    let states = desk.instruments.map(() => empty(Math.max(bars, exitBars)))
    return {
      bar(bar) {
        const { instrument, close } = bar
        const state = states[instrument]!
        const was = state.side
        const why = leave(state, bar, params)
        // A bar that ended a position may turn it over, but not begin it again.
        const broken = state.side === 0 ? breakout(state, close, desk.feature(instrument, 'volume_ratio'), params) : 0
        const side = broken === was ? 0 : broken
        if (side !== 0) {
          state.side = side
          state.best = close
        }
        push(state, bar)
        if (state.side === was) return
        if (side === 0) desk.target(instrument, 0, why!)
        else {
          const stop = params.trail > 0 ? close * (1 - side * params.trail) : undefined
          desk.target(instrument, side * size, side > 0 ? 'above the channel' : 'below the channel', { stop })
        }
      },
      save: () => pack(states),
      load: (bytes) => {
        states = unpack(bytes)
      },
    }
  },
})

type HighLow = Pick<BarView, 'high' | 'low'>

interface State {
  /** Of the last bars, as rings. */
  readonly highs: Float64Array
  readonly lows: Float64Array
  count: number
  /** 1 long, −1 short, 0 neither. */
  side: number
  /** Best price since it entered: the highest of a long, the lowest of a short. */
  best: number
}

function empty(bars: number): State {
  return { highs: new Float64Array(bars), lows: new Float64Array(bars), count: 0, side: 0, best: 0 }
}

function push(state: State, { high, low }: HighLow): void {
  const at = state.count % state.highs.length
  state.highs[at] = high
  state.lows[at] = low
  state.count++
}

/** Highest high and lowest low of the last `bars` bars; what no close is beyond when there are fewer. */
function channel({ highs, lows, count }: State, bars: number): HighLow {
  if (count < bars) return { high: Number.POSITIVE_INFINITY, low: Number.NEGATIVE_INFINITY }
  let high = Number.NEGATIVE_INFINITY
  let low = Number.POSITIVE_INFINITY
  for (let back = 1; back <= bars; back++) {
    const at = (count - back) % highs.length
    high = Math.max(high, highs[at]!)
    low = Math.min(low, lows[at]!)
  }
  return { high, low }
}

/** Ends the position where a rule says so, and gives the reason. */
function leave(state: State, bar: BarView, { exitBars, trail }: Parameters): string | undefined {
  const { side } = state
  if (side === 0) return undefined
  const { close } = bar
  const { high, low } = channel(state, exitBars)
  state.best = side > 0 ? Math.max(state.best, bar.high) : Math.min(state.best, bar.low)
  const isOut = side > 0 ? close < low : close > high
  const isTrailed = trail > 0 && (side > 0 ? close <= state.best * (1 - trail) : close >= state.best * (1 + trail))
  if (!isOut && !isTrailed) return undefined
  state.side = 0
  return isOut ? 'through the other edge of the exit channel' : 'fell back from its best price'
}

/** The side on which a close breaks out with enough volume, 0 for none. */
function breakout(
  state: State,
  close: number,
  volumeRatio: number,
  { bars, beyond, volumeFactor, mode }: Parameters,
): number {
  if (volumeFactor > 0 && !(volumeRatio >= volumeFactor)) return 0
  const { high, low } = channel(state, bars)
  const side = close >= high * (1 + beyond) ? 1 : close <= low * (1 - beyond) ? -1 : 0
  return side === -1 && mode === 'long-flat' ? 0 : side
}
