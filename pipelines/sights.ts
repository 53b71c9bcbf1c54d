// What strategies see beside the market: made for a whole batch at once, shown row by row: as of, never ahead (decision 011).
import type { Bars } from '../operators/bars/index.ts'
import { fixedLength } from '../operators/bars/interval.ts'
import type { BarView, RegimeView } from '../operators/desk.ts'
import {
  barFeatureNames,
  type ClosedBars,
  type FeaturesStep,
  FeatureView,
  featureSetName,
  featureSetVersion,
  featureStage,
} from '../operators/features/index.ts'
import { type Instrument, indexIn } from '../operators/instrument.ts'
import type { MarketState } from '../operators/market-state.ts'
import { type Horizon, horizons } from '../operators/regime/horizons.ts'
import { regimeStage } from '../operators/regime/stage.ts'
import type { Sight } from '../operators/sight.ts'
import { pack, unpack } from '../operators/stage.ts'
import { type Batch, type Merged, maxBatchRows } from '../schemas/batch.ts'
import { wordAt } from '../schemas/columns.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { sliceRows } from '../topics/rows.ts'
import { type Closed, candlesOf, type OtherInterval, otherInterval } from './closed-bars.ts'
import { FundingRates } from './funding-rates.ts'
import type { Outputs } from './outputs.ts'
import type { Plan } from './plan.ts'
import type { Seat } from './seats.ts'
import { usesOf } from './uses.ts'

export interface SightsOptions {
  readonly plan: Plan
  readonly seats: readonly Seat[]
  readonly instruments: readonly Instrument[]
  readonly markets: readonly MarketState[]
  readonly outputs: Outputs
}

/** Items of a batch, and the row of the merged batch at which each is known; `at` never falls. */
interface Lane {
  readonly at: Uint32Array
  next: number
  show(item: number): void
}

/** On ticks, regimes rest on bars of a minute, whatever the run's interval is. */
const regimeInterval = '1m'

/** As-of views of everything that closes with bars. Look-ahead is impossible: `to` shows what is known at a row, and no more. */
export class Sights implements Sight {
  private readonly options: SightsOptions
  private readonly intervals: readonly OtherInterval[]
  private readonly featureRun: FeaturesStep | undefined
  private readonly regimeRun: ReturnType<typeof regimeStage.create> | undefined
  private readonly funding: FundingRates
  private readonly views: readonly FeatureView[]
  private readonly lastBars = new Map<string, BarView>()
  private readonly regimes = new Map<string, RegimeView>()
  private lanes: Lane[] = []

  constructor(options: SightsOptions) {
    const { plan, seats, instruments } = options
    const uses = usesOf(
      plan.topology,
      seats.map(({ strategy }) => strategy),
    )
    this.options = options
    this.views = instruments.map(() => new FeatureView())
    this.funding = new FundingRates(instruments)
    if (uses.features) this.featureRun = featureStage.create({ instruments })
    const wanted = new Set(seats.flatMap(({ strategy, params }) => strategy.intervals?.(params) ?? []))
    if (uses.regimes) {
      const interval = plan.fill === 'book' ? regimeInterval : plan.interval!
      this.regimeRun = regimeStage.create({ instruments, barUs: lengthOf(interval) })
      if (interval !== plan.interval) wanted.add(interval)
    }
    this.intervals = [...wanted].sort().map((interval) => {
      try {
        return otherInterval(plan, instruments, interval)
      } catch (error) {
        throw ofSeat(error, seats, interval)
      }
    })
  }

  /** Everything of a batch, before its first row is shown. `bars` are those that were cut from its trades. */
  prepare(merged: Merged, bars: Bars): void {
    const { intervals, featureRun, regimeRun } = this
    if (intervals.length === 0 && featureRun === undefined && regimeRun === undefined) return
    const { fill, interval } = this.options.plan
    const closed: Closed = fill === 'book' ? bars : candlesOf(merged, interval)
    const others = intervals.map((one) => ({ name: one.name, closed: one.step(merged, closed) }))
    this.lanes = others.map((one) => this.barsLane(one.name, one.closed))
    if (featureRun !== undefined) this.lanes.push(this.featureLane(closed, featureRun.step(closed.batch as ClosedBars)))
    if (regimeRun === undefined) return
    const minutes = fill === 'book' ? others.find(({ name }) => name === regimeInterval)?.closed : undefined
    this.lanes.push(...this.regimeLanes(merged, minutes ?? closed))
  }

  /** False while `to` has nothing to show in the batch. */
  get shows(): boolean {
    return this.lanes.length > 0
  }

  /** Shows what is known at a row of the batch. */
  to(row: number): void {
    for (let i = 0; i < this.lanes.length; i++) {
      const lane = this.lanes[i]!
      while (lane.at[lane.next]! <= row) lane.show(lane.next++)
    }
  }

  features(instrument: number): Float64Array {
    return this.views[instrument]!.read(this.options.markets[instrument]!)
  }

  regime(instrument: number, horizon: Horizon): RegimeView | undefined {
    return this.regimes.get(`${instrument} ${horizon}`)
  }

  lastBar(instrument: number, interval: string): BarView | undefined {
    return this.lastBars.get(`${instrument} ${interval}`)
  }

  save(): Uint8Array {
    return pack({
      intervals: this.intervals.map((one) => one.save()),
      ...{ featureRun: this.featureRun?.save(), regimeRun: this.regimeRun?.save(), funding: this.funding.rates },
      ...{ views: this.views.map((view) => view.save()), lastBars: this.lastBars, regimes: this.regimes },
    } satisfies Saved)
  }

  load(bytes: Uint8Array): void {
    const saved = unpack<Saved>(bytes)
    for (const [i, one] of this.intervals.entries()) one.load(saved.intervals[i]!)
    if (saved.featureRun !== undefined) this.featureRun?.load(saved.featureRun)
    if (saved.regimeRun !== undefined) this.regimeRun?.load(saved.regimeRun)
    this.funding.rates = saved.funding
    for (const [i, view] of this.views.entries()) view.load(saved.views[i]!)
    for (const [key, bar] of saved.lastBars) this.lastBars.set(key, bar)
    for (const [key, regime] of saved.regimes) this.regimes.set(key, regime)
  }

  private barsLane(interval: string, { batch, at }: Closed): Lane {
    const { openTime, time, open, high, low, close, volume } = batch.columns
    const show = (item: number): void => {
      const instrument = this.indexOf(batch, item)
      this.lastBars.set(`${instrument} ${interval}`, {
        ...{ instrument, interval, openTime: openTime[item]!, time: time[item]!, volume: volume[item]! },
        ...{ open: open[item]!, high: high[item]!, low: low[item]!, close: close[item]! },
      })
    }
    return { at, next: 0, show }
  }

  private featureLane({ batch, at }: Closed, values: Float64Array): Lane {
    const { outputs } = this.options
    const keeps = this.options.plan.topology.keep.includes('features')
    const { time, received, exchange, symbol } = batch.columns
    const show = (item: number): void => {
      const instrument = this.indexOf(batch, item)
      this.views[instrument]!.bar(values, item * barFeatureNames.length)
      if (!keeps || received[item]! < this.from) return
      outputs.push('features', {
        ...{ time: time[item]!, received: received[item]! },
        ...{ exchange: wordAt(exchange, item)!, symbol: wordAt(symbol, item)! },
        ...{ set: featureSetName, version: featureSetVersion, values: [...this.features(instrument)] },
      })
    }
    return { at, next: 0, show }
  }

  private regimeLanes(merged: Merged, closed: Closed): Lane[] {
    const funding = this.funding.asOf(merged, closed)
    const { batch, at, unknown } = this.regimeRun!.step({ bars: closed.batch, funding })
    const { horizon, regime, confidence, strength, since } = batch.columns
    if (this.options.plan.topology.keep.includes('regimes')) this.keepRegimes(batch)
    const show = (item: number): void => {
      this.regimes.set(`${this.indexOf(batch, item)} ${wordAt(horizon, item)}`, {
        ...{ regime: wordAt(regime, item)!, confidence: confidence[item]!, strength: strength[item]! },
        since: since[item]!,
      })
    }
    const forget = (item: number): void => {
      const instrument = this.indexOf(closed.batch, unknown[item]!)
      for (const horizon of horizons) this.regimes.delete(`${instrument} ${horizon}`)
    }
    const rowsOf = (bars: Uint32Array) => bars.map((bar) => closed.at[bar]!)
    return [
      { at: rowsOf(at), next: 0, show },
      { at: rowsOf(unknown), next: 0, show: forget },
    ]
  }

  private keepRegimes(batch: Batch<'regimes'>): void {
    const { received } = batch.columns
    let first = 0
    while (first < batch.rows && received[first]! < this.from) first++
    // A bar has four rows: more than a batch may hold.
    for (; first < batch.rows; first += maxBatchRows) {
      this.options.outputs.add(sliceRows(batch, first, Math.min(first + maxBatchRows, batch.rows)))
    }
  }

  /** Rows from before the run are shown and not written. */
  private get from(): number {
    return this.options.plan.from ?? Number.NEGATIVE_INFINITY
  }

  private indexOf({ columns }: Batch<'bars' | 'candles' | 'regimes'>, row: number): number {
    return indexIn(this.options.instruments, wordAt(columns.exchange, row), wordAt(columns.symbol, row))
  }
}

interface Saved {
  readonly intervals: readonly Uint8Array[]
  readonly featureRun: Uint8Array | undefined
  readonly regimeRun: Uint8Array | undefined
  readonly funding: Float64Array
  readonly views: readonly Uint8Array[]
  readonly lastBars: Map<string, BarView>
  readonly regimes: Map<string, RegimeView>
}

/** An interval that a strategy asks for is nobody's `--interval`: the error says whose it is. */
function ofSeat(error: unknown, seats: readonly Seat[], interval: string): unknown {
  const seat = seats.find(({ strategy, params }) => strategy.intervals?.(params).includes(interval))
  if (!(error instanceof SmartspeedError) || seat === undefined) return error
  const { strategy, params } = seat
  const parameter = Object.keys(params).find((name) => params[name] === interval)
  const whose = parameter === undefined ? '`intervals`' : `parameter ${parameter}`
  return new SmartspeedError(error.code, `strategy ${strategy.name}, ${whose}: ${error.message}`, {
    cause: error,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  })
}

/** µs of a bar. @throws SmartspeedError CONFIG_INVALID for bars without a fixed length */
function lengthOf(interval: string): number {
  const us = fixedLength(interval)
  if (us !== undefined) return us
  throw new SmartspeedError('CONFIG_INVALID', `regimes need bars of a fixed time, not of ${interval}`, {
    fix: 'choose an interval such as 1m, 5m, 1h',
    at: ['interval'],
  })
}
