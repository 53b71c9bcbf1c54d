// Two runs side by side: figures, what they were given, where their outputs part, and whether one is better beyond luck.
import { dailyEquity, simpleReturns } from '../operators/metrics/index.ts'
import { type MeanDifference, meanDifference } from '../operators/metrics/mean-difference.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { canonical } from '../schemas/json.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { TopicInfo, Topics } from '../topics/topics.ts'
import type { RunAbout } from './about.ts'
import { equityOf } from './collect.ts'
import { type BacktestResult, comparedTopics } from './result.ts'

export interface NamedRun {
  readonly run: string
  readonly about: RunAbout
}

export interface Luck {
  /** UTC days that both runs hold. */
  readonly days: number
  /** Of the daily returns, first less second; absent below 30 days. */
  readonly daily?: MeanDifference
  /** Which is better beyond luck; null when that cannot be told. */
  readonly better: string | null
  readonly said: string
}

export interface OutputDifference {
  readonly topic: string
  readonly equal: boolean
  /** The first row that differs, in the order rule; null where one side has no row. */
  readonly first?: { readonly offset: number; readonly was: string | null; readonly is: string | null }
}

export interface Comparison {
  readonly a: string
  readonly b: string
  readonly figures: readonly {
    readonly name: string
    readonly a: number | null
    readonly b: number | null
    /** b − a. */
    readonly difference: number | null
    /** Why a side has none. */
    readonly reason?: string
  }[]
  readonly config: readonly { readonly key: string; readonly a: unknown; readonly b: unknown }[]
  /** Receive times of the first and the last row, µs. */
  readonly range: { readonly equal: boolean; readonly a: BacktestResult['span']; readonly b: BacktestResult['span'] }
  /** Input topics that differ in how many rows there were when the runs began. */
  readonly inputs: readonly { readonly topic: string; readonly a: number; readonly b: number }[]
  readonly sameCode: boolean
  /** Which returned more; null when neither did. */
  readonly better: string | null
  readonly luck: Luck
  readonly outputs: readonly OutputDifference[]
  readonly different: readonly string[]
  readonly equal: boolean
}

/** Days below which skill and luck look alike. */
const leastDays = 30

/** Compares two finished runs. Errors: NO_DATA for one that is not finished. */
export async function compare(topics: Topics, a: NamedRun, b: NamedRun): Promise<Comparison> {
  const [first, second] = [resultOf(a), resultOf(b)]
  const outputs = await outputsOf(topics, a, b)
  const different = outputs.filter(({ equal }) => !equal).map(({ topic }) => topic)
  // By return: two runs may begin with different cash.
  const gain = (first.metrics.totalReturn ?? Number.NaN) - (second.metrics.totalReturn ?? Number.NaN)
  return {
    ...{ a: a.run, b: b.run, figures: figuresOf(first, second) },
    config: differences(flat(configOf(a.about)), flat(configOf(b.about))),
    range: {
      equal: first.span.from === second.span.from && first.span.to === second.span.to,
      ...{ a: first.span, b: second.span },
    },
    inputs: inputsOf(a.about, b.about),
    sameCode: a.about.codeHash === b.about.codeHash,
    better: gain > 0 ? a.run : gain < 0 ? b.run : null,
    luck: await luckOf(topics, { ...a, result: first }, { ...b, result: second }),
    ...{ outputs, different, equal: different.length === 0 },
  }
}

function resultOf({ run, about: { result } }: NamedRun): BacktestResult {
  if (result !== undefined) return result
  throw new SmartspeedError('NO_DATA', `run ${run} is not finished`, {
    fix: 'let it go on: the same backtest command with its --name',
  })
}

function figuresOf(a: BacktestResult, b: BacktestResult): Comparison['figures'] {
  const money = ['finalEquity', 'fills', 'trades', 'fees', 'funding'] as const
  const { reasons, ...metrics } = a.metrics
  const names = Object.keys(metrics).filter((name) => !(money as readonly string[]).includes(name))
  const other = b.metrics as unknown as Record<string, number | null | undefined>
  const why: Readonly<Record<string, string | undefined>> = { ...b.metrics.reasons, ...reasons }
  const rows = [
    ...money.map((name) => ({ name, a: a[name] as number | null, b: b[name] as number | null })),
    ...names.map((name) => ({
      name,
      a: metrics[name as keyof typeof metrics] as number | null,
      b: other[name] ?? null,
    })),
  ]
  return rows.map((row) => {
    const difference = row.a === null || row.b === null ? null : row.b - row.a
    const reason = difference === null ? why[row.name] : undefined
    return { ...row, difference, ...(reason === undefined ? {} : { reason }) }
  })
}

/** What decides the outputs; where data lie does not. Of one strategy its keys stand at the top, of several each in its place. */
function configOf({ plan, seats }: RunAbout): object {
  const { topology, exchange, symbols, from, to, interval, fill } = plan
  const { strategies: _strategies, dir: _dir, engine: _engine, ...rest } = topology
  const [only] = seats
  const who =
    seats.length === 1
      ? { strategy: only!.strategy, params: only!.params }
      : { strategies: seats.map(({ file: _file, fileHash: _hash, ...seat }) => seat) }
  return { ...rest, ...{ exchange, symbols, from, to, interval }, venue: { ...rest.venue, fill }, ...who }
}

function differences(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): Comparison['config'] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => JSON.stringify(a.get(key)) !== JSON.stringify(b.get(key)))
    .map((key) => ({ key, a: a.get(key) ?? null, b: b.get(key) ?? null }))
}

/** `venue.fees.taker`, `strategies.0.params.fast`: each value by the way to it; lists of plain values stay whole. */
function flat(value: object, path = ''): Map<string, unknown> {
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const isList = Array.isArray(inner) && !inner.some((one) => typeof one === 'object')
    return typeof inner === 'object' && inner !== null && !isList
      ? [...flat(inner, `${path}${key}.`)]
      : [[`${path}${key}`, inner] as [string, unknown]]
  })
  return new Map(entries)
}

function inputsOf(a: RunAbout, b: RunAbout): Comparison['inputs'] {
  const rows = (about: RunAbout, name: string) =>
    about.plan.inputs.find(({ topic }) => topic === name)?.ends.reduce((sum, end) => sum + end, 0) ?? 0
  const names = new Set([...a.plan.inputs, ...b.plan.inputs].map(({ topic }) => topic))
  return [...names].map((topic) => ({ topic, a: rows(a, topic), b: rows(b, topic) })).filter((one) => one.a !== one.b)
}

type Finished = NamedRun & { readonly result: BacktestResult }

async function luckOf(topics: Topics, a: Finished, b: Finished): Promise<Luck> {
  const [first, second] = [await daysOf(topics, a), await daysOf(topics, b)]
  const shared = [...first.keys()].filter((day) => second.has(day))
  const days = shared.length
  if (days < leastDays) {
    const said = `${days} days in common are too few to tell skill from luck: ${leastDays} are needed`
    return { days, better: null, said }
  }
  const returns = (of: ReadonlyMap<string, number>) => Float64Array.from(shared, (day) => of.get(day)!)
  const daily = meanDifference(returns(first), returns(second))
  const { mean, low, high } = daily
  if (low === 0 && high === 0)
    return { days, daily, better: null, said: `on each of ${days} days both returned the same` }
  const better = low > 0 ? a.run : high < 0 ? b.run : null
  const share = (value: number) => `${Number((value * 100).toPrecision(3))} %`.replace('-', '\u2212')
  const interval = `on ${days} days ${a.run} returned ${share(mean)} a day more than ${b.run} on average (${share(low)} to ${share(high)} with 95 % confidence)`
  return {
    ...{ days, daily, better },
    said:
      better === null
        ? `${interval}: no more than luck explains`
        : `${interval}: luck alone does not explain that ${better} is better, if these two were not chosen from many`,
  }
}

/** Returns by the day that they end on and began at; the last day of a run may be a part of one. */
async function daysOf(topics: Topics, { run, about, result }: Finished): Promise<ReadonlyMap<string, number>> {
  const accounts = about.seats.map(({ account }) => account)
  const curve = await equityOf(topics, run, accounts)
  const { span, finalEquity } = result
  const times = new Float64Array(curve.times.length + 1).fill(span.to)
  const equity = new Float64Array(curve.equity.length + 1).fill(finalEquity)
  times.set(curve.times)
  equity.set(curve.equity)
  const start = accounts.reduce((sum, { cash }) => sum + cash, 0)
  const daily = dailyEquity(times, equity, { ...span, start })
  const returns = simpleReturns(daily.equity)
  return new Map([...returns].map((value, i) => [`${daily.times[i]}-${daily.times[i + 1]}`, value]))
}

/** Every topic that one of the runs wrote, those of its results first. */
async function outputsOf(topics: Topics, a: NamedRun, b: NamedRun): Promise<OutputDifference[]> {
  const infos = await topics.list()
  const written = infos.filter(({ run, record }) => (run === a.run || run === b.run) && !hidden.has(record))
  const records = [...new Set<RecordName>([...comparedTopics, ...written.map(({ record }) => record)])]
  const found: OutputDifference[] = []
  for (const record of records) {
    const first = await firstDifference(topics, infos, record, a, b)
    found.push({ topic: record, equal: first === undefined, ...(first === undefined ? {} : { first }) })
  }
  return found
}

const hidden: ReadonlySet<RecordName> = new Set(['journal', 'snapshots'])

async function firstDifference(
  topics: Topics,
  infos: readonly TopicInfo[],
  record: RecordName,
  a: NamedRun,
  b: NamedRun,
): Promise<OutputDifference['first'] | undefined> {
  if (a.run === b.run) return undefined
  const hash = (result: BacktestResult | undefined) => (result?.hashes as Partial<Record<RecordName, string>>)?.[record]
  const known = hash(a.about.result)
  if (known !== undefined && known === hash(b.about.result)) return undefined
  const [was, is] = [rowsOf(topics, infos, record, a.run), rowsOf(topics, infos, record, b.run)]
  try {
    for (let offset = 0; ; offset++) {
      const [one, other] = [await was.next(), await is.next()]
      if (one.done && other.done) return undefined
      const pair = { was: one.done ? null : one.value, is: other.done ? null : other.value }
      if (pair.was !== pair.is) return { offset, ...pair }
    }
  } finally {
    await was.return?.()
    await is.return?.()
  }
}

async function* rowsOf(
  topics: Topics,
  infos: readonly TopicInfo[],
  record: RecordName,
  run: string,
): AsyncGenerator<string, void> {
  const topic = physicalName(record, run)
  if (!infos.some(({ name }) => name === topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++)
      yield canonical(record, rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!))
  }
}
