// What a run is: one schema for the flags of `backtest`, for topology files and for the config hash.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { algorithms } from '../operators/algorithms/index.ts'
import { selfTrades } from '../operators/execution/index.ts'
import { exits } from '../operators/exits/index.ts'
import { bracketsSchema } from '../operators/margin/brackets.ts'
import { maxLeverage } from '../operators/margin/tiers.ts'
import { sizingRules } from '../operators/sizing/index.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { parseConfig, type Where } from './config-errors.ts'
import { feesConfig, fillsConfig, latencyConfig, limitsConfig, queueConfig, slippageConfig } from './venue-config.ts'

const exitNames = exits.map(({ name, summary }) => `${name}: ${summary}`).join('; ')
const rule = z.looseObject({ name: z.string() })
const rules = sizingRules.map(({ name, summary }) => `${name}: ${summary}`).join('; ')
const algorithmNames = algorithms.map(({ name, summary }) => `${name}: ${summary}`).join('; ')
const accountName = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, - and _, at most 40')
const cash = z.number().positive().max(90_000_000)
const leverage = z.number().min(1).max(maxLeverage)
/** What covers a cross account beside its cash. */
const collateral = z
  .array(
    z
      .strictObject({
        asset: z.string().min(1),
        amount: z.number().positive().describe('units of the asset'),
        haircut: z.number().min(0).lt(1).default(0).describe('share of its value that does not count'),
        symbol: z.string().optional().describe('the instrument of the run at whose mark it is valued'),
        price: z.number().positive().optional().describe('of a unit, in the account’s currency, in place of a symbol'),
      })
      .refine(({ symbol, price }) => (symbol === undefined) !== (price === undefined), {
        message: 'give either symbol or price, so that its value is known',
      }),
  )
  .min(1)
/** What an exchange asks of a margin account. */
const margin = z.strictObject({
  mode: z
    .enum(['cross', 'isolated'])
    .default('cross')
    .describe('cross: all of the account stands behind each position; isolated: what each was opened with'),
  positions: z
    .enum(['one-way', 'hedge'])
    .default('one-way')
    .describe('one-way: one position an instrument; hedge: a long and a short one'),
  leverage: z
    .union([leverage, z.record(z.string(), leverage)])
    .default(20)
    .describe('1…125, or by symbol (20 for those left out); the tier of a position may allow less'),
  brackets: z
    .union([z.string().min(1), bracketsSchema])
    .default('default')
    .describe('default, a JSON file with an exchange’s answer to leverageBracket, or that answer itself'),
  liquidationFee: z
    .number()
    .min(0)
    .max(0.1)
    .default(0.012)
    .describe('share of the value that is liquidated, in place of the taker fee; what Binance says of BTCUSDT'),
  insuranceFund: z
    .number()
    .min(0)
    .default(0)
    .describe('what it begins with; it takes over what is bankrupt, so that no account owes anything'),
})
const strategy = {
  name: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
  interval: z
    .string()
    .optional()
    .describe('bars that this strategy sees, where they are not the run’s; on candles a multiple of theirs'),
}
const times = z.union([z.int().min(0), z.string()]).describe('ISO 8601 or whole µs since 1970 UTC; receive time')

/** A topology file. Every key has a default but `strategy`, or `strategies`; `exchange` and `symbols` may be left out where the data leave no choice. */
export const topologySchema = z
  .strictObject({
    pipeline: z
      .enum(['trading', 'features'])
      .default('trading')
      .describe('trading: a strategy an account; features: bars, features and regimes of every instrument, stored'),
    engine: z.enum(['embedded', 'kafka']).optional(),
    dir: z.string().optional().describe('folder of the embedded log'),
    exchange: z.string().optional().describe('one, or several with commas: binance,binance-usdm'),
    symbols: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('as the exchange spells them; of several exchanges as binance:BTCUSDT, or plain for each of them'),
    from: times.optional(),
    to: times.optional().describe('exclusive'),
    interval: z
      .string()
      .optional()
      .describe('bars that the strategy sees: 1s, 1m … 1d, "100 ticks", "5 volume", "1000000 dollars"'),
    strategy: z.strictObject(strategy).optional(),
    strategies: z
      .array(
        z.strictObject({
          ...strategy,
          account: z.strictObject({ name: accountName.optional(), cash: cash.optional() }).prefault({}),
        }),
      )
      .min(1)
      .optional()
      .describe('several at once, in place of `strategy`: each trades an account of its own, by default of its name'),
    sizing: z
      .union([rule, z.array(rule).min(1)])
      .default({ name: 'fixed' })
      .describe(`a rule, or a list of them, each a cap on the one before or a factor of it; ${rules}`),
    exits: z
      .array(z.looseObject({ name: z.string() }))
      .optional()
      .describe(`what closes a position beside its strategy, the first that says so; ${exitNames}`),
    execution: z
      .union([rule, z.array(rule).min(1)])
      .optional()
      .describe(
        `how an order is sent in parts, or a list of that and the router; sent whole when left out; ${algorithmNames}`,
      ),
    account: z
      .strictObject({
        name: accountName.default('main'),
        cash: cash.default(1_000_000),
        currency: z.string().optional().describe('the instruments’ settlement currency when left out'),
        collateral: collateral
          .optional()
          .describe(
            'other assets that cover the positions of a cross account, of each account of the run: docs/margin.md',
          ),
        pegged: z
          .array(z.string())
          .optional()
          .describe(
            'settlement currencies that count as the account’s, one for one: stablecoins, where that is near enough',
          ),
      })
      .prefault({}),
    venue: z
      .strictObject({
        fill: z
          .enum(['book', 'next-open', 'close'])
          .optional()
          .describe('book on ticks, next-open or close on candles'),
        ...{ fees: feesConfig, latency: latencyConfig, fills: fillsConfig, queue: queueConfig },
        ...{ slippage: slippageConfig, limits: limitsConfig },
        selfTrade: z
          .enum(selfTrades)
          .default('expire-maker')
          .describe(
            'where an order of the account would meet another one of it; expire-maker is Binance’s default since 2024-12-10',
          ),
        filters: z
          .strictObject({
            maxOrders: z.int().positive().default(200).describe('open orders of an instrument: MAX_NUM_ORDERS'),
            maxAlgoOrders: z
              .int()
              .positive()
              .default(10)
              .describe('orders of an instrument that wait for a trigger or a parent: MAX_NUM_ALGO_ORDERS'),
            percentPrice: z
              .strictObject({
                up: z.number().min(1).max(100).default(1.05),
                down: z.number().min(0).max(1).default(0.95),
              })
              .prefault({})
              .describe('a limit buy is at most up × mark, a limit sell at least down × mark: PERCENT_PRICE'),
            maxSize: z.number().positive().optional().describe('of an order, in the exchange’s unit: LOT_SIZE'),
            maxPrice: z.number().positive().optional().describe('of limits and triggers: PRICE_FILTER'),
            icebergParts: z.int().positive().default(10).describe('size / shown size: ICEBERG_PARTS'),
          })
          .prefault({})
          .describe(
            'what the exchange refuses, beside its instruments’ smallest orders; defaults: Binance USDⓈ-M BTCUSDT, icebergs as on Binance Spot',
          ),
        funding: z
          .strictObject({
            rate: z
              .number()
              .min(-1)
              .max(1)
              .optional()
              .describe(
                'of an interval, where the topic funding says none; when left out nothing is paid then, with a warning',
              ),
            intervalHours: z.number().positive().max(24).default(8),
          })
          .prefault({})
          .describe('of perpetuals: records of the topic funding go before it'),
        margin: margin
          .optional()
          .describe('contracts need margin, and are liquidated without; when left out nobody asks: docs/margin.md'),
      })
      .prefault({}),
    risk: z
      .union([z.enum(['off', 'default']), z.record(z.string(), z.unknown())])
      .default('default')
      .describe('off, default, or limits by check'),
    flashCrash: z
      .union([z.enum(['off', 'default']), z.record(z.string(), z.unknown())])
      .optional()
      .describe('off, default, or moves by window: docs/risk.md; default when left out, and off where risk is off'),
    regimeScaling: z
      .boolean()
      .default(false)
      .describe('size and risk follow the risk regime of the instrument: docs/regimes.md'),
    seed: z.int().min(0).default(1),
    keep: z
      .array(z.enum(['bars', 'features', 'regimes']))
      .default([])
      .describe('topics of the run that are stored though nobody reads them'),
  })
  .meta({ title: 'smartspeed topology' })

type Parsed = z.infer<typeof topologySchema>

/** A strategy of a topology, and the account that it trades. */
export interface StrategyConfig {
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  readonly interval?: string | undefined
  readonly account: { readonly name: string; readonly cash: number }
}

/** With its defaults, and in either way of writing it with a list of strategies: at least one, none of the features pipeline. */
export type Topology = Omit<Parsed, 'strategy' | 'strategies'> & { readonly strategies: readonly StrategyConfig[] }
export type TopologyInput = z.input<typeof topologySchema>

/** The topology with its defaults. @throws SmartspeedError CONFIG_INVALID naming key, value, what is allowed, nearest key; `where` adds the line */
export function parseTopology(input: unknown, where: Where = () => ''): Topology {
  return withStrategies(parseConfig(topologySchema, input, { what: 'topology', where }), where)
}

/** @throws SmartspeedError CONFIG_INVALID for none or both ways of naming strategies, and for two of one account */
function withStrategies({ strategy, strategies, ...rest }: Parsed, where: Where): Topology {
  if (rest.pipeline === 'features') return withoutStrategies({ strategy, strategies, ...rest }, where)
  const { name, cash } = rest.account
  if (strategy !== undefined && strategies === undefined) {
    return { ...rest, strategies: [{ ...strategy, account: { name, cash } }] }
  }
  if (strategies === undefined || strategy !== undefined) {
    const said =
      strategies === undefined ? 'neither strategy nor strategies is given' : 'both strategy and strategies are given'
    throw new SmartspeedError('CONFIG_INVALID', `${where(['strategies'])}${said}; allowed is one of them`, {
      fix: 'strategy: {name: sma-cross}, or strategies: [{name: sma-cross}, {name: mean-reversion}]',
    })
  }
  const seats = strategies.map((one) => {
    const own = basename(one.name)
      .replace(/\.[cm]?[jt]s$/, '')
      .replace(/[^A-Za-z0-9_-]/g, '-')
      .slice(0, 40)
    return { ...one, account: { name: one.account.name ?? own, cash: one.account.cash ?? cash } }
  })
  const twice = seats.findIndex((one, at) => seats.findIndex((other) => other.account.name === one.account.name) < at)
  if (twice === -1) return { ...rest, strategies: seats }
  const account = seats[twice]!.account.name
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `${where(['strategies', twice])}strategies.${twice}.account.name = "${account}": another strategy trades it`,
    { fix: `give it a name of its own: account: {name: ${account}-2}` },
  )
}

/** What the features pipeline keeps when nothing is said. @throws SmartspeedError CONFIG_INVALID for one with a strategy */
function withoutStrategies({ strategy, strategies, ...rest }: Parsed, where: Where): Topology {
  if (strategy === undefined && strategies === undefined) {
    return { ...rest, strategies: [], keep: rest.keep.length === 0 ? ['bars', 'features', 'regimes'] : rest.keep }
  }
  const key = strategy === undefined ? 'strategies' : 'strategy'
  throw new SmartspeedError('CONFIG_INVALID', `${where([key])}${key}: the features pipeline has none`, {
    fix: 'leave it out, or choose pipeline: trading',
    at: [key],
  })
}

/** The JSON Schema of topology files, for editors. */
export function topologyJsonSchema(): unknown {
  return z.toJSONSchema(topologySchema, { io: 'input' })
}

/** SHA-256 of a value's canonical JSON. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalize(value)!).digest('hex')
}
