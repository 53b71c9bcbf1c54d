// The trading loop of DESIGN §5: instant by instant, in one order, for backtest, paper and live alike.
import type { FlashCrashConfig } from '../operators/flash-crash/config.ts'
import type { FlashCrashDetector } from '../operators/flash-crash/detector.ts'
import { tradedTicks } from '../operators/flash-crash/price.ts'
import type { MarketState } from '../operators/market-state.ts'
import type { PortfolioRows } from '../operators/portfolio/portfolio-rows.ts'
import type { MarketFacts, PriceHistory } from '../operators/risk/index.ts'
import type { Wish } from '../operators/sizing/index.ts'
import { type Merged, rowAt } from '../schemas/batch.ts'
import type { Command, Execution, Order, Signal } from '../schemas/records.generated.ts'
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
  /** What risk and sizing remember of the market; undefined where nobody asks. */
  readonly prices: PriceHistory | undefined
  readonly facts: MarketFacts | undefined
  readonly crash: { readonly detector: FlashCrashDetector; readonly config: FlashCrashConfig } | undefined
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
  /** Receive and exchange time of the last row of any kind but commands, µs: the instant at which a command is heard. */
  now: number
  nowTime: number
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
  const { markets, accounts, rows, sights, outputs, tally, prices, facts, crash, from } = parts
  // Counted loops at every row: an iterator each costs a fresh process a tenth of its time.
  const count = accounts.length
  const first = accounts[0]!
  const firstReports = first.venue.reports
  const row = new MarketRows(markets)
  const inParts = accounts.filter(({ parents }) => parents !== undefined)
  const seeing = inParts.filter(({ parents }) => parents!.sees)
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
    account.risk.executed(execution)
    watch(account, execution.received, execution.time)
    account.parents?.execution(execution)
    if (account.player.execution(execution)) decide(account)
    if (account.parents?.isDue(execution.received)) work(account, execution.received, execution.time)
  }

  /** What is due by the time: the minute's account row; a halt or its end, and what risk orders of itself. */
  const watch = (account: Account, received: number, time: number): void => {
    const { portfolio, risk } = account
    portfolio.instant(received)
    risk.instant(received, time)
    if (risk.waiting > 0) act(account)
  }

  /** What risk says and orders of itself is written down like all else, and sent. */
  const act = (account: Account): void => {
    const { risk } = account
    for (const event of risk.events()) outputs.push('risk-events', event)
    for (const alert of risk.alerts()) outputs.push('alerts', alert)
    for (const order of risk.orders()) send(account, order)
    if (account.parents !== undefined && (risk.emergency.halt === 'cancel' || risk.emergency.halt === 'flatten'))
      account.parents.halted()
  }

  const send = ({ portfolio, venue }: Account, order: Order): void => {
    outputs.push('orders', order)
    portfolio.sent(order)
    venue.take(order)
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
  const decide = (account: Account): void => {
    const { player } = account
    for (let signal = player.desk.take(); signal !== undefined; signal = player.desk.take()) {
      outputs.push('signals', signal)
      ask(account, signal)
    }
  }

  /** Sent whole, unless it is worked off in parts. */
  const ask = (account: Account, signal: Signal): void => {
    const { player, parents } = account
    const wish = player.wish(signal)
    if (parents?.take(signal, wish, player.indexOf(signal.exchange, signal.symbol))) return
    const order = wish === undefined ? undefined : checked(account, wish)
    player.desk.settle(signal, order?.clientId)
    if (order !== undefined) send(account, order)
  }

  /** The order that risk makes of a wish, its verdicts written down. */
  const checked = ({ risk }: Account, wish: Wish): Order | undefined => {
    const { event, order } = risk.check(wish)
    for (const one of risk.events()) outputs.push('risk-events', one)
    if (event !== undefined) outputs.push('risk-events', event)
    return order
  }

  /** What is due of orders that are sent in parts, each child checked by itself. */
  const work = (account: Account, received: number, time: number): void => {
    const parents = account.parents!
    while (parents.isDue(received)) {
      if (parents.next <= received) parents.instant(received, time)
      for (let act = parents.act(); act !== undefined; act = parents.act()) {
        if (act.signal !== undefined) ask(account, act.signal)
        else {
          const order = checked(account, act.wish)
          parents.settle(act, order)
          if (order !== undefined) send(account, order)
        }
      }
    }
  }

  /** A price that moves too fast is answered before any strategy sees it. */
  const alarm = ({ detector, config }: NonNullable<LoopParts['crash']>): void => {
    for (const one of detector.take()) {
      for (let a = 0; a < count; a++) {
        accounts[a]!.risk.alarm(one, config, row.received, row.time)
        act(accounts[a]!)
      }
    }
    nextWatch[0] = row.received
  }

  /** What a person did, at the instant of the row before it: when it was written may be ahead of a market that is still caught up with. */
  const command = (merged: Merged, at: number): void => {
    const said = rowAt(row.batch, row.row) as Command
    look(merged, at)
    const [received, time] = tally.now > 0 ? [tally.now, tally.nowTime] : [said.received, said.time]
    for (let a = 0; a < count; a++) {
      const account = accounts[a]!
      if (said.account !== '' && said.account !== account.name) continue
      account.risk.command(said, received, time)
      act(account)
    }
    nextWatch[0] = received
  }

  /** The last row before `end` that is no command. */
  const look = (merged: Merged, end: number): void => {
    for (let at = end - 1; at >= 0; at--) {
      const { topic, columns } = merged.sources[merged.source[at]!]!
      if (topic === 'commands') continue
      const { received, time } = columns as { received: Float64Array; time: Float64Array }
      tally.now = received[merged.row[at]!]!
      tally.nowTime = time[merged.row[at]!]!
      return
    }
  }

  /** The row changes the market, between what met it before and what meets it after. */
  const move = (): void => {
    const { market } = row
    for (let a = 0; a < count; a++) accounts[a]!.venue.arrive(row)
    market?.apply(row)
    for (let a = 0; a < count; a++) accounts[a]!.venue.meet(row)
    if (market !== undefined) for (let a = 0; a < count; a++) accounts[a]!.portfolio.mark(market, row.received)
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

  // Asked before they are called: a call that finds nothing to do costs a fresh process as much as the row.
  const several = count > 1
  let shows = false
  /** The least row of the batch that a bar came with; Infinity when all were shown. */
  const nextBar = Float64Array.of(Number.POSITIVE_INFINITY)

  const pass = (merged: Merged, lanes: readonly BarLane[], i: number): void => {
    row.move(merged, i)
    const { received, market } = row
    if (row.topic === 'commands') {
      if (received >= from) command(merged, i)
      return
    }
    // A row from before the run: there are no orders to meet and nobody to see it.
    if (received < from) {
      move()
      sights.to(i)
      return
    }
    if (several || firstReports.nextDue <= received) executionsUntil(received)
    if (prices !== undefined && received >= prices.next) prices.instant(received)
    move()
    if (market !== undefined) {
      tally.rows++
      tally.last = received
      if (tally.rows === 1) tally.first = received
      if (facts !== undefined) facts.row(row, market.instrument.index)
    }
    for (let a = 0; a < seeing.length; a++) seeing[a]!.parents!.see(row)
    if (several || firstReports.nextDue <= received) executionsUntil(received)
    if (received >= nextWatch[0]!) watchAll(received, row.time)
    if (crash !== undefined && market?.synced) {
      if (crash.detector.row(market.instrument.index, received, tradedTicks(market))) alarm(crash)
    }
    if (shows) sights.to(i)
    if (i === nextBar[0]) nextBar[0] = showBars(lanes, i)
    for (let a = 0; a < count; a++) if (accounts[a]!.player.row(row)) decide(accounts[a]!)
    for (let a = 0; a < inParts.length; a++) {
      if (inParts[a]!.parents!.isDue(received)) work(inParts[a]!, received, row.time)
    }
    if (several || firstReports.nextDue <= received) executionsUntil(received)
    if ((i & 1023) === 1023) {
      outputs.cut()
      if (rows.waiting > manyRows) keep(rows, outputs)
    }
  }

  return ({ merged, lanes }) => {
    shows = sights.shows
    for (let l = 0; l < lanes.length; l++) places[l] = 0
    nextBar[0] = showBars(lanes, -1)
    for (let i = 0; i < merged.rows; i++) pass(merged, lanes, i)
    look(merged, merged.rows)
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
