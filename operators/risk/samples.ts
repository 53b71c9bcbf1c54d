// An account in markets of perpetuals, for tests of this folder and of those that stand on it.
import type { Execution, Order, RiskEvent, Signal } from '../../schemas/records.generated.ts'
import { type Instrument, instrumentOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import type { RiskProfile } from '../regime/profiles.ts'
import type { OrderWish } from '../sizing/sizing.ts'
import { checks, createRisk, MarketFacts, memoryOf, PriceHistory, type Risk, type RiskConfig } from './index.ts'
import type { RiskMarket } from './view.ts'

type Moving = { -readonly [K in keyof RiskMarket]: RiskMarket[K] }

export interface Asked {
  readonly index?: number
  readonly now?: number
  /** A limit order at it; without, a market order. */
  readonly price?: number
  readonly signal?: Partial<Signal>
}

export interface Trial {
  readonly markets: readonly Moving[]
  readonly portfolio: AccountPortfolio
  readonly risk: Risk
  readonly prices: PriceHistory
  readonly facts: MarketFacts
  /** Asks for an order, and sends it when it passes. */
  ask(side: 'buy' | 'sell', size: number, asked?: Asked): Order | RiskEvent
  wish(side: 'buy' | 'sell', size: number, asked?: Asked): OrderWish
  /** Fills as the venue would; the risk hears of it. */
  fill(side: 'buy' | 'sell', size: number, price: number, more?: Partial<Execution> & { index?: number }): void
  /** Moves a market, a tick between bid and ask. */
  move(price: number, more?: { index?: number; now?: number }): void
  /** A step of the grid at which every market has these prices. */
  sample(prices: readonly number[]): void
  now: number
}

export const noon = 19_000 * 86_400_000_000 + 43_200_000_000

export function trial(
  config: RiskConfig,
  options: {
    symbols?: readonly string[]
    /** Of each symbol; binance-usdm where left out. */
    exchanges?: readonly string[]
    cash?: string
    profileOf?: (index: number) => RiskProfile | undefined
  } = {},
): Trial {
  const { symbols = ['BTC', 'ETH'], exchanges = [], cash = '10000', profileOf } = options
  const instruments = symbols.map((base, index) =>
    instrumentOf(
      perpetual({
        ...{ base, symbol: `${base}USDT`, tickSize: 0.01, lotSize: 0.001, minNotional: 0 },
        ...(exchanges[index] !== undefined && { exchange: exchanges[index] }),
      }),
      index,
    ),
  )
  const markets: Moving[] = instruments.map((instrument) => ({
    instrument,
    ...at(instrument, 100),
    received: noon,
    synced: true,
  }))
  const portfolio = new AccountPortfolio({
    ...{ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8(cash), instruments },
  })
  const prices = new PriceHistory(markets, memoryOf(config).prices ?? memoryOf('default').prices!)
  const facts = new MarketFacts(instruments)
  const context = { account: 'a', strategy: 's', markets, portfolio, prices, facts }
  const risk = createRisk(config, profileOf === undefined ? context : { ...context, profileOf })
  for (const market of markets) portfolio.mark(market)
  let number = 0
  const it: Trial = {
    ...{ markets, portfolio, risk, prices, facts, now: noon },
    wish(side, size, { index = 0, now = it.now, price, signal: more = {} } = {}) {
      const instrument = instruments[index]!
      const { exchange, symbol } = instrument
      const signal: Signal = {
        ...{ time: now, received: now, exchange, symbol, account: 'a', strategy: 's', number: ++number },
        ...{ action: 'order', reason: 'test', ...more },
      }
      const lots = Math.round(size / instrument.lotSize)
      const common = { kind: 'new', signal, instrument, side, lots } as const
      if (price === undefined) return { ...common, type: 'market', timeInForce: 'ioc', ticks: undefined }
      return { ...common, type: 'limit', timeInForce: 'gtc', ticks: Math.round(price / instrument.tickSize) }
    },
    ask(side, size, asked) {
      const { order, event } = risk.check(it.wish(side, size, asked))
      if (order !== undefined) portfolio.sent(order)
      return order ?? event!
    },
    fill(side, size, price, { index = 0, ...more } = {}) {
      const { exchange, symbol, tickSize, lotSize } = instruments[index]!
      const execution: Execution = {
        ...{ time: it.now, received: it.now, exchange, symbol, account: 'a', number: 1, clientId: 'x', strategy: 's' },
        ...{ kind: 'fill', side, ticks: Math.round(price / tickSize), lots: Math.round(size / lotSize), leftLots: 0 },
        ...{ tickSize, lotSize, fee: 0n, ...more },
      }
      portfolio.apply(execution)
      risk.executed(execution)
    },
    move(price, { index = 0, now = it.now } = {}) {
      Object.assign(markets[index]!, at(instruments[index]!, price), { received: now })
      portfolio.mark(markets[index]!)
    },
    sample(list) {
      it.now += 60_000_000
      for (const [index, price] of list.entries()) it.move(price, { index })
      prices.instant(it.now)
    },
  }
  return it
}

function at({ tickSize }: Instrument, price: number) {
  const ticks = Math.round(price / tickSize)
  return { bidTicks: ticks, bidLots: 1e9, askTicks: ticks, askLots: 1e9, lastTicks: ticks, markTicks: ticks }
}

/** Only one check beside those that are always asked. */
export function only(name: string, limits: object = {}, more: object = {}): RiskConfig {
  const off = checks.filter((check) => check.always === undefined).map((check) => [check.name, false])
  return { ...Object.fromEntries(off), [name]: limits, ...more }
}
