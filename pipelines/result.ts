// What a trading run came to, read back from its topics once all of its tasks have finished.
import type { RoundTrips } from '../operators/metrics/index.ts'
import { e8ToNumber, e8ToText } from '../operators/portfolio/money.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import { hashTopic, noRows } from '../topics/hash.ts'
import type { Topics } from '../topics/topics.ts'
import type { RunAbout } from './about.ts'
import { type VenueAssumption, venueAssumptions } from './assumptions.ts'
import { accountCurves, figuresOf, totalCurve, tripsByAccount } from './collect.ts'
import type { MemoryWatch } from './memory.ts'
import type { Plan } from './plan.ts'
import { marginOf, type TradingSummary } from './trading.ts'
import { whyNoTrades } from './why-no-trades.ts'

/** The topics that a run is compared by. */
export const comparedTopics = ['signals', 'orders', 'executions', 'positions'] as const

export interface BacktestResult {
  readonly run: string
  readonly rows: number
  readonly seconds: number
  readonly rowsPerSecond: number
  /** Anonymous memory. */
  readonly peakRssMb: number
  /** Pages of files that were mapped beside it. */
  readonly peakMappedMb: number
  readonly hashes: Record<(typeof comparedTopics)[number], string>
  /** Of all accounts together. */
  readonly metrics: ReturnType<typeof figuresOf>
  /** Each strategy at its account, in the order of the topology. Its figures add up to those above. */
  readonly strategies: readonly StrategyResult[]
  readonly fills: number
  readonly trades: number
  readonly fees: number
  readonly funding: number
  readonly finalEquity: number
  readonly openPositions: TradingSummary['openPositions']
  readonly warnings: readonly Warning[]
  /** What the simulated exchange took for granted. */
  readonly assumptions: readonly VenueAssumption[]
  readonly summary: TradingSummary
  readonly span: { readonly from: number; readonly to: number }
}

/** What one strategy came to at its own account. */
export interface StrategyResult {
  readonly strategy: string
  readonly account: string
  readonly metrics: ReturnType<typeof figuresOf>
  readonly fills: number
  readonly trades: number
  readonly fees: number
  readonly funding: number
  readonly finalEquity: number
}

export interface Warning {
  readonly code: string
  readonly message: string
}

/** What the work took. */
export interface Effort {
  /** Rows that its tasks read. */
  readonly rows: number
  readonly seconds: number
  readonly memory: MemoryWatch
}

export function effortOf({ rows, seconds, memory }: Effort) {
  return {
    ...{ rows, seconds, rowsPerSecond: Math.round(rows / Math.max(seconds, 1e-6)) },
    ...{ peakRssMb: memory.peakMb, peakMappedMb: memory.mappedMb },
  }
}

/** The result of a run whose tasks have come to their ends. */
export async function resultOf(
  topics: Topics,
  run: string,
  about: Pick<RunAbout, 'plan' | 'seats'>,
  { summary, ...effort }: Effort & { readonly summary: TradingSummary },
): Promise<BacktestResult> {
  const { plan, seats } = about
  const accounts = seats.map(({ account }) => account)
  const trips = await tripsByAccount(topics, run, { plan, accounts })
  const curves = await accountCurves(topics, run)
  // Where the rows begin, not where the range that was asked for does: years without a row are no track record.
  const span = { from: summary.first, to: summary.last }
  const finalEquity = e8ToNumber(BigInt(summary.equityE8))
  const cash = accounts.reduce((sum, account) => sum + account.cash, 0)
  const strategies = seats.map(({ strategy, account }, at): StrategyResult => {
    const end = e8ToNumber(BigInt(summary.accounts[at]!.equityE8))
    const own = trips.by.get(account.name)!
    const metrics = figuresOf(totalCurve([account], curves), own, { ...span, cash: account.cash, end })
    return { strategy, account: account.name, metrics, ...amountsOf(own), finalEquity: end }
  })
  return {
    ...{ run, ...effortOf(effort) },
    hashes: await hashesOf(topics, run, comparedTopics),
    metrics: strategies.length === 1 ? strategies[0]!.metrics : whole(),
    strategies,
    ...{ ...amountsOf(trips.all), finalEquity },
    openPositions: summary.openPositions,
    warnings: warningsOf(run, plan, summary),
    assumptions: venueAssumptions(plan),
    ...{ summary, span },
  }

  function whole() {
    return figuresOf(totalCurve(accounts, curves), trips.all, { ...span, cash, end: finalEquity })
  }
}

const amountsOf = ({ fills, closed, feesE8, fundingE8 }: RoundTrips) => ({
  ...{ fills, trades: closed.length, fees: e8ToNumber(feesE8), funding: e8ToNumber(fundingE8) },
})

/** The hash of each of the topics of a run; of no rows where it wrote none. */
export async function hashesOf<T extends RecordName>(
  topics: Topics,
  run: string,
  records: readonly T[],
): Promise<Record<T, string>> {
  const names = new Set((await topics.list()).map((info) => info.name))
  const entries = []
  for (const record of records) {
    const name = physicalName(record, run)
    entries.push([record, names.has(name) ? (await hashTopic(topics, name)).hash : noRows.hash])
  }
  return Object.fromEntries(entries) as Record<T, string>
}

/** The summary of a run from those of its tasks, each of some accounts over the same market, in the order of the accounts. */
export function wholeSummary(parts: readonly TradingSummary[]): TradingSummary {
  const sum = (of: (part: TradingSummary) => number) => parts.reduce((total, part) => total + of(part), 0)
  const most = (of: (part: TradingSummary) => number) => Math.max(...parts.map(of))
  const rejections: Record<string, number> = {}
  for (const part of parts)
    for (const [why, count] of Object.entries(part.rejections)) rejections[why] = (rejections[why] ?? 0) + count
  return {
    ...parts[0]!,
    ...{ bars: most(({ bars }) => bars), warmupBars: most(({ warmupBars }) => warmupBars) },
    ...{
      signals: sum(({ signals }) => signals),
      orders: sum(({ orders }) => orders),
      fills: sum(({ fills }) => fills),
    },
    rejections,
    unknownFunding: sum(({ unknownFunding }) => unknownFunding),
    ...marginOf(
      parts.map(({ margin }) => ({ margin: margin && { ...margin, insuranceFundE8: BigInt(margin.insuranceFundE8) } })),
    ),
    equityE8: String(parts.reduce((total, { equityE8 }) => total + BigInt(equityE8), 0n)),
    accounts: parts.flatMap(({ accounts }) => accounts),
    openPositions: parts.flatMap(({ openPositions }) => openPositions),
  }
}

function warningsOf(run: string, plan: Plan, summary: TradingSummary): Warning[] {
  const warnings: Warning[] = []
  if (plan.fill === 'close') {
    warnings.push({
      code: 'FILL_AT_SIGNAL_CLOSE',
      message:
        'market orders were filled at the close of the bar that gave the signal: nobody can trade there; --fill next-open is honest',
    })
  }
  if (plan.topology.risk === 'off') {
    warnings.push({
      code: 'RISK_OFF',
      message: 'only instrument filters and cash were checked; a live account never runs so',
    })
  }
  if (plan.instruments.some((instrument) => instrument.inferred)) {
    warnings.push({
      code: 'INSTRUMENT_INFERRED',
      message: 'tick and lot were read off the data: import an exchangeInfo answer to be sure',
    })
  }
  if (summary.lateTrades > 0) {
    warnings.push({
      code: 'LATE_TRADES',
      message: `${summary.lateTrades} trades came after their bar was closed and are in none`,
    })
  }
  if (summary.unknownFunding > 0) {
    warnings.push({
      code: 'FUNDING_UNKNOWN',
      message: `${summary.unknownFunding} times funding fell due on an open position and no rate was known, so none was paid: smartspeed load funding, or venue.funding.rate`,
    })
  }
  if (summary.margin !== undefined && summary.margin.liquidations > 0) {
    const { liquidations, insuranceFundE8 } = summary.margin
    warnings.push({
      code: 'LIQUIDATED',
      message: `the exchange closed positions that were not covered any more, in ${liquidations} executions; its insurance fund has ${e8ToText(BigInt(insuranceFundE8))} ${summary.currency}${insuranceFundE8.startsWith('-') ? ': below 0, so that those who gained would have been taken from' : ''}`,
    })
  }
  return [...warnings, ...idleWarning(run, plan, summary)]
}

/** What a person asks who sees no trades. */
function idleWarning(run: string, plan: Plan, summary: TradingSummary): Warning[] {
  const refusals = Object.entries(summary.rejections).map(([name, count]) => {
    const [check = '', reason = ''] = name.split(': ')
    return { by: 'risk', check, reason, count }
  })
  const bars = plan.interval === undefined ? undefined : summary.bars
  const idle = whyNoTrades({ ...summary, run, bars, warmup: summary.warmupBars, refusals })
  return idle === undefined ? [] : [{ code: 'NO_TRADES', message: `${idle.why} ${idle.next}` }]
}
