// What an exchange does with orders, said as slowly and plainly as can be: every list is searched, nothing is remembered twice.
import type { Order } from '../schemas/records.generated.ts'

/** An order as the model knows it. */
export interface Known {
  readonly id: string
  readonly ask: Order
  phase: 'waiting' | 'untriggered' | 'ready' | 'resting' | 'over'
  total: number
  filled: number
  limit: number
  level: number
  best: number
  /** When it came to where it is. */
  since: number
  /** Place among those that rest. */
  rank: number
}

/** One instrument of one account. `told` are executions in short; those of one row in no particular order. */
export abstract class OrderModel {
  told: string[] = []
  position = 0
  protected price = Number.NaN
  protected known: Known[] = []
  protected waiting: { time: number; request?: Order; ready?: Known }[] = []
  private readonly doneGroups = new Set<string>()
  private ranks = 0

  send(request: Order): void {
    this.waiting.push({ time: request.received, request })
  }

  /** How an active order meets the market at the price of the moment: it ends, is filled, or stays. */
  protected abstract meet(order: Known, time: number, isNew: boolean): 'refused' | 'taken' | 'rests'

  /** What happens before an exchange time, in order of time. */
  protected until(before: number): void {
    for (;;) {
      const first = this.waiting.reduce((least, { time }) => Math.min(least, time), Number.POSITIVE_INFINITY)
      const expiry = this.open().reduce((least, { ask }) => Math.min(least, endOf(ask)), Number.POSITIVE_INFINITY)
      if (Math.min(first, expiry) >= before) return
      if (expiry <= first) {
        for (const order of this.open()) if (endOf(order.ask) === expiry) this.end(order, 'expired', 'GTD_EXPIRED')
        continue
      }
      const at = this.waiting.findIndex(({ time }) => time === first)
      const [{ request, ready }] = this.waiting.splice(at, 1) as [(typeof this.waiting)[number]]
      if (request !== undefined) this.request(request)
      else if (ready!.phase !== 'over') this.activate(ready!, first, false)
    }
  }

  protected open(): Known[] {
    return this.known.filter(({ phase }) => phase !== 'over')
  }

  /** In the order in which they came to rest. */
  protected resting(): Known[] {
    return this.known.filter(({ phase }) => phase === 'resting').sort((a, b) => a.rank - b.rank)
  }

  protected left(order: Known): number {
    if (order.ask.closePosition) return order.total - order.filled
    return Math.min(order.total, this.released(order)) - order.filled
  }

  protected fill(order: Known, ticks: number, liquidity: 'maker' | 'taker'): void {
    const lots = this.left(order)
    order.filled += lots
    this.position += order.ask.side === 'buy' ? lots : -lots
    this.say(order, `fill ${ticks}×${lots} left ${this.left(order)} ${liquidity}`)
    order.phase = 'over'
    this.others(order)
    for (const child of this.open()) if (child.ask.parent === order.id) this.release(child, order.since)
    for (const child of this.open()) if (child.ask.parent === order.id) this.shrinkToParent(child)
    for (const one of this.resting()) if (reducesOnly(one.ask)) this.clip(one)
  }

  protected end(order: Known, how: 'cancelled' | 'expired' | 'rejected', reason = ''): void {
    this.say(order, `${how} ${order.total - order.filled} ${reason}`)
    order.phase = 'over'
    for (const child of this.open()) if (child.ask.parent === order.id) this.shrinkToParent(child)
  }

  /** A trigger has come. */
  protected fire(order: Known): boolean {
    if (reducesOnly(order.ask) && !this.clip(order)) return false
    order.phase = 'ready'
    this.say(order, `triggered ${order.level} ${this.left(order)}`)
    this.others(order)
    return true
  }

  protected activate(order: Known, time: number, isNew: boolean): void {
    order.since = time
    if (reducesOnly(order.ask) && !this.clip(order, isNew)) return
    const how = this.meet(order, time, isNew)
    if (how !== 'rests') return
    order.phase = 'resting'
    order.rank = ++this.ranks
  }

  protected say({ id }: { id: string }, what: string): void {
    this.told.push(`${id} ${what}`.trim())
  }

  protected reached(order: Known, price: number): boolean {
    return risesTo(order.ask) ? price >= order.level : price <= order.level
  }

  /** A trailing stop follows. */
  protected follow(order: Known, price: number): void {
    const { type, callback, side, activationTicks } = order.ask
    if (type !== 'trailing-stop') return
    const sells = side === 'sell'
    if (Number.isNaN(order.best)) {
      if (activationTicks !== undefined && (sells ? price < activationTicks : price > activationTicks)) return
    } else if (sells ? price <= order.best : price >= order.best) return
    order.best = price
    // Callbacks are whole percents here: exact in whole numbers.
    const percents = Math.round(callback! * 100)
    order.level = sells ? Math.floor((price * (100 - percents)) / 100) : Math.ceil((price * (100 + percents)) / 100)
  }

  private request(request: Order): void {
    const { kind, clientId: id, received } = request
    const order = this.open().find((one) => one.id === id)
    if (kind === 'cancel-all') for (const one of this.open().sort((a, b) => rankOf(a) - rankOf(b))) this.cancel(one)
    else if (kind === 'cancel') order === undefined ? this.say({ id }, 'cancel-rejected NOT_OPEN') : this.cancel(order)
    else if (kind === 'amend')
      order === undefined ? this.say({ id }, 'amend-rejected NOT_OPEN') : this.amend(order, request, received)
    else this.enter(request)
  }

  private cancel(order: Known): void {
    if (order.phase !== 'over') this.end(order, 'cancelled')
  }

  private enter(ask: Order): void {
    const order: Known = {
      ...{ id: ask.clientId, ask, phase: 'ready', total: ask.lots ?? 0, filled: 0, limit: ask.ticks ?? Number.NaN },
      ...{ level: ask.triggerTicks ?? Number.NaN, best: Number.NaN, since: ask.received, rank: 0 },
    }
    this.known.push(order)
    const parent = this.known.find(({ id }) => id === ask.parent)
    const isTooLate = endOf(ask) <= ask.received
    if (isTooLate) {
      this.end(order, 'rejected', 'INVALID_GOOD_TILL_DATE')
      return
    }
    if (ask.group !== undefined && this.doneGroups.has(ask.group)) {
      this.end(order, 'rejected', 'GROUP_DONE')
      return
    }
    if (parent?.phase === 'over' && parent.filled === 0) {
      this.end(order, 'rejected', 'PARENT_NOT_FILLED')
      return
    }
    if (parent !== undefined) {
      order.phase = 'waiting'
      this.say(order, `accepted ${order.total}`)
      this.release(order, ask.received)
      if (parent.phase === 'over' && this.open().includes(order)) this.shrinkToParent(order)
      return
    }
    if (!waitsForPrice(ask)) {
      this.activate(order, ask.received, true)
      return
    }
    if (this.reached(order, this.price)) {
      this.end(order, 'rejected', 'ORDER_WOULD_IMMEDIATELY_TRIGGER')
      return
    }
    order.phase = 'untriggered'
    this.say(order, `accepted ${order.total}`)
    this.follow(order, this.price)
  }

  private amend(order: Known, { lots, ticks, triggerTicks }: Order, time: number): void {
    const { ask } = order
    const waits = order.phase === 'waiting' || order.phase === 'untriggered'
    const canMove = waits && waitsForPrice(ask) && ask.type !== 'trailing-stop'
    const makesNoSense =
      (lots !== undefined && ask.closePosition === true) ||
      (ticks !== undefined && ask.ticks === undefined) ||
      (triggerTicks !== undefined && !canMove)
    if (makesNoSense) {
      this.say(order, 'amend-rejected INVALID_ORDER')
      return
    }
    const [total, limit, level] = [lots ?? order.total, ticks ?? order.limit, triggerTicks ?? order.level]
    const isSame =
      total === order.total && Object.is(limit, order.limit) && (triggerTicks === undefined || level === order.level)
    if (isSame) {
      this.say(order, 'amend-rejected NOTHING_TO_AMEND')
      return
    }
    const moved = { ...order, level }
    if (order.phase === 'untriggered' && this.reached(moved, this.price)) {
      this.say(order, 'amend-rejected ORDER_WOULD_IMMEDIATELY_TRIGGER')
      return
    }
    if (total <= order.filled && !ask.closePosition) {
      this.end(order, 'cancelled')
      return
    }
    const losesPlace = order.phase === 'resting' && (limit !== order.limit || total > order.total)
    Object.assign(order, { total, limit, level })
    this.say(order, `amended ${total}`)
    if (!losesPlace) return
    order.phase = 'ready'
    this.activate(order, time, false)
  }

  /** The others of its group, and what is left of its parent, are cancelled. */
  private others(order: Known): void {
    const { group, parent } = order.ask
    if (group !== undefined) this.doneGroups.add(group)
    for (const other of this.open()) {
      const isTied = (group !== undefined && other.ask.group === group) || other.id === parent
      if (other !== order && other.phase !== 'over' && isTied) this.end(other, 'cancelled', 'GROUP_DONE')
    }
  }

  private released({ ask, total }: Known): number {
    return ask.parent === undefined ? total : this.known.find(({ id }) => id === ask.parent)!.filled
  }

  private release(order: Known, time: number): void {
    if (order.phase !== 'waiting' || this.known.find(({ id }) => id === order.ask.parent)!.filled === 0) return
    order.since = time
    if (!waitsForPrice(order.ask)) {
      order.phase = 'ready'
      this.say(order, `triggered ${this.left(order)}`)
      this.waiting.push({ time, ready: order })
      return
    }
    order.phase = 'untriggered'
    if (!this.reached(order, this.price)) this.follow(order, this.price)
    else if (this.fire(order)) this.waiting.push({ time, ready: order })
  }

  private shrinkToParent(child: Known): void {
    const { filled } = this.known.find(({ id }) => id === child.ask.parent)!
    if (filled === 0) this.end(child, 'cancelled', 'PARENT_NOT_FILLED')
    else if (child.total > filled && child.ask.closePosition !== true) {
      child.total = filled
      this.say(child, `amended ${filled}`)
    }
  }

  private clip(order: Known, isNew = false): boolean {
    const room = Math.max(0, order.ask.side === 'sell' ? this.position : -this.position)
    if (order.ask.closePosition && order.total === 0) order.total = room
    if (room === 0) this.end(order, isNew ? 'rejected' : 'expired', 'REDUCE_ONLY_REJECT')
    const over = this.left(order) - room
    if (room === 0 || over <= 0) return room > 0
    order.total = order.filled + room
    if (!isNew) this.say(order, `amended ${order.total}`)
    return true
  }
}

export function waitsForPrice({ type }: Order): boolean {
  return type !== 'market' && type !== 'limit'
}

/** True for a level that a rising price reaches. */
export function risesTo({ side, type }: Order): boolean {
  return (side === 'buy') !== type!.startsWith('take-profit')
}

function reducesOnly({ reduceOnly, closePosition }: Order): boolean {
  return reduceOnly === true || closePosition === true
}

export function endOf({ timeInForce, expires }: Order): number {
  return timeInForce === 'gtd' ? expires! : Number.POSITIVE_INFINITY
}

/** cancel-all takes what rests first. */
export function rankOf({ phase, rank }: Known): number {
  return phase === 'resting' ? rank : Number.MAX_SAFE_INTEGER
}
