// The trading loop of DESIGN §5: instant by instant, in one order, for backtest, paper and live alike.
import type { Venue } from '../operators/desk.ts'
import type { MarketState } from '../operators/market-state.ts'
import type { AccountPortfolio } from '../operators/portfolio/portfolio.ts'
import type { Risk } from '../operators/risk/index.ts'
import type { Batch, Merged } from '../schemas/batch.ts'
import type { Execution } from '../schemas/records.generated.ts'
import { MarketRows } from './market-rows.ts'
import type { Outputs } from './outputs.ts'
import type { Player } from './player.ts'

/** The parts that speak to each other at each instant: each has its own topic and its own tests. */
export interface LoopParts {
  readonly markets: readonly MarketState[]
  readonly venue: Venue
  readonly portfolio: AccountPortfolio
  readonly players: readonly Player[]
  readonly risk: Risk
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

/** Rows of the market, and the bars that closed at them: bar i came with row at[i]. */
export interface Prepared {
  readonly merged: Merged
  readonly bars: Batch<'bars'>
  readonly at: Uint32Array
}

/** More executions than this at one instant mean a strategy that answers itself for ever. */
const endless = 10_000

/** The loop over every row of a batch, in order. */
export function tradingLoop(parts: LoopParts): (prepared: Prepared) => void {
  const { markets, venue, portfolio, players, risk, outputs, tally, from } = parts
  const row = new MarketRows(markets)

  const executionsUntil = (received: number): void => {
    for (let count = 0; venue.nextDue() <= received; count++) {
      if (count === endless)
        throw new RangeError(`over ${endless} executions at ${received}: a strategy answers itself for ever`)
      see(venue.due())
    }
  }

  /** An execution that falls due is an instant of its own. */
  const see = (execution: Execution): void => {
    outputs.push('executions', execution)
    portfolio.apply(execution)
    watch(execution.received, execution.time)
    for (const player of players) if (player.execution(execution)) decide(player)
  }

  /** What is due by the time: the minute's account row; a halt or its end. */
  const watch = (received: number, time: number): void => {
    portfolio.instant(received)
    risk.instant(received, time)
    if (risk.waiting > 0) for (const event of risk.events()) outputs.push('risk-events', event)
  }

  /** What a strategy asked for is sized, checked, written down, and only then sent. */
  const decide = (player: Player): void => {
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

  /** A row from before the run: there are no orders to meet and nobody to see it. */
  const leadIn = (): void => {
    venue.arrive(row)
    row.market?.apply(row)
    venue.meet(row)
    if (row.market !== undefined) portfolio.mark(row.market)
  }

  return ({ merged, bars, at }) => {
    for (let i = 0, bar = 0; i < merged.rows; i++) {
      row.move(merged, i)
      if (row.received < from) {
        leadIn()
        continue
      }
      executionsUntil(row.received)
      venue.arrive(row)
      row.market?.apply(row)
      venue.meet(row)
      if (row.market !== undefined) {
        portfolio.mark(row.market)
        tally.rows++
        tally.last = row.received
        if (tally.rows === 1) tally.first = row.received
      }
      executionsUntil(row.received)
      watch(row.received, row.time)
      for (; at[bar] === i; bar++) for (const player of players) if (player.bar(bars, bar, row)) decide(player)
      for (const player of players) if (player.row(row)) decide(player)
      executionsUntil(row.received)
      if ((i & 1023) === 1023) {
        outputs.cut()
        if (portfolio.waiting > manyRows) keep(portfolio, outputs)
      }
    }
  }
}

/** Rows of the portfolio's own builders join the others. */
export function keep(portfolio: AccountPortfolio, outputs: Outputs): void {
  for (const batch of Object.values(portfolio.take())) if (batch.rows > 0) outputs.add(batch)
}

/** With those of 1,024 more rows still a batch, unless each of them was filled several times. */
const manyRows = 6000
