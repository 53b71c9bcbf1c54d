// A strategy at its desk: shows it what it listens to, and keeps count of what it saw.
import type { BarView, Trader } from '../operators/desk.ts'
import type { ExitWatch } from '../operators/exits/index.ts'
import type { MarketState } from '../operators/market-state.ts'
import type { AccountPortfolio } from '../operators/portfolio/portfolio.ts'
import type { RiskProfile } from '../operators/regime/profiles.ts'
import type { SignalDesk } from '../operators/signal-desk.ts'
import type { Sizing, SizingView, Wish } from '../operators/sizing/index.ts'
import { pack, unpack } from '../operators/stage.ts'
import type { Batch } from '../schemas/batch.ts'
import { wordAt } from '../schemas/columns.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { BarColumns, CandleColumns, Execution, Signal, TradeColumns } from '../schemas/records.generated.ts'
import type { MarketRows } from './market-rows.ts'

export interface Seating {
  readonly strategy: string
  readonly trader: Trader
  readonly desk: SignalDesk
  readonly sizing: Sizing
  /** What closes positions beside the strategy. */
  readonly exits?: ExitWatch | undefined
  readonly markets: readonly MarketState[]
  readonly portfolio: AccountPortfolio
  /** Signed lots of an instrument that a target counts as held or coming, where more comes than open orders show. */
  readonly reach?: ((signal: Signal, instrument: number) => number) | undefined
  /** What the risk regime of an instrument allows, where it is to be followed. */
  readonly profileOf?: (instrument: number) => RiskProfile | undefined
  /** Candles of this interval are its bars; undefined where they are cut from trades or made of shorter ones. */
  readonly candles: string | undefined
}

/** Each method is true when the strategy was called and may have left signals. */
export class Player {
  readonly desk: SignalDesk
  bars = 0
  private readonly seating: Seating
  /** What it is shown at all: `price` is whatever a trade may change. */
  private readonly hears: { row: boolean; price: boolean; trade: boolean; top: boolean; bar: boolean }
  private readonly shown: { -readonly [K in keyof BarView]: BarView[K] }
  /** What sizing looks at, by instrument: one object for all signals. */
  private readonly views: readonly { -readonly [K in keyof SizingView]: SizingView[K] }[]

  constructor(seating: Seating) {
    const { trader } = seating
    this.seating = seating
    this.desk = seating.desk
    const [trade, top, bar] = [trader.trade !== undefined, trader.top !== undefined, seating.candles !== undefined]
    const price = trade || seating.exits !== undefined
    this.hears = { row: price || top || bar, price, trade, top, bar }
    const { desk, portfolio } = seating
    const clientIdOf = (signal: Signal) => desk.clientIdOf(signal)
    const parentOf = (signal: Signal) => desk.parentOf(signal)
    this.views = seating.markets.map((market) => {
      const { instrument } = market
      const reach = seating.reach && ((signal: Signal) => seating.reach!(signal, instrument.index))
      return { instrument, market, portfolio, clientIdOf, parentOf, reach, profile: undefined }
    })
    this.shown = { instrument: 0, time: 0, openTime: 0, interval: '', open: 0, high: 0, low: 0, close: 0, volume: 0 }
  }

  execution(execution: Execution): boolean {
    const { trader, desk } = this.seating
    this.move(execution.received, execution.time)
    desk.ended(execution)
    this.seating.sizing.execution?.(execution)
    this.seating.exits?.execution(execution)
    if (trader.execution === undefined) return false
    try {
      trader.execution(execution)
    } catch (error) {
      throw this.failed(error)
    }
    return true
  }

  /** A bar from trades that closed at this row. */
  bar(bars: Batch<'bars'>, at: number, row: MarketRows<MarketState>): boolean {
    try {
      const { exchange, symbol } = bars.columns
      return this.show(bars.columns, at, row, this.indexOf(wordAt(exchange, at)!, wordAt(symbol, at)!))
    } catch (error) {
      throw this.failed(error)
    }
  }

  row(row: MarketRows<MarketState>): boolean {
    const { hears } = this
    if (!hears.row || row.market === undefined || (row.topic === 'trades' && !hears.price)) return false
    try {
      const left = this.seating.exits !== undefined && this.watch(this.seating.exits, row, row.market)
      return this.hear(row, row.market) || left
    } catch (error) {
      throw this.failed(error)
    }
  }

  /** What sizing makes of a signal. */
  wish(signal: Signal): Wish | undefined {
    const { sizing, profileOf } = this.seating
    const index = this.indexOf(signal.exchange, signal.symbol)
    const view = this.views[index]!
    view.profile = profileOf?.(index)
    return sizing.wish(signal, view)
  }

  save(): Uint8Array {
    const { trader, sizing, exits } = this.seating
    const saved: Saved = {
      ...{
        bars: this.bars,
        desk: this.desk.save(),
        trader: trader.save(),
        sizing: sizing.save(),
        exits: exits?.save(),
      },
    }
    return pack(saved)
  }

  load(bytes: Uint8Array): void {
    const { bars, desk, trader, sizing, exits } = unpack<Saved>(bytes)
    this.bars = bars
    this.desk.load(desk)
    this.seating.trader.load(trader)
    this.seating.sizing.load(sizing)
    if (exits !== undefined) this.seating.exits?.load(exits)
  }

  private watch(exits: ExitWatch, row: MarketRows<MarketState>, market: MarketState): boolean {
    this.move(row.received, row.time)
    return exits.row(market, row.received)
  }

  private hear(row: MarketRows<MarketState>, market: MarketState): boolean {
    const { hears } = this
    const { trader, candles, markets } = this.seating
    switch (row.topic) {
      case 'trades': {
        if (!hears.trade) return false
        this.move(row.received, row.time)
        const { price, size, side } = row.batch.columns as TradeColumns
        trader.trade!(market, {
          price: price[row.row]!,
          size: size[row.row]!,
          side: side[row.row] === 0 ? 'buy' : 'sell',
        })
        return true
      }
      case 'quotes':
      case 'books':
        if (!hears.top || !market.changed) return false
        this.move(row.received, row.time)
        trader.top!(market)
        return true
      case 'candles': {
        const columns = row.batch.columns as CandleColumns
        return (
          hears.bar &&
          wordAt(columns.interval, row.row) === candles &&
          this.show(columns, row.row, row, markets.indexOf(market))
        )
      }
      default:
        return false
    }
  }

  private show(
    columns: BarColumns | CandleColumns,
    at: number,
    row: MarketRows<MarketState>,
    instrument: number,
  ): boolean {
    const { trader, sizing, exits } = this.seating
    this.bars++
    if (trader.bar === undefined && sizing.bar === undefined && exits === undefined) return false
    const { shown } = this
    shown.instrument = instrument
    shown.time = columns.time[at]!
    shown.openTime = columns.openTime[at]!
    shown.interval = wordAt(columns.interval, at)!
    shown.open = columns.open[at]!
    shown.high = columns.high[at]!
    shown.low = columns.low[at]!
    shown.close = columns.close[at]!
    shown.volume = columns.volume[at]!
    this.move(row.received, row.time)
    sizing.bar?.(shown)
    exits?.bar(shown)
    trader.bar?.(shown)
    return trader.bar !== undefined
  }

  private failed(error: unknown): SmartspeedError {
    const { strategy, desk } = this.seating
    const said = error instanceof Error ? error.message : String(error)
    const message = `strategy ${strategy} failed at ${desk.now} (${new Date(desk.now / 1000).toISOString()}): ${said}`
    return new SmartspeedError('STRATEGY_FAILED', message, {
      cause: error,
      fix:
        (error instanceof SmartspeedError ? error.fix : undefined) ??
        'what it did until the last commit is kept; --verbose shows where it failed',
    })
  }

  indexOf(exchange: string, symbol: string): number {
    const { markets } = this.seating
    for (let at = 0; at < markets.length; at++) {
      const { instrument } = markets[at]!
      if (instrument.symbol === symbol && instrument.exchange === exchange) return at
    }
    return -1
  }

  private move(received: number, time: number): void {
    this.desk.now = received
    this.desk.time = time
  }
}

interface Saved {
  readonly bars: number
  readonly desk: Uint8Array
  readonly trader: Uint8Array
  readonly sizing: unknown
  readonly exits: ReturnType<ExitWatch['save']> | undefined
}
