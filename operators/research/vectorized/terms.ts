// What all trials of a sweep share: instrument, account and the simulated exchange, as far as it can be reckoned bar by bar.
import type { PackedTerms } from '../../../native/sweep.ts'
import { SmartspeedError } from '../../../schemas/errors.ts'
import type { Instrument } from '../../instrument.ts'
import { scaleOf } from '../../portfolio/money.ts'

/** An instrument, and what trading it costs. */
export interface SweepInstrument {
  readonly instrument: Instrument
  /** Share of a fill's value; negative is a rebate. */
  readonly takerFee: number
}

/**
 * The same as a backtest over candles with risk off, no latency, sizing as the strategy says, funding unknown and no margin account.
 * docs/sweeps.md has the whole list.
 */
export interface SweepTerms {
  /** Where market orders are filled: at the close that gave the signal, or at the next open. */
  readonly fill: 'close' | 'next-open'
  /** Of the account at the start, 10⁻⁸ of the settlement currency. */
  readonly cashE8: bigint
  /** Basis points that every taker is filled worse, rounded up to whole ticks: `venue.slippage: {bps}`. None when left out. */
  readonly slippageBps?: number
  /** Loss and gain, as shares of the entry price, at which a close ends the position: `exits: [{name: stop, share, target}]`. */
  readonly stopLoss?: number
  readonly takeProfit?: number
  /** Length of a bar, µs; the smallest step between two bars when left out. */
  readonly intervalUs?: number
}

/** Share of a loss that no long position comes to: what `share` of the exit `stop` is where only a target is asked for. */
export const noStop = 10

/** Why terms cannot be reckoned exactly; undefined when they can. */
export function whyNotTerms({ cashE8, slippageBps = 0, stopLoss = noStop, takeProfit = noStop }: SweepTerms) {
  if (!(cashE8 < limit && cashE8 > -limit)) return `cash of ${cashE8} · 10⁻⁸ does not fit 64 bits`
  if (!(slippageBps >= 0 && slippageBps <= 10_000)) return `slippage is 0 to 10,000 basis points, not ${slippageBps}`
  if (!(stopLoss > 0 && stopLoss <= noStop)) return `a stop is a share above 0 and at most ${noStop}, not ${stopLoss}`
  if (!(takeProfit > 0 && takeProfit <= noStop))
    return `a target is a share above 0 and at most ${noStop}, not ${takeProfit}`
  return undefined
}

/** The same of an instrument. */
export function whyNotInstrument({ instrument, takerFee }: SweepInstrument): string | undefined {
  const { top, bottom } = scaleOf(instrument)
  if (Number.isNaN(top) || Number.isNaN(bottom))
    return `the steps of ${instrument.symbol} are too fine: a tick times a lot is no fraction of 10⁻⁸ below 2⁵³`
  if (!(Math.abs(takerFee) <= 1)) return `a fee is a share within ±1, not ${takerFee}`
  return undefined
}

const limit = 2n ** 63n

/** What is thrown where terms or bars cannot be. */
export function refused(reason: string): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', `no sweep: ${reason}`, {
    fix: 'run a backtest of each parameter set instead; docs/sweeps.md says what can be swept',
  })
}

/** True when a close may end a position beside the strategy. */
export function hasExits({ stopLoss, takeProfit }: SweepTerms): boolean {
  return stopLoss !== undefined || takeProfit !== undefined
}

/** Terms in the order in which the native side reads them. */
export function packed({ instrument, takerFee }: SweepInstrument, terms: SweepTerms): PackedTerms {
  const { fill, cashE8, slippageBps = 0, stopLoss, takeProfit } = terms
  const { inverse, type, tickSize, tickNumerator, tickDenominator } = instrument
  const { lotSize, lotNumerator, lotDenominator, contractSize, minNotional } = instrument
  const { numerator, denominator } = scaleOf(instrument)
  // As `feeOf` of operators/portfolio/money.ts: a rate is exact to 10⁻¹².
  let [feeTop, feeBottom] = [BigInt(Math.round(takerFee * 1e12)), 1_000_000_000_000n]
  while (feeTop !== 0n && feeTop % 10n === 0n && feeBottom > 1n) [feeTop, feeBottom] = [feeTop / 10n, feeBottom / 10n]
  return {
    whole: BigInt64Array.of(cashE8, numerator, denominator, feeTop, feeBottom),
    numbers: Float64Array.of(
      ...[inverse, type === 'spot', fill === 'next-open'].map(Number),
      ...[tickSize, tickNumerator, tickDenominator, lotSize, lotNumerator, lotDenominator],
      ...[contractSize, minNotional, slippageBps],
      hasExits(terms) ? (stopLoss ?? noStop) : Number.NaN,
      takeProfit ?? Number.NaN,
    ),
  }
}
