// Longer time bars from shorter ones that have closed: what a strategy on 1m candles sees of 15m.
import { type Batch, builderOf, take } from '../../schemas/batch.ts'
import { wordAt } from '../../schemas/columns.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { BarColumns, CandleColumns } from '../../schemas/records.generated.ts'
import { type Instrument, indexIn, lotsOf, sizeOf } from '../instrument.ts'
import { pack, type Stage, type Step, unpack } from '../stage.ts'
import { quoteSteps, quoteValue } from './bar-builder.ts'
import { parseInterval } from './interval.ts'
import type { Bars } from './stage.ts'

export interface ResampleOptions {
  /** By their index; rows of others are passed over. */
  readonly instruments: readonly Instrument[]
  /** Interval of the bars that come in, as it stands in their column: `1m`. Bars of others are passed over. */
  readonly from: string
  /** Interval of the bars that go out: a time, and a whole multiple of `from`. */
  readonly interval: string
}

/** Closed bars in order of receipt, and the row of the merged batch at which each of them was there; `at` never falls. */
export interface Parts {
  readonly batch: Batch<'candles' | 'bars'>
  readonly at: Uint32Array
}

export interface ResampleStep extends Step<Parts, Bars> {
  /** Parts so far that came after their period was given, or before one that they follow in time: they changed nothing. */
  readonly late: number
}

/** The period that is open of one instrument. Volumes are whole lots and steps as long as the parts are, beside the plain sums. */
interface Period {
  open: boolean
  openTime: number
  first: number
  high: number
  low: number
  last: number
  /** True while every part had no trade: its prices are those of the last trade before. */
  quiet: boolean
  lots: number
  volume: number
  wholeLots: boolean
  quoteSteps: number
  quoteVolume: number
  wholeQuote: boolean
  trades: number
  /** End of the last part that was taken: earlier ones are late. */
  partsTo: number
}

/**
 * Bars of a longer interval from the closed bars or candles of a shorter one, on the same UTC grid.
 *
 * Out:    a bar when its last part closes, at that part's row; where that part is missing, at the first later part, which shows
 *         that the period is over. `received` is that part's. Never before its end; periods without a part have no bar; the
 *         period that is open at the end of the input is not given. Holes are passed over: a bar is made of the parts there are.
 *         Parts of 0 trades count only where all are such (they repeat an older price), as in bars made of trades directly.
 *         Volumes are summed in whole lots and ticks × lots where the parts are such, so that bars made of bars equal those made
 *         of the trades; else as doubles. `quoteVolume` and `trades` are absent when a part has none.
 * Errors: CONFIG_INVALID unless `interval` is a whole multiple of `from` and both are times.
 */
export const resampleStage = {
  name: 'resample',
  warmup: 0,
  create: (options: ResampleOptions): ResampleStep => new ResampleRun(options),
} satisfies Stage<Parts, Bars, ResampleOptions>

class ResampleRun implements ResampleStep {
  late = 0
  private readonly instruments: readonly Instrument[]
  private readonly from: string
  private readonly fromUs: number
  private readonly interval: string
  private readonly us: number
  private periods: Period[]
  private readonly rows = builderOf('bars')
  private at: number[] = []

  constructor({ instruments, from, interval }: ResampleOptions) {
    const [shorter, longer] = [parseInterval(from), parseInterval(interval)]
    if (shorter.kind !== 'time' || longer.kind !== 'time' || longer.us % shorter.us !== 0) {
      throw new SmartspeedError('CONFIG_INVALID', `bars of ${interval} cannot be made of bars of ${from}`, {
        fix: `choose a time that is a whole multiple of ${from}`,
      })
    }
    this.instruments = instruments
    this.from = shorter.name
    this.fromUs = shorter.us
    this.interval = longer.name
    this.us = longer.us
    this.periods = instruments.map(() => emptyPeriod())
  }

  step({ batch, at }: Parts): Bars {
    const { exchange, symbol, interval } = batch.columns
    for (let row = 0; row < batch.rows; row++) {
      if (wordAt(interval, row) !== this.from) continue
      const index = indexIn(this.instruments, wordAt(exchange, row), wordAt(symbol, row))
      if (index >= 0) this.part(index, batch.columns, row, at[row]!)
    }
    const bars = { batch: take<'bars'>(this.rows), at: Uint32Array.from(this.at) }
    this.at = []
    return bars
  }

  save(): Uint8Array {
    return pack({ periods: this.periods, late: this.late })
  }

  load(bytes: Uint8Array): void {
    const { periods, late } = unpack<{ periods: Period[]; late: number }>(bytes)
    this.periods = periods
    this.late = late
  }

  private part(index: number, columns: Columns, row: number, at: number): void {
    const period = this.periods[index]!
    const openTime = columns.openTime[row]!
    if (openTime < period.partsTo) {
      this.late++
      return
    }
    const received = columns.received[row]!
    const start = Math.floor(openTime / this.us) * this.us
    if (period.open && start > period.openTime) this.emit(index, received, at)
    if (!period.open) this.begin(period, start)
    this.add(period, this.instruments[index]!, columns, row)
    period.partsTo = openTime + this.fromUs
    if (period.partsTo === start + this.us) this.emit(index, received, at)
  }

  private begin(period: Period, openTime: number): void {
    Object.assign(period, emptyPeriod(), { open: true, openTime, partsTo: period.partsTo })
  }

  private add(period: Period, instrument: Instrument, columns: Columns, row: number): void {
    const trades = columns.trades[row]!
    const volume = columns.volume[row]!
    const quoteVolume = columns.quoteVolume[row]!
    this.prices(period, columns, row, trades === 0)
    const lots = lotsOf(instrument, volume)
    const steps = Math.round(quoteSteps(instrument, quoteVolume))
    period.wholeLots &&= sizeOf(instrument, lots) === volume
    period.wholeQuote &&= quoteValue(instrument, steps) === quoteVolume
    period.lots += lots
    period.volume += volume
    period.quoteSteps += steps
    period.quoteVolume += quoteVolume
    period.trades += trades
  }

  private prices(period: Period, columns: Columns, row: number, quiet: boolean): void {
    const high = columns.high[row]!
    const low = columns.low[row]!
    if (quiet && !period.quiet) return
    if (Number.isNaN(period.first) || (period.quiet && !quiet)) {
      period.first = columns.open[row]!
      period.high = high
      period.low = low
      period.quiet = quiet
    }
    if (high > period.high) period.high = high
    if (low < period.low) period.low = low
    period.last = columns.close[row]!
  }

  private emit(index: number, received: number, at: number): void {
    const period = this.periods[index]!
    const instrument = this.instruments[index]!
    const { openTime, first, high, low, last, trades } = period
    this.rows.push({
      ...{ time: openTime + this.us, received, exchange: instrument.exchange, symbol: instrument.symbol },
      ...{ openTime, interval: this.interval, open: first, high, low, close: last },
      volume: period.wholeLots ? sizeOf(instrument, period.lots) : period.volume,
      quoteVolume: period.wholeQuote ? quoteValue(instrument, period.quoteSteps) : known(period.quoteVolume),
      trades: known(trades),
    })
    this.at.push(at)
    period.open = false
  }
}

function emptyPeriod(): Period {
  return {
    ...{
      open: false,
      openTime: 0,
      first: Number.NaN,
      high: Number.NaN,
      low: Number.NaN,
      last: Number.NaN,
      quiet: true,
    },
    ...{ lots: 0, volume: 0, wholeLots: true, quoteSteps: 0, quoteVolume: 0, wholeQuote: true, trades: 0 },
    partsTo: Number.NEGATIVE_INFINITY,
  }
}

/** Absent where one of the summands was. */
function known(sum: number): number | undefined {
  return Number.isNaN(sum) ? undefined : sum
}

type Columns = Readonly<CandleColumns | BarColumns>
