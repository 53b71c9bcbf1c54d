// The ledger of runs: what is kept with each, read and compared.
import { hashesOf, type RunAbout } from '../pipelines/backtest.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import type { Topics } from '../topics/topics.ts'
import { openLog } from './options.ts'

export interface RunLine {
  readonly run: string
  readonly status: string
  readonly strategy: string
  readonly exchange: string
  readonly symbols: readonly string[]
  readonly rows?: number
  readonly fills?: number
  readonly trades?: number
  readonly finalEquity?: number
  readonly configHash: string
  readonly codeHash: string
  readonly startedMs: number
}

/** Opens the embedded log, works with it, closes it. Errors: NO_DATA when there is none. */
export async function withLog<T>(dir: string, work: (topics: Topics) => Promise<T>): Promise<T> {
  const topics = await openLog({ dir })
  try {
    return await work(topics)
  } finally {
    await topics.close()
  }
}

export function listRuns(dir: string): Promise<RunLine[]> {
  return withLog(dir, async (topics) => {
    const runs = (await topics.runs()).filter((one) => isAbout(one.about))
    return runs
      .map(({ run, about }) => lineOf(run, about as RunAbout))
      .sort((a, b) => a.startedMs - b.startedMs || (a.run < b.run ? -1 : 1))
  })
}

function lineOf(run: string, { status, plan, seats, result, configHash, codeHash, startedMs }: RunAbout): RunLine {
  const { exchange, symbols } = plan
  const figures =
    result === undefined
      ? {}
      : { rows: result.rows, fills: result.fills, trades: result.trades, finalEquity: result.finalEquity }
  return {
    run,
    status,
    strategy: seats.map((seat) => seat.strategy).join(', '),
    exchange,
    symbols,
    ...figures,
    configHash,
    codeHash,
    startedMs,
  }
}

function isAbout(about: unknown): boolean {
  return (about as Partial<RunAbout> | undefined)?.kind === 'backtest'
}

/** What is kept with a run. @throws SmartspeedError RUN_MISSING with the nearest name */
export async function knownRun(topics: Topics, run: string): Promise<RunAbout> {
  const runs = (await topics.runs()).filter((one) => isAbout(one.about))
  const found = runs.find((one) => one.run === run)
  if (found !== undefined) return found.about as RunAbout
  const { message, fix } = unknownName(
    'run',
    run,
    runs.map((one) => one.run),
  )
  throw new SmartspeedError('RUN_MISSING', message, {
    fix: runs.length === 0 ? 'smartspeed backtest --help shows how to make one' : fix,
  })
}

export interface Comparison {
  readonly figures: { name: string; a: number | null; b: number | null }[]
  readonly config: { key: string; a: unknown; b: unknown }[]
  /** Which returned more; null when neither did. */
  readonly better: string | null
  readonly different: string[]
  readonly equal: boolean
}

/** Figures of two finished runs side by side, what their configs differ in, and which outputs differ. */
export function compareRuns(dir: string, a: string, b: string): Promise<Comparison> {
  return withLog(dir, async (topics) => {
    const abouts = [await knownRun(topics, a), await knownRun(topics, b)] as const
    const [first, second] = abouts.map(({ result }, at) => {
      if (result !== undefined) return result
      throw new SmartspeedError('NO_DATA', `run ${at === 0 ? a : b} is not finished`, {
        fix: 'let it go on: the same backtest command with its --name',
      })
    }) as [NonNullable<RunAbout['result']>, NonNullable<RunAbout['result']>]
    const names = ['finalEquity', 'fills', 'trades', 'fees', 'funding'] as const
    const metrics = [
      'totalReturn',
      'sharpe',
      'sortino',
      'calmar',
      'maxDrawdown',
      'winRate',
      'profitFactor',
      'turnover',
      'exposure',
    ] as const
    const hashes = [await hashesOf(topics, a), await hashesOf(topics, b)] as const
    const different = (Object.keys(hashes[0]) as (keyof (typeof hashes)[0])[]).filter(
      (topic) => hashes[0][topic] !== hashes[1][topic],
    )
    // By return: two runs may begin with different cash.
    const [one, other] = [first.metrics.totalReturn, second.metrics.totalReturn]
    const gain = one === null || other === null ? 0 : one - other
    return {
      figures: [
        ...names.map((name) => ({ name, a: first[name], b: second[name] })),
        ...metrics.map((name) => ({ name, a: first.metrics[name], b: second.metrics[name] })),
      ],
      config: differences(flat(abouts[0].plan.topology), flat(abouts[1].plan.topology)),
      better: gain === 0 ? null : gain > 0 ? a : b,
      ...{ different, equal: different.length === 0 },
    }
  })
}

function differences(
  a: ReadonlyMap<string, unknown>,
  b: ReadonlyMap<string, unknown>,
): { key: string; a: unknown; b: unknown }[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => JSON.stringify(a.get(key)) !== JSON.stringify(b.get(key)))
    .map((key) => ({ key, a: a.get(key) ?? null, b: b.get(key) ?? null }))
}

function flat(value: object, path = ''): Map<string, unknown> {
  const entries = Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? [...flat(inner, `${path}${key}.`)]
      : [[`${path}${key}`, inner] as [string, unknown]],
  )
  return new Map(entries)
}

/** Deletes a run; gives the bytes that it held. */
export function removeRun(dir: string, run: string): Promise<number> {
  return withLog(dir, async (topics) => {
    await knownRun(topics, run)
    const bytes = (await topics.list()).filter((info) => info.run === run).reduce((sum, info) => sum + info.bytes, 0)
    await topics.removeRun(run)
    return bytes
  })
}

export function collectGarbage(dir: string): Promise<{ rows: number; bytes: number }> {
  return withLog(dir, (topics) => topics.retain(Date.now()))
}
