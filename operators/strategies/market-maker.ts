// Quotes on both sides of the microprice, leaning against the position it holds.
import { z } from 'zod'
import type { Desk, Market } from '../desk.ts'
import { priceOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { defineStrategy } from './strategy.ts'

const parameters = z.strictObject({
  spread: z.number().positive().default(2).describe('distance between bid and ask, in spreadUnit'),
  spreadUnit: z.enum(['ticks', 'bps']).default('bps').describe('ticks, or basis points of the price'),
  size: z.number().positive().default(0.01).describe('size of each quote, in the exchange’s unit'),
  skew: z.number().min(0).max(10).default(1).describe('how far both quotes lean at maxInventory, in half spreads'),
  maxInventory: z
    .number()
    .positive()
    .default(0.1)
    .describe('position beyond which only the reducing side is quoted, in the exchange’s unit'),
  refresh: z
    .number()
    .min(0)
    .default(1)
    .describe('a quote is moved when its price would change by at least this many ticks'),
  refreshMs: z.number().min(0).default(100).describe('and at the earliest this long after it was last moved, in ms'),
  postOnly: z
    .enum(['yes', 'no'])
    .default('yes')
    .describe('yes: a quote that would trade at once is refused by the venue (gtx)'),
  funding: z
    .number()
    .positive()
    .max(10)
    .optional()
    .describe('how often both quotes lean by what the next funding pays on a unit; left out: not at all'),
  fundingMinutes: z
    .number()
    .positive()
    .optional()
    .describe('how long before it falls due they begin to, in minutes; 60 when left out'),
})

type Parameters = z.output<typeof parameters>

/**
 * centre = microprice − skew × half spread × position / maxInventory; bid = centre − half spread, ask = centre + half spread,
 * to whole ticks away from the centre, and never through the other side of the book.
 * microprice = (bid × askSize + ask × bidSize) / (bidSize + askSize): the middle weighted by the opposite sizes.
 *
 * With `funding`, in the last `fundingMinutes` before a settlement that the exchange announced, the centre also falls by
 * funding × rate × microprice: whoever buys now pays that much, or gets it where the rate is below 0. So it sells before it would
 * have to pay, and asks more from those who leave it short.
 *
 * A quote is moved (cancelled and sent anew, under the tags `bid` and `ask`, with the instrument's number from the second
 * instrument on) when it would change by `refresh` ticks, and not more often than every `refreshMs`. A book that is out of
 * sync has its quotes taken back.
 *
 * Sources: S. Stoikov (2018), "The micro-price: a high-frequency estimator of future prices" (the weighted middle is its first
 * approximation); M. Avellaneda and S. Stoikov (2008), "High-frequency trading in a limit order book" (a reservation price
 * that falls with the inventory; here linearly).
 */
export const marketMaker = defineStrategy({
  name: 'market-maker',
  summary: 'quotes around the microprice, leaning against its inventory',
  parameters,
  warmup: () => 0,
  needs: 'ticks',
  create(params, desk) {
    const quotes = desk.instruments.map(({ index }) => new Quotes(index, params, desk))
    return {
      top: (market) => quotes[market.instrument.index]!.top(market),
      // A fill or an end changes inventory or frees a side: the next row looks again, whatever it says.
      execution: () => {
        for (let at = 0; at < quotes.length; at++) quotes[at]!.wake()
      },
      save: () => pack(quotes.map((quote) => quote.state)),
      load: (bytes) => {
        for (const [index, state] of unpack<State[]>(bytes).entries()) quotes[index]!.state = state
      },
    }
  },
})

interface State {
  /** The book that was last looked at. */
  bidTicks: number
  askTicks: number
  bidLots: number
  askLots: number
  /** Prices of our quotes in ticks; NaN without one. */
  bid: number
  ask: number
  /** No sooner are quotes moved again, µs. */
  next: number
  awake: boolean
}

/** The two quotes of one instrument. */
class Quotes {
  state: State = {
    ...{ bidTicks: Number.NaN, askTicks: Number.NaN, bidLots: Number.NaN, askLots: Number.NaN },
    ...{ bid: Number.NaN, ask: Number.NaN, next: Number.NEGATIVE_INFINITY, awake: true },
  }
  private readonly index: number
  private readonly params: Parameters
  private readonly desk: Desk
  private readonly bidTag: string
  private readonly askTag: string

  constructor(index: number, params: Parameters, desk: Desk) {
    this.index = index
    this.params = params
    this.desk = desk
    this.bidTag = index === 0 ? 'bid' : `bid${index}`
    this.askTag = index === 0 ? 'ask' : `ask${index}`
  }

  wake(): void {
    this.state.awake = true
  }

  /** Called at every quote and book row: what did not change, or may not be moved yet, costs four comparisons. */
  top({ bidTicks, askTicks, bidLots, askLots, synced }: Market): void {
    const { state, desk } = this
    const same =
      bidTicks === state.bidTicks &&
      askTicks === state.askTicks &&
      bidLots === state.bidLots &&
      askLots === state.askLots
    if (same && synced && !state.awake) return
    if (!synced || !(bidTicks > 0 && askTicks > bidTicks)) {
      this.withdraw()
      return
    }
    if (desk.now < state.next) return
    state.bidTicks = bidTicks
    state.askTicks = askTicks
    state.bidLots = bidLots
    state.askLots = askLots
    state.awake = false
    this.quote(bidTicks, askTicks, (bidTicks * askLots + askTicks * bidLots) / (bidLots + askLots))
  }

  private quote(bidTicks: number, askTicks: number, microprice: number): void {
    const { desk, state, index } = this
    const { spread, spreadUnit, skew, maxInventory, refreshMs } = this.params
    const half = (spreadUnit === 'ticks' ? spread : (microprice * spread) / 10_000) / 2
    const position = desk.position(index)
    const lean = Math.max(-1, Math.min(1, position / maxInventory))
    const centre = microprice - skew * half * lean - microprice * this.fundingLean()
    const bid = position >= maxInventory ? Number.NaN : Math.min(Math.floor(centre - half), askTicks - 1)
    const ask = position <= -maxInventory ? Number.NaN : Math.max(Math.ceil(centre + half), bidTicks + 1)
    const bidMoved = this.move('buy', this.bidTag, state.bid, bid)
    const askMoved = this.move('sell', this.askTag, state.ask, ask)
    if (bidMoved) state.bid = bid
    if (askMoved) state.ask = ask
    if (bidMoved || askMoved) state.next = desk.now + refreshMs * 1000
  }

  /** Share of the price by which both quotes lean against the funding that falls due next. */
  private fundingLean(): number {
    const { funding: times, fundingMinutes = 60 } = this.params
    if (times === undefined) return 0
    const funding = this.desk.market(this.index).funding
    if (funding === undefined) return 0
    // A minute more or less does not matter: the clocks of ours and of the exchange's need not agree.
    const left = funding.next - this.desk.now
    return left > 0 && left <= fundingMinutes * 60_000_000 ? times * funding.rate : 0
  }

  /** Moves one quote where it must be moved, from `was` (NaN: none that still counts) to `ticks` (NaN: none): true when it did. */
  private move(side: 'buy' | 'sell', tag: string, was: number, ticks: number): boolean {
    const { desk, index } = this
    const { size, refresh, postOnly } = this.params
    const stands = was > 0 && desk.working(tag)
    if (!(ticks > 0)) {
      if (stands) desk.cancel(tag, 'inventory is full')
      return stands
    }
    if (stands && Math.abs(ticks - was) < Math.max(1, refresh)) return false
    if (stands) desk.cancel(tag, 'quote moves')
    const price = priceOf(desk.instruments[index]!, ticks)
    const timeInForce = postOnly === 'yes' ? 'gtx' : 'gtc'
    desk.order(index, { tag, side, size, type: 'limit', price, timeInForce }, 'quote')
    return true
  }

  private withdraw(): void {
    const { desk, state, bidTag, askTag } = this
    if (state.bid > 0 && desk.working(bidTag)) desk.cancel(bidTag, 'the book is not in sync')
    if (state.ask > 0 && desk.working(askTag)) desk.cancel(askTag, 'the book is not in sync')
    state.bid = Number.NaN
    state.ask = Number.NaN
    state.awake = true
  }
}
