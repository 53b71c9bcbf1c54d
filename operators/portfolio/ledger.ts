// The money and the positions of one account, exact: what executions do to them, wherever they are read.
import type { Execution } from '../../schemas/records.generated.ts'
import type { Instrument } from '../instrument.ts'
import type { MarginTerms } from '../margin/terms.ts'
import { leverageAt } from '../margin/tiers.ts'
import { emptyHolding, type Holding, type HoldingState, holdingState, negative, trade, worth } from './holding.ts'
import { add, type E8, shareOf, subtract } from './money.ts'

type PositionSide = Execution['positionSide']

interface Fill {
  readonly ticks: number
  /** Signed. */
  readonly lots: number
  readonly fee: E8
  /** True for a liquidation. */
  readonly forced?: boolean
}

/**
 * Balance and positions. In hedge mode an instrument has two positions, a long and a short one; else one, which may be either.
 * What an isolated position is opened with is set aside for it, and comes back as it is closed.
 *
 * The balance is what there was + realised profit − fees + funding: what is set aside, and what spot was bought for, is still in it.
 */
export class Ledger {
  balance: E8
  /** By instrument index; in hedge mode the short positions follow after all long ones. */
  readonly holdings: readonly Holding[]
  private readonly terms: MarginTerms | undefined
  private readonly count: number

  constructor(cash: E8, instruments: readonly Instrument[], terms?: MarginTerms) {
    this.balance = cash
    this.terms = terms
    this.count = instruments.length
    this.holdings =
      terms?.positions === 'hedge'
        ? [
            ...instruments.map((one) => emptyHolding(one, 'long')),
            ...instruments.map((one) => emptyHolding(one, 'short')),
          ]
        : instruments.map((one) => emptyHolding(one))
  }

  /** The position of an instrument, in hedge mode that of a side. */
  at(index: number, side: PositionSide): Holding {
    return this.holdings[side === 'short' && this.holdings.length > this.count ? this.count + index : index]!
  }

  /** Signed lots of an instrument, of both sides together. */
  lots(index: number): number {
    const { holdings, count } = this
    return holdings.length > count ? holdings[index]!.lots + holdings[count + index]!.lots : holdings[index]!.lots
  }

  /**
   * Trades signed lots of a position at a price, for a fee. What a liquidation of an isolated position costs is its own: of one that is not
   * closed whole it is taken from what is set aside for the rest. Returns the profit realised.
   */
  fill(holding: Holding, { ticks, lots, fee, forced = false }: Fill): E8 {
    const before = holding.lots
    const isolated = this.terms?.mode === 'isolated' && !holding.spot
    const free = isolated && forced ? this.free() : 0
    const profit = trade(holding, ticks, lots)
    if (!(holding.mark > 0)) holding.mark = ticks
    holding.fees = add(holding.fees, fee)
    this.balance = add(this.balance, subtract(profit, fee))
    if (isolated) this.setAside(this.terms!, holding, { before, ticks, lots })
    if (isolated && forced && holding.lots !== 0) {
      const missing = subtract(free, this.free())
      if (missing > 0) holding.margin = subtract(holding.margin, missing)
    }
    return profit
  }

  /** Funding of a position, below 0 where it is paid: from what is free, and then from what is set aside for it. */
  receive(holding: Holding, income: E8): void {
    holding.funding = add(holding.funding, income)
    this.balance = add(this.balance, income)
    if (this.terms?.mode !== 'isolated' || !(income < 0)) return
    const missing = negative(this.free())
    if (missing > 0) holding.margin = subtract(holding.margin, missing < negative(income) ? missing : negative(income))
  }

  /** What of the balance is not set aside, and not in spot. */
  free(): E8 {
    let free = this.balance
    for (const { spot, cost, margin } of this.holdings) free = subtract(free, spot ? cost : margin)
    return free
  }

  save(): LedgerState {
    return { balance: this.balance, holdings: this.holdings.map(holdingState) }
  }

  load({ balance, holdings }: LedgerState): void {
    this.balance = balance
    for (const [at, state] of holdings.entries()) Object.assign(this.holdings[at]!, state)
  }

  private setAside(
    terms: MarginTerms,
    holding: Holding,
    { before, ticks, lots }: { before: number; ticks: number; lots: number },
  ): void {
    const { index } = holding.instrument
    const closed = before !== 0 && before > 0 !== lots > 0 ? Math.min(Math.abs(lots), Math.abs(before)) : 0
    if (closed > 0) holding.margin = subtract(holding.margin, shareOf(holding.margin, closed, Math.abs(before)))
    const opened = Math.abs(lots) - closed
    if (opened === 0) return
    const chosen = { leverage: terms.leverage[index]!, tiers: terms.tiers[index]! }
    const leverage = leverageAt(Math.abs(Number(holding.cost)) / 1e8, chosen)
    const value = Math.abs(Number(worth(holding, ticks, opened)))
    holding.margin = add(holding.margin, Math.ceil(value / leverage))
  }
}

export interface LedgerState {
  readonly balance: E8
  readonly holdings: readonly HoldingState[]
}
