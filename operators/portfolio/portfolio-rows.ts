// The rows of `positions` and `accounts` of a run: of all its accounts, in the order in which they came about.
import { type Batch, builderOf, take } from '../../schemas/batch.ts'
import type { Account } from '../../schemas/records.generated.ts'
import type { I64Writer } from '../../schemas/writers.ts'
import type { Standing } from '../margin/health.ts'
import { type AccountName, AccountRows, type Amounts } from './account-rows.ts'
import { entryPrice, type Holding, negative, unrealized } from './holding.ts'
import type { E8 } from './money.ts'

/** Hears equity in place of rows of accounts; times in µs. */
export interface EquityTap {
  /** Equity at mark, 10⁻⁸, at a row that an account would have written. */
  hear(received: number, equity: E8): void
  /** Whether a row makes an earlier one superfluous: then that need not be heard. */
  replaces(received: number, earlier: number): boolean
}

/** Shared by the portfolios of a run, so that which rows come first does not hang on when they are taken. */
export class PortfolioRows {
  private readonly positions = builderOf('positions')
  private readonly accounts: AccountRows
  private readonly tap: EquityTap | undefined

  /** By the number that each portfolio has. With a tap there are no rows of accounts: it hears what they would say. */
  constructor(names: readonly AccountName[], tap?: EquityTap) {
    this.accounts = new AccountRows(names)
    this.tap = tap
  }

  get isTapped(): boolean {
    return this.tap !== undefined
  }

  replaces(received: number, earlier: number): boolean {
    return this.tap?.replaces(received, earlier) === true
  }

  /** Rows that wait in `take`. */
  get waiting(): number {
    return this.positions.count + this.accounts.count
  }

  /** The rows since the last call. */
  take(): { positions: Batch<'positions'>; accounts: Batch<'accounts'> } {
    return { positions: take<'positions'>(this.positions), accounts: this.accounts.take() }
  }

  account(number: number, time: number, received: number, event: Account['event'], amounts: Amounts): void {
    if (this.tap === undefined) this.accounts.push(number, time, received, event, amounts)
    else this.tap.hear(received, amounts.equity)
  }

  position(
    account: string,
    holding: Holding,
    { margin, leverage, liquidationPrice }: Standing,
    { time, received }: { readonly time: number; readonly received: number },
  ): void {
    const { instrument, mark } = holding
    const rows = this.positions
    rows.time.push(time)
    rows.received.push(received)
    rows.exchange.push(instrument.exchange)
    rows.symbol.push(instrument.symbol)
    rows.account.push(account)
    rows.lots.push(holding.lots)
    rows.lotSize.push(instrument.lotSize)
    rows.entryPrice.push(entryPrice(holding))
    write(rows.cost, instrument.inverse ? negative(holding.cost) : holding.cost)
    rows.mark.push((mark * instrument.tickNumerator) / instrument.tickDenominator)
    write(rows.unrealized, unrealized(holding))
    write(rows.realized, holding.realized)
    write(rows.fees, holding.fees)
    write(rows.funding, holding.funding)
    rows.positionSide.name(holding.side)
    rows.margin.push(margin)
    rows.leverage.push(leverage)
    rows.liquidationPrice.push(liquidationPrice)
    rows.count++
  }
}

function write(column: I64Writer, amount: E8): void {
  if (typeof amount === 'number') column.number(amount)
  else column.push(amount)
}
