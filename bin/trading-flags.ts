// The flags of a trading run, which `backtest` and `run` share, and the topology that they and a file say.
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { PipelineName } from '../pipelines/about.ts'
import type { Topology } from '../pipelines/config.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { parsePositive, parseWhole, type Where } from './options.ts'

/** What `backtest` and `run` take alike. */
export interface TradingFlags extends Where {
  json?: boolean
  strategy?: string
  set: string[]
  exchange?: string
  symbol?: string[]
  from?: string
  to?: string
  interval?: string
  batchRows?: string
  seed?: string
  name?: string
  speed?: string
  cash?: string
  takerFee?: string
  makerFee?: string
  latencyMs?: string
  slippage?: string
  queue?: string
  fills?: string
  limits?: string
  fill?: string
  risk?: string
}

/** Adds them. */
export function withTradingFlags(command: Command): Command {
  command
    .option('--strategy <name>', 'a built-in strategy, or ./mine.ts')
    .option(
      '--set <key=value>',
      'a parameter of the strategy; may be repeated',
      (value, list: string[]) => [...list, value],
      [],
    )
    .option('--exchange <id>', 'one, or several with commas')
    .option('--symbol <symbol...>', 'one or several, with spaces or commas; of several exchanges as binance:BTCUSDT')
    .option('--from <time>', 'receive time, ISO 8601 or whole µs')
    .option('--to <time>', 'exclusive')
    .option('--interval <interval>', 'bars that the strategy sees: 1s, 1m … 1d, "100 ticks"')
    .option('--batch-rows <n>', 'rows of a batch; never shows in the result')
    .option('--seed <n>', 'seed of everything random')
    .option('--name <run>', 'name of the run; a run of that name that was stopped goes on')
    .option('--speed <x>', 'max, or times as fast as the rows were received')
  for (const option of simulation()) command.addOption(option)
  return command
}

function simulation(): Option[] {
  return [
    new Option('--cash <amount>', 'opening cash (1000000)'),
    new Option('--taker-fee <rate>', 'share of the value (0.0004)'),
    new Option('--maker-fee <rate>', 'share of the value (0.0002)'),
    new Option('--latency-ms <ms>', 'to the venue, and back (0)'),
    new Option('--slippage <model>', 'none, square-root or volume-based (none)'),
    new Option('--fills <model>', 'of resting orders: through, queue or touch (queue on ticks, through on candles)'),
    new Option('--queue <model>', 'conservative, front, power, log … (conservative); docs/fills.md has all'),
    new Option('--limits <limits>', 'off, or default: what Binance takes from an account (off)'),
    new Option('--fill <mode>', 'book on ticks; next-open or close on candles'),
    new Option('--risk <limits>', 'off, default, or a YAML file of limits (off from flags alone)'),
  ]
}

/** How fast, and in what pieces. */
export function cutting({ batchRows, speed }: TradingFlags) {
  return {
    batchRows: batchRows === undefined ? undefined : parseWhole('--batch-rows', batchRows, 1, 65_535),
    speed: speed === undefined || speed === 'max' ? ('max' as const) : parsePositive('--speed', speed),
  }
}

/** The topology of a file, or of flags alone, with what the flags say in its place. */
export async function topologyOf(
  file: string | undefined,
  flags: TradingFlags,
  { pipeline = 'trading', command }: { readonly pipeline?: PipelineName; readonly command: string },
): Promise<Topology> {
  const { parseTopology } = await import('../pipelines/config.ts')
  const { over, readTopology } = await import('../pipelines/topology.ts')
  const said = await fromFlags(flags, file === undefined)
  if (file !== undefined) return readTopology(read(file), file, said)
  if (pipeline === 'trading' && flags.strategy === undefined) {
    throw new SmartspeedError('USAGE', `${command} needs a TOPOLOGY.yaml or --strategy NAME`, {
      fix: `smartspeed ${command.split(' ')[0]} --help shows an example`,
    })
  }
  return parseTopology(over({ pipeline }, said))
}

/** What is wrong within the files is said with its line. */
export async function withPlaces<T>(
  { topology, risk }: { topology: string | undefined; risk: string | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const { readYaml, withLines } = await import('../pipelines/topology.ts')
  const limits = risk === undefined || !isFile(risk) ? undefined : readYaml(read(risk), risk, '').lineOf
  const lineOf = topology === undefined ? () => undefined : readYaml(read(topology), topology, '').lineOf
  const within = () => withLines({ lineOf }, topology ?? '', work)
  if (risk === undefined || limits === undefined) return within()
  return withLines({ lineOf: ([key, ...path]) => (key === 'risk' ? limits(path) : undefined) }, risk, within)
}

async function fromFlags(flags: TradingFlags, alone: boolean) {
  const number = (name: string, text: string | undefined) => (text === undefined ? undefined : numberOf(name, text))
  const params = parametersOf(flags.set)
  return {
    ...{
      exchange: flags.exchange,
      symbols: flags.symbol?.flatMap((symbols) => symbols.split(',')),
      interval: flags.interval,
      seed: number('--seed', flags.seed),
    },
    ...{ from: flags.from, to: flags.to },
    ...(flags.strategy === undefined && flags.set.length === 0
      ? {}
      : { strategy: { name: flags.strategy, ...(flags.set.length === 0 ? {} : { params }) } }),
    account: { cash: number('--cash', flags.cash) },
    venue: {
      fill: flags.fill,
      fees: { taker: number('--taker-fee', flags.takerFee), maker: number('--maker-fee', flags.makerFee) },
      latency: number('--latency-ms', flags.latencyMs),
      ...{ slippage: flags.slippage, fills: flags.fills, queue: flags.queue, limits: flags.limits },
    },
    risk: await riskOf(flags.risk, alone),
  }
}

async function riskOf(risk: string | undefined, alone: boolean): Promise<unknown> {
  if (risk === undefined) return alone ? 'off' : undefined
  if (!isFile(risk)) return risk
  const { readYaml } = await import('../pipelines/topology.ts')
  const fix = 'limits by check, see docs/risk.md, for example: drawdown: {share: 0.1}'
  const { value } = readYaml(read(risk), risk, fix)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new SmartspeedError('CONFIG_INVALID', `${risk} holds ${JSON.stringify(value)}; allowed: limits by check`, {
    fix,
  })
}

function isFile(risk: string): boolean {
  return risk !== 'off' && risk !== 'default'
}

/** `key=value` pairs. @throws SmartspeedError USAGE when a key comes twice */
export function parametersOf(pairs: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1)
      throw new SmartspeedError('USAGE', `--set ${pair} is not key=value`, { fix: 'for example --set fast=10' })
    const key = pair.slice(0, at)
    if (key in params)
      throw new SmartspeedError('USAGE', `--set ${key} is given twice: ${params[key]} and ${pair.slice(at + 1)}`, {
        fix: 'give each parameter once',
      })
    params[key] = pair.slice(at + 1)
  }
  return params
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SmartspeedError('FILE_MISSING', `cannot read ${file}: ${(cause as Error).message}`, {
      cause,
      fix: 'check the path',
    })
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new SmartspeedError('CONFIG_INVALID', `${name} ${text}: not a number`, { fix: `for example ${name} 1` })
  }
  return value
}
