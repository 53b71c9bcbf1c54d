// A strategy that is watched: at one instant, what it was told and all that it could see as it spoke.
import type { BarView, Desk, Market, RegimeView, Trader } from '../operators/desk.ts'
import { type FeatureName, featureNames } from '../operators/features/names.ts'
import { type Instrument, priceOf, sizeOf } from '../operators/instrument.ts'
import { MarketState } from '../operators/market-state.ts'
import { type Horizon, horizons } from '../operators/regime/horizons.ts'
import { SignalDesk } from '../operators/signal-desk.ts'
import type { Execution } from '../schemas/records.generated.ts'
import type { Seat } from './seats.ts'

/** What the strategy was called with as it asked for something. */
export type Cause =
  | { readonly kind: 'bar'; readonly bar: BarView }
  | { readonly kind: 'trade'; readonly trade: { price: number; size: number; side: 'buy' | 'sell' } }
  | { readonly kind: 'top' }
  | { readonly kind: 'execution'; readonly execution: Execution }

/** An instrument as the strategy could see it, in the exchange's units; null where nothing was known. */
export interface Picture {
  readonly exchange: string
  readonly symbol: string
  /** Signed. */
  readonly position: number
  readonly bid: number | null
  readonly bidSize: number | null
  readonly ask: number | null
  readonly askSize: number | null
  readonly last: number | null
  readonly mark: number | null
  readonly synced: boolean
  /** The best levels as far as they were known, best first: price, size. */
  readonly book: {
    readonly bids: readonly (readonly [number, number])[]
    readonly asks: readonly (readonly [number, number])[]
  }
  /** Absent when the strategy does not look at features; null before warm-up. */
  readonly features?: Readonly<Record<FeatureName, number | null>>
  /** By horizon; absent when the strategy does not look at regimes; null before warm-up. */
  readonly regimes?: Readonly<Record<Horizon, RegimeView | null>>
  /** The last closed bar of each other interval that the strategy names. */
  readonly bars?: Readonly<Record<string, BarView | null>>
}

export interface Moment {
  readonly cause: Cause | undefined
  /** By the index of their instrument. */
  readonly pictures: readonly Picture[]
}

/** Levels of each side that a picture holds. */
const levels = 10

/**
 * The seat with its strategy watched. Each time that it leaves a signal at receive time `at`, what it saw is added to
 * `moments`: they stand in the order of its signals of that time. It is told and answers as before.
 */
export function watched(seat: Seat, at: number, moments: Moment[]): Seat {
  const { strategy } = seat
  const create: Seat['strategy']['create'] = (params, desk) => {
    let cause: Cause | undefined
    const look = (): void => {
      if (desk.now === at) moments.push({ cause, pictures: desk.instruments.map((_, i) => pictureOf(desk, i, seat)) })
    }
    const trader = strategy.create(params, watchedDesk(desk, look))
    return watchedTrader(trader, (now) => {
      cause = now
    })
  }
  return { ...seat, strategy: { ...strategy, warmup: (params) => strategy.warmup(params), create } }
}

function watchedDesk(desk: Desk, look: () => void): Desk {
  const given = () => (desk instanceof SignalDesk ? desk.number : Number.NaN)
  /** One call may leave several signals, or none: an order cancels the one under its tag, and brings its bracket. Asking changes nothing that is seen. */
  const seen = (call: () => void) => {
    const before = given()
    call()
    const signals = given() - before
    for (let at = 0; at < (signals >= 0 ? signals : 1); at++) look()
  }
  return {
    instruments: desk.instruments,
    get now() {
      return desk.now
    },
    market: (instrument) => desk.market(instrument),
    fees: (instrument) => desk.fees(instrument),
    position: (instrument) => desk.position(instrument),
    working: (tag) => desk.working(tag),
    busy: (instrument) => desk.busy(instrument),
    feature: (instrument, name) => desk.feature(instrument, name),
    features: (instrument) => desk.features(instrument),
    regime: (instrument, horizon) => desk.regime(instrument, horizon),
    lastBar: (instrument, interval) => desk.lastBar(instrument, interval),
    open: (tag) => desk.open(tag),
    target: (...call) => seen(() => desk.target(...call)),
    order: (...call) => seen(() => desk.order(...call)),
    amend: (...call) => seen(() => desk.amend(...call)),
    cancel: (...call) => seen(() => desk.cancel(...call)),
    cancelAll: (...call) => seen(() => desk.cancelAll(...call)),
  }
}

function watchedTrader(trader: Trader, told: (cause: Cause) => void): Trader {
  const { bar, trade, top, execution } = trader
  return {
    ...(bar && {
      bar(one: BarView) {
        told({ kind: 'bar', bar: { ...one } })
        bar.call(trader, one)
      },
    }),
    ...(trade && {
      trade(market: Market, one: { price: number; size: number; side: 'buy' | 'sell' }) {
        told({ kind: 'trade', trade: { ...one } })
        trade.call(trader, market, one)
      },
    }),
    ...(top && {
      top(market: Market) {
        told({ kind: 'top' })
        top.call(trader, market)
      },
    }),
    ...(execution && {
      execution(one: Execution) {
        told({ kind: 'execution', execution: one })
        execution.call(trader, one)
      },
    }),
    save: () => trader.save(),
    load: (bytes) => trader.load(bytes),
  }
}

function pictureOf(desk: Desk, index: number, { strategy, params }: Seat): Picture {
  const instrument = desk.instruments[index]!
  const market = desk.market(index)
  const price = (ticks: number) => numberOr(priceOf(instrument, ticks))
  const size = (lots: number) => numberOr(sizeOf(instrument, lots))
  const bars = strategy.intervals?.(params) ?? []
  const values = strategy.features === true ? desk.features(index) : undefined
  return {
    ...{ exchange: instrument.exchange, symbol: instrument.symbol, position: desk.position(index) },
    ...{ bid: price(market.bidTicks), bidSize: size(market.bidLots) },
    ...{ ask: price(market.askTicks), askSize: size(market.askLots) },
    ...{ last: price(market.lastTicks), mark: price(market.markTicks), synced: market.synced },
    book: { bids: sideOf(market, 'bid', instrument), asks: sideOf(market, 'ask', instrument) },
    ...(values && {
      features: Object.fromEntries(featureNames.map((name, i) => [name, numberOr(values[i]!)])) as Picture['features'],
    }),
    ...(strategy.regimes === true && {
      regimes: Object.fromEntries(horizons.map((one) => [one, regimeOf(desk, index, one)])) as Picture['regimes'],
    }),
    ...(bars.length > 0 && {
      bars: Object.fromEntries(bars.map((one) => [one, barOf(desk.lastBar(index, one))])),
    }),
  }
}

/** Copies: what a desk shows is good until the next instant. */
function regimeOf(desk: Desk, index: number, horizon: Horizon): RegimeView | null {
  const seen = desk.regime(index, horizon)
  if (seen === undefined) return null
  const { regime, confidence, strength, since } = seen
  return { regime, confidence, strength, since }
}

function barOf(bar: BarView | undefined): BarView | null {
  return bar === undefined ? null : { ...bar }
}

function sideOf(market: Market, side: 'bid' | 'ask', instrument: Instrument): (readonly [number, number])[] {
  const found: [number, number][] = []
  if (!(market instanceof MarketState)) return found
  let ticks = side === 'bid' ? market.bidTicks : market.askTicks
  for (; found.length < levels && !Number.isNaN(ticks); ticks = market.next(side, ticks)) {
    const lots = market.lotsAt(side, ticks)
    if (lots > 0) found.push([priceOf(instrument, ticks), sizeOf(instrument, lots)])
  }
  return found
}

/** As JSON would have it: −0 is 0 there. */
function numberOr(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null
}
