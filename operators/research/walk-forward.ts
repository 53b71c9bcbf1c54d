// Walk-forward analysis: choose on the past, trade what comes next, again and again.
import { type Choice, choose, type Efficiency, efficiencyOf, type OutOfSample, outOfSampleOf } from './choice.ts'
import { impossible } from './statistics/impossible.ts'
import type { Range } from './statistics/purged-k-fold.ts'
import { seriesOf, type TrialMatrix } from './trial-matrix.ts'

/**
 * Either `windows`, which test the later half of the days in so many equal parts and train on as many days as lie before the
 * first (rolling) or on all days before (anchored); or lengths in observations.
 */
export type WalkForwardOptions = { readonly anchored?: boolean } & ({ readonly windows: number } | WindowLengths)

export interface WindowLengths {
  /** Of the first window, where it is anchored. */
  readonly train: number
  readonly test: number
  /** From one window to the next; a test length when it is not given. */
  readonly step?: number | undefined
}

export interface WalkForward extends Efficiency {
  readonly windows: readonly Choice[]
  /** The tests one after the other; a day that several windows test is the first one's. */
  readonly outOfSample: OutOfSample
}

export function walkForward(matrix: TrialMatrix, options: WalkForwardOptions): WalkForward {
  const cut = walkForwardWindows(matrix.observations, options)
  const windows = cut.map(({ train, test }) => choose(matrix, [train], [test]))
  const days: number[] = []
  const returns: number[] = []
  for (const [window, { test }] of cut.entries()) {
    const series = seriesOf(matrix, windows[window]!.trial)
    for (let day = Math.max(test.from, (days.at(-1) ?? -1) + 1); day < test.to; day++) {
      days.push(day)
      returns.push(series[day]!)
    }
  }
  return { windows, ...efficiencyOf(windows), outOfSample: outOfSampleOf(matrix, days, Float64Array.from(returns)) }
}

/**
 * Where each window trains and tests. The test begins where the training ends. Days at the end that fill no whole window are left
 * out; by `windows` there are none.
 *
 * Errors: SmartspeedError CONFIG_INVALID when not one window fits, or a training or a test is shorter than 2 observations.
 */
export function walkForwardWindows(
  observations: number,
  options: WalkForwardOptions,
): { readonly train: Range; readonly test: Range }[] {
  const { anchored = false } = options
  const { train, test, step } = lengths(observations, options)
  const count = Math.floor((observations - train - test) / step) + 1
  return Array.from({ length: count }, (_, window) => {
    const from = window * step
    const middle = from + train
    return { train: { from: anchored ? 0 : from, to: middle }, test: { from: middle, to: middle + test } }
  })
}

function lengths(observations: number, options: WalkForwardOptions) {
  if ('windows' in options) {
    const { windows } = options
    const test = Math.floor(observations / 2 / windows)
    if (!(Number.isInteger(windows) && windows >= 1 && test >= 2)) {
      throw impossible(
        `${windows} windows over ${observations} days`,
        `give 1…${Math.max(1, Math.floor(observations / 4))} windows, of which each tests at least 2 days, or more days`,
      )
    }
    return { train: observations - windows * test, test, step: test }
  }
  const { train, test, step = test } = options
  if (!(whole(train, 2) && whole(test, 2) && whole(step, 1) && train + test <= observations)) {
    throw impossible(
      `windows that train on ${train} and test on ${test} days, every ${step}, over ${observations} days`,
      'give whole numbers, at least 2 days to train and 2 to test, which fit into the days',
    )
  }
  return { train, test, step }
}

const whole = (value: number, least: number): boolean => Number.isInteger(value) && value >= least
