// Folds whose training part knows nothing of the test part: labels that overlap it are purged, and what follows it is embargoed.
import { impossible } from './impossible.ts'
import { blockStarts } from './pbo.ts'

/** Indices of observations, rising. */
export interface Fold {
  readonly train: Int32Array
  readonly test: Int32Array
}

/** From `from` up to but without `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/**
 * Cuts observations into `folds` blocks in order of time, the first ones one longer where they do not divide; each is the test once.
 *
 * In:     labelEnds — the last observation that the label of each depends on, at or after it.
 *         embargo — observations left out behind the end of the test’s labels.
 * Errors: SmartspeedError CONFIG_INVALID for fewer than 2 folds, more than observations, or labels that end before they begin.
 * Source: López de Prado (2018), "Advances in Financial Machine Learning", ch. 7.
 */
export function purgedKFold({
  observations,
  labelEnds,
  folds,
  embargo,
}: {
  observations: number
  labelEnds: ArrayLike<number>
  folds: number
  embargo: number
}): Fold[] {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= observations)) {
    throw impossible(
      `${folds} folds of ${observations} observations`,
      `give 2…${observations} folds, with observations in each`,
    )
  }
  checkLabels(labelEnds, observations)
  const starts = blockStarts(observations, folds)
  return starts.slice(0, folds).map((from, fold) => {
    const test = { from, to: starts[fold + 1]! }
    return {
      train: purgedTrain([test], { observations, labelEnds, embargo }),
      test: Int32Array.from({ length: test.to - from }, (_, i) => from + i),
    }
  })
}

/**
 * The observations outside the tests whose label [i, labelEnds[i]] shares none with a test's, from its first observation to the
 * end of its last label, and does not begin within the embargo behind it.
 */
export function purgedTrain(
  tests: readonly Range[],
  { observations, labelEnds, embargo }: { observations: number; labelEnds: ArrayLike<number>; embargo: number },
): Int32Array {
  const out = new Uint8Array(observations)
  for (const { from, to } of tests) {
    let last = to - 1
    for (let i = from; i < to; i++) last = Math.max(last, labelEnds[i]!)
    for (let i = 0; i < observations; i++) if (i <= last + embargo && labelEnds[i]! >= from) out[i] = 1
  }
  return Int32Array.from({ length: observations }, (_, i) => i).filter((i) => out[i] === 0)
}

function checkLabels(labelEnds: ArrayLike<number>, observations: number): void {
  if (labelEnds.length !== observations) {
    throw impossible(
      `${labelEnds.length} labelEnds for ${observations} observations`,
      'give the end of each observation’s label',
    )
  }
  for (let i = 0; i < observations; i++) {
    if (!(Number.isInteger(labelEnds[i]) && labelEnds[i]! >= i)) {
      throw impossible(
        `labelEnds[${i}] = ${labelEnds[i]}: a label ends at or after its observation`,
        'give indices of observations, counted from 0; [0,1,2,…] for labels of one observation each',
      )
    }
  }
}
