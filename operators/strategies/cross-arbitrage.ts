// Buys where an asset is cheap and sells it where it is dear, both at once, when what is left after both fees is enough.
import { z } from 'zod'
import type { Desk } from '../desk.ts'
import { type Instrument, priceOf, sizeOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { amountOf, coarserLot, legsOf, sizeWithin } from './legs.ts'
import { defineStrategy } from './strategy.ts'

const share = z.number().min(0).max(1)
const signed = z.number().min(-1).max(1)
const parameters = z.strictObject({
  first: z
    .string()
    .optional()
    .describe('one of the two instruments, as BTCUSDT or binance:BTCUSDT; the run’s first when left out'),
  second: z.string().optional().describe('the other; the run’s next when left out'),
  minSpread: signed
    .default(0.002)
    .describe(
      'smallest spread, after both fees and the buffer, at which a position is begun or grows; below 0 it bets that the spread comes back',
    ),
  closeSpread: signed.default(0).describe('smallest spread, after both fees and the buffer, at which it shrinks'),
  buffer: share
    .default(0.001)
    .describe('share of the price that both legs together may slip; their limits allow half of it each'),
  size: z.number().positive().default(0.01).describe('largest amount of the asset that is taken at once'),
  maxInventory: z.number().positive().default(0.1).describe('largest amount of the asset that is held on either side'),
  maxAgeMs: z
    .number()
    .positive()
    .default(1000)
    .describe('age of the older of the two markets above which nothing is taken, in ms'),
  pauseMs: z.number().min(0).default(0).describe('least time from the end of one trade to the next, in ms'),
})

type Parameters = z.output<typeof parameters>

/**
 * At each row of either market, with the best prices of both and their fees as takers:
 * spread = (bid where it sells) / (ask where it buys) − 1 − both fees − buffer.
 *
 * - It takes both legs at once (tags `buy`, `sell`: limit, ioc, `buffer`/2 beyond the best price) when the spread is at least
 *   `minSpread`, or `closeSpread` for a trade that makes the position smaller. The amount is the least of `size`, the two best
 *   sizes, and what `maxInventory` leaves: of spot nothing is sold that is not held.
 * - Leg risk: when both orders have ended and what it holds of the two does not cancel out, the leg that got more is taken back
 *   at market (tag `unwind`), and again a second later until it is; before that nothing new is begun.
 * - Nothing is taken while a book is out of sync or a market is older than `maxAgeMs`: its price may be long gone.
 *
 * It counts what the account holds, and so expects to be alone in it. The best sizes are those that are seen: after a latency
 * others may have taken them.
 *
 * Source: S0 §6 of the documents that this project grew from (0.2 % after fees and a buffer of 0.1 %).
 */
export const crossArbitrage = defineStrategy({
  name: 'cross-arbitrage',
  summary: 'buys where an asset is cheap and sells where it is dear, at once, when both fees leave enough',
  parameters,
  warmup: () => 0,
  needs: 'ticks',
  create(params, desk) {
    const legs = legsOf(desk, { strategy: 'cross-arbitrage', names: params })
    const arbitrage = new Arbitrage(legs, params, desk)
    const isLeg = (index: number) => legs[0].index === index || legs[1].index === index
    return {
      top: (market) => {
        if (isLeg(market.instrument.index)) arbitrage.look()
      },
      execution: () => arbitrage.look(),
      save: () => pack(arbitrage.state),
      load: (bytes) => {
        arbitrage.state = unpack(bytes)
      },
    }
  },
})

interface State {
  phase: 'idle' | 'taking' | 'unwinding'
  /** The leg that bought last: 0 or 1. */
  bought: number
  /** No sooner it trades again, µs. */
  next: number
}

class Arbitrage {
  state: State = { phase: 'idle', bought: 0, next: Number.NEGATIVE_INFINITY }
  private readonly legs: readonly [Instrument, Instrument]
  private readonly params: Parameters
  private readonly desk: Desk
  /** Amount below which the legs cancel out. */
  private readonly least: number
  private readonly fees: number

  constructor(legs: readonly [Instrument, Instrument], params: Parameters, desk: Desk) {
    this.legs = legs
    this.params = params
    this.desk = desk
    this.least = coarserLot(legs)
    this.fees = desk.fees(legs[0].index).taker + desk.fees(legs[1].index).taker
  }

  look(): void {
    const { state, desk } = this
    if (state.phase !== 'idle') {
      if (desk.working('buy') || desk.working('sell') || desk.working('unwind')) return
      if (this.unwind()) return
      state.next = desk.now + this.params.pauseMs * 1000
      state.phase = 'idle'
    }
    if (desk.now < state.next || !this.isFresh(0) || !this.isFresh(1)) return
    if (!this.take(0)) this.take(1)
  }

  /** True while one leg holds more than the other cancels, and the rest of it is being taken back. */
  private unwind(): boolean {
    const { state, desk, legs } = this
    const excess = this.held(0) + this.held(1)
    if (Math.abs(excess) < this.least * (1 - 1e-9)) return false
    if (state.phase === 'unwinding' && desk.now < state.next) return true
    const leg = legs[excess > 0 ? state.bought : 1 - state.bought]!
    // What no exchange would take as an order is carried on: the next trade adds to it.
    if (Math.abs(excess) * priceOf(leg, desk.market(leg.index).markTicks) < leg.minNotional) return false
    const side = excess > 0 ? 'sell' : 'buy'
    state.phase = 'unwinding'
    state.next = desk.now + retryUs
    desk.order(
      leg.index,
      { tag: 'unwind', side, size: sizeWithin(leg, Math.abs(excess)) },
      'the other leg was not filled',
    )
    return true
  }

  /** Buys leg `buys` and sells the other, if that pays: true when it does. */
  private take(buys: 0 | 1): boolean {
    const { desk, params, state } = this
    const [buyer, seller] = [this.legs[buys]!, this.legs[1 - buys]!]
    const [from, to] = [desk.market(buyer.index), desk.market(seller.index)]
    const [ask, bid] = [priceOf(buyer, from.askTicks), priceOf(seller, to.bidTicks)]
    const spread = bid / ask - 1 - this.fees - params.buffer
    const closes = this.held(buys) < 0 && this.held(1 - buys) > 0
    if (!(spread >= (closes ? params.closeSpread : params.minSpread))) return false
    const offered = Math.min(amountOf(buyer, sizeOf(buyer, from.askLots)), amountOf(seller, sizeOf(seller, to.bidLots)))
    const amount = Math.min(params.size, offered, closes ? this.closable(buys) : this.room(buys))
    const whole = Math.floor((amount / this.least) * (1 + 1e-12)) * this.least
    const [buySize, sellSize] = [sizeWithin(buyer, whole), sizeWithin(seller, whole)]
    if (
      !(amountOf(buyer, buySize) * ask >= buyer.minNotional && amountOf(seller, sellSize) * bid >= seller.minNotional)
    )
      return false
    if (!(buySize > 0 && sellSize > 0)) return false
    const slip = params.buffer / 2
    const limit = { type: 'limit', timeInForce: 'ioc' } as const
    const reason = closes ? 'the spread has turned' : 'the spread pays both fees'
    Object.assign(state, { phase: 'taking', bought: buys })
    desk.order(buyer.index, { tag: 'buy', side: 'buy', size: buySize, price: ask * (1 + slip), ...limit }, reason)
    desk.order(seller.index, { tag: 'sell', side: 'sell', size: sellSize, price: bid * (1 - slip), ...limit }, reason)
    return true
  }

  /** What may still be bought of one leg and sold of the other. */
  private room(buys: 0 | 1): number {
    const { maxInventory } = this.params
    const sold = this.held(1 - buys) + (this.legs[1 - buys]!.type === 'spot' ? 0 : maxInventory)
    return Math.min(maxInventory - this.held(buys), sold)
  }

  private closable(buys: 0 | 1): number {
    return Math.min(-this.held(buys), this.held(1 - buys))
  }

  private held(leg: number): number {
    const instrument = this.legs[leg]!
    return amountOf(instrument, this.desk.position(instrument.index))
  }

  private isFresh(leg: 0 | 1): boolean {
    const { received, synced, bidTicks, askTicks } = this.desk.market(this.legs[leg].index)
    return synced && bidTicks > 0 && askTicks > bidTicks && received >= this.desk.now - this.params.maxAgeMs * 1000
  }
}

/** What the book could not take, or risk refused, is asked for again so much later. */
const retryUs = 1_000_000
