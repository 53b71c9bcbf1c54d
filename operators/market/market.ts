// The simulated market: participants meet in a matching book, and what an exchange would publish comes out.

import { random } from '../random.ts'
import { createBook, type LevelChanges, type MatchingBook, type Side } from './book.ts'
import { type Floor, owners, type Participant } from './floor.ts'
import { createMakers, makerOwners } from './makers.ts'
import { deepTraders, touchTraders } from './resting.ts'
import {
  type Crash,
  createSniper,
  forcedSeller,
  type Liquidation,
  liquidations,
  noiseTakers,
  trendFollowers,
  valueTraders,
  whale,
} from './takers.ts'
import { createValue } from './value.ts'

export type MarketOptions = {
  seed: string | number
  /** Length of the run in microseconds; the flash crash lies inside it. */
  duration: number
  /** Price at the start, in ticks. */
  startTick: number
  /** Lots that are worth about what 0.001 BTC is at 61,800: the participants' rules are made for that. */
  unitLots: number
  /** Whether there is a flash crash; true if not given. */
  crash?: boolean
}

/** What the exchange publishes. `time` is in microseconds since the start of the run; prices in ticks, sizes in lots. */
export type MarketSink = {
  trade(time: number, trade: { id: number; tick: number; lots: number; taker: Side }): void
  /** The best prices or their sizes changed. */
  quote(time: number, book: MatchingBook): void
  /** Changed levels, valid during the call; `last` is the book's update id now and `previous` that of the call before. */
  depth(time: number, changes: LevelChanges, last: number, previous: number): void
  /** The whole book as it stood right after the depth call with this time: once a second. */
  book(time: number, book: MatchingBook): void
  /** The whole book once, between two depth calls: what a REST request answers. */
  snapshot(time: number, book: MatchingBook): void
  /** Each second on the second: mark and index price in ticks (not whole), funding rate as a share. */
  mark(time: number, mark: number, index: number, rate: number): void
  liquidation(time: number, liquidation: Liquidation): void
}

export type Market = {
  readonly crash: Crash | undefined
  /** Everything up to `until` (microseconds since the start), in order. Cutting a run into calls changes nothing. */
  run(until: number, sink: MarketSink): void
}

const second = 1e6
const clockStep = 10_000
/** When the REST request of the recording is answered: depth calls before it exercise the joining of both. */
const snapshotTime = 131_000
const firstSequence = 5_123_107_832_006
const firstTradeId = 5_266_583_935

/**
 * A market from a seed. Equal options give equal events on every machine: integers, and + − × ÷ √ alone.
 *
 * Participants act at the points of one Poisson process whose rate is the sum of theirs; makers and the sniper at times
 * of their own choosing; clocks each 10 ms, 48–56 ms (depth) and second.
 *
 * Held against usdm-btcusdt-20240808 by tests/simulation/market.test.ts, outside of the crash and the minute after it:
 * median spread equal; mean spread, volatility and messages a second within a factor of 2, kurtosis of 1 s returns of 3;
 * mean autocorrelation of their sizes at lags 1…10 from 0.06 below to 0.2 above the real one. Of 24 seeds of 10 minutes
 * 23 lay in all of these (kurtosis 13–45, real 25; in the other, makers withdrew and the spread was wide for a while).
 */
export function createMarket({ seed, duration, startTick, unitLots, crash: wanted = true }: MarketOptions): Market {
  const draw = random(`${seed}/market`)
  const book = createBook(capacityFor(startTick), 6000, owners.makers + makerOwners, firstSequence)
  const crash = wanted ? chooseCrash(duration, draw.next(), draw.next()) : undefined
  let out: MarketSink
  let tradeId = firstTradeId
  const floor: Floor = {
    now: 0,
    value: startTick + 0.5,
    discount: 0,
    activity: 1,
    book,
    draw,
    ticks: startTick / 618_000,
    lots: unitLots,
    take(side, lots, limit) {
      let paid = 0
      const total = book.take(side, lots, limit, (tick, filled, owner) => {
        paid += tick * filled
        out.trade(floor.now, { id: tradeId++, tick, lots: filled, taker: side })
        makers.filled(owner, side, filled)
      })
      return { lots: total, averageTick: total > 0 ? paid / total : 0 }
    },
  }
  const makers = createMakers(floor)
  const value = createValue(floor)
  const sniper = createSniper(floor)
  const trend = trendFollowers(floor)
  const deep = deepTraders(floor)
  const engine = liquidations(floor, (liquidation) => {
    if (liquidation.lots > 0) out.liquidation(floor.now, liquidation)
  })
  const news: Participant = {
    rate: value.rate,
    act() {
      if (Math.abs(value.jump()) >= 1.5) sniper.look(900)
      makers.look()
    },
  }
  // The order is part of what a seed means.
  const participants: Participant[] = [
    deep,
    touchTraders(floor),
    noiseTakers(floor),
    news,
    trend,
    valueTraders(floor),
    whale(floor),
    forcedSeller(floor, crash),
    engine,
  ]
  const rates = new Float64Array(participants.length)
  let totalRate = 0

  let nextAction = 0
  let nextClock = 0
  let nextSecond = second
  let nextDepth = 20_000
  let nextBook = second
  let snapshotDue = true
  let depthSequence = firstSequence
  let shown = { bid: 0, bidLots: 0, ask: 0, askLots: 0 }

  function refreshRates(): void {
    totalRate = 0
    for (let i = 0; i < participants.length; i++) {
      rates[i] = participants[i]!.rate()
      totalRate += rates[i]!
    }
  }

  function clock(): void {
    const seconds = clockStep / second
    value.pass(seconds)
    makers.pass(seconds)
    trend.pass(seconds)
    engine.pass(seconds)
    const fair = floor.value + floor.discount
    if (book.ask < fair - 1 || book.bid > fair + 1) sniper.look(4000)
    refreshRates()
    nextClock += clockStep
  }

  function actAtRandom(): void {
    let point = draw.next() * totalRate
    let chosen = 0
    while (chosen < rates.length - 1 && point >= rates[chosen]!) point -= rates[chosen++]!
    participants[chosen]!.act()
    if (participants[chosen] === news) refreshRates()
    nextAction = floor.now + (draw.exponential() / totalRate) * second
  }

  function showQuote(): void {
    const bidLots = book.lotsAt(book.bid)
    const askLots = book.lotsAt(book.ask)
    if (shown.bid === book.bid && shown.ask === book.ask && shown.bidLots === bidLots && shown.askLots === askLots) {
      return
    }
    shown = { bid: book.bid, bidLots, ask: book.ask, askLots }
    out.quote(floor.now, book)
  }

  function showDepth(): void {
    const changes = book.drain()
    nextDepth = floor.now + 48_000 + draw.below(8000)
    if (changes.first === 0) return
    out.depth(floor.now, changes, book.sequence, depthSequence)
    depthSequence = book.sequence
    if (floor.now < nextBook) return
    out.book(floor.now, book)
    nextBook = Math.floor(floor.now / second + 1) * second
  }

  function showMark(): void {
    const index = floor.value
    // Premium of the book's middle over the index, in 10⁻⁴ around the usual rate of 0.01 % in eight hours.
    const premium = (book.bid + book.ask) / 2 / index - 1
    const rate = 0.0001 + Math.max(-0.0005, Math.min(0.0005, premium - 0.0001)) * 0.1
    out.mark(floor.now, index * (1 + premium / 2), index, rate)
    nextSecond += second
  }

  deep.fill()
  makers.act()
  book.drain()
  depthSequence = book.sequence
  refreshRates()

  return {
    crash,
    run(until, sink) {
      out = sink
      for (;;) {
        const next = Math.min(nextAction, makers.next, sniper.next, nextClock, nextDepth, nextSecond)
        const snapshotNext = snapshotDue && snapshotTime <= next
        if ((snapshotNext ? snapshotTime : next) >= until) return
        floor.now = snapshotNext ? snapshotTime : next
        if (snapshotNext) {
          snapshotDue = false
          out.snapshot(floor.now, book)
        } else if (next === nextDepth) showDepth()
        else if (next === nextSecond) showMark()
        else if (next === nextClock) clock()
        else {
          if (next === makers.next) makers.act()
          else if (next === sniper.next) sniper.act()
          else actAtRandom()
          showQuote()
        }
      }
    },
  }
}

/** Room for prices up to more than twice the first one. */
function capacityFor(startTick: number): number {
  return Math.ceil(startTick * 2.2) + 4096
}

/** Somewhere in the middle of the run, 5 to 8 seconds long (less in a run under a minute), 0.5 to 0.8 % deep. */
function chooseCrash(duration: number, place: number, size: number): Crash {
  const from = Math.floor(duration * (0.4 + 0.25 * place))
  return { from, to: from + Math.floor(Math.min((5 + 3 * size) * second, duration / 8)), depth: 0.005 + 0.003 * size }
}
