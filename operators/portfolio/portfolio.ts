// Positions and money of one account, exact, and the rows of `positions` and `accounts` (DESIGN §5 step 2, §7).
import type { Account, Execution, Order } from '../../schemas/records.generated.ts'
import type { Market, Portfolio } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import { noStanding, type Standing, standingOf } from '../margin/health.ts'
import type { MarginTerms } from '../margin/terms.ts'
import { pack, unpack } from '../stage.ts'
import type { Amounts } from './account-rows.ts'
import { Changes } from './changes.ts'
import { entryPrice, exposureOf, type Holding, markPrice, negative, unrealized } from './holding.ts'
import { Ledger, type LedgerState } from './ledger.ts'
import { add, type E8, normal, subtract } from './money.ts'
import { OpenOrders } from './open-orders.ts'
import { PortfolioRows } from './portfolio-rows.ts'

interface OpenPosition {
  readonly exchange: string
  readonly symbol: string
  /** In hedge mode. */
  readonly positionSide: 'long' | 'short' | undefined
  readonly lots: number
  readonly entryPrice: number
  readonly mark: number | undefined
  readonly unrealized: bigint
  /** Of a margin account, as `standingOf` says them. */
  readonly margin: number | undefined
  readonly leverage: number | undefined
  readonly liquidationPrice: number | undefined
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
  /** Of a margin account; undefined: nobody asks for margin. */
  readonly margin?: MarginTerms | undefined
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
const none = Number.NEGATIVE_INFINITY

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
  /** What we were told of so far: the exchange knows it earlier. */
  readonly ledger: Ledger
  private readonly orders = new OpenOrders()
  private readonly rows: PortfolioRows
  private readonly hedged: boolean
  /** What rows say; cash, unrealised profit, equity and exposure hold only while it is not `stale`. */
  private readonly amounts: { -readonly [K in keyof Amounts]: E8 } = {
    ...{ cash: 0, unrealized: 0, equity: 0, realized: 0, fees: 0, funding: 0, exposure: 0 },
  }
  /** The next UTC minute that is to have a row; NaN before the first instant. */
  nextMinute = Number.NaN
  /** Receive time of a minute's row that a tap was not told of yet, µs, in an array as it changes at every row. */
  private readonly untold = Float64Array.of(none)
  private stale = true
  private lastHolding: Holding | undefined
  /** Instruments of which what is held, is open or is worth may have changed. */
  readonly changes: Changes
  /** What each holding adds to the sums, as of the changes in `summed`. */
  private readonly parts: readonly { cost: E8; open: E8; held: E8 }[]
  private summed = Number.NEGATIVE_INFINITY
  private readonly sums: { cost: E8; open: E8; held: E8 } = { cost: 0, open: 0, held: 0 }

  constructor(options: PortfolioOptions) {
    this.options = options
    this.rows = options.rows ?? new PortfolioRows([options])
    this.ledger = new Ledger(normal(options.cash), options.instruments, options.margin)
    this.hedged = options.margin?.positions === 'hedge'
    this.changes = new Changes(options.instruments.length)
    this.parts = this.ledger.holdings.map(() => ({ cost: 0, open: 0, held: 0 }))
  }

  get open(): OpenOrders['byId'] {
    return this.orders.byId
  }

  /** An order that risk let pass: from now on it counts, until the venue says that it is done (O3), and so does what a change adds. Cancels change nothing here. */
  sent(order: Order): void {
    const { index } = this.find(order).instrument
    if (order.kind === 'new') this.orders.sent(order, index)
    else if (order.kind === 'amend') this.orders.changing(order)
    this.changes.put(index)
  }

  apply(execution: Execution): void {
    this.tell()
    const { kind } = execution
    if (kind === 'fill' || kind === 'liquidation') this.fill(execution)
    else if (kind === 'funding') this.pay(execution)
    else {
      this.orders.heard(execution)
      this.changes.put(this.find(execution).instrument.index)
    }
  }

  /** `received` in µs: when the market says so. */
  mark({ instrument, markTicks }: Market, received = Number.NEGATIVE_INFINITY): void {
    const holding = this.ledger.holdings[instrument.index]!
    if (!(markTicks > 0)) return
    const untold = this.untold[0]!
    if (untold !== none && !(received >= this.nextMinute && this.rows.replaces(received, untold))) this.tell()
    if (this.hedged) this.markShort(instrument.index, markTicks)
    if (markTicks === holding.mark) return
    holding.mark = markTicks
    this.changes.put(instrument.index)
    if (holding.lots !== 0) this.stale = true
  }

  /** To be called at each instant, after `apply` and `mark`: writes the minute's row when it is due. `received` in µs. */
  instant(received: number): void {
    // `!(<)` is also true for NaN: the first instant decides which minute is the first.
    if (received < this.nextMinute) return
    const minute = Math.floor(received / minuteUs) * minuteUs
    const due = this.nextMinute <= received || minute === received
    this.nextMinute = minute + minuteUs
    if (!due) return
    if (this.rows.isTapped) this.untold[0] = received
    else this.accountRow(minute, received, 'minute')
  }

  /** Tells the tap of the minute's row that waits: to be called before it is asked what it heard. */
  tell(): void {
    const received = this.untold[0]!
    if (received === none) return
    this.untold[0] = none
    this.accountRow(received, received, 'minute')
  }

  lots(instrument: number): number {
    return this.ledger.lots(instrument)
  }

  /** @throws RangeError for an instrument that is not the task's */
  indexOf(exchange: string, symbol: string): number {
    return this.find({ exchange, symbol }).instrument.index
  }

  /** What the instrument is valued at, in ticks; NaN until the market says a price. */
  markTicks(instrument: number): number {
    return this.ledger.holdings[instrument]!.mark
  }

  /** What positions in the instrument have brought so far: realised profit − fees + funding, 10⁻⁸; a double. */
  earned(instrument: number): number {
    const long = earnedBy(this.ledger.at(instrument, 'long'))
    return this.hedged ? long + earnedBy(this.ledger.at(instrument, 'short')) : long
  }

  /** Mean price of the open size; NaN when there is none. */
  entryPrice(instrument: number): number {
    return entryPrice(this.ledger.holdings[instrument]!) ?? Number.NaN
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
    return this.ledger.holdings
      .filter((holding) => holding.lots !== 0)
      .map((holding) => ({
        exchange: holding.instrument.exchange,
        symbol: holding.instrument.symbol,
        positionSide: holding.side,
        lots: holding.lots,
        entryPrice: entryPrice(holding)!,
        mark: markPrice(holding),
        unrealized: BigInt(unrealized(holding)),
        ...this.standing(holding),
      }))
  }

  /** The rows since the last call. */
  take(): ReturnType<PortfolioRows['take']> {
    return this.rows.take()
  }

  /** Everything but the rows that wait: take them first. */
  save(): Uint8Array {
    const { realized, fees, funding } = this.amounts
    const { nextMinute, ledger, orders } = this
    const saved: SavedPortfolio = {
      ...{ ledger: ledger.save(), realized, fees, funding, nextMinute, orders: orders.save() },
    }
    return pack(saved)
  }

  load(bytes: Uint8Array): void {
    const { ledger, realized, fees, funding, nextMinute, orders } = unpack<SavedPortfolio>(bytes)
    this.ledger.load(ledger)
    Object.assign(this.amounts, { realized, fees, funding })
    this.nextMinute = nextMinute
    this.orders.load(orders)
    this.changes.putAll()
    this.stale = true
  }

  private fill(execution: Execution): void {
    const holding = this.find(execution)
    const { ticks, lots, side } = execution
    this.changes.put(holding.instrument.index)
    if (ticks === undefined || lots === undefined || side === undefined) {
      throw new RangeError(`a fill needs price, size and side: ${execution.clientId}`)
    }
    const fee = normal(execution.fee)
    const profit = this.ledger.fill(holding, {
      ticks,
      lots: side === 'buy' ? lots : -lots,
      fee,
      forced: execution.kind === 'liquidation',
    })
    this.amounts.fees = add(this.amounts.fees, fee)
    this.amounts.realized = add(this.amounts.realized, profit)
    this.orders.heard(execution)
    this.changed(holding, execution, 'execution')
  }

  private pay(execution: Execution): void {
    const holding = this.find(execution)
    const income = negative(normal(execution.fee))
    this.ledger.receive(holding, income)
    this.amounts.funding = add(this.amounts.funding, income)
    this.changed(holding, execution, 'funding')
  }

  private changed(holding: Holding, { time, received }: Execution, event: Account['event']): void {
    this.stale = true
    this.rows.position(this.options.account, holding, this.standing(holding), { time, received })
    this.accountRow(time, received, event)
  }

  /** Cash, unrealised profit, equity and exposure again: exact sums, to which only holdings that changed bring something else. */
  private refresh(): void {
    if (!this.stale) return
    this.summed = this.changes.since(this.summed, this.sumAgain)
    const { sums } = this
    const { balance } = this.ledger
    this.amounts.cash = subtract(balance, sums.cost)
    this.amounts.unrealized = sums.open
    this.amounts.exposure = sums.held
    this.amounts.equity = add(balance, sums.open)
    this.stale = false
  }

  private readonly sumAgain = (instrument: number): void => {
    this.sumHolding(instrument)
    if (this.hedged) this.sumHolding(this.options.instruments.length + instrument)
  }

  private sumHolding(at: number): void {
    const { sums } = this
    const holding = this.ledger.holdings[at]!
    const part = this.parts[at]!
    const cost = holding.spot ? holding.cost : 0
    const open = unrealized(holding)
    const held = exposureOf(holding)
    sums.cost = add(sums.cost, subtract(cost, part.cost))
    sums.open = add(sums.open, subtract(open, part.open))
    sums.held = add(sums.held, subtract(held, part.held))
    part.cost = cost
    part.open = open
    part.held = held
  }

  private accountRow(time: number, received: number, event: Account['event']): void {
    this.refresh()
    this.rows.account(this.options.number ?? 0, time, received, event, this.amounts)
  }

  private find({
    exchange,
    symbol,
    positionSide,
  }: Pick<Execution, 'exchange' | 'symbol'> & Partial<Pick<Execution, 'positionSide'>>): Holding {
    const last = this.lastHolding
    if (last !== undefined && last.instrument.symbol === symbol && last.instrument.exchange === exchange) {
      if (last.side === positionSide) return last
    }
    const { instruments, account } = this.options
    const found = instruments.find((one) => one.symbol === symbol && one.exchange === exchange)
    if (found === undefined) throw new RangeError(`account ${account} knows no ${exchange}:${symbol}`)
    this.lastHolding = this.ledger.at(found.index, positionSide)
    return this.lastHolding
  }

  private markShort(index: number, markTicks: number): void {
    const holding = this.ledger.at(index, 'short')
    if (markTicks === holding.mark) return
    holding.mark = markTicks
    this.changes.put(index)
    if (holding.lots !== 0) this.stale = true
  }

  private standing(holding: Holding): Standing {
    const { margin } = this.options
    return margin === undefined ? noStanding : standingOf(holding, this.ledger, margin)
  }
}

interface SavedPortfolio {
  readonly ledger: LedgerState
  readonly realized: E8
  readonly fees: E8
  readonly funding: E8
  readonly nextMinute: number
  readonly orders: Uint8Array
}

/** Realised profit − fees + funding of a position, 10⁻⁸; a double. */
function earnedBy({ realized, fees, funding }: Holding): number {
  return Number(subtract(add(realized, funding), fees))
}
