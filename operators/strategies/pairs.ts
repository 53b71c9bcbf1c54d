// Sells what has become dear against its pair and buys the other, and waits for them to come back together.
import { z } from 'zod'
import type { BarView, Desk } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { legsOf, sizeWithin } from './legs.ts'
import { type Fit, type RegressionState, RollingRegression } from './rolling-regression.ts'
import { defineStrategy } from './strategy.ts'

const parameters = z
  .strictObject({
    first: z
      .string()
      .optional()
      .describe('the instrument that is explained, as BTCUSDT or binance:BTCUSDT; the run’s first when left out'),
    second: z.string().optional().describe('the one that explains it; the run’s next when left out'),
    bars: z.int().min(3).max(10_000).default(240).describe('bars of the regression, the newest included'),
    entry: z.number().positive().max(100).default(2).describe('deviations from the line at which it enters'),
    exit: z.number().min(0).max(100).default(0).describe('deviations at which it leaves; 0 is the line; below entry'),
    stop: z.number().positive().max(1000).default(4).describe('deviations at which it gives up; above entry'),
    maxHalfLife: z
      .number()
      .min(0)
      .default(0)
      .describe('longest half-life of a distance to the line, in bars, at which it enters (0: any)'),
    maxBars: z.int().min(0).max(1_000_000).default(0).describe('bars after which it leaves whatever came (0: none)'),
    size: z.number().positive().default(1).describe('size of the position in the first, in the exchange’s unit'),
  })
  .refine(({ exit, entry }) => exit < entry, { message: 'exit must be below entry', path: ['exit'] })
  .refine(({ stop, entry }) => stop > entry, { message: 'stop must be above entry', path: ['stop'] })

type Parameters = z.output<typeof parameters>

/**
 * At each bar that both have closed: the line ln(first) = alpha + beta × ln(second) through the last `bars` closes, and
 * z = distance of the newest close to it / deviation of all of them.
 *
 * - It enters at |z| ≥ entry, and below stop: long the first and short the second at z < 0, the other way round at z > 0; with
 *   a beta above 0, and a half-life of at most `maxHalfLife` where that is given. The second is held with beta times the first's
 *   value, as of that bar.
 * - It leaves both when z is back within `exit`, at |z| ≥ stop, or `maxBars` bars after it entered. After the last two the same
 *   side waits until z has been back within `exit`.
 * - Leg risk: when nothing is on its way any more and one leg is not there, both are closed.
 *
 * Sources: E. Gatev, W. Goetzmann, K. Rouwenhorst (2006), "Pairs Trading: Performance of a Relative-Value Arbitrage Rule";
 * G. Vidyamurthy (2004), "Pairs Trading" (the regression of logarithms); E. Chan (2013), "Algorithmic Trading", chapter 2 (half-life).
 */
export const pairs = defineStrategy({
  name: 'pairs',
  summary: 'against the distance of two instruments from the line that ties them, until it is gone',
  parameters,
  warmup: ({ bars }) => bars,
  needs: 'bars',
  create(params, desk) {
    const pair = new Pair(legsOf(desk, { strategy: 'pairs', names: params }), params, desk)
    return {
      bar: (bar) => pair.bar(bar),
      save: () => pack({ state: pair.state, regression: pair.regression.save() } satisfies Saved),
      load: (bytes) => {
        const { state, regression } = unpack<Saved>(bytes)
        pair.state = state
        pair.regression.load(regression)
      },
    }
  },
})

interface Saved {
  readonly state: State
  readonly regression: RegressionState
}

interface State {
  /** The last close of each leg, and when its bar began. */
  readonly opened: [number, number]
  readonly closes: [number, number]
  /** 1: long the first and short the second; −1; 0 neither. */
  side: number
  held: number
  /** The side that must not be entered before z was back within `exit`; 0 none. */
  spent: number
}

class Pair {
  state: State = { opened: [Number.NaN, Number.NaN], closes: [0, 0], side: 0, held: 0, spent: 0 }
  readonly regression: RollingRegression
  private readonly legs: readonly [Instrument, Instrument]
  private readonly params: Parameters
  private readonly desk: Desk

  constructor(legs: readonly [Instrument, Instrument], params: Parameters, desk: Desk) {
    this.regression = new RollingRegression(params.bars)
    this.legs = legs
    this.params = params
    this.desk = desk
  }

  bar({ instrument, openTime, close }: BarView): void {
    const { opened, closes } = this.state
    const leg = this.legs[0].index === instrument ? 0 : this.legs[1].index === instrument ? 1 : undefined
    if (leg === undefined) return
    opened[leg] = openTime
    closes[leg] = close
    if (opened[0] !== opened[1]) return
    this.regression.push(closes[1], closes[0])
    const fit = this.regression.fit()
    if (fit !== undefined) this.decide(fit)
  }

  private decide(fit: Fit): void {
    const { state, params } = this
    const z = fit.deviation > 0 ? fit.residual / fit.deviation : 0
    if (state.spent !== 0 && -state.spent * z <= params.exit) state.spent = 0
    if (state.side !== 0) this.hold(z)
    else if (Math.abs(z) >= params.entry && Math.abs(z) < params.stop) this.enter(z > 0 ? -1 : 1, fit)
  }

  private hold(z: number): void {
    const { state, params } = this
    state.held++
    const away = -state.side * z
    if (away <= params.exit) this.leave('back at the line')
    else if (away >= params.stop) this.giveUp('too far from the line')
    else if (params.maxBars > 0 && state.held >= params.maxBars) this.giveUp('held long enough')
    else if (this.isBroken()) this.giveUp('one leg is missing')
  }

  private enter(side: 1 | -1, fit: Fit): void {
    const { state, params, legs, desk } = this
    if (side === state.spent || !(fit.beta > 0)) return
    if (params.maxHalfLife > 0 && !(this.regression.halfLife(fit) <= params.maxHalfLife)) return
    const [first, second] = legs
    const hedge = (fit.beta * params.size * first.contractSize * state.closes[0]) / state.closes[1]
    const size = sizeWithin(second, hedge)
    if (size === 0) return
    state.side = side
    state.held = 0
    const reason = side > 0 ? 'the first is cheap against the second' : 'the first is dear against the second'
    desk.target(first.index, side * params.size, reason)
    desk.target(second.index, -side * size, reason)
  }

  private giveUp(reason: string): void {
    this.state.spent = this.state.side
    this.leave(reason)
  }

  private leave(reason: string): void {
    const { state, legs, desk } = this
    state.side = 0
    desk.target(legs[0].index, 0, reason)
    desk.target(legs[1].index, 0, reason)
  }

  private isBroken(): boolean {
    const { desk, legs } = this
    if (desk.busy(legs[0].index) || desk.busy(legs[1].index)) return false
    return (desk.position(legs[0].index) === 0) !== (desk.position(legs[1].index) === 0)
  }
}
