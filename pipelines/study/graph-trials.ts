// Sets of parameters by the event-driven graph: the market is read once, and each of them trades it on a graph of its own.
import { dailyEquity, dayUs } from '../../operators/metrics/curve.ts'
import { type Performance, type RoundTrips, TripBook } from '../../operators/metrics/index.ts'
import type { EquityTap } from '../../operators/portfolio/portfolio-rows.ts'
import { type Batch, type Merged, rowAt } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Execution, Position, RecordName } from '../../schemas/records.generated.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import { type Curve, figuresOf, GrowingCurve, withEnd } from '../collect.ts'
import { inputOptions, type Plan } from '../plan.ts'
import type { Seat } from '../seats.ts'
import { createTrading, type TradingGraph } from '../trading.ts'
import { TripPairs } from '../trip-events.ts'
import { failedOutcome, type Outcome, type Stretch } from './outcome.ts'

/** What the graph knows beside it. */
export interface GraphOutcome extends Outcome {
  /** All figures of a backtest; absent where the strategy failed. */
  readonly metrics?: Performance
  readonly closed?: RoundTrips['closed']
  /** Equity at each of its account rows, and at the end. */
  readonly curve?: Curve
}

export interface GraphTrials {
  readonly outcomes: readonly GraphOutcome[]
  readonly stretch: Stretch
  /** Market rows that each of them saw. */
  readonly rows: number
}

export interface GraphTrialsOptions {
  readonly signal?: AbortSignal | undefined
  /** False: outcomes have no metrics, round trips and curves, and memory does not grow with the market. */
  readonly figures?: boolean
}

/**
 * Trades the plan's market with each of the seats, each by itself: what a backtest of each would come to, in one reading.
 * A strategy that throws has failed, and the others go on. Memory: what the graphs keep, and 16 bytes an account row of each.
 *
 * @throws SmartspeedError NO_DATA where there is no row; what reading throws
 */
export async function graphTrials(
  topics: Topics,
  plan: Plan,
  seats: readonly Seat[],
  { signal, figures = true }: GraphTrialsOptions = {},
): Promise<GraphTrials> {
  const runs = seats.map((seat) => new TrialRun(plan, seat, figures))
  for await (const { merged } of replay(topics, { ...inputOptions(plan), ...(signal === undefined ? {} : { signal }) }))
    for (const run of runs) run.step(merged)
  if (signal?.aborted) throw new SmartspeedError('INTERRUPTED', 'stopped amid a trial')
  const summary = runs.find((run) => run.error === undefined)?.graph.summary()
  const stretch = { from: summary?.first ?? 0, to: summary?.last ?? 0 }
  return { outcomes: runs.map((run) => run.outcome()), stretch, rows: summary?.marketRows ?? 0 }
}

/** What round trips are made of; and curves, where figures are. */
const ofTrips: readonly RecordName[] = ['executions', 'positions']
const ofFigures: readonly RecordName[] = [...ofTrips, 'accounts']

/** A graph whose rows are looked at and dropped. */
class TrialRun implements EquityTap {
  readonly graph: TradingGraph
  error: string | undefined
  private readonly cash: number
  private readonly pairs: TripPairs
  private readonly book = new TripBook()
  private readonly curve = new GrowingCurve()
  private readonly figures: boolean
  /** Without figures: the last equity of a day, until one of the next day comes. */
  private day = Number.NaN
  private readonly last = new Float64Array(2)

  constructor(plan: Plan, seat: Seat, figures: boolean) {
    this.figures = figures
    const equity = figures ? undefined : this
    const kept = new Set(figures ? ofFigures : ofTrips)
    this.graph = createTrading({ plan, seats: [seat], taken: { kept, equity } })
    this.cash = seat.account.cash
    this.pairs = new TripPairs(plan)
  }

  step(merged: Merged): void {
    if (this.error !== undefined) return
    try {
      this.graph.step(merged)
      const batches = this.graph.take()
      // Executions first: position rows follow from them.
      for (const batch of batches) if (batch.topic === 'executions') this.executions(batch)
      for (const batch of batches) {
        if (batch.topic === 'positions') this.positions(batch)
        else if (batch.topic === 'accounts') this.accounts(batch as Batch<'accounts'>)
      }
    } catch (error) {
      if (!(error instanceof SmartspeedError && error.code === 'STRATEGY_FAILED')) throw error
      this.error = error.message
    }
  }

  private executions(batch: Batch): void {
    for (let row = 0; row < batch.rows; row++) this.pairs.execution(rowAt(batch, row) as Execution)
  }

  private positions(batch: Batch): void {
    for (let row = 0; row < batch.rows; row++) {
      const pair = this.pairs.position(rowAt(batch, row) as Position)
      if (pair !== undefined) this.book.add(pair.event)
    }
  }

  private accounts({ rows, columns: { received, equity } }: Batch<'accounts'>): void {
    for (let row = 0; row < rows; row++) this.curve.push(received[row]!, Number(equity[row]!) / 1e8)
  }

  /** Equity is asked for at midnights: of a day only its last row is kept. One at midnight belongs to the day that ends there. */
  hear(time: number, equity: number | bigint): void {
    const { last } = this
    const day = dayOf(time)
    if (day !== this.day) {
      this.flush()
      this.day = day
    }
    last[0] = time
    last[1] = Number(equity) / 1e8
  }

  replaces(time: number, earlier: number): boolean {
    return dayOf(time) === dayOf(earlier)
  }

  private flush(): void {
    if (!Number.isNaN(this.day)) this.curve.push(this.last[0]!, this.last[1]!)
  }

  outcome(): GraphOutcome {
    if (this.error !== undefined) return failedOutcome(this.error)
    const { first: from, last: to, equityE8 } = this.graph.summary()
    const trips = this.book.trips()
    if (!this.figures) this.flush()
    const curve = this.curve.take()
    const finalEquityE8 = BigInt(equityE8)
    const span = { from, to, cash: this.cash, end: Number(finalEquityE8) / 1e8 }
    const whole = withEnd(curve, span)
    return {
      ...{ finalEquityE8, feesE8: trips.feesE8, fills: trips.fills },
      ...{ trips: trips.closed.length, wins: trips.closed.filter(({ pnlE8 }) => pnlE8 > 0n).length },
      dayEquity: dailyEquity(whole.times, whole.equity, { from, to, start: this.cash }).equity,
      ...(this.figures ? { metrics: figuresOf(curve, trips, span), closed: trips.closed, curve: whole } : {}),
    }
  }
}

function dayOf(time: number): number {
  return Math.floor((time - 1) / dayUs)
}
