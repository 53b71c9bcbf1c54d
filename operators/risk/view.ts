// An account with a wish: what would be, if the order and all open ones were filled.
import type { Market, OpenOrder } from '../desk.ts'
import { type Affordable, affordable, onlyReduces } from '../margin/affordable.ts'
import type { MarginTerms } from '../margin/terms.ts'
import type { BookSide } from '../market-state.ts'
import { markValue, type Scales, scalesOf } from '../portfolio/money.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
import type { RiskProfile } from '../regime/profiles.ts'
import type { OrderWish } from '../sizing/sizing.ts'
import { Emergency } from './emergency.ts'
import type { MarketFacts } from './market-facts.ts'
import type { PriceHistory, PricesConfig } from './prices.ts'

/** A market, and its book behind the best prices where there is one. */
export type RiskMarket = Market & {
  /** False where there are only candles or trades. */
  readonly hasDepth?: boolean
  lotsAt?(side: BookSide, ticks: number): number
  next?(side: BookSide, ticks: number): number
}

export interface RiskContext {
  readonly account: string
  /** Whose the orders are that risk itself writes. */
  readonly strategy?: string
  /** By the index of their instrument. */
  readonly markets: readonly RiskMarket[]
  readonly portfolio: AccountPortfolio
  /** What the risk regime of an instrument allows, as of now; absent, or undefined: nothing depends on it. */
  readonly profileOf?: (instrument: number) => RiskProfile | undefined
  /** Of a margin account: contracts are then covered as its exchange asks. */
  readonly margin?: MarginTerms | undefined
  /** What a taker pays there. */
  readonly feeRate?: number | undefined
  /** Absent: every instrument counts as unknown. */
  readonly prices?: PriceHistory | undefined
  readonly facts?: MarketFacts | undefined
  /** What is not known yet counts as assumed when left out. */
  readonly unknown?: PricesConfig['unknown']
}

/** Amounts are doubles in whole units of the settlement currency: limits are rough, books are exact. NaN where no price is known or a size is not whole. */
export class RiskView {
  /** Receive time of the decision, µs. */
  now = 0
  wish!: OrderWish
  market!: RiskMarket
  /** Signed lots held. */
  lots = 0
  /** Lots, unsigned, that open orders of the wish's side may still fill. */
  openLots = 0
  equity = 0
  /** Value of the wish at its limit price, or at the price that it would meet. */
  value = 0
  /** True when even with all open orders of that side it only takes from the position, or the exchange sees to that. */
  reduces = false
  /** Of the risk regime of the wish's instrument. */
  profile: RiskProfile | undefined = undefined
  readonly portfolio: AccountPortfolio
  readonly markets: readonly RiskMarket[]
  readonly prices: PriceHistory | undefined
  readonly facts: MarketFacts | undefined
  /** Halts of the account. */
  readonly emergency: Emergency
  /** By index: the position if all open orders of one side were filled, the side that makes it larger; signed lots, without the wish. */
  readonly worstLots: Float64Array
  /** The way of each of those: −1, 0 or 1; and how often any has changed. */
  readonly sides: Int8Array
  sidesVersion = 0
  private readonly context: RiskContext
  private readonly scales: readonly Scales[]
  private readonly isContract: Uint8Array
  private readonly dollars: Uint8Array
  private seen = Number.NEGATIVE_INFINITY
  /** What those are worth at mark, absolute, whole 10⁻⁸; NaN where no price is known. */
  private readonly worth: Float64Array
  /** Instruments of the same base asset, their own index among them. */
  private readonly kin: readonly (readonly number[])[]
  /** Price that the wish asks for, or that it would meet, in ticks. */
  meets = Number.NaN
  /** Lots of the wish that still only take from the position, after what is open on its side; −∞ where nothing is held against it. */
  private room = Number.NEGATIVE_INFINITY
  private lotsAfter = 0
  private valueAfter = 0
  /** Sums of `worth`, over all and over contracts; exact while all of them are whole and below 2⁵³, and else made anew at each wish. */
  private total = 0
  private contracts = 0
  private positions = 0
  private odd = 0
  private inexact = false
  /** The open order that the wish takes the place of. */
  private replaced: OpenOrder | undefined

  constructor(context: RiskContext, emergency = new Emergency(context)) {
    const { markets, portfolio } = context
    this.emergency = emergency
    this.context = context
    this.portfolio = portfolio
    this.markets = markets
    this.prices = context.prices
    this.facts = context.facts
    this.scales = markets.map(({ instrument }) => scalesOf(instrument))
    this.isContract = Uint8Array.from(markets, ({ instrument }) => (instrument.type === 'spot' ? 0 : 1))
    this.dollars = Uint8Array.from(markets, ({ instrument: { quote } }) =>
      quote.includes('USD') || quote === 'DAI' ? 1 : 0,
    )
    this.worstLots = new Float64Array(markets.length)
    this.sides = new Int8Array(markets.length)
    this.worth = new Float64Array(markets.length)
    this.kin = markets.map(({ instrument: { base } }) =>
      markets.flatMap(({ instrument }) => (instrument.base === base ? [instrument.index] : [])),
    )
  }

  /** Stands on a wish; one that changes an open order takes its place. */
  on(wish: OrderWish, replaced?: OpenOrder): this {
    const { portfolio } = this
    const { index } = wish.instrument
    this.wish = wish
    this.replaced = replaced
    this.now = wish.signal.received
    this.market = this.markets[index]!
    this.lots = portfolio.lots(index)
    this.openLots = this.openLotsOf(index, wish.side)
    this.equity = portfolio.equity() / 1e8
    this.meets = wish.ticks ?? wish.triggerTicks ?? touchOf(this.market, wish.side)
    this.value = this.valueOf(index, this.meets, wish.lots)
    const opposite = wish.side === 'buy' ? this.lots < 0 : this.lots > 0
    this.room = opposite
      ? Math.abs(this.lots) - this.openLots - portfolio.reducingLots(index, wish.side)
      : Number.NEGATIVE_INFINITY
    this.reduces = wish.reduceOnly === true || wish.closePosition === true || wish.lots <= this.room
    this.profile = this.context.profileOf?.(index)
    this.seen = portfolio.changes.since(this.seen, this.look)
    if (this.odd > 0 || this.inexact) this.addUp()
    this.lotsAfter = this.worst(index, wish)
    this.valueAfter = this.valueOf(index, this.meets, Math.abs(this.lotsAfter))
    return this
  }

  /** What a margin account needs for the wish and has for it, as its exchange will reckon; undefined where it asks for no margin. */
  affordable(): Affordable | undefined {
    const { margin, feeRate = 0, portfolio } = this.context
    if (margin === undefined) return undefined
    const { side, lots: leftLots, instrument, positionSide } = this.wish
    const order = { instrument: instrument.index, side, ticks: this.meets, leftLots, positionSide }
    // What waits for its trigger binds nothing until then.
    const open = [...portfolio.open.values()].filter((one) => one.triggered && one !== this.replaced)
    if (onlyReduces(portfolio.ledger, open, order)) return { needs: 0, has: this.equity }
    return affordable(portfolio.ledger, margin, open, { order, price: this.meets, feeRate: Math.max(0, feeRate) })
  }

  /** Instruments with a position or an order that may open one, the wish's own among them. What is no number counts, too. */
  positionsAfter(): number {
    return this.worstLots[this.wish.instrument.index] === 0 ? this.positions + 1 : this.positions
  }

  /** Value of what of the wish is left when it and what is open on its side have closed the position: all of it where there is none. */
  openedValue(): number {
    const { lots, instrument } = this.wish
    return this.valueOf(instrument.index, this.meets, lots - Math.min(lots, Math.max(0, this.room)))
  }

  /** Signed lots of the instrument's position if all orders of one side, the wish's or the other, were filled: the larger. */
  worstAfter(): number {
    return this.lotsAfter
  }

  /** What that is worth, absolute. */
  positionAfter(): number {
    return this.valueAfter
  }

  /** The same of all instruments of the wish's base asset together. */
  assetAfter(): number {
    const { index } = this.wish.instrument
    let total = this.valueAfter
    for (const other of this.kin[index]!) if (other !== index) total += this.worstValue(other)
    return total
  }

  /** Sum over all instruments of that value, of contracts alone if asked for. */
  exposureAfter(contractsOnly = false): number {
    const { index } = this.wish.instrument
    const isContract = this.isContract[index] === 1
    // NaN − NaN would hide one that has no price.
    const own = Number.isNaN(this.worth[index]!) ? 0 : this.worth[index]!
    if (!contractsOnly) return (this.total - own) / 1e8 + this.valueAfter
    return isContract ? (this.contracts - own) / 1e8 + this.valueAfter : this.contracts / 1e8
  }

  /** What the worst position of an instrument is worth at mark, absolute. */
  worstValue(instrument: number): number {
    return this.worth[instrument]! / 1e8
  }

  /** What open buys of spot instruments may still spend. */
  spentByOpenBuys(): number {
    const { portfolio, markets } = this
    let total = 0
    for (const order of portfolio.open.values()) {
      const { instrument, side, ticks, triggerTicks, leftLots, reduceOnly } = order
      if (side === 'sell' || reduceOnly || order === this.replaced) continue
      if (markets[instrument]!.instrument.type !== 'spot') continue
      total += this.valueOf(instrument, ticks ?? triggerTicks ?? touchOf(markets[instrument]!, 'buy'), leftLots)
    }
    return total
  }

  /** What lots of an instrument are worth at a price; NaN for a price that is none, and lots that are not whole. */
  valueOf(index: number, ticks: number, lots: number): number {
    return ticks > 0 && Number.isInteger(lots) ? Number(markValue(this.scales[index]!, ticks, lots)) / 1e8 : Number.NaN
  }

  /** The wish's instrument is quoted in dollars, of whatever maker. */
  get inDollars(): boolean {
    return this.dollars[this.wish.instrument.index] === 1
  }

  /** What is not known yet counts as assumed, rather than as a no. */
  get assumes(): boolean {
    return this.context.unknown !== 'refuse'
  }

  /** The worst position of an instrument that changed since the wish before. It hangs on the portfolio alone, which is saved. */
  private readonly look = (at: number): void => {
    const { worstLots, worth, sides, portfolio } = this
    const lots = this.worst(at, undefined)
    const before = worth[at]!
    if (lots !== 0 || before !== 0) {
      const value = lots === 0 ? 0 : Math.round(this.valueOf(at, portfolio.markTicks(at), Math.abs(lots)) * 1e8)
      worth[at] = value
      if (!Number.isSafeInteger(before)) this.odd--
      if (!Number.isSafeInteger(value)) this.odd++
      this.total += value - before
      if (this.isContract[at] === 1) this.contracts += value - before
      if (!(this.total < Number.MAX_SAFE_INTEGER)) this.inexact = true
    }
    if (worstLots[at] === 0 && lots !== 0) this.positions++
    if (worstLots[at] !== 0 && lots === 0) this.positions--
    worstLots[at] = lots
    const side = lots > 0 ? 1 : lots < 0 ? -1 : 0
    if (side !== sides[at]) this.sidesVersion++
    sides[at] = side
  }

  /** The sums without what came before. The wish's own instrument is left out where it has no price: its worth is asked for anew. */
  private addUp(): void {
    const { worth, isContract } = this
    const own = this.wish.instrument.index
    let total = 0
    let contracts = 0
    for (let at = 0; at < worth.length; at++) {
      if (at === own && Number.isNaN(worth[at]!)) continue
      total += worth[at]!
      if (isContract[at] === 1) contracts += worth[at]!
    }
    this.total = total
    this.contracts = contracts
    this.inexact = !(total < Number.MAX_SAFE_INTEGER)
  }

  /** With a wish, and without the order that it takes the place of; or as things are. */
  private worst(index: number, wish: OrderWish | undefined): number {
    const { portfolio } = this
    const held = portfolio.lots(index)
    let buying = portfolio.openLots(index, 'buy')
    let selling = portfolio.openLots(index, 'sell')
    if (wish !== undefined) {
      const more = wish.reduceOnly === true ? 0 : wish.lots
      buying = this.openLotsOf(index, 'buy') + (wish.side === 'buy' ? more : 0)
      selling = this.openLotsOf(index, 'sell') + (wish.side === 'sell' ? more : 0)
    }
    // What only reduces may come first, and leave the others more room on their side.
    const bought = held + portfolio.reducingLots(index, 'buy') + buying
    const sold = held - portfolio.reducingLots(index, 'sell') - selling
    // Also where one of them is no number, it is that one.
    return Math.abs(bought) >= Math.abs(sold) || Number.isNaN(bought) ? bought : sold
  }

  /** What open orders of a side may add, without one that the wish takes the place of. Of a group the others stay. */
  private openLotsOf(index: number, side: 'buy' | 'sell'): number {
    const lots = this.portfolio.openLots(index, side)
    const { replaced } = this
    if (replaced === undefined || replaced.instrument !== index || replaced.side !== side) return lots
    return replaced.reduceOnly || replaced.group !== undefined ? lots : lots - replaced.leftLots
  }
}

/** The price that a market order meets first, else the mark, in ticks. */
export function touchOf(market: Market, side: 'buy' | 'sell'): number {
  const touch = side === 'buy' ? market.askTicks : market.bidTicks
  return touch > 0 ? touch : market.markTicks
}
