// Bars of one instrument from its trades, cut by event time (DESIGN §5, last rule).
import { type Instrument, lotsOf, sizeOf, ticksOf } from '../instrument.ts'
import type { Interval } from './interval.ts'

/** A closed bar; `time` is the moment it closed. Sizes in the exchange's own unit, times in µs. */
export interface ClosedBar {
  readonly openTime: number
  readonly time: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly quoteVolume: number
  readonly trades: number
}

/** All that a builder remembers. */
export interface BarState {
  /** A bar with at least one trade is open. */
  open: boolean
  openTime: number
  first: number
  high: number
  low: number
  last: number
  lots: number
  /** Sum of ticks × lots: whole, so that no rounding depends on how many trades there were. */
  turnover: number
  trades: number
  /** End of the time that is closed: a trade before it is late. */
  closedTo: number
  /** Start of the period after it, whose end is the next close: closes are asked about at every row. */
  nextClose: number
  late: number
}

/**
 * Time bars lie on the grid of whole intervals since 1970 UTC (45m and all other divisors of a day begin anew at midnight).
 * A bar closes when the time of its market reaches its end; a trade that comes after that is late: it is counted and changes
 * nothing. Tick, volume and dollar bars close with the trade that fills them, which belongs to them whole; for them no trade is
 * late. Dollar bars: Lopez de Prado (2018), "Advances in Financial Machine Learning", §2.3.1.
 */
export class BarBuilder {
  state: BarState = {
    ...{ open: false, openTime: 0, first: 0, high: 0, low: 0, last: Number.NaN, lots: 0, turnover: 0, trades: 0 },
    ...{ closedTo: Number.NEGATIVE_INFINITY, nextClose: Number.NEGATIVE_INFINITY, late: 0 },
  }
  private readonly instrument: Instrument
  private readonly interval: Interval
  private readonly fill: boolean
  private readonly us: number
  private readonly fullLots: number
  /** Of a dollar bar: ticks × lots (lots alone of an inverse contract). */
  private readonly fullSteps: number

  /** `fill`: periods without trades give a bar of the last close and no volume (time bars only). */
  constructor(instrument: Instrument, interval: Interval, fill = false) {
    this.instrument = instrument
    this.interval = interval
    this.fill = fill && interval.kind === 'time'
    this.us = interval.kind === 'time' ? interval.us : Number.NaN
    this.fullLots = interval.kind === 'volume' ? interval.size / instrument.lotSize : Number.NaN
    this.fullSteps = interval.kind === 'quote' ? fullSteps(instrument, interval.value) : Number.NaN
    if (interval.kind !== 'time') this.state.nextClose = Number.POSITIVE_INFINITY
  }

  /** True when the market's time closes something; costs one comparison, for it is asked at every row. */
  closes(time: number): boolean {
    return time >= this.state.nextClose
  }

  /** The market's time has reached `time`: gives each bar that ends at or before it, oldest first. */
  advance(time: number, emit: (bar: ClosedBar) => void): void {
    const { state, us } = this
    if (!(time >= state.nextClose)) return
    const start = Math.floor(time / us) * us
    let from = state.closedTo
    if (state.open) {
      emit(this.take(from + us))
      from += us
    }
    if (this.fill && state.last > 0) for (; from < start; from += us) emit(this.flat(from))
    state.closedTo = start
    state.nextClose = start + us
  }

  /** A trade, after `advance` with its time. Gives the bar that it fills, if it does. */
  trade(time: number, price: number, size: number, emit: (bar: ClosedBar) => void): void {
    const { state, us, instrument } = this
    if (time < state.closedTo) {
      state.late++
      return
    }
    if (!state.open) {
      state.open = true
      state.openTime = us > 0 ? Math.floor(time / us) * us : time
      state.first = price
      state.high = price
      state.low = price
    }
    if (price > state.high) state.high = price
    if (price < state.low) state.low = price
    const lots = lotsOf(instrument, size)
    state.last = price
    state.lots += lots
    state.turnover += ticksOf(instrument, price) * lots
    state.trades++
    if (this.isFull) emit(this.take(time))
  }

  /** Comparisons with NaN are false: time bars never fill. */
  private get isFull(): boolean {
    const { interval, state } = this
    if (interval.kind === 'ticks') return state.trades >= interval.count
    const steps = this.instrument.inverse ? state.lots : state.turnover
    return state.lots >= this.fullLots || steps >= this.fullSteps
  }

  /** The open bar as closed at `time`; the builder is empty then. */
  private take(time: number): ClosedBar {
    const { state, instrument } = this
    const { openTime, first, high, low, last, lots, turnover, trades } = state
    const bar = {
      ...{ openTime, time, open: first, high, low, close: last, volume: sizeOf(instrument, lots) },
      ...{ quoteVolume: quoteValue(instrument, instrument.inverse ? lots : turnover), trades },
    }
    state.open = false
    state.lots = 0
    state.turnover = 0
    state.trades = 0
    return bar
  }

  private flat(openTime: number): ClosedBar {
    const { last } = this.state
    const time = openTime + this.us
    return { openTime, time, open: last, high: last, low: last, close: last, volume: 0, quoteVolume: 0, trades: 0 }
  }
}

/**
 * Value in quote units of a sum of ticks × lots (of lots alone, where the contract is inverse and so worth a fixed amount):
 * price × size × contractSize. Rounded once, so that no rounding depends on how many trades there were.
 */
export function quoteValue(instrument: Instrument, steps: number): number {
  const { inverse, contractSize, tickNumerator, lotNumerator, tickDenominator, lotDenominator } = instrument
  if (inverse) return sizeOf(instrument, steps) * contractSize
  return ((steps * (tickNumerator * lotNumerator)) / (tickDenominator * lotDenominator)) * contractSize
}

/** The inverse of `quoteValue`, near a whole number for the value of whole ticks and lots. */
export function quoteSteps(instrument: Instrument, value: number): number {
  const { inverse, contractSize, tickNumerator, lotNumerator, tickDenominator, lotDenominator } = instrument
  if (inverse) return value / contractSize / instrument.lotSize
  return (value / contractSize / (tickNumerator * lotNumerator)) * (tickDenominator * lotDenominator)
}

/**
 * The fewest steps whose value is at least `value`, held against `quoteValue` itself: what a bar says of its value fills it.
 * Sums past 2^53 are not whole any more, and neither is their bound.
 */
function fullSteps(instrument: Instrument, value: number): number {
  const near = quoteSteps(instrument, value)
  if (!(near < Number.MAX_SAFE_INTEGER - 2)) return near
  let steps = Math.max(1, Math.ceil(near))
  while (steps > 1 && quoteValue(instrument, steps - 1) >= value) steps--
  while (quoteValue(instrument, steps) < value) steps++
  return steps
}
