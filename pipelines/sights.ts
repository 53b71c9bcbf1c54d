// What strategies see beside the market: made for a whole batch at once, shown row by row (DESIGN §5: as of, never ahead).
import { type Bars, type BarsStep, barsStage } from '../operators/bars/index.ts'
import { type ResampleStep, resampleStage } from '../operators/bars/resample.ts'
import type { BarView, RegimeView } from '../operators/desk.ts'
import type { Instrument } from '../operators/instrument.ts'
import type { Horizon } from '../operators/regime/horizons.ts'
import { blind, type Sight } from '../operators/sight.ts'
import { pack, unpack } from '../operators/stage.ts'
import type { Batch, Merged } from '../schemas/batch.ts'
import { wordAt } from '../schemas/columns.ts'
import { gatherRows } from '../topics/rows.ts'
import type { Plan } from './plan.ts'
import type { Seat } from './seats.ts'

/** Rows of a batch, and the row of the merged batch at which each is known; `at` never falls. */
interface Lane {
  readonly at: Uint32Array
  next: number
  show(item: number): void
}

/** Closed candles of the run's interval. */
interface Candles {
  readonly batch: Batch<'candles'>
  readonly at: Uint32Array
}

export interface SightsOptions {
  readonly plan: Plan
  readonly seats: readonly Seat[]
  readonly instruments: readonly Instrument[]
}

/** As-of views of everything that closes with bars. Look-ahead is impossible: `to` shows what is known at a row, and no more. */
export class Sights implements Sight {
  private readonly intervals: readonly OtherInterval[]
  private readonly lastBars = new Map<string, BarView>()
  private readonly instruments: readonly Instrument[]
  private readonly interval: string | undefined
  private readonly onCandles: boolean
  private lanes: Lane[] = []

  constructor({ plan, seats, instruments }: SightsOptions) {
    this.instruments = instruments
    this.interval = plan.interval
    this.onCandles = plan.fill !== 'book'
    const wanted = new Set(seats.flatMap(({ strategy, params }) => strategy.intervals?.(params) ?? []))
    this.intervals = [...wanted].sort().map((interval) => otherInterval(plan, instruments, interval))
  }

  /** Everything of a batch, before its first row is shown. `bars` are those that were cut from its trades. */
  prepare(merged: Merged, bars: Bars): void {
    if (this.intervals.length === 0) return
    const closed = this.onCandles ? candlesOf(merged, this.interval) : bars
    this.lanes = this.intervals.map((interval) => this.barsLane(interval.name, interval.step(merged, closed)))
  }

  /** Shows what is known at a row of the batch. */
  to(row: number): void {
    for (const lane of this.lanes) while (lane.at[lane.next]! <= row) lane.show(lane.next++)
  }

  features(instrument: number): Float64Array {
    return blind.features(instrument)
  }

  regime(instrument: number, horizon: Horizon): RegimeView | undefined {
    return blind.regime(instrument, horizon)
  }

  lastBar(instrument: number, interval: string): BarView | undefined {
    return this.lastBars.get(`${instrument} ${interval}`)
  }

  save(): Uint8Array {
    return pack({ intervals: this.intervals.map((one) => one.save()), lastBars: this.lastBars } satisfies Saved)
  }

  load(bytes: Uint8Array): void {
    const { intervals, lastBars } = unpack<Saved>(bytes)
    for (const [i, one] of this.intervals.entries()) one.load(intervals[i]!)
    for (const [key, bar] of lastBars) this.lastBars.set(key, bar)
  }

  private barsLane(interval: string, { batch: { columns }, at }: Bars): Lane {
    const show = (item: number): void => {
      const [exchange, symbol] = [wordAt(columns.exchange, item)!, wordAt(columns.symbol, item)!]
      const instrument = this.instruments.findIndex((one) => one.symbol === symbol && one.exchange === exchange)
      const { openTime, time, open, high, low, close, volume } = columns
      this.lastBars.set(`${instrument} ${interval}`, {
        ...{ instrument, interval, openTime: openTime[item]!, time: time[item]!, volume: volume[item]! },
        ...{ open: open[item]!, high: high[item]!, low: low[item]!, close: close[item]! },
      })
    }
    return { at, next: 0, show }
  }
}

/** The closed candles of the run's interval in a batch, with the rows that they came in. */
function candlesOf(merged: Merged, interval: string | undefined): Candles {
  const sources = merged.sources.map((batch) => (batch.topic === 'candles' ? (batch as Batch<'candles'>) : undefined))
  const rows: number[] = []
  const from: number[] = []
  const at: number[] = []
  for (let i = 0; i < merged.rows; i++) {
    const number = merged.source[i]!
    const batch = sources[number]
    const row = merged.row[i]!
    if (batch === undefined || wordAt(batch.columns.interval, row) !== interval) continue
    rows.push(row)
    from.push(number)
    at.push(i)
  }
  const batch = gatherRows(merged.sources, Uint32Array.from(rows), Uint16Array.from(from)) as Batch<'candles'>
  return { batch, at: Uint32Array.from(at) }
}

interface Saved {
  readonly intervals: readonly Uint8Array[]
  readonly lastBars: Map<string, BarView>
}

/** Bars of an interval beside the run's: from trades on ticks, from shorter candles on candles. */
interface OtherInterval {
  readonly name: string
  step(merged: Merged, bars: Bars | Candles): Bars
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

function otherInterval(plan: Plan, instruments: readonly Instrument[], interval: string): OtherInterval {
  if (plan.fill === 'book') {
    const stage: BarsStep = barsStage.create({ interval, instruments })
    return {
      name: interval,
      step: (merged) => stage.step(merged),
      save: () => stage.save(),
      load: (b) => stage.load(b),
    }
  }
  const stage: ResampleStep = resampleStage.create({ instruments, from: plan.interval!, interval })
  return { name: interval, step: (_, bars) => stage.step(bars), save: () => stage.save(), load: (b) => stage.load(b) }
}
