// The life of the orders that the simulated exchange has: accepted, triggered, filled, ended, and what that means to others of them.
import type { Execution } from '../../schemas/records.generated.ts'
import { drop, enqueue, type Lane, reschedule } from './lane.ts'
import { isOver, moveTo } from './life.ts'
import type { Wanted } from './liquidation.ts'
import { type Live, priceOf, type Reason } from './orders.ts'
import type { Owner, Reports, What } from './reports.ts'
import { childOver, groupDone, memberOver } from './ties.ts'
import { follow, reaches } from './triggers.ts'

/** What the venues differ in: how an active order meets the market. */
export interface Floor<L extends Lane> {
  /**
   * An order is active at an exchange time: it is refused (`life.refuse`), or accepted (`life.accept`), then filled (`life.fill`)
   * as far as it takes, and what is left rests (`life.rest`) or ends (`life.end`).
   */
  place(lane: L, order: Live, time: number, received: number): void
  /** The price that triggers look at now, in ticks; NaN while none is known. */
  price(lane: L, by: 'mark' | 'last'): number
  /** What the market gives a liquidation at its limit or better; gives the lots that it could not have. */
  give(lane: L, wanted: Wanted, part: (ticks: number, lots: number) => void): number
  /** True when what happens is seen at the row at which it happens. */
  readonly isSeenAtOnce: boolean
}

/**
 * What becomes of an order.
 *
 * - A group: when one of it is filled, wholly or in part, or triggered, the others are cancelled at that moment.
 * - A child waits for its parent's fills, and works for as much as was filled. When it is filled or triggered itself, what is
 *   left of the parent is cancelled; when the parent ends without a fill, so does the child.
 * - Reduce-only: never more than the position that the exchange has, at its arrival and after every fill.
 */
export abstract class OrderLife<L extends Lane> {
  protected readonly reports: Reports
  protected readonly floor: Floor<L>
  /** Counts what was accepted: its own ids are made of it. */
  protected accepted = 0

  constructor(reports: Reports, floor: Floor<L>) {
    this.reports = reports
    this.floor = floor
  }

  /** An order is taken on; without words where its fill says so. */
  accept(lane: L, order: Live, queueAhead: number | undefined, time: number, received: number, silent = false): void {
    if (order.state !== 'sent') return
    this.admit(lane, order, 'accepted')
    if (silent) return
    const { lots } = order
    const ticks = priceOf(order)
    this.report(lane, order, { kind: 'accepted', ticks, lots, leftLots: lots, queueAhead }, time, received)
  }

  /** The market as it is does not take an order. */
  refuse(lane: L, order: Live, reason: Reason, time: number, received: number): void {
    const isLate = reason === 'FOK_NOT_FILLABLE' || reason === 'IOC_REST' || reason === 'NO_LIQUIDITY'
    this.end(lane, order, order.state === 'sent' && !isLate ? 'rejected' : 'expired', reason, time, received)
  }

  /** Lots of an order are filled; `slippageTicks`: so much worse than the market gave them. */
  fill(
    lane: L,
    order: Live,
    ticks: number,
    lots: number,
    liquidity: NonNullable<Execution['liquidity']>,
    time: number,
    received: number,
    slippageTicks?: number,
  ): void {
    order.leftLots -= lots
    order.filledLots += lots
    const { leftLots } = order
    const isTied = lane.ties > 0
    moveTo(order, leftLots === 0 ? 'filled' : 'partly filled')
    this.report(lane, order, { kind: 'fill', ticks, lots, leftLots, liquidity, slippageTicks }, time, received)
    if (leftLots === 0) this.over(lane, order)
    if (isTied) this.tied(lane, order, lots, time, received)
  }

  /** What is left of an active order stays in the book. */
  rest(lane: L, order: Live): void {
    if (order.state !== 'partly filled') moveTo(order, 'resting')
    lane.resting.push(order)
    if (order.expires < lane.nextExpiry) reschedule(lane)
  }

  /** An order ends without a fill of what is left. */
  end(
    lane: L,
    order: Live,
    state: 'cancelled' | 'expired' | 'rejected',
    reason: Reason | undefined,
    time: number,
    received: number,
  ): void {
    const lots = order.lots - order.filledLots || undefined
    moveTo(order, state)
    order.leftLots = 0
    this.report(lane, order, { kind: state, ticks: priceOf(order), lots, leftLots: 0, reason }, time, received)
    this.over(lane, order)
    if (lane.parents.size > 0) this.parentOver(lane, order, time, received)
  }

  protected keep(lane: L, order: Live, state: 'waiting' | 'untriggered', time: number, received: number): void {
    this.admit(lane, order, state)
    const lots = order.lots || undefined
    this.report(lane, order, { kind: 'accepted', ticks: priceOf(order), lots, leftLots: lots }, time, received)
    lane.held.push(order)
    if (order.expires < lane.nextExpiry) reschedule(lane)
  }

  /** An order is triggered, and is to be activated. False when there was nothing left that it could do. */
  fire(lane: L, order: Live, time: number, received: number): boolean {
    if (order.reduceOnly && !this.clip(lane, order, time, received)) return false
    moveTo(order, 'triggered')
    const { lots, leftLots, trigger } = order
    this.report(lane, order, { kind: 'triggered', ticks: trigger!.ticks, lots, leftLots }, time, received)
    if (lane.ties > 0) this.executed(lane, order, time, received)
    return true
  }

  /** An order that the exchange has meets the market. */
  activate(lane: L, order: Live, time: number, received: number): void {
    if (isOver(order.state)) return
    // It may have worked for a part of its parent already.
    drop(lane.held, order)
    drop(lane.resting, order)
    if (order.state !== 'triggered') moveTo(order, 'triggered')
    order.arrival = time
    order.hidden = 0
    if (order.reduceOnly && !this.clip(lane, order, time, received)) return
    this.floor.place(lane, order, time, received)
  }

  /** After the position changed: reduce-only orders in the book shrink to what is left of it. */
  clipResting(lane: L, time: number, received: number): void {
    const { resting } = lane
    for (let at = 0; at < resting.length; at++) {
      const order = resting[at]!
      if (order.reduceOnly && order.leftLots > 0) this.clip(lane, order, time, received)
    }
  }

  /** A child works for what was filled of its parent. */
  protected release(
    lane: L,
    order: Live,
    { filledLots }: { filledLots: number },
    time: number,
    received: number,
  ): void {
    const more = order.closePosition ? 0 : Math.min(order.lots, filledLots) - order.filledLots - order.leftLots
    if (more <= 0 && !(order.closePosition && order.state === 'waiting')) return
    order.leftLots += more
    if (order.trigger !== undefined && (order.state === 'waiting' || order.state === 'untriggered')) {
      if (order.state === 'untriggered') return
      moveTo(order, 'untriggered')
      order.arrival = time
      const price = this.floor.price(lane, order.trigger.by)
      // What it should protect from has happened: too late to refuse it.
      if (!reaches(order.trigger, price)) follow(order.trigger, price)
      else if (this.fire(lane, order, time, received)) enqueue(lane, { time, order: undefined, live: order })
      return
    }
    const { lots, leftLots } = order
    const told = { kind: 'triggered', ticks: priceOf(order), lots, leftLots, reason: 'PARENT_FILLED' } as const
    if (order.state === 'waiting') moveTo(order, 'triggered')
    this.report(lane, order, told, time, received)
    if (!lane.inbox.some(({ live }) => live === order)) enqueue(lane, { time, order: undefined, live: order })
  }

  protected settleSize(
    lane: L,
    child: Live,
    { filledLots }: { filledLots: number },
    time: number,
    received: number,
  ): void {
    if (filledLots === 0) this.end(lane, child, 'cancelled', 'PARENT_NOT_FILLED', time, received)
    else if (child.lots > filledLots && !child.closePosition) {
      child.lots = filledLots
      const { lots, leftLots } = child
      const told = { kind: 'amended', ticks: priceOf(child), lots, leftLots, reason: 'PARENT_PART_FILLED' } as const
      this.report(lane, child, told, time, received)
    }
  }

  /** Room in the position for a reduce-only order: it shrinks to that; false when that ended it. */
  protected clip(lane: L, order: Live, time: number, received: number): boolean {
    const held = this.reports.lots(lane.instrument, order.positionSide)
    const room = Math.max(0, order.side === 'sell' ? held : -held)
    if (order.closePosition && order.lots === 0) {
      order.lots = room
      order.leftLots = room
    }
    if (room === 0) {
      const state = order.state === 'sent' ? 'rejected' : 'expired'
      this.end(lane, order, state, 'REDUCE_ONLY_REJECT', time, received)
      return false
    }
    const over = order.leftLots - room
    if (over <= 0) return true
    order.lots = order.filledLots + room
    order.leftLots = room
    order.hidden = Math.max(0, order.hidden - over)
    if (order.state === 'sent') return true
    const { lots } = order
    const ticks = priceOf(order)
    this.report(
      lane,
      order,
      { kind: 'amended', ticks, lots, leftLots: room, reason: 'REDUCE_ONLY_SHRUNK' },
      time,
      received,
    )
    return true
  }

  protected report(lane: L, owner: Owner, what: What, time: number, received: number): void {
    const { connection, instrument } = lane
    const seen = this.floor.isSeenAtOnce ? connection.seenAtOnce(received) : connection.seen(time, received)
    this.reports.put(instrument, owner, what, { time, seen })
  }

  /** What a fill means to others. */
  private tied(lane: L, order: Live, lots: number, time: number, received: number): void {
    this.executed(lane, order, time, received)
    const parent = lane.parents.get(order.clientId)
    if (parent !== undefined) {
      parent.filledLots += lots
      for (const child of lane.held.concat(lane.resting))
        if (child.parent === order.clientId && !isOver(child.state)) this.release(lane, child, parent, time, received)
    }
    if (order.leftLots === 0) this.parentOver(lane, order, time, received)
    this.clipResting(lane, time, received)
  }

  /** An order was filled or triggered: the others of its group are cancelled, and what is left of its parent. */
  private executed(lane: L, order: Live, time: number, received: number): void {
    const { group, parent } = order
    if (group === undefined && parent === undefined) return
    if (group !== undefined) groupDone(lane, group)
    for (const list of [lane.resting, lane.held])
      for (const other of list) {
        if (other === order || isOver(other.state)) continue
        const isDone = (group !== undefined && other.group === group) || other.clientId === parent
        if (isDone) this.end(lane, other, 'cancelled', 'GROUP_DONE', time, received)
      }
  }

  /** Nothing happens to an order any more. */
  private over(lane: L, order: Live): void {
    lane.unswept = true
    const { reduceOnly, group, parent, expires } = order
    if (reduceOnly || group !== undefined || parent !== undefined) lane.ties -= 1
    if (group !== undefined) memberOver(lane, group)
    if (parent !== undefined) childOver(lane, parent)
    else {
      lane.last = order.clientId
      lane.lastFilled = order.filledLots
    }
    if (expires < Number.POSITIVE_INFINITY && expires === lane.nextExpiry) reschedule(lane)
  }

  /** Its children get no more than it got. */
  private parentOver(lane: L, order: Live, time: number, received: number): void {
    const parent = lane.parents.get(order.clientId)
    if (parent === undefined) return
    parent.isOver = true
    for (const child of lane.held.concat(lane.resting))
      if (child.parent === order.clientId && !isOver(child.state)) this.settleSize(lane, child, parent, time, received)
  }

  private admit(lane: L, order: Live, state: 'accepted' | 'waiting' | 'untriggered'): void {
    moveTo(order, state)
    this.accepted += 1
    order.venueId = `${lane.instrument.exchange}-${this.accepted}`
  }
}
