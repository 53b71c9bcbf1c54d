// An account that sends orders in parts, whose loop and exchange are moved by hand: for tests of this folder.
import type { Execution, Order, RiskEvent, Signal } from '../../schemas/records.generated.ts'
import { type Instrument, instrumentOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import { createRisk, type Risk, type RiskConfig } from '../risk/index.ts'
import type { RiskMarket } from '../risk/view.ts'
import { SignalDesk } from '../signal-desk.ts'
import { createSizing, type Sizing, type Wish } from '../sizing/index.ts'
import { pack, unpack } from '../stage.ts'
import { type AlgorithmConfig, algorithmOf, Parents } from './index.ts'

export const second = 1_000_000
export const start = 19_000 * 86_400 * second
/** An account whose loop is moved by hand: what is sent waits until the test says what the exchange made of it. */
export class Account {
  now = start
  private readonly instruments: readonly Instrument[]
  readonly orders: Order[] = []
  readonly events: RiskEvent[] = []
  readonly markets: (RiskMarket & { markTicks: number; bidTicks: number; askTicks: number })[]
  readonly portfolio: AccountPortfolio
  readonly desk: SignalDesk
  readonly risk: Risk
  parents: Parents
  private readonly make: () => Parents
  private readonly sizing: Sizing

  /** `lotSize`: of the second of its two exchanges. */
  constructor(execution: AlgorithmConfig | readonly AlgorithmConfig[], risk: RiskConfig = 'off', lotSize = 0.001) {
    const instruments = [
      instrumentOf(perpetual({ tickSize: 1, lotSize: 0.001, minNotional: 5 }), 0),
      instrumentOf(perpetual({ exchange: 'bybit', tickSize: 1, lotSize, minNotional: 5 }), 1),
    ]
    this.instruments = instruments
    this.sizing = createSizing({ name: 'fixed' }, { instruments, barUs: undefined })
    this.markets = instruments.map((instrument) => ({
      ...{
        instrument,
        bidTicks: 9999,
        bidLots: 50,
        askTicks: 10_001,
        askLots: 50,
        lastTicks: 10_000,
        markTicks: 10_000,
      },
      ...{ received: Number.POSITIVE_INFINITY, synced: true, hasDepth: true },
      ...{ lotsAt: () => 0, next: () => Number.NaN },
    }))
    const { markets } = this
    this.portfolio = new AccountPortfolio({
      ...{ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8('1000000'), instruments },
    })
    const { portfolio } = this
    const sight = { features: () => new Float64Array(0), regime: () => undefined, lastBar: () => undefined }
    this.desk = new SignalDesk({
      ...{ strategy: 's', account: 'a', instruments, markets, portfolio, sight },
      busy: (instrument) => this.parents.busy(instrument),
    })
    this.risk = createRisk(risk, { account: 'a', strategy: 's', markets, portfolio })
    const fees = instruments.map(() => ({ maker: 0, taker: 0 }))
    this.make = () =>
      new Parents({
        ...{ chosen: algorithmOf(execution), desk: this.desk, portfolio, markets, fees },
        ...{ seed: '1', candles: undefined, barUs: 0 },
      })
    this.parents = this.make()
    this.to(0)
  }

  /** Moves to so many seconds after the start, and takes what was asked for. */
  to(seconds: number): void {
    this.now = start + seconds * second
    this.desk.now = this.now
    this.desk.time = this.now
    for (const market of this.markets) this.portfolio.mark(market)
    for (let signal = this.desk.take(); signal !== undefined; signal = this.desk.take()) this.ask(signal)
    while (this.parents.isDue(this.now)) {
      if (this.parents.next <= this.now) this.parents.instant(this.now, this.now)
      for (let act = this.parents.act(); act !== undefined; act = this.parents.act()) {
        if (act.signal !== undefined) this.ask(act.signal)
        else this.parents.settle(act, this.checked(act.wish))
      }
    }
  }

  /** What the exchange says of an order, by its number from 1. */
  heard(number: number, kind: Execution['kind'], more: Partial<Execution> = {}): void {
    const { clientId, exchange, symbol, side, tickSize, lotSize, lots, ticks } = this.orders[number - 1]!
    const execution: Execution = {
      ...{ time: this.now, received: this.now, exchange, symbol, account: 'a', number, clientId, strategy: 's' },
      ...{
        kind,
        side,
        ticks: ticks ?? 10_000,
        lots,
        leftLots: kind === 'fill' ? 0 : lots,
        tickSize,
        lotSize,
        fee: 0n,
        ...more,
      },
    }
    this.portfolio.apply(execution)
    this.parents.execution(execution)
    this.desk.ended(execution)
    this.to((this.now - start) / second)
  }

  /** As a snapshot does. */
  resume(): void {
    const saved = unpack<ReturnType<Parents['save']>>(pack(this.parents.save()))
    this.parents = this.make()
    this.parents.load(saved)
  }

  /** `buy 3 market twap.1` of each order since the last call. */
  sent(): string[] {
    const said = this.orders.slice(this.shown).map(({ kind, side, lots, ticks, tag, exchange }) => {
      const where = exchange === 'bybit' ? ' at bybit' : ''
      return kind === 'new' ? `${side} ${lots} ${ticks ?? 'market'} ${tag}${where}` : `${kind} ${ticks ?? ''} ${tag}`
    })
    this.shown = this.orders.length
    return said
  }
  private shown = 0

  private ask(signal: Signal): void {
    const index = signal.exchange === 'bybit' ? 1 : 0
    const view = {
      ...{ instrument: this.instruments[index]!, market: this.markets[index]!, portfolio: this.portfolio },
      clientIdOf: (one: Signal) => this.desk.clientIdOf(one),
      parentOf: (one: Signal) => this.desk.parentOf(one),
      reach: (one: Signal) => this.parents.reach(one, index),
    }
    const wish = this.sizing.wish(signal, view)
    if (this.parents.take(signal, wish, index)) return
    this.desk.settle(signal, wish === undefined ? undefined : this.checked(wish)?.clientId)
  }

  private checked(wish: Wish): Order | undefined {
    const { order, event } = this.risk.check(wish)
    this.risk.events()
    if (event !== undefined) this.events.push(event)
    if (order === undefined) return undefined
    this.orders.push(order)
    this.portfolio.sent(order)
    return order
  }
}
