// Positions and money of one account, exact, and the rows of `positions` and `accounts` (DESIGN §5 step 2, §7).
import type { Account, Execution, Order } from '../../schemas/records.generated.ts'
import type { Market, Portfolio } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import type { Amounts } from './account-rows.ts'
import {
  emptyHolding,
  entryPrice,
  exposureOf,
  type Holding,
  markPrice,
  negative,
  trade,
  unrealized,
} from './holding.ts'
import { add, type E8, normal, subtract } from './money.ts'
import { OpenOrders } from './open-orders.ts'
import { PortfolioRows } from './portfolio-rows.ts'

interface OpenPosition {
  readonly exchange: string
  readonly symbol: string
  readonly lots: number
  readonly entryPrice: number
  readonly mark: number | undefined
  readonly unrealized: bigint
}

export interface PortfolioOptions {
  readonly account: string
  /** Exchange id that the account's own rows carry. */
  readonly exchange: string
  readonly currency: string
  /** Cash at the start, 10⁻⁸. */
  readonly cash: bigint
  /** By their index. */
  readonly instruments: readonly Instrument[]
  /** Where its rows go, when it shares them with other accounts, and its number there. */
  readonly rows?: PortfolioRows
  readonly number?: number
}

/** An account in plain amounts of 10⁻⁸. */
export interface AccountState {
  readonly cash: bigint
  readonly unrealized: bigint
  readonly equity: bigint
  readonly realized: bigint
  readonly fees: bigint
  readonly funding: bigint
  readonly exposure: bigint
}

const minuteUs = 60_000_000

/**
 * One account. Its balance is what it began with + realised profit − fees + funding; a spot purchase also turns cash into
 * its asset and back. So for both kinds: equity = balance + unrealised = cash + value of positions, where a position's
 * value is its worth at mark (spot) or its unrealised profit (contracts).
 *
 * In:     executions of known instruments in the order in which they are seen; `fee` of a funding is what the account paid.
 * Out:    a `positions` row and an `accounts` row after each fill, liquidation and funding (others change no money), and an
 *         `accounts` row for the last full UTC minute of `received`, at the first instant at or after it, with the marks of
 *         that instant; minutes in which nothing happened at all have no row.
 * Errors: RangeError for an execution of an instrument that is not the task's. ACCOUNT_OVERFLOW past 92 billion units.
 */
export class AccountPortfolio implements Portfolio {
  private readonly options: PortfolioOptions
  private readonly holdings: readonly Holding[]
  private readonly orders = new OpenOrders()
  private readonly rows: PortfolioRows
  private balance: E8
  /** What rows say; cash, unrealised profit, equity and exposure hold only while it is not `stale`. */
  private readonly amounts: { -readonly [K in keyof Amounts]: E8 } = {
    ...{ cash: 0, unrealized: 0, equity: 0, realized: 0, fees: 0, funding: 0, exposure: 0 },
  }
  /** The next UTC minute that is to have a row; NaN before the first instant. */
  nextMinute = Number.NaN
  private stale = true
  private lastHolding: Holding | undefined

  constructor(options: PortfolioOptions) {
    this.options = options
    this.rows = options.rows ?? new PortfolioRows([options])
    this.holdings = options.instruments.map(emptyHolding)
    this.balance = normal(options.cash)
  }

  get open(): OpenOrders['byId'] {
    return this.orders.byId
  }

  /** An order that risk let pass: from now on it counts, until the venue says that it is done (O3), and so does what a change adds. Cancels change nothing here. */
  sent(order: Order): void {
    if (order.kind === 'new') this.orders.sent(order, this.find(order.exchange, order.symbol).instrument.index)
    else if (order.kind === 'amend') this.orders.changing(order)
  }

  apply(execution: Execution): void {
    const { kind } = execution
    if (kind === 'fill' || kind === 'liquidation') this.fill(execution)
    else if (kind === 'funding') this.pay(execution)
    else this.orders.heard(execution)
  }

  mark({ instrument, markTicks }: Market): void {
    const holding = this.holdings[instrument.index]!
    if (!(markTicks > 0) || markTicks === holding.mark) return
    holding.mark = markTicks
    if (holding.lots !== 0) this.stale = true
  }

  /** To be called at each instant, after `apply` and `mark`: writes the minute's row when it is due. `received` in µs. */
  instant(received: number): void {
    // `!(<)` is also true for NaN: the first instant decides which minute is the first.
    if (received < this.nextMinute) return
    const minute = Math.floor(received / minuteUs) * minuteUs
    const due = this.nextMinute <= received || minute === received
    this.nextMinute = minute + minuteUs
    if (due) this.accountRow(minute, received, 'minute')
  }

  lots(instrument: number): number {
    return this.holdings[instrument]!.lots
  }

  /** Mean price of the open size; NaN when there is none. */
  entryPrice(instrument: number): number {
    return entryPrice(this.holdings[instrument]!) ?? Number.NaN
  }

  equity(): number {
    this.refresh()
    return Number(this.amounts.equity)
  }

  exposure(): number {
    this.refresh()
    return Number(this.amounts.exposure)
  }

  /** Cash that orders may spend: for contracts the balance. 10⁻⁸. */
  freeCash(): number {
    this.refresh()
    return Number(this.amounts.cash)
  }

  /** Lots of an instrument, unsigned, that open orders of a side may still fill. */
  openLots(instrument: number, side: 'buy' | 'sell'): number {
    return this.orders.lots(instrument, side)
  }

  /** Lots that open reduce-only orders of a side may take from the position, as far as there is one. */
  reducingLots(instrument: number, side: 'buy' | 'sell'): number {
    const held = this.lots(instrument)
    return Math.min(this.orders.reducing(instrument, side), Math.max(0, side === 'buy' ? -held : held))
  }

  /** Signed lots that orders of `target` signals (those without a tag) are still to bring. */
  comingLots(instrument: number): number {
    return this.orders.coming(instrument)
  }

  state(): AccountState {
    this.refresh()
    const { cash, unrealized, equity, realized, fees, funding, exposure } = this.amounts
    return {
      ...{ cash: BigInt(cash), unrealized: BigInt(unrealized), equity: BigInt(equity), realized: BigInt(realized) },
      ...{ fees: BigInt(fees), funding: BigInt(funding), exposure: BigInt(exposure) },
    }
  }

  /** Positions that are open, for people. `mark` is a price, undefined while none is known; `unrealized` in 10⁻⁸. */
  openPositions(): OpenPosition[] {
    return this.holdings
      .filter((holding) => holding.lots !== 0)
      .map((holding) => ({
        exchange: holding.instrument.exchange,
        symbol: holding.instrument.symbol,
        lots: holding.lots,
        entryPrice: entryPrice(holding)!,
        mark: markPrice(holding),
        unrealized: BigInt(unrealized(holding)),
      }))
  }

  /** The rows since the last call. */
  take(): ReturnType<PortfolioRows['take']> {
    return this.rows.take()
  }

  /** Everything but the rows that wait: take them first. */
  save(): Uint8Array {
    const holdings = this.holdings.map(({ lots, cost, mark, realized, fees, funding }) => {
      return { lots, cost, mark, realized, fees, funding }
    })
    const { balance, nextMinute } = this
    const { realized, fees, funding } = this.amounts
    return pack({ holdings, balance, realized, fees, funding, nextMinute, orders: this.orders.save() })
  }

  load(bytes: Uint8Array): void {
    const { holdings, balance, realized, fees, funding, nextMinute, orders } = unpack<SavedPortfolio>(bytes)
    for (const [index, saved] of holdings.entries()) Object.assign(this.holdings[index]!, saved)
    Object.assign(this.amounts, { realized, fees, funding })
    this.balance = balance
    this.nextMinute = nextMinute
    this.orders.load(orders)
    this.stale = true
  }

  private fill(execution: Execution): void {
    const holding = this.find(execution.exchange, execution.symbol)
    const { ticks, lots, side } = execution
    if (ticks === undefined || lots === undefined || side === undefined) {
      throw new RangeError(`a fill needs price, size and side: ${execution.clientId}`)
    }
    const fee = normal(execution.fee)
    const profit = trade(holding, ticks, side === 'buy' ? lots : -lots)
    if (!(holding.mark > 0)) holding.mark = ticks
    holding.fees = add(holding.fees, fee)
    this.amounts.fees = add(this.amounts.fees, fee)
    this.amounts.realized = add(this.amounts.realized, profit)
    this.balance = add(this.balance, subtract(profit, fee))
    this.orders.heard(execution)
    this.changed(holding, execution, 'execution')
  }

  private pay(execution: Execution): void {
    const holding = this.find(execution.exchange, execution.symbol)
    const income = negative(normal(execution.fee))
    holding.funding = add(holding.funding, income)
    this.amounts.funding = add(this.amounts.funding, income)
    this.balance = add(this.balance, income)
    this.changed(holding, execution, 'funding')
  }

  private changed(holding: Holding, { time, received }: Execution, event: Account['event']): void {
    this.stale = true
    this.rows.position(this.options.account, holding, time, received)
    this.accountRow(time, received, event)
  }

  /** Cash, unrealised profit, equity and exposure again, from positions and marks. */
  private refresh(): void {
    if (!this.stale) return
    let cash = this.balance
    let open: E8 = 0
    let held: E8 = 0
    const { holdings } = this
    for (let at = 0; at < holdings.length; at++) {
      const holding = holdings[at]!
      if (holding.lots === 0) continue
      if (holding.spot) cash = subtract(cash, holding.cost)
      open = add(open, unrealized(holding))
      held = add(held, exposureOf(holding))
    }
    this.amounts.cash = cash
    this.amounts.unrealized = open
    this.amounts.exposure = held
    this.amounts.equity = add(this.balance, open)
    this.stale = false
  }

  private accountRow(time: number, received: number, event: Account['event']): void {
    this.refresh()
    this.rows.account(this.options.number ?? 0, time, received, event, this.amounts)
  }

  private find(exchange: string, symbol: string): Holding {
    const last = this.lastHolding
    if (last !== undefined && last.instrument.symbol === symbol && last.instrument.exchange === exchange) return last
    const found = this.holdings.find(
      ({ instrument }) => instrument.symbol === symbol && instrument.exchange === exchange,
    )
    if (found === undefined) throw new RangeError(`account ${this.options.account} knows no ${exchange}:${symbol}`)
    this.lastHolding = found
    return found
  }
}

interface SavedPortfolio {
  readonly holdings: readonly Pick<Holding, 'lots' | 'cost' | 'mark' | 'realized' | 'fees' | 'funding'>[]
  readonly balance: E8
  readonly realized: E8
  readonly fees: E8
  readonly funding: E8
  readonly nextMinute: number
  readonly orders: Uint8Array
}
