// An account with a wish: what would be, if the order and all open ones were filled.
import type { Market, OpenOrder } from '../desk.ts'
import { markValue, type Scales, scalesOf } from '../portfolio/money.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
import type { RiskProfile } from '../regime/profiles.ts'
import type { OrderWish } from '../sizing/sizing.ts'

export interface RiskContext {
  readonly account: string
  /** By the index of their instrument. */
  readonly markets: readonly Market[]
  readonly portfolio: AccountPortfolio
  /** What the risk regime of an instrument allows, as of now; absent, or undefined: nothing depends on it. */
  readonly profileOf?: (instrument: number) => RiskProfile | undefined
}

/** Amounts are doubles in whole units of the settlement currency: limits are rough, books are exact. NaN where no price is known or a size is not whole. */
export class RiskView {
  /** Receive time of the decision, µs. */
  now = 0
  wish!: OrderWish
  market!: Market
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
  private readonly context: RiskContext
  private readonly scales: readonly Scales[]
  private ticks = Number.NaN
  /** The open order that the wish takes the place of. */
  private replaced: OpenOrder | undefined

  constructor(context: RiskContext) {
    this.context = context
    this.portfolio = context.portfolio
    this.scales = context.markets.map(({ instrument }) => scalesOf(instrument))
  }

  /** Stands on a wish; one that changes an open order takes its place. */
  on(wish: OrderWish, replaced?: OpenOrder): this {
    const { markets, portfolio } = this.context
    const { index } = wish.instrument
    this.wish = wish
    this.replaced = replaced
    this.now = wish.signal.received
    this.market = markets[index]!
    this.lots = portfolio.lots(index)
    this.openLots = this.openLotsOf(index, wish.side)
    this.equity = portfolio.equity() / 1e8
    this.ticks = wish.ticks ?? wish.triggerTicks ?? touchOf(this.market, wish.side)
    this.value = this.valueOf(index, this.ticks, wish.lots)
    const opposite = wish.side === 'buy' ? this.lots < 0 : this.lots > 0
    this.reduces =
      wish.reduceOnly === true ||
      wish.closePosition === true ||
      (opposite && this.openLots + portfolio.reducingLots(index, wish.side) + wish.lots <= Math.abs(this.lots))
    this.profile = this.context.profileOf?.(index)
    return this
  }

  /** Instruments with a position or an order that may open one, the wish's own among them. */
  positionsAfter(): number {
    // Where there is one instrument it is the wish's own.
    if (this.context.markets.length === 1) return 1
    let count = 0
    // What is no number counts, too.
    const { markets } = this.context
    for (let at = 0; at < markets.length; at++) if (this.worst(markets[at]!.instrument.index) !== 0) count++
    return count
  }

  /** Absolute value of an instrument's position if all orders of one side, the wish's or the other, were filled: the larger. */
  positionAfter(): number {
    const { index } = this.wish.instrument
    return this.valueOf(index, this.ticks, this.worst(index))
  }

  /** Sum over instruments of that value, of contracts alone if asked for. */
  exposureAfter(contractsOnly = false): number {
    const { markets } = this.context
    let total = 0
    for (const { instrument } of markets) {
      const { index, type } = instrument
      if (contractsOnly && type === 'spot') continue
      const lots = this.worst(index)
      if (lots === 0) continue
      total += this.valueOf(
        index,
        index === this.wish.instrument.index ? this.ticks : touchOf(markets[index]!, 'buy'),
        lots,
      )
    }
    return total
  }

  /** What open buys of spot instruments may still spend. */
  spentByOpenBuys(): number {
    const { portfolio, markets } = this.context
    let total = 0
    for (const order of portfolio.open.values()) {
      const { instrument, side, ticks, triggerTicks, leftLots, reduceOnly } = order
      if (side === 'sell' || reduceOnly || order === this.replaced) continue
      if (markets[instrument]!.instrument.type !== 'spot') continue
      total += this.valueOf(instrument, ticks ?? triggerTicks ?? touchOf(markets[instrument]!, 'buy'), leftLots)
    }
    return total
  }

  private worst(index: number): number {
    const { portfolio } = this.context
    const { instrument, side, lots } = this.wish
    const held = portfolio.lots(index)
    const more = index === instrument.index && this.wish.reduceOnly !== true ? lots : 0
    // What only reduces may come first, and leave the others more room on their side.
    const [up, down] = [portfolio.reducingLots(index, 'buy'), portfolio.reducingLots(index, 'sell')]
    const bought = held + up + this.openLotsOf(index, 'buy') + (side === 'buy' ? more : 0)
    const sold = held - down - this.openLotsOf(index, 'sell') - (side === 'sell' ? more : 0)
    return Math.max(Math.abs(bought), Math.abs(sold))
  }

  /** What open orders of a side may add, without one that the wish takes the place of. Of a group the others stay. */
  private openLotsOf(index: number, side: 'buy' | 'sell'): number {
    const lots = this.portfolio.openLots(index, side)
    const { replaced } = this
    if (replaced === undefined || replaced.instrument !== index || replaced.side !== side) return lots
    return replaced.reduceOnly || replaced.group !== undefined ? lots : lots - replaced.leftLots
  }

  private valueOf(index: number, ticks: number, lots: number): number {
    return ticks > 0 && Number.isInteger(lots) ? Number(markValue(this.scales[index]!, ticks, lots)) / 1e8 : Number.NaN
  }
}

/** The price that a market order meets first, else the mark, in ticks. */
function touchOf(market: Market, side: 'buy' | 'sell'): number {
  const touch = side === 'buy' ? market.askTicks : market.bidTicks
  return touch > 0 ? touch : market.markTicks
}
