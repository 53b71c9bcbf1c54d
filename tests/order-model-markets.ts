// The plain model of orders, where there are only trades, and on candles.
import { endOf, type Known, OrderModel, rankOf, risesTo, waitsForPrice } from './order-model.ts'

export interface CandlePrices {
  readonly openTime: number
  readonly time: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** Where there are only trades: what arrived acts at the price of the next one; a resting order is filled by one through it. */
export class TradeModel extends OrderModel {
  private now = Number.NaN

  trade(ticks: number, time: number): void {
    // Triggers of arriving orders look at the last trade; what acts has this one.
    this.now = ticks
    this.until(time)
    this.price = ticks
    for (const order of this.resting()) {
      const { limit, ask } = order
      if (order.phase === 'resting' && order.since < time && (ask.side === 'buy' ? ticks < limit : ticks > limit)) {
        order.since = time
        this.fill(order, limit, 'maker')
      }
    }
    for (const order of this.open()) {
      if (order.phase !== 'untriggered' || !(order.since < time)) continue
      if (!this.reached(order, ticks)) this.follow(order, ticks)
      else if (this.fire(order)) this.waiting.push({ time, ready: order })
    }
  }

  protected meet(order: Known, _time: number, isNew: boolean) {
    const { ask, limit } = order
    const buys = ask.side === 'buy'
    const isMarket = ask.ticks === undefined
    const takes = isMarket || (buys ? this.now <= limit : this.now >= limit)
    const own = this.resting().filter(
      (one) =>
        one !== order && one.ask.side !== ask.side && (isMarket || (buys ? one.limit <= limit : one.limit >= limit)),
    )
    if (ask.timeInForce === 'gtx' && (takes || own.length > 0)) {
      this.end(order, isNew ? 'rejected' : 'expired', 'POST_ONLY_WOULD_TAKE')
      return 'refused'
    }
    if (!takes && ask.timeInForce === 'fok') {
      this.end(order, 'expired', 'FOK_NOT_FILLABLE')
      return 'refused'
    }
    if (isNew) this.say(order, `accepted ${order.total}`)
    for (const one of own)
      if (buys ? one.limit <= this.now : one.limit >= this.now) this.end(one, 'expired', 'SELF_TRADE')
    if (takes) {
      this.fill(order, this.now, 'taker')
      return 'taken'
    }
    if (ask.timeInForce !== 'ioc') return 'rests'
    this.end(order, 'expired', 'IOC_REST')
    return 'refused'
  }
}

/** On candles, by the path that hurts: its open, then stops, then all else. */
export class CandleModel extends OrderModel {
  candle(candle: CandlePrices): void {
    const { openTime, time, open, close } = candle
    this.price = open
    this.until(openTime + 1)
    const opening = { openTime, time: openTime, open, high: open, low: open, close: open }
    for (const part of [opening, candle]) {
      if (part === candle) {
        // What ends inside the candle is met by its open alone.
        const ending = this.open().filter(({ ask }) => endOf(ask) < time)
        for (const order of ending.sort((a, b) => endOf(a.ask) - endOf(b.ask)))
          if (order.phase !== 'over') this.end(order, 'expired', 'GTD_EXPIRED')
      }
      this.stops(part, (order) => order.since <= openTime)
      this.touch(part)
    }
    this.stops(candle, (order) => order.since === time, false)
    this.price = open
    this.until(time)
    this.price = close
  }

  protected meet(order: Known, time: number, isNew: boolean) {
    const { ask, limit } = order
    const buys = ask.side === 'buy'
    const isMarket = ask.ticks === undefined
    // Triggered between candles: the next open, but no better than its trigger.
    const price =
      isNew || order.phase !== 'ready' || !waitsForPrice(ask) ? this.price : worse(buys, order.level, this.price)
    const isTarget = order.phase === 'ready' && !isNew && ask.type!.startsWith('take-profit')
    const takes = isMarket || ((buys ? price <= limit : price >= limit) && !(isTarget && price === limit))
    const refused = (reason: string, how: 'rejected' | 'expired') => {
      this.end(order, isNew ? how : 'expired', reason)
      return 'refused' as const
    }
    if (takes && ask.timeInForce === 'gtx') return refused('POST_ONLY_WOULD_TAKE', 'rejected')
    if (!takes && ask.timeInForce === 'fok') return refused('FOK_NOT_FILLABLE', 'expired')
    if (!takes && ask.timeInForce === 'ioc') return refused('IOC_REST', 'expired')
    if (isNew && !isMarket) this.say(order, `accepted ${order.total}`)
    if (!takes) return 'rests'
    for (const one of this.resting()) {
      const isMet = one !== order && one.ask.side !== ask.side && (buys ? one.limit <= price : one.limit >= price)
      if (isMet) this.end(one, 'expired', 'SELF_TRADE')
    }
    order.since = time
    this.fill(order, price, 'taker')
    return 'taken'
  }

  private stops(candle: CandlePrices, which: (order: Known) => boolean, follows = true): void {
    const { high, low, open, close, time } = candle
    const hit: Known[] = []
    for (const order of this.open()) {
      if (order.phase !== 'untriggered' || order.ask.type!.startsWith('take-profit') || !which(order)) continue
      const rises = risesTo(order.ask)
      if (this.reached(order, rises ? high : low)) hit.push(order)
      else if (follows) {
        this.follow(order, rises ? low : high)
        if (order.ask.type === 'trailing-stop' && this.reached(order, close)) hit.push(order)
      }
    }
    for (const order of sorted(hit, candle)) this.now(order, high === low ? open : order.level, time)
  }

  private touch(candle: CandlePrices): void {
    const { high, low, time, openTime } = candle
    const isThrough = ({ ask, limit }: Known) => (ask.side === 'buy' ? low < limit : high > limit)
    const hit = this.open().filter((order) => {
      if (order.phase === 'resting') return order.since < time && isThrough(order)
      const isTarget = order.phase === 'untriggered' && order.ask.type!.startsWith('take-profit')
      return isTarget && order.since <= openTime && this.reached(order, risesTo(order.ask) ? high : low)
    })
    hit.sort((a, b) => rankOf(a) - rankOf(b))
    for (const order of sorted(hit, candle)) {
      if (order.phase === 'untriggered') this.now(order, order.level, time)
      if (order.phase !== 'resting' || !isThrough(order)) continue
      this.price = order.limit
      order.since = time
      this.fill(order, order.limit, 'maker')
    }
  }

  /** A trigger comes inside a candle. */
  private now(order: Known, price: number, time: number): void {
    if (order.phase !== 'untriggered' || !this.fire(order)) return
    this.price = price
    this.activate(order, time, false)
  }
}

/** Sells first in a rising candle, buys in a falling one; the nearest to the open first. */
function sorted(orders: Known[], { open, close }: CandlePrices): Known[] {
  const first = close >= open ? 'sell' : 'buy'
  const far = (order: Known) => Math.abs((order.phase === 'untriggered' ? order.level : order.limit) - open)
  return orders.sort((a, b) => (a.ask.side === b.ask.side ? far(a) - far(b) : a.ask.side === first ? -1 : 1))
}

function worse(buys: boolean, a: number, b: number): number {
  return buys ? Math.max(a, b) : Math.min(a, b)
}
