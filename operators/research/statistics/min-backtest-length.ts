// How many years of data so many trials need before the best of them is more than luck.
import { ln } from '../../../native/index.ts'
import { expectedMaximum } from './deflated-sharpe.ts'
import { impossible } from './impossible.ts'

/**
 * The years in which the best of the trials is expected to show this Sharpe ratio though none has an edge, and the bound
 * 2 ln N / SR², which is always above.
 *
 * In:     trials — at least 1. annualSharpe — of a year, above 0.
 * Errors: SmartspeedError CONFIG_INVALID for other arguments.
 * Source: Bailey, Borwein, López de Prado & Zhu (2014), "Pseudo-Mathematics and Financial Charlatanism", minimum backtest length.
 */
export function minBacktestLength({ trials, annualSharpe }: { trials: number; annualSharpe: number }): {
  years: number
  upperBoundYears: number
} {
  if (!(annualSharpe > 0))
    throw impossible(`annualSharpe ${annualSharpe} is not above 0: luck shows that in any time`, 'give one above 0')
  const root = expectedMaximum(trials) / annualSharpe
  return { years: root * root, upperBoundYears: (2 * ln(trials)) / (annualSharpe * annualSharpe) }
}
