// The trading loop of DESIGN §5: instant by instant, in one order, for backtest, paper and live alike.
import type { MarketState } from '../operators/market-state.ts'
import type { PortfolioRows } from '../operators/portfolio/portfolio-rows.ts'
import type { Merged } from '../schemas/batch.ts'
import type { Execution } from '../schemas/records.generated.ts'
import type { Account } from './accounts.ts'
import type { BarLane } from './bar-lanes.ts'
import { MarketRows } from './market-rows.ts'
import type { Outputs } from './outputs.ts'
import type { Sights } from './sights.ts'

/** The parts that speak to each other at each instant: each has its own topic and its own tests. */
export interface LoopParts {
  readonly markets: readonly MarketState[]
  /** Served in this order where two have something at the same instant. */
  readonly accounts: readonly Account[]
  /** Where the portfolios of all accounts write. */
  readonly rows: PortfolioRows
  readonly sights: Pick<Sights, 'to' | 'shows'>
  readonly outputs: Outputs
  readonly tally: Tally
  /** Rows received before this, µs, only say what the market is. */
  readonly from: number
}

/** What the loop went through. */
export interface Tally {
  /** Rows of the task's instruments. */
  rows: number
  /** Receive times of the first and the last of them, µs. */
  first: number
  last: number
}

/** Rows of the market, and the bars that closed at them. */
export interface Prepared {
  readonly merged: Merged
  readonly lanes: readonly BarLane[]
}

/** More executions than this at one instant mean a strategy that answers itself for ever. */
const endless = 10_000

/** The loop over every row of a batch, in order. */
export function tradingLoop(parts: LoopParts): (prepared: Prepared) => void {
  const { markets, accounts, rows, sights, outputs, tally, from } = parts
  // Counted loops at every row: an iterator each costs a fresh process a tenth of its time.
  const count = accounts.length
  const first = accounts[0]!
  const row = new MarketRows(markets)
  /** Before this no account has anything to do by time alone, µs. In an array a double is no object. */
  const nextWatch = Float64Array.of(Number.NEGATIVE_INFINITY)

  const executionsUntil = (received: number): void => {
    for (let seen = 0; ; seen++) {
      const account = count === 1 ? first : nextOf(accounts)
      if (account.venue.reports.nextDue > received) return
      if (seen === endless)
        throw new RangeError(`over ${endless} executions at ${received}: a strategy answers itself for ever`)
      see(account, account.venue.due())
    }
  }

  /** An execution that falls due is an instant of its own. */
  const see = (account: Account, execution: Execution): void => {
    outputs.push('executions', execution)
    account.portfolio.apply(execution)
    watch(account, execution.received, execution.time)
    if (account.player.execution(execution)) decide(account)
  }

  /** What is due by the time: the minute's account row; a halt or its end. */
  const watch = ({ portfolio, risk }: Account, received: number, time: number): void => {
    portfolio.instant(received)
    risk.instant(received, time)
    if (risk.waiting > 0) for (const event of risk.events()) outputs.push('risk-events', event)
  }

  /** `watch` at a row, for all accounts. */
  const watchAll = (received: number, time: number): void => {
    let next = Number.POSITIVE_INFINITY
    for (let a = 0; a < count; a++) {
      const account = accounts[a]!
      watch(account, received, time)
      const { portfolio, risk } = account
      if (portfolio.nextMinute < next) next = portfolio.nextMinute
      if (risk.nextMinute < next) next = risk.nextMinute
    }
    nextWatch[0] = next
  }

  /** What a strategy asked for is sized, checked, written down, and only then sent. */
  const decide = ({ player, risk, portfolio, venue }: Account): void => {
    for (let signal = player.desk.take(); signal !== undefined; signal = player.desk.take()) {
      outputs.push('signals', signal)
      const wish = player.wish(signal)
      const verdict = wish === undefined ? undefined : risk.check(wish)
      for (const event of risk.events()) outputs.push('risk-events', event)
      if (verdict?.event !== undefined) outputs.push('risk-events', verdict.event)
      player.desk.settle(signal, verdict?.order?.clientId)
      if (verdict?.order === undefined) continue
      outputs.push('orders', verdict.order)
      portfolio.sent(verdict.order)
      venue.take(verdict.order)
    }
  }

  /** The row changes the market, between what met it before and what meets it after. */
  const move = (): void => {
    const { market } = row
    for (let a = 0; a < count; a++) accounts[a]!.venue.arrive(row)
    market?.apply(row)
    for (let a = 0; a < count; a++) accounts[a]!.venue.meet(row)
    if (market !== undefined) for (let a = 0; a < count; a++) accounts[a]!.portfolio.mark(market)
  }

  /** Which bar of each lane is next, and the least row that one of them came with; Infinity when all were shown. */
  const places: number[] = []
  const showBars = (lanes: readonly BarLane[], i: number): number => {
    let next = Number.POSITIVE_INFINITY
    for (let l = 0; l < lanes.length; l++) {
      const { bars, at, accounts } = lanes[l]!
      let bar = places[l]!
      for (; at[bar] === i; bar++)
        for (const account of accounts) if (account.player.bar(bars, bar, row)) decide(account)
      places[l] = bar
      if (at[bar]! < next) next = at[bar]!
    }
    return next
  }

  return ({ merged, lanes }) => {
    // Asked before they are called: a call that finds nothing to do costs a fresh process as much as the row.
    const { shows } = sights
    const several = count > 1
    for (let l = 0; l < lanes.length; l++) places[l] = 0
    let nextBar = showBars(lanes, -1)
    for (let i = 0; i < merged.rows; i++) {
      row.move(merged, i)
      // A row from before the run: there are no orders to meet and nobody to see it.
      if (row.received < from) {
        move()
        sights.to(i)
        continue
      }
      if (several || first.venue.reports.nextDue <= row.received) executionsUntil(row.received)
      move()
      if (row.market !== undefined) {
        tally.rows++
        tally.last = row.received
        if (tally.rows === 1) tally.first = row.received
      }
      if (several || first.venue.reports.nextDue <= row.received) executionsUntil(row.received)
      if (row.received >= nextWatch[0]!) watchAll(row.received, row.time)
      if (shows) sights.to(i)
      if (i === nextBar) nextBar = showBars(lanes, i)
      for (let a = 0; a < count; a++) if (accounts[a]!.player.row(row)) decide(accounts[a]!)
      if (several || first.venue.reports.nextDue <= row.received) executionsUntil(row.received)
      if ((i & 1023) === 1023) {
        outputs.cut()
        if (rows.waiting > manyRows) keep(rows, outputs)
      }
    }
  }
}

/** The account whose next execution is seen first; of several the first. */
function nextOf(accounts: readonly Account[]): Account {
  let next = accounts[0]!
  for (let at = 1; at < accounts.length; at++) {
    if (accounts[at]!.venue.reports.nextDue < next.venue.reports.nextDue) next = accounts[at]!
  }
  return next
}

/** Rows of the portfolios' own builders join the others. */
export function keep(rows: PortfolioRows, outputs: Outputs): void {
  for (const batch of Object.values(rows.take())) if (batch.rows > 0) outputs.add(batch)
}

/** With those of 1,024 more rows still a batch, unless each of them was filled several times. */
const manyRows = 6000
