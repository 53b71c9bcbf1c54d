// Regimes of any number of instruments over columns of bars: Rust's state and what it gives, under names.
import { regimeIn, regimeOut, regimeProbabilities, regimeStep, regimeStride } from '../../native/regime.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { type Horizon, horizons } from './horizons.ts'
import { ladders } from './ladders.ts'

/** One horizon of one bar. */
export interface RegimeRow {
  readonly horizon: Horizon
  readonly regime: string
  readonly confidence: number
  readonly strength: number
  /** When it began, µs. */
  readonly since: number
  /** Of each regime of the ladder, in its order, to be the next bar's. */
  readonly probabilities: readonly number[]
}

/** Bars in the order in which they closed, as columns of one length. */
export interface RegimeBars {
  /** Of the engine's instruments: 0, 1, … */
  readonly instrument: ArrayLike<number>
  /** When each closed, µs. */
  readonly time: ArrayLike<number>
  readonly close: ArrayLike<number>
  readonly volume: ArrayLike<number>
  /** Funding rate known at that time, a share a payment; NaN where none is. */
  readonly funding: ArrayLike<number>
}

const dayUs = 86_400_000_000

export class RegimeEngine {
  /** All that is remembered; the instruments' stand one after another. */
  state: Float64Array
  private readonly barUs: number
  /** Memory of the last call, used again. */
  private bars = new Float64Array(0)
  private out = new Float64Array(0)

  /** Errors: CONFIG_INVALID unless a bar is above 0 and at most a day long. */
  constructor(instruments: number, barUs: number) {
    if (!(barUs > 0 && barUs <= dayUs)) {
      throw new SmartspeedError('CONFIG_INVALID', `regimes need bars of a fixed time up to a day, not of ${barUs} µs`, {
        fix: 'choose an interval such as 1m, 5m, 1h',
      })
    }
    this.barUs = barUs
    this.state = new Float64Array(instruments * regimeStride(barUs))
  }

  /** Takes bars and gives `regimeOut` doubles of each, until the next call: what `native/regime.ts` says. */
  run({ instrument, time, close, volume, funding }: RegimeBars): Float64Array {
    const rows = time.length
    if (rows * regimeOut > this.out.length) {
      this.bars = new Float64Array(rows * regimeIn)
      this.out = new Float64Array(rows * regimeOut)
    }
    const { bars } = this
    bars.set(instrument)
    bars.set(time, rows)
    bars.set(close, rows * 2)
    bars.set(volume, rows * 3)
    bars.set(funding, rows * 4)
    regimeStep(this.state, this.barUs, rows, bars, this.out)
    return this.out
  }
}

/** The horizons of a bar that have a regime, in their order. */
export function regimeRowsOf(out: Float64Array, bar: number): RegimeRow[] {
  return horizons.flatMap((horizon, number) => {
    const at = bar * regimeOut + number * 4
    const ladder = ladders[horizon]
    const regime = ladder[out[at]!]
    if (regime === undefined) return []
    const first = bar * regimeOut + regimeProbabilities[number]!
    const probabilities = Array.from(out.subarray(first, first + ladder.length))
    const [confidence, strength, since] = [out[at + 1]!, out[at + 2]!, out[at + 3]!]
    return [{ horizon, regime, confidence, strength, since, probabilities }]
  })
}

/** Bars after which a horizon has a regime; undefined where a bar is longer than it. */
export function regimeWarmup(horizon: Horizon, barUs: number): number | undefined {
  const us = { '1m': 60e6, '1h': 3600e6, '24h': dayUs, risk: dayUs }[horizon]
  return barUs > us ? undefined : Math.max(20, Math.floor(us / barUs + 0.5)) + 1
}
