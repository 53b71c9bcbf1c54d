// Long while the fast mean of closes is above the slow one; the means are compared without rounding.
import { z } from 'zod'
import { ticksOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { defineStrategy } from './strategy.ts'

const parameters = z
  .strictObject({
    fast: z.int().min(1).max(100_000).default(10).describe('bars of the fast mean'),
    slow: z.int().min(2).max(100_000).default(30).describe('bars of the slow mean; more than fast'),
    size: z.number().positive().default(1).describe('size of the position, in the exchange’s unit'),
    mode: z
      .enum(['long-flat', 'long-short'])
      .default('long-flat')
      .describe('what follows a fall below: no position, or a short one'),
  })
  .refine(({ fast, slow }) => fast < slow, { message: 'fast must be below slow', path: ['fast'] })

/**
 * On each bar from the `slow`-th on, s = sign(mean of the last `fast` closes − mean of the last `slow` closes). It goes
 * long when s turns > 0 from ≤ 0, and out (or short) when s turns < 0 from ≥ 0; s before the `slow`-th bar counts as 0.
 *
 * Closes are summed in whole ticks, and sumFast × slow is held against sumSlow × fast: no rounding, and no drift however
 * long the series. Each instrument is traded by itself.
 */
export const smaCross = defineStrategy({
  name: 'sma-cross',
  summary: 'long while a fast mean of closes is above a slow one',
  parameters,
  warmup: ({ slow }) => slow,
  needs: 'bars',
  create({ fast, slow, size, mode }, desk) {
    let means = desk.instruments.map(() => empty(slow))
    return {
      bar({ instrument, close }) {
        const mean = means[instrument]!
        push(mean, ticksOf(desk.instruments[instrument]!, close), fast)
        if (mean.count < slow) return
        const sign = Math.sign(mean.fast * slow - mean.slow * fast)
        const before = mean.sign
        mean.sign = sign
        if (sign > 0 && before <= 0) desk.target(instrument, size, 'fast mean above slow mean')
        if (sign < 0 && before >= 0)
          desk.target(instrument, mode === 'long-flat' ? 0 : -size, 'fast mean below slow mean')
      },
      save: () => pack(means),
      load: (bytes) => {
        means = unpack(bytes)
      },
    }
  },
})

/** The last `slow` closes in ticks as a ring, with the sums of the last `fast` and of all: whole numbers below 2⁵³. */
interface Means {
  readonly closes: Float64Array
  count: number
  at: number
  fast: number
  slow: number
  sign: number
}

function empty(slow: number): Means {
  return { closes: new Float64Array(slow), count: 0, at: 0, fast: 0, slow: 0, sign: 0 }
}

function push(mean: Means, ticks: number, fast: number): void {
  const { closes, at } = mean
  const size = closes.length
  mean.slow += ticks - closes[at]!
  mean.fast += ticks - closes[at >= fast ? at - fast : at - fast + size]!
  closes[at] = ticks
  mean.at = at + 1 === size ? 0 : at + 1
  mean.count++
}
