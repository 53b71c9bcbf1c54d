// The margin account of a trading account at the simulated exchange: it knows every fill as it happens.
import type { Execution } from '../../schemas/records.generated.ts'
import type { VenueCounts } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import { type Affordable, affordable, onlyReduces, type Working } from '../margin/affordable.ts'
import { edgesOf } from '../margin/edges.ts'
import { collateralOf, crossHealth, healthOf, isOpen, surplusOf } from '../margin/health.ts'
import type { MarginTerms } from '../margin/terms.ts'
import type { MarketState } from '../market-state.ts'
import { type Holding, negative, unrealized } from '../portfolio/holding.ts'
import { Ledger, type LedgerState } from '../portfolio/ledger.ts'
import { add, type E8, e8ToNumber, normal } from '../portfolio/money.ts'

export interface MarginAccountOptions {
  readonly terms: MarginTerms
  /** What the wallet begins with, 10⁻⁸. */
  readonly cash: E8
  /** By instrument index. */
  readonly markets: readonly MarketState[]
  /** Kept free for the fee of an order. */
  readonly takerFee: number
}

/** A price that an instrument is looked at, in ticks, in place of its market's mark. */
export interface At {
  readonly index: number
  readonly ticks: number
}

/**
 * Wallet, positions, and the insurance fund that answers for them. An account whose instruments lie on several exchanges has one wallet.
 *
 * Between two changes of what is held each mark has room to move in: while all of them stay within, nothing has fallen short, so that a
 * row costs a comparison. Several positions share what is left above their maintenance margin.
 */
export class MarginAccount {
  readonly ledger: Ledger
  readonly terms: MarginTerms
  /** What the insurance fund has, 10⁻⁸. Below 0 an exchange would take the rest from those who gained. */
  fund: E8
  /** Executions of kind liquidation so far. */
  liquidations = 0
  private readonly markets: readonly MarketState[]
  private readonly takerFee: number
  /** By instrument: the marks, in ticks, between which nothing can have fallen short; NaN: to be looked at. */
  private readonly low: Float64Array
  private readonly high: Float64Array

  constructor({ terms, cash, markets, takerFee }: MarginAccountOptions) {
    this.terms = terms
    this.markets = markets
    this.takerFee = Math.max(0, takerFee)
    this.fund = Math.round(terms.insuranceFund * 1e8)
    const instruments = markets.map(({ instrument }) => instrument)
    this.ledger = new Ledger(cash, instruments, terms)
    this.low = new Float64Array(markets.length).fill(Number.NEGATIVE_INFINITY)
    this.high = new Float64Array(markets.length).fill(Number.POSITIVE_INFINITY)
  }

  get counts(): VenueCounts['margin'] {
    return { liquidations: this.liquidations, insuranceFundE8: BigInt(this.fund) }
  }

  /** What a report says that was just put: fills, liquidations and funding change the account, others do not. */
  heard(instrument: Instrument, execution: Execution): void {
    const { kind, side, ticks, lots, fee, positionSide } = execution
    const holding = this.ledger.at(instrument.index, positionSide)
    if (kind === 'funding') this.ledger.receive(holding, negative(normal(fee)))
    else if (kind === 'fill' || kind === 'liquidation') {
      if (kind === 'liquidation') this.liquidations += 1
      const forced = kind === 'liquidation'
      this.ledger.fill(holding, { ticks: ticks!, lots: side === 'buy' ? lots! : -lots!, fee: normal(fee), forced })
    } else return
    this.unsettle()
  }

  /**
   * Why the exchange refuses an order at a price in ticks (NaN: none is known); undefined when it does not. `open` are the other orders of
   * the account that may still be filled.
   */
  refusal(
    order: Working,
    price: number,
    open: readonly Working[],
  ): 'INSUFFICIENT_MARGIN' | 'INVALID_ORDER' | undefined {
    const { instrument } = this.markets[order.instrument]!
    const hedged = this.terms.positions === 'hedge' && instrument.type !== 'spot'
    if ((order.positionSide !== undefined) !== hedged) return 'INVALID_ORDER'
    if (instrument.type === 'spot' || onlyReduces(this.ledger, open, order)) return undefined
    // In hedge mode what closes one position cannot open the other.
    if (hedged && (order.side === 'buy') !== (order.positionSide === 'long')) return 'INSUFFICIENT_MARGIN'
    const { needs, has } = this.affordable(order, price, open)
    // Not `needs > has`: what is not known is not enough.
    return needs <= has ? undefined : 'INSUFFICIENT_MARGIN'
  }

  /** True when a mark cannot have brought the account to fall short. */
  isSafe(index: number, markTicks: number): boolean {
    return markTicks > this.low[index]! && markTicks < this.high[index]!
  }

  /**
   * The position that is to be liquidated at the marks of now: of a cross account the one that lost most. Undefined when there is none, and
   * then the room of each mark is measured anew.
   */
  fallen(at?: At): Holding | undefined {
    // Nobody is liquidated on a price that is not known, and any row may be the one that tells it.
    if (!this.mark(at)) this.unsettle()
    else {
      const fallen = this.terms.mode === 'cross' ? this.lostMost() : this.firstAlone()
      if (fallen !== undefined) return fallen
      this.measure()
    }
    return undefined
  }

  /** The first whole tick on the way from one price to another, both included, at which something falls short. */
  crossed(index: number, from: number, to: number): number | undefined {
    if (this.isSafe(index, from) && this.isSafe(index, to)) return undefined
    if (!this.mark({ index, ticks: from })) return undefined
    const { low, high } = edgesOf(index, this.ledger, this.terms, { error: this.error() })
    const down = to < from
    if (down ? low < to : high > to) return undefined
    const step = down ? -1 : 1
    // The edge is a double a little too near: what is exact decides.
    for (let ticks = down ? Math.ceil(low) : Math.floor(high); down ? ticks >= to : ticks <= to; ticks += step) {
      if (this.fallen({ index, ticks }) !== undefined) return ticks
    }
    return undefined
  }

  /** What stands behind a position at mark, its own profit and all collateral included, 10⁻⁸. */
  balanceBehind(holding: Holding): E8 {
    const { ledger, terms } = this
    if (terms.mode === 'isolated') return add(holding.margin, unrealized(holding))
    let balance = add(ledger.free(), Math.floor(collateralOf(ledger, terms) * 1e8))
    for (const one of ledger.holdings) if (isOpen(one)) balance = add(balance, unrealized(one))
    return balance
  }

  save(): MarginAccountState {
    const { ledger, fund, liquidations } = this
    return { ledger: ledger.save(), fund, liquidations }
  }

  load({ ledger, fund, liquidations }: MarginAccountState): void {
    this.ledger.load(ledger)
    this.fund = fund
    this.liquidations = liquidations
    this.unsettle()
  }

  private affordable(order: Working, price: number, open: readonly Working[]): Affordable {
    this.mark()
    return affordable(this.ledger, this.terms, open, { order, price, feeRate: this.takerFee })
  }

  /** Holdings at the marks of now. False when one that matters is not known. */
  private mark(at?: At): boolean {
    let known = true
    for (const holding of this.ledger.holdings) {
      const { index } = holding.instrument
      holding.mark = index === at?.index ? at.ticks : markOf(this.markets[index]!)
      if (isOpen(holding) && !(holding.mark > 0)) known = false
    }
    return known && !Number.isNaN(collateralOf(this.ledger, this.terms))
  }

  private lostMost(): Holding | undefined {
    const { ledger, terms } = this
    let most: Holding | undefined
    for (const holding of ledger.holdings) {
      if (isOpen(holding) && (most === undefined || unrealized(holding) < unrealized(most))) most = holding
    }
    return most === undefined || surplusOf(healthOf(most, ledger, terms)) > 0 ? undefined : most
  }

  private firstAlone(): Holding | undefined {
    const { ledger, terms } = this
    return ledger.holdings.find((one) => isOpen(one) && !(surplusOf(healthOf(one, ledger, terms)) > 0))
  }

  /** Nothing is known of any room. */
  private unsettle(): void {
    this.low.fill(Number.NEGATIVE_INFINITY)
    this.high.fill(Number.POSITIVE_INFINITY)
    for (const index of this.watched()) this.low[index] = Number.NaN
  }

  private measure(): void {
    const { ledger, terms } = this
    const watched = this.watched()
    // What is left of a cross account is shared by the marks that matter.
    const room =
      terms.mode === 'cross'
        ? { share: 1 / watched.size, error: this.error(), surplus: surplusOf(crossHealth(ledger, terms)) }
        : { error: this.error() }
    for (const index of watched) {
      const { low, high } = edgesOf(index, ledger, terms, room)
      this.low[index] = low
      this.high[index] = high
    }
  }

  /** Instruments whose mark matters. */
  private watched(): Set<number> {
    const watched = new Set<number>()
    for (const holding of this.ledger.holdings) if (isOpen(holding)) watched.add(holding.instrument.index)
    if (watched.size > 0) for (const { at } of this.terms.collateral) if ('instrument' in at) watched.add(at.instrument)
    return watched
  }

  /** More than doubles and the rounding of 10⁻⁸ can be wrong by, in units of the currency. */
  private error(): number {
    let scale = Math.abs(e8ToNumber(this.ledger.balance))
    for (const { cost } of this.ledger.holdings) scale += Math.abs(e8ToNumber(cost))
    return 1e-6 + scale * 1e-12
  }
}

/** The mark of a market that can be trusted; NaN else. */
function markOf(market: MarketState): number {
  return market.hasMark || market.synced ? market.markTicks : Number.NaN
}

export interface MarginAccountState {
  readonly ledger: LedgerState
  readonly fund: E8
  readonly liquidations: number
}
