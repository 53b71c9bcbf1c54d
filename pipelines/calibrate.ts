// A run held against what really happened, and run again with other assumptions to see which are nearest.
import { fillError, type Group, groupsOf, priceErrorBps, timeErrorMs } from '../operators/calibration/errors.ts'
import { type Fit, fitsOf, leastAt } from '../operators/calibration/fit.ts'
import { type Interval, meanInterval, type Resampling } from '../operators/calibration/interval.ts'
import { type Matched, matchOutcomes, type Pair } from '../operators/calibration/match.ts'
import { type Outcome, Outcomes, shareOf } from '../operators/calibration/outcome.ts'
import { random } from '../operators/random.ts'
import { type Batch, rowsOf } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Order } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { aboutOf, type RunAbout } from './about.ts'
import { parseTopology, type Topology } from './config.ts'
import { inputOptions, type Plan } from './plan.ts'
import { resend } from './resend.ts'
import { seatsAgain } from './seats.ts'
import { createTrading } from './trading.ts'
import { venueDataOf } from './venue-options.ts'

/** One way to set the venue otherwise: keys below `venue`, such as `latency.outMs`, and their values. */
export type Settings = Readonly<Record<string, unknown>>

export interface CalibrateOptions {
  readonly topics: Topics
  readonly run: string
  readonly real: readonly Outcome[]
  /** The requests that they came of, where they are known: then the same are sent again, in place of a strategy that decides anew. */
  readonly requests?: readonly Order[] | undefined
  /** Each is run; without any only the run itself is compared. */
  readonly tries: readonly Settings[]
  /** Orders of other names, further apart than this, are not one. */
  readonly withinUs: number
  readonly samples: number
  readonly confidence: number
  readonly seed: number
  readonly onTry?: (done: number) => void
}

export interface GroupErrors {
  readonly by: Group['by']
  readonly name: string
  readonly orders: number
  /** Mean share of an order that was filled, and how much more of it the simulation filled. */
  readonly fillRate: { readonly simulated: number; readonly real: number; readonly error: Interval }
  /** By how much the simulation filled worse, bp, and later, ms. */
  readonly priceErrorBps: Interval | null
  readonly timeErrorMs: Interval | null
  /** Why figures are null, or their ends are. */
  readonly reasons: Readonly<Record<string, string>>
}

export interface Calibration {
  readonly run: string
  readonly orders: {
    readonly simulated: number
    readonly real: number
    readonly matched: number
    readonly matchedById: number
  }
  readonly method: string
  /** What was done again for `settings`. */
  readonly again?: 'requests' | 'strategy'
  readonly groups: readonly GroupErrors[]
  /** With `tries`: the fit of each, in their order. */
  readonly settings?: readonly (Fit & {
    readonly settings: Settings
    readonly orders: number
    readonly fills: number
    /** Why figures are null. */
    readonly reasons: Readonly<Record<string, string>>
  })[]
  readonly best?: Settings
}

/**
 * Compares a run of the simulated venue with real executions of the same orders, and finds which settings come nearest.
 *
 * Each of `tries` is the run again over the same rows, and nothing of it is kept: with `requests` the venue alone, to which the same
 * requests are sent; else the strategy decides anew on what it then sees, so that its orders soon are others, and only those that are
 * alike can be compared.
 * Errors: RUN_MISSING; NO_DATA when the run has no orders or none of them matches; those of parseTopology for a setting that cannot be.
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { topics, run, real, tries, withinUs, samples, confidence, seed } = options
  const about = await aboutOf(topics, run)
  if (about === undefined) {
    throw new SmartspeedError('RUN_MISSING', `there is no run ${run}`, {
      fix: 'smartspeed runs lists those that are there',
    })
  }
  const simulated = await outcomesOfRun(topics, run)
  const matched = matchOutcomes(simulated, real, { withinUs })
  if (matched.pairs.length === 0) {
    throw new SmartspeedError(
      'NO_DATA',
      `none of ${real.length} real orders matches one of the ${simulated.length} of run ${run}: side, symbol, size, price, and name or time`,
      { fix: 'compare orders of the same time and strategy, or allow more time: --within-ms 10000' },
    )
  }
  const how: Resampling = { samples, confidence, random: random(`${seed}/calibrate`) }
  const report: Calibration = {
    run,
    orders: {
      ...{ simulated: simulated.length, real: real.length, matched: matched.pairs.length, matchedById: matched.byId },
    },
    method: `percentile bootstrap of the mean, ${samples} samples of the matched orders, ${confidence * 100} % confidence, seed ${seed}`,
    groups: groupsOf(matched.pairs).map((group) => groupErrors(group, how)),
  }
  if (tries.length === 0) return report
  const plans = tries.map((settings) => ({ settings, topology: topologyWith(about.plan.topology, settings) }))
  const matches: Matched[] = []
  const counts: { orders: number; fills: number }[] = []
  for (const { topology } of plans) {
    const outcomes = await again(topics, about, topology, options.requests)
    matches.push(matchOutcomes(outcomes, real, { withinUs }))
    counts.push({ orders: outcomes.length, fills: outcomes.filter(({ filled }) => filled > 0).length })
    options.onTry?.(matches.length)
  }
  const fits = fitsOf(matches, real, { samples, random: random(`${seed}/calibrate/fit`) })
  const best = leastAt(fits.map(({ score }) => score))
  return {
    ...report,
    again: options.requests === undefined ? 'strategy' : 'requests',
    settings: fits.map((fit, at) => ({ settings: tries[at]!, ...fit, ...counts[at]!, reasons: reasonsOf(fit) })),
    best: tries[best]!,
  }
}

/** The orders of a run and what became of them. @throws SmartspeedError NO_DATA for a run without orders */
export async function outcomesOfRun(topics: Topics, run: string): Promise<Outcome[]> {
  const outcomes = new Outcomes()
  const there = new Set((await topics.list()).map(({ name }) => name))
  for (const record of ['orders', 'executions'] as const) {
    const name = physicalName(record, run)
    if (!there.has(name)) continue
    for await (const { batch } of topics.read<typeof record>(name)) hear(outcomes, batch as Batch)
  }
  const all = outcomes.all()
  if (all.length > 0) return all
  throw new SmartspeedError('NO_DATA', `run ${run} sent no orders`, { fix: 'compare a run that trades' })
}

async function again(
  topics: Topics,
  about: RunAbout,
  topology: Topology,
  requests: readonly Order[] | undefined,
): Promise<Outcome[]> {
  const { fees: _, recorded: _file, ...before } = about.plan
  const { instruments, fill, from } = before
  const data = await venueDataOf(topology.venue, { fill, instruments, start: from ?? startOf(about) })
  const plan: Plan = { ...before, topology, ...data }
  if (requests !== undefined)
    return (await resend(topics, plan, requests, { cash: about.seats[0]!.account.cash })).all()
  const { seats } = await seatsAgain(about.seats)
  const graph = createTrading({ plan, seats })
  const outcomes = new Outcomes()
  const take = () => {
    for (const batch of graph.take()) hear(outcomes, batch)
  }
  for await (const { merged } of replay(topics, inputOptions(plan))) {
    graph.step(merged)
    take()
  }
  take()
  return outcomes.all()
}

/** When the data of a run began, as far as it says. */
function startOf({ result }: RunAbout): number {
  return result?.span.from ?? Number.POSITIVE_INFINITY
}

function hear(outcomes: Outcomes, batch: Batch): void {
  if (batch.topic === 'orders') for (const row of rowsOf(batch as Batch<'orders'>)) outcomes.order(row)
  else if (batch.topic === 'executions') for (const row of rowsOf(batch as Batch<'executions'>)) outcomes.execution(row)
}

/** A topology with keys below `venue` set otherwise; it is parsed again, so that a setting that cannot be is refused. */
function topologyWith(topology: Topology, settings: Settings): Topology {
  const input = Object.entries(settings).reduce<unknown>(
    (whole, [key, value]) => withValue(whole, ['venue', ...key.split('.')], value),
    topology,
  )
  return parseTopology(JSON.parse(JSON.stringify(input)))
}

function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  const inner = (whole as Record<string, unknown> | undefined)?.[key!]
  const next = rest.length === 0 ? value : withValue(typeof inner === 'object' ? inner : {}, rest, value)
  return { ...(whole as object), [key!]: next }
}

/** Why figures of a fit are null. */
function reasonsOf({ timeErrorMs }: Fit): Record<string, string> {
  const why = 'no order was filled in both'
  return Number.isNaN(timeErrorMs) ? { timeErrorMs: why, priceErrorBps: why } : {}
}

function groupErrors({ by, name, pairs }: Group, how: Resampling): GroupErrors {
  const reasons: Record<string, string> = {}
  const told = (name: string, of: (pair: Pair) => number): Interval | null => {
    const values = pairs.map(of).filter((value) => !Number.isNaN(value))
    if (values.length === 0) reasons[name] = 'no order was filled in both'
    if (values.length === 1) reasons[name] = 'one order has no interval'
    return meanInterval(values, how) ?? null
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    ...{ by, name, orders: pairs.length },
    fillRate: {
      simulated: mean(pairs.map(({ simulated }) => shareOf(simulated))),
      real: mean(pairs.map(({ real }) => shareOf(real))),
      error: told('fillRate', fillError)!,
    },
    ...{ priceErrorBps: told('priceErrorBps', priceErrorBps), timeErrorMs: told('timeErrorMs', timeErrorMs), reasons },
  }
}
