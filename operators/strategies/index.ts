// The strategies by name. A new one is a file beside this and one line in the list.
import { namedIn } from '../../schemas/errors.ts'
import { crossArbitrage } from './cross-arbitrage.ts'
import { fundingCarry } from './funding-carry.ts'
import { grid } from './grid.ts'
import { marketMaker } from './market-maker.ts'
import { meanReversion } from './mean-reversion.ts'
import { momentumBreakout } from './momentum-breakout.ts'
import { pairs } from './pairs.ts'
import { scalper } from './scalper.ts'
import { smaCross } from './sma-cross.ts'
import type { Strategy } from './strategy.ts'
import { switcher } from './switcher.ts'

export { describeParameters, parseParameters } from './parameters.ts'
export { defineStrategy, type Strategy } from './strategy.ts'

export const strategies: readonly Strategy[] = [
  smaCross,
  marketMaker,
  meanReversion,
  momentumBreakout,
  scalper,
  crossArbitrage,
  fundingCarry,
  grid,
  pairs,
  switcher,
]

/** The strategy of that name. @throws SmartspeedError UNKNOWN_NAME with the nearest name */
export function strategyOf(name: string): Strategy {
  return namedIn(strategies, { kind: 'strategy', name, at: ['strategy', 'name'] })
}
