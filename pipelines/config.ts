// What a run is: one schema for the flags of `backtest`, for topology files and for the config hash.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { SmartspeedError } from '../schemas/errors.ts'
import { parseConfig, type Where } from './config-errors.ts'

const rate = z.number().min(-0.01).max(0.1).describe('share of the value, 0.0004 is 4 basis points')
const ms = z.number().min(0).max(60_000)
const accountName = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, - and _, at most 40')
const cash = z.number().positive().max(90_000_000)
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
      .looseObject({ name: z.string() })
      .default({ name: 'fixed' })
      .describe(
        'fixed {factor}: what the signal says; fixed-fractional {risk, stop}: so that a stop costs a share of equity',
      ),
    account: z
      .strictObject({
        name: accountName.default('main'),
        cash: cash.default(1_000_000),
        currency: z.string().optional().describe('the instruments’ settlement currency when left out'),
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
        fees: z
          .strictObject({
            taker: rate.default(0.0004),
            maker: rate.default(0.0002),
            exchanges: z
              .record(z.string(), z.strictObject({ taker: rate.optional(), maker: rate.optional() }))
              .optional()
              .describe('what differs, by exchange: {binance: {taker: 0.001, maker: 0.001}}'),
          })
          .prefault({}),
        latency: z
          .union([ms, z.strictObject({ outMs: ms.default(0), backMs: ms.default(0), jitterMs: ms.default(0) })])
          .default(0)
          .describe('one number is out and back alike'),
        slippage: z.enum(['none', 'square-root']).default('none'),
        queue: z.enum(['conservative', 'power']).default('conservative'),
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
      })
      .prefault({}),
    risk: z
      .union([z.enum(['off', 'default']), z.record(z.string(), z.unknown())])
      .default('default')
      .describe('off, default, or limits by check'),
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
