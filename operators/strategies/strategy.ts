// What a strategy is: a name, typed parameters, and what it does at its instants.
import type { z } from 'zod'
import type { Desk, Trader } from '../desk.ts'
import type { CandleColumns } from '../research/vectorized/columns.ts'

/**
 * A strategy. `create` starts one from nothing; all that it remembers is in what its trader saves, so that a run can be
 * stopped and resumed. It may look only at its desk and at what its handlers are given: no clock, no random numbers, no files.
 */
export interface Strategy<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly summary: string
  /** A zod object whose fields have defaults and descriptions: parameters are typed, validated and documented from it. */
  readonly parameters: P
  /** Bars after which its signals can be trusted; 0 for those that need none. */
  warmup(params: z.output<P>): number
  /** What wakes it: closed bars, or every trade, quote and book row. */
  readonly needs: 'bars' | 'ticks'
  /** True when it asks its desk for features; they are computed only then, or when they are kept. */
  readonly features?: boolean
  /** True when it asks its desk for regimes. */
  readonly regimes?: boolean
  /** Intervals, beside the run's, whose last closed bar it asks its desk for: `1h`, `4h`. */
  intervals?(params: z.output<P>): readonly string[]
  create(params: z.output<P>, desk: Desk): Trader
  /**
   * The same decisions over whole columns, so that sweeps need not go through them bar by bar: for each bar the signed size that the trader
   * would ask its desk for at its close (`desk.target`), NaN where it asks for nothing. Only for a strategy that trades each instrument by
   * itself and decides by candles alone, neither by its position nor by its executions. Bar i may rest on bars 0 to i and on no later one:
   * a test that holds it against a backtest (docs/sweeps.md) shows where it does not.
   */
  vectorized?(candles: CandleColumns, params: z.output<P>): Float64Array
}

/** Gives a strategy the types of its parameters; changes nothing. */
export function defineStrategy<P extends z.ZodType>(strategy: Strategy<P>): Strategy<P> {
  return strategy
}
