// Small gains on ticks: a limit order in, a resting limit order at the target out, a stop and a clock behind it.
import { z } from 'zod'
import type { Desk, Market } from '../desk.ts'
import { priceOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { addTrade, confidenceOf, scoreOf, type TradeWindow, tradedValue, tradeWindow } from './scalp-signal.ts'
import { defineStrategy } from './strategy.ts'

const share = z.number().min(0).max(1)
const parameters = z.strictObject({
  size: z.number().positive().default(0.01).describe('size of the position, in the exchange’s unit'),
  maxVolatility: share
    .default(0.05)
    .describe('largest feature `volatility` at which there is a signal; above it a waiting entry is taken back'),
  enterVolatility: share.default(0.03).describe('largest feature `volatility` at which a position is begun'),
  maxSpread: share.default(0.001).describe('largest spread, as a share of the middle'),
  minVolume: z.number().min(0).default(1_000_000).describe('smallest quote volume of the trades of volumeSeconds'),
  volumeSeconds: z.int().min(1).max(86_400).default(300).describe('window of the volume, and of who takes it, in s'),
  minConfidence: share.default(0.7).describe('smallest confidence, ½ + ½ |score|: docs/strategies.md'),
  everyMs: z.number().min(0).default(1000).describe('time between two looks for an entry, in ms'),
  entry: z
    .enum(['adaptive', 'post-only', 'marketable'])
    .default('adaptive')
    .describe('post-only at our side of the book; marketable at the other (ioc); adaptive: the first, then the second'),
  patienceMs: z.number().min(0).default(2000).describe('how long a post-only entry waits, in ms'),
  target: z.number().positive().max(0.5).default(0.002).describe('gain at which it leaves, as a share of its price'),
  stopMultiple: z.number().positive().max(100).default(2).describe('loss at which it leaves, in targets'),
  holdSeconds: z.number().positive().max(86_400).default(300).describe('longest time that it holds, in s'),
})

type Parameters = z.output<typeof parameters>

/**
 * Every `everyMs` it looks for an entry. There is a signal where volatility ≤ maxVolatility, spread ≤ maxSpread, volume ≥
 * minVolume and confidence ≥ minConfidence; its side is the sign of the score (scalp-signal.ts). It begins a position where
 * volatility ≤ enterVolatility too.
 *
 * - Entry (tag `entry`): a post-only limit order at the best price of our side. Without a fill after `patienceMs`, or when the
 *   signal is gone at a look, it is taken back; `adaptive` then sends, once and if the signal still says the same, a limit
 *   order at the best price of the other side that fills at once or not at all (ioc).
 * - Target (tag `target`): a resting limit order, `target` beyond the average entry price.
 * - Stop: the best price to leave at is target × stopMultiple worse than the entry: the target order is taken back, and when
 *   nothing is on its way any more the rest is closed at market. So no two orders close the same position.
 * - Time: the same, `holdSeconds` after the first fill. All times are those of rows; it reads no clock.
 *
 * Features: volatility, momentum, rsi of the run's bars (1m unless told). Before they are known it does nothing. Tags carry the
 * instrument's number from the second instrument on. It sizes its exits itself: use it with the sizing rule `fixed`.
 *
 * Source of the limits: S2 §5.2.7 of the documents that this project grew from. S2 rests the confidence on a model: ours is a rule.
 */
export const scalper = defineStrategy({
  name: 'scalper',
  summary: 'small gains on ticks: filtered entries by limit, a target, a stop and a clock',
  parameters,
  warmup: () => 21,
  needs: 'ticks',
  features: true,
  create(params, desk) {
    const scalps = desk.instruments.map(({ index }) => new Scalp(index, params, desk))
    return {
      top: (market) => scalps[market.instrument.index]!.look(market),
      trade(market, { price, size, side }) {
        const scalp = scalps[market.instrument.index]!
        addTrade(scalp.state.trades, market.instrument, { now: desk.now, price, size, side })
        scalp.look(market)
      },
      execution({ exchange, symbol, kind, side, ticks, lots, leftLots }) {
        const one = desk.instruments.find((each) => each.symbol === symbol && each.exchange === exchange)
        if (one === undefined) return
        const scalp = scalps[one.index]!
        if (kind === 'fill' && side !== undefined)
          scalp.filled(side, { ticks: ticks!, lots: lots!, left: leftLots ?? 0 })
        scalp.look(desk.market(one.index))
      },
      save: () => pack(scalps.map((scalp) => scalp.state)),
      load: (bytes) => {
        for (const [index, state] of unpack<State[]>(bytes).entries()) scalps[index]!.state = state
      },
    }
  },
})

interface State {
  phase: 'flat' | 'entering' | 'holding' | 'leaving'
  /** 1 long, −1 short. */
  side: number
  /** No sooner it looks again, or asks again for an exit, µs. */
  next: number
  /** When the entry was sent, µs. */
  sent: number
  /** True when the entry was sent at the other side's price. */
  crossed: boolean
  /** True when the order that stands was taken back: its end will come. */
  withdrawn: boolean
  /** Of the entry: filled lots, their sum of ticks × lots, lots of the order, time of the first fill. */
  lots: number
  cost: number
  ordered: number
  since: number
  /** Why it leaves. */
  reason: string
  readonly trades: TradeWindow
}

/** The scalping of one instrument. */
class Scalp {
  state: State
  private readonly index: number
  private readonly params: Parameters
  private readonly desk: Desk
  private readonly entryTag: string
  private readonly targetTag: string

  constructor(index: number, params: Parameters, desk: Desk) {
    this.index = index
    this.params = params
    this.desk = desk
    this.entryTag = index === 0 ? 'entry' : `entry${index}`
    this.targetTag = index === 0 ? 'target' : `target${index}`
    this.state = {
      ...{
        phase: 'flat',
        side: 0,
        next: Number.NEGATIVE_INFINITY,
        sent: 0,
        crossed: false,
        withdrawn: false,
        reason: '',
      },
      ...{ lots: 0, cost: 0, ordered: 0, since: 0, trades: tradeWindow(params.volumeSeconds) },
    }
  }

  /** A fill of ours: what is on our side while we enter belongs to the entry. */
  filled(side: 'buy' | 'sell', { ticks, lots, left }: { ticks: number; lots: number; left: number }): void {
    const { state, desk } = this
    if (state.phase !== 'entering' || side !== sideOf(state.side)) return
    if (state.lots === 0) state.since = desk.now
    state.lots += lots
    state.cost += ticks * lots
    state.ordered = Math.max(state.ordered, state.lots + left)
  }

  /** Called at every row and execution of the instrument: most end at one comparison of times. */
  look(market: Market): void {
    const { phase } = this.state
    if (phase === 'flat') this.start(market)
    else if (phase === 'entering') this.enter(market)
    else if (phase === 'holding') this.hold(market)
    else this.leave()
  }

  private start(market: Market): void {
    const { state, desk, params, index } = this
    if (desk.now < state.next) return
    state.next = desk.now + params.everyMs * 1000
    const side = this.signal(market)
    if (side === 0 || !(desk.feature(index, 'volatility') <= params.enterVolatility)) return
    if (desk.busy(index) || desk.position(index) !== 0) return
    Object.assign(state, { side, lots: 0, cost: 0, ordered: 0 })
    this.send(market, params.entry === 'marketable')
  }

  /** Sends the entry, at our side of the book or through it. */
  private send(market: Market, crossed: boolean): void {
    const { state, desk, index, entryTag: tag } = this
    const side = sideOf(state.side)
    const ticks = state.side > 0 === crossed ? market.askTicks : market.bidTicks
    const price = priceOf(market.instrument, ticks)
    const timeInForce = crossed ? 'ioc' : 'gtx'
    Object.assign(state, { phase: 'entering', sent: desk.now, crossed, withdrawn: false })
    desk.order(index, { tag, side, size: this.params.size, type: 'limit', price, timeInForce }, 'the signs agree')
  }

  private enter(market: Market): void {
    const { state, desk, params, index, entryTag } = this
    if (desk.working(entryTag)) this.wait(market)
    else if (desk.position(index) !== 0) this.guard(market)
    else if (params.entry === 'adaptive' && !state.crossed && this.signal(market) === state.side)
      this.send(market, true)
    else this.rest()
  }

  /** The entry waits in the book: it is taken back when it is late, or the signal is gone. */
  private wait(market: Market): void {
    const { state, desk, params, entryTag } = this
    if (state.withdrawn || state.crossed) return
    const isLate = desk.now >= state.sent + params.patienceMs * 1000
    if (!isLate) {
      if (desk.now < state.next) return
      state.next = desk.now + params.everyMs * 1000
      if (this.signal(market) === state.side) return
    }
    state.withdrawn = true
    desk.cancel(entryTag, isLate ? 'not filled in time' : 'the signs agree no more')
  }

  /** The entry has ended with a position: its target is sent. */
  private guard(market: Market): void {
    const { state, desk, params, index, targetTag: tag } = this
    const price = priceOf(market.instrument, (state.cost / state.lots) * (1 + state.side * params.target))
    // In the terms of the entry's own size, so that a factor of sizing meets both alike.
    const size = (params.size * state.lots) / state.ordered
    state.phase = 'holding'
    state.withdrawn = false
    desk.order(index, { tag, side: sideOf(-state.side), size, type: 'limit', price, timeInForce: 'gtc' }, 'target')
  }

  private hold(market: Market): void {
    const { state, desk, params, index, targetTag } = this
    const best = state.side > 0 ? market.bidTicks : market.askTicks
    const gain = market.synced ? state.side * (best / (state.cost / state.lots) - 1) : Number.NaN
    if (desk.position(index) === 0) state.reason = 'target'
    else if (gain <= -params.target * params.stopMultiple) state.reason = 'stop'
    else if (desk.now >= state.since + params.holdSeconds * 1_000_000) state.reason = 'held long enough'
    // Risk may have refused the target, or the venue ended it.
    else if (gain >= params.target && !desk.working(targetTag)) state.reason = 'target'
    else return
    state.phase = 'leaving'
    state.next = desk.now
    this.leave()
  }

  /** Takes the target back, and closes what is left when nothing can change it any more. */
  private leave(): void {
    const { state, desk, index, targetTag } = this
    if (desk.working(targetTag)) {
      if (!state.withdrawn) desk.cancel(targetTag, state.reason)
      state.withdrawn = true
    } else if (!desk.busy(index)) {
      if (desk.position(index) === 0) this.rest()
      else if (desk.now >= state.next) {
        // What the book could not take, or risk refused, is asked for again a second later.
        state.next = desk.now + 1_000_000
        desk.target(index, 0, state.reason)
      }
    }
  }

  private rest(): void {
    this.state.phase = 'flat'
    this.state.next = this.desk.now + this.params.everyMs * 1000
  }

  /** 1 up, −1 down, 0 where a filter says no or something is not known. */
  private signal(market: Market): number {
    const { desk, index, params, state } = this
    const { bidTicks, askTicks, synced } = market
    const volatility = desk.feature(index, 'volatility')
    if (!synced || !(volatility <= params.maxVolatility)) return 0
    if (!(askTicks > bidTicks && (askTicks - bidTicks) / ((askTicks + bidTicks) / 2) <= params.maxSpread)) return 0
    const { bought, sold } = tradedValue(state.trades, desk.now)
    if (!(bought + sold >= params.minVolume)) return 0
    const [momentum, rsi] = [desk.feature(index, 'momentum'), desk.feature(index, 'rsi')]
    const score = scoreOf(market, { volatility, momentum, rsi, bought, sold })
    return confidenceOf(score) >= params.minConfidence ? Math.sign(score) : 0
  }
}

function sideOf(sign: number): 'buy' | 'sell' {
  return sign > 0 ? 'buy' : 'sell'
}
