// Which strategy trades in which regime: the parameters of the switcher, and what is refused in them.
import { z } from 'zod'
import { nearest, type SmartspeedError } from '../../schemas/errors.ts'
import { type Horizon, horizons } from '../regime/horizons.ts'
import { ladders } from '../regime/ladders.ts'
import { marketMaker } from './market-maker.ts'
import { meanReversion } from './mean-reversion.ts'
import { momentumBreakout } from './momentum-breakout.ts'
import { parseParameters } from './parameters.ts'
import { scalper } from './scalper.ts'
import { smaCross } from './sma-cross.ts'
import type { Strategy } from './strategy.ts'

/** Those that it can let trade: all but itself. */
const choices: readonly Strategy[] = [smaCross, marketMaker, meanReversion, momentumBreakout, scalper]

const choice = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.strictObject({ name: z.string(), params: z.record(z.string(), z.unknown()).default({}) }),
)
export type Choice = z.output<typeof choice>

export const parameters = z
  .strictObject({
    horizon: z.enum(horizons).default('1h').describe('whose regimes choose'),
    regimes: z
      .record(z.string(), choice)
      .optional()
      .describe('the strategy of each regime: its name, {name, params}, or none; left out: docs/strategies.md'),
    otherwise: choice.prefault('none').describe('the strategy of regimes that are not named'),
    minHoldMs: z.number().min(0).default(60_000).describe('shortest time between two switches, in ms'),
  })
  .transform(resolve)

export type Parameters = z.output<typeof parameters>

/** Mean reversion where the price goes nowhere, breakouts where it goes somewhere, nothing where it leaps. */
const usual: Readonly<Record<Horizon, Readonly<Record<string, string>>>> = {
  '1m': { NORMAL: 'mean-reversion', HIGH_VOLATILITY: 'momentum-breakout' },
  '1h': {
    ...{ RANGING: 'mean-reversion', BULL: 'momentum-breakout', STRONG_BULL: 'momentum-breakout' },
    ...{ BEAR: 'momentum-breakout', STRONG_BEAR: 'momentum-breakout' },
  },
  '24h': { CONSOLIDATING: 'mean-reversion', TRENDING: 'momentum-breakout', STRONG_TREND: 'momentum-breakout' },
  risk: { NORMAL: 'mean-reversion', TRENDING: 'momentum-breakout', BULL_RUN: 'momentum-breakout' },
}

export interface Chosen {
  readonly key: string
  readonly strategy: Strategy
  readonly params: Readonly<Record<string, unknown>>
}

/** The strategies that may trade, each once, in the order of the ladder. */
export function chosen({ horizon, regimes, otherwise }: Parameters): Chosen[] {
  const named = [...ladders[horizon].flatMap((regime) => regimes[regime] ?? []), otherwise]
  const distinct = new Map(named.map((one) => [keyOf(one), one]))
  return [...distinct].flatMap(([key, { name, params }]) => {
    const strategy = choices.find((one) => one.name === name)
    return strategy === undefined ? [] : [{ key, strategy, params }]
  })
}

/** Two choices with the same key are the same strategy with the same parameters. */
export function keyOf({ name, params }: Choice): string {
  return `${name} ${JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))}`
}

interface Given {
  readonly horizon: Horizon
  readonly regimes?: Readonly<Record<string, Choice>> | undefined
  readonly otherwise: Choice
  readonly minHoldMs: number
}

/** Fills in the usual strategies and the defaults of each one's parameters; says what is not known, and what is near. */
function resolve({ regimes, otherwise, ...rest }: Given, context: z.RefinementCtx) {
  const fault = (message: string, path: string[], fix?: string) =>
    context.addIssue({ code: 'custom', message, path, params: { fix } })
  const unknown = (what: string, seen: string, allowed: readonly string[], path: string[]) =>
    fault(
      `unknown ${what} "${seen}"; allowed: ${allowed.join(', ')}`,
      path,
      `did you mean "${nearest(seen, allowed)}"?`,
    )
  const parsed = ({ name, params }: Choice, path: string[]): Choice => {
    const strategy = choices.find((one) => one.name === name)
    if (strategy === undefined) {
      if (name !== 'none') unknown('strategy', name, [...choices.map((one) => one.name), 'none'], path)
      return { name, params }
    }
    try {
      return { name, params: parseParameters(strategy, params) }
    } catch (error) {
      const { message, fix } = error as SmartspeedError
      fault(message, path, fix)
      return { name, params }
    }
  }
  const known: readonly string[] = ladders[rest.horizon]
  const resolved: Record<string, Choice> = {}
  for (const [regime, one] of Object.entries(regimes ?? usual[rest.horizon])) {
    const path = ['regimes', regime]
    if (!known.includes(regime)) unknown(`regime of horizon ${rest.horizon}`, regime, known, path)
    resolved[regime] = parsed(typeof one === 'string' ? { name: one, params: {} } : one, path)
  }
  return { ...rest, regimes: resolved, otherwise: parsed(otherwise, ['otherwise']) }
}
