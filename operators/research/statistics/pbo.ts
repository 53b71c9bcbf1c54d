// How often what was best in one half of the data is in the lower half of the other: the probability of backtest overfitting.
import { ln } from '../../../native/index.ts'
import { impossible } from './impossible.ts'
import { sharpeOf } from './sharpe-of.ts'

export interface Pbo {
  /** Share of the splits whose logit is not above 0, in [0, 1]. */
  readonly pbo: number
  /** C(blocks, blocks / 2). */
  readonly splits: number
  /**
   * One a split, in the order of combinations of in-sample blocks (0 1 2 …, then the last one moves first): ln(ω / (1 − ω)), where
   * ω = rank / (trials + 1) is where the trial that was best in sample stands out of sample; above 0 is the better half.
   */
  readonly logits: Float64Array
  /** Share of the splits in which the trial that was best in sample loses out of sample: its Sharpe ratio there is below 0. */
  readonly loss: number
}

/** 20 blocks are 184,756 splits; 16, the paper's own, 12,870. */
export const maxBlocks = 20

/**
 * Combinatorially symmetric cross-validation with the Sharpe ratio. Of equal trials the first is best in sample, and they share
 * the mean of their ranks out of sample. Each block's sums are taken once; a split adds them up in the order of the blocks.
 *
 * In:     returns — trial after trial, each `observations` long and in order of time. blocks — even; the first blocks are one
 *         observation longer where they do not divide the observations.
 * Errors: SmartspeedError CONFIG_INVALID for an odd number of blocks, more than 20, more than half of the observations, or one trial.
 * Source: Bailey, Borwein, López de Prado & Zhu (2015), "The Probability of Backtest Overfitting", §2.
 */
export function backtestOverfitting(
  returns: Float64Array,
  { observations, trials, blocks }: { observations: number; trials: number; blocks: number },
): Pbo {
  check({ observations, trials, blocks })
  const sums = blockSums(returns, { observations, trials, blocks })
  const starts = blockStarts(observations, blocks)
  const logits: number[] = []
  let losses = 0
  // Every depth has its own partial sums of either side; the side that a block is not on is that of the depth above.
  const own = Array.from(
    { length: blocks },
    () => [new Float64Array(2 * trials), new Float64Array(2 * trials)] as const,
  )
  const nothing = new Float64Array(2 * trials)

  /** Puts the blocks from `block` on into either half; `left`: how many more in sample, `inCount`: observations there. */
  function descend(block: number, inside: Float64Array, outside: Float64Array, left: number, inCount: number): void {
    if (block === blocks) logits.push(logitOf(inside, outside, inCount))
    else {
      const length = starts[block + 1]! - starts[block]!
      const [insideHere, outsideHere] = own[block]!
      if (left > 0) descend(block + 1, plus(insideHere, inside, block), outside, left - 1, inCount + length)
      if (blocks - block > left) descend(block + 1, inside, plus(outsideHere, outside, block), left, inCount)
    }
  }

  function plus(out: Float64Array, sofar: Float64Array, block: number): Float64Array {
    const from = 2 * trials * block
    for (let i = 0; i < out.length; i++) out[i] = sofar[i]! + sums[from + i]!
    return out
  }

  function logitOf(inside: Float64Array, outside: Float64Array, inCount: number): number {
    const outCount = observations - inCount
    let best = 0
    let highest = Number.NEGATIVE_INFINITY
    for (let trial = 0; trial < trials; trial++) {
      const sharpe = sharpeOf(inCount, inside[trial]!, inside[trials + trial]!)
      if (sharpe > highest) [best, highest] = [trial, sharpe]
    }
    const reached = sharpeOf(outCount, outside[best]!, outside[trials + best]!)
    if (reached < 0) losses++
    let below = 0
    let equal = 0
    for (let trial = 0; trial < trials; trial++) {
      const sharpe = sharpeOf(outCount, outside[trial]!, outside[trials + trial]!)
      if (sharpe < reached) below++
      else if (sharpe === reached) equal++
    }
    const omega = (below + (equal + 1) / 2) / (trials + 1)
    return ln(omega / (1 - omega))
  }

  descend(0, nothing, nothing, blocks / 2, 0)
  const overfit = logits.reduce((count, logit) => count + (logit <= 0 ? 1 : 0), 0)
  const splits = logits.length
  return { pbo: overfit / splits, splits, logits: Float64Array.from(logits), loss: losses / splits }
}

/** Where each of `blocks` blocks begins, and where the last one ends. */
export function blockStarts(observations: number, blocks: number): number[] {
  const [short, longer] = [Math.floor(observations / blocks), observations % blocks]
  return Array.from({ length: blocks + 1 }, (_, block) => block * short + Math.min(block, longer))
}

/** Block after block: the sum of each trial's returns, then those of their squares. */
function blockSums(
  returns: Float64Array,
  { observations, trials, blocks }: { observations: number; trials: number; blocks: number },
): Float64Array {
  const starts = blockStarts(observations, blocks)
  const sums = new Float64Array(2 * trials * blocks)
  for (let trial = 0; trial < trials; trial++) {
    for (let block = 0; block < blocks; block++) {
      let [sum, squares] = [0, 0]
      const end = trial * observations + starts[block + 1]!
      for (let i = trial * observations + starts[block]!; i < end; i++) {
        sum += returns[i]!
        squares += returns[i]! * returns[i]!
      }
      sums[2 * trials * block + trial] = sum
      sums[2 * trials * block + trials + trial] = squares
    }
  }
  return sums
}

function check({ observations, trials, blocks }: { observations: number; trials: number; blocks: number }): void {
  if (!(Number.isInteger(blocks) && blocks >= 2 && blocks <= maxBlocks && blocks % 2 === 0)) {
    throw impossible(`${blocks} blocks`, `give an even number of blocks, 2…${maxBlocks}; the paper has 16`)
  }
  if (observations < 2 * blocks) {
    throw impossible(
      `${observations} observations in ${blocks} blocks: a block needs at least 2`,
      `give fewer blocks (at most ${Math.floor(observations / 4) * 2}), or more observations`,
    )
  }
  if (trials < 2) throw impossible('one trial: nothing was chosen', 'give the returns of at least 2 trials')
}
