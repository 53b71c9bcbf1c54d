// A size whose stop is some average true ranges away.
import { z } from 'zod'
import { IndicatorEngine } from '../indicators/engine.ts'
import { parseIndicator } from '../indicators/parse.ts'
import { entryOf, noEquity, noPrice, sizeLosing } from './entry.ts'
import type { SizingRule } from './sizing.ts'

const parameters = z.strictObject({
  risk: z
    .number()
    .positive()
    .max(1)
    .default(0.02)
    .describe('share of equity that the distance may cost; S4 §3.5.1: 0.02'),
  multiplier: z.number().positive().max(100).default(2).describe('the distance in average true ranges; S4 §3.5.1: 2'),
  period: z.int().min(1).max(10_000).default(14).describe('bars of the average true range'),
})

/** The size that loses `risk` of the equity over `multiplier` average true ranges of the run's bars. */
export const atr: SizingRule<typeof parameters> = {
  name: 'atr',
  summary: 'the size that loses a fixed share of equity over some average true ranges',
  needs: 'bars',
  parameters,
  create({ risk, multiplier, period }, { instruments }) {
    const ranges = instruments.map(() => new RangeMeter(period))
    return {
      bar: (bar) => ranges[bar.instrument]!.bar(bar),
      size(signal, _size, view) {
        const { price, isBuy } = entryOf(signal, view)
        const equity = view.portfolio.equity() / 1e8
        const range = ranges[view.instrument.index]!.value
        if (!(price > 0)) return noPrice
        if (!(equity > 0)) return noEquity(equity)
        if (Number.isNaN(range)) return { reason: 'NOT_WARM', detail: `fewer than ${period + 1} bars were seen` }
        const distance = range * multiplier
        if (!(distance > 0)) return { reason: 'NO_RANGE', value: range, limit: 0, detail: 'the price has not moved' }
        if (!view.instrument.inverse)
          return atrSize({ equity, risk, atr: range, multiplier }) / view.instrument.contractSize
        return sizeLosing(
          view.instrument,
          equity * risk,
          price,
          isBuy ? Math.max(price - distance, 0) : price + distance,
        )
      },
      save: () => ranges.map((one) => one.save()),
      load(state) {
        for (const [at, one] of (state as SavedRange[]).entries()) ranges[at]!.load(one)
      },
    }
  },
}

type SavedRange = ReturnType<RangeMeter['save']>

/** The average true range of one instrument's bars as they close, in units of price: the indicator `atr`. */
export class RangeMeter {
  /** NaN before period + 1 bars. */
  value = Number.NaN
  private readonly engine: IndicatorEngine
  private readonly bars = {
    high: new Float64Array(1),
    low: new Float64Array(1),
    close: new Float64Array(1),
    volume: new Float64Array(1),
  }
  private readonly out = new Float64Array(1)

  constructor(period: number) {
    this.engine = new IndicatorEngine([parseIndicator(`atr:${period}`)])
  }

  bar({ high, low, close }: { readonly high: number; readonly low: number; readonly close: number }): void {
    this.bars.high[0] = high
    this.bars.low[0] = low
    this.bars.close[0] = close
    this.value = this.engine.run(this.bars, this.out)[0]!
  }

  save() {
    return { value: this.value, engine: this.engine.save() }
  }

  load({ value, engine }: { readonly value: number; readonly engine: Uint8Array }): void {
    this.value = value
    this.engine.load(engine)
  }
}

/**
 * The size, in units of the base asset, of which `risk` of the equity is lost when the price moves `multiplier` average true ranges:
 * equity × risk / (atr × multiplier). All above 0, `atr` in units of price.
 *
 * Source: R. Faith (2007), "Way of the Turtle", units of volatility; J. W. Wilder (1978) for the average true range.
 */
export function atrSize(given: {
  readonly equity: number
  readonly risk: number
  readonly atr: number
  readonly multiplier: number
}): number {
  const { equity, risk, atr, multiplier } = given
  return (equity * risk) / (atr * multiplier)
}
