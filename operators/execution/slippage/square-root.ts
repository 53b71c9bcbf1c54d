// The impact of an order that is large beside what the market trades.
import type { About } from '../about.ts'
import type { SlippagePart } from './index.ts'

export const aboutSquareRoot: About = {
  name: 'square-root',
  meaning:
    'taking moves the price by √(size / volume) of its volatility; it is the taker who pays, nobody sees it afterwards',
  source:
    'Tóth et al. (2011), "Anomalous Price Impact and the Critical Nature of Liquidity in Financial Markets", eq. 1; specification, §3.4.3',
}

/**
 * Relative impact Y · σ · √(Q / V); σ and V of the same length of time, which then does not matter (σ grows with its root, V
 * with it). 0 until an activity is known.
 *
 * Source: Tóth et al. (2011), "Anomalous Price Impact and the Critical Nature of Liquidity in Financial Markets", eq. 1; Y is of
 *         the order of 1 there. The specification, §3.4.3, has the same form with Y = 0.1 and (high − low) / close for σ.
 */
export function squareRoot(impact: number): SlippagePart {
  return ({ ticks, lots, activity }) => {
    if (!(activity.lots > 0 && activity.variance > 0)) return 0
    return ticks * Math.sqrt(activity.variance) * Math.sqrt(lots / activity.lots) * impact
  }
}
