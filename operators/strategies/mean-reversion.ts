// Enters against a close that stands far from the mean of its last bars, and leaves at the mean.
import { z } from 'zod'
import { priceOf, ticksOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { defineStrategy } from './strategy.ts'

const parameters = z
  .strictObject({
    bars: z.int().min(2).max(10_000).default(20).describe('bars of the mean and of the deviation, the newest included'),
    entry: z.number().positive().max(100).default(2).describe('deviations from the mean at which it enters'),
    edge: z
      .number()
      .min(0)
      .max(1)
      .default(0.002)
      .describe('smallest distance to the mean that is worth a trade, as a share of the mean'),
    exit: z.number().min(0).max(100).default(0).describe('deviations at which it leaves; 0 is the mean; below entry'),
    stop: z
      .number()
      .min(0)
      .max(0.99)
      .default(0.02)
      .describe('loss at which it leaves, as a share of the close it entered on (0: none)'),
    maxBars: z.int().min(0).max(1_000_000).default(0).describe('bars after which it leaves whatever came (0: none)'),
    size: z.number().positive().default(1).describe('size of the position, in the exchange’s unit'),
    mode: z
      .enum(['long-flat', 'long-short'])
      .default('long-short')
      .describe('whether a close far above the mean is sold short'),
  })
  .refine(({ exit, entry }) => exit < entry, { message: 'exit must be below entry', path: ['exit'] })

type Parameters = z.output<typeof parameters>

/**
 * At each bar from the `bars`-th on, with the mean and the population standard deviation of the last `bars` closes:
 * z = (close − mean) / deviation; 0 where all closes are equal.
 *
 * - It enters long at z ≤ −entry, and short (long-short) at z ≥ entry, when |close − mean| ≥ edge × mean.
 * - It leaves a long at z ≥ −exit and a short at z ≤ exit; before that at a close that lost `stop` of the close it
 *   entered on, or `maxBars` bars after it. After those two the same side waits until the close has been back at `exit`.
 *
 * Means are taken over whole ticks, window by window: they neither round nor drift. Each instrument is traded by itself.
 * What it remembers is what it asked for: a refused order is not asked for again before its next entry.
 *
 * Sources: J. Bollinger (2001), "Bollinger on Bollinger Bands" (mean ± 2 deviations of 20 bars); E. Chan (2013),
 * "Algorithmic Trading", chapter 2 (entry and exit by the z-score of the price).
 */
export const meanReversion = defineStrategy({
  name: 'mean-reversion',
  summary: 'against a close that is deviations away from its mean, until it is back',
  parameters,
  warmup: ({ bars }) => bars,
  needs: 'bars',
  create(params, desk) {
    let states = desk.instruments.map(() => empty(params.bars))
    return {
      bar({ instrument, close }) {
        const one = desk.instruments[instrument]!
        const state = states[instrument]!
        const ticks = ticksOf(one, close)
        const score = scoreOf(state, ticks)
        if (score === undefined) return
        const was = state.side
        const why = leave(state, { ...score, ticks }, params)
        const side = state.side === 0 ? enter(state, { ...score, ticks }, params) : 0
        if (state.side === was) return
        const stop = params.stop > 0 ? priceOf(one, ticks) * (1 - side * params.stop) : undefined
        if (side === 0) desk.target(instrument, 0, why!)
        else {
          const reason = side > 0 ? 'far below the mean' : 'far above the mean'
          desk.target(instrument, side * params.size, reason, { stop, takeProfit: priceOf(one, score.mean) })
        }
      },
      save: () => pack(states),
      load: (bytes) => {
        states = unpack(bytes)
      },
    }
  },
})

interface State {
  /** The last closes in ticks, as a ring. */
  readonly closes: Float64Array
  count: number
  /** 1 long, −1 short, 0 neither. */
  side: number
  /** Close that it entered on, ticks. */
  entered: number
  /** Bars since it entered. */
  held: number
  /** The side that must not be entered before the close was back at the mean; 0 none. */
  spent: number
}

interface Score {
  readonly mean: number
  readonly z: number
}

function empty(bars: number): State {
  return { closes: new Float64Array(bars), count: 0, side: 0, entered: 0, held: 0, spent: 0 }
}

/** Takes a close in; the mean in ticks and the score as of it, undefined before there are enough. */
function scoreOf(state: State, ticks: number): Score | undefined {
  const { closes } = state
  closes[state.count % closes.length] = ticks
  state.count++
  if (state.count < closes.length) return undefined
  let sum = 0
  for (const close of closes) sum += close
  const mean = sum / closes.length
  let squares = 0
  for (const close of closes) squares += (close - mean) * (close - mean)
  const deviation = Math.sqrt(squares / closes.length)
  return { mean, z: deviation > 0 ? (ticks - mean) / deviation : 0 }
}

/** Ends the position where a rule says so, and gives the reason. */
function leave(
  state: State,
  { z, ticks }: Score & { ticks: number },
  { exit, stop, maxBars }: Parameters,
): string | undefined {
  const { side, entered, spent } = state
  if (spent * z >= -exit) state.spent = 0
  if (side === 0) return undefined
  state.held++
  const isBack = side * z >= -exit
  const isLost = stop > 0 && side * (ticks - entered) <= -stop * entered
  const isLate = maxBars > 0 && state.held >= maxBars
  if (!isBack && !isLost && !isLate) return undefined
  state.side = 0
  if (!isBack) state.spent = side
  return isBack ? 'back at the mean' : isLost ? `lost ${stop} of its price` : `held for ${maxBars} bars`
}

/** The side that it enters, 0 for none. */
function enter(state: State, { mean, z, ticks }: Score & { ticks: number }, { entry, edge, mode }: Parameters): number {
  if (!(Math.abs(z) >= entry) || Math.abs(ticks - mean) < edge * mean) return 0
  const side = z < 0 ? 1 : -1
  if (side === state.spent || (side === -1 && mode === 'long-flat')) return 0
  state.side = side
  state.entered = ticks
  state.held = 0
  return side
}
