// The parents of one account: what an algorithm sends of each, what became of it, and how it ends.
import type { Execution, Order, Signal } from '../../schemas/records.generated.ts'
import type { MarketRow } from '../desk.ts'
import { isExit } from '../exits/exit.ts'
import { isEnd, type SignalDesk } from '../signal-desk.ts'
import type { OrderWish, Wish } from '../sizing/sizing.ts'
import { type AlgorithmContext, type Parent, type RunningAlgorithm, retryUs } from './algorithm.ts'
import { type Act, Children } from './children.ts'
import { type Family, familiesOf } from './families.ts'
import type { ChosenAlgorithm } from './index.ts'
import type { RouterParts } from './router.ts'

export interface ParentsOptions extends Omit<RouterParts, 'params' | 'barUs'>, Omit<AlgorithmContext, 'instruments'> {
  readonly chosen: ChosenAlgorithm
  readonly desk: Pick<SignalDesk, 'clientIdOf' | 'parentOf' | 'isWaitedFor' | 'settle' | 'gone'>
}

/**
 * Takes wishes in the place of risk, and gives wishes of their children instead, of the same signal number, each at its own instant.
 *
 * - An instrument (a family of them, where orders are routed) has one parent of a target. A target that asks for another position ends it, and is
 *   sized when nothing of it is open any more.
 * - A parent ends when it is filled, at its time, when its order is taken back, and when somebody else cancels one of its children. What it has open
 *   is then cancelled.
 * - A child that risk refused, and one that ended unfilled, is asked for again by the algorithm's clock, never at once.
 */
export class Parents {
  /** No sooner is there anything to do by time, µs. Acts may wait before it: see `isDue`. */
  next = Number.POSITIVE_INFINITY
  /** True where rows of the market are to be shown to `see`. */
  readonly sees: boolean
  private readonly options: ParentsOptions
  private readonly running: RunningAlgorithm
  private readonly families: readonly Family[]
  private readonly children: Children
  private parents: Parent[] = []
  private byChild = new Map<string, Parent>()
  /** The newest target that waits until an older one has ended, by the first instrument of its family. */
  private waiting = new Map<number, Signal>()

  constructor(options: ParentsOptions) {
    const { chosen, markets, seed, candles, barUs } = options
    const { algorithm, params, routing } = chosen
    const instruments = markets.map(({ instrument }) => instrument)
    this.options = options
    this.running = algorithm.create(params, { instruments, seed, candles, barUs })
    this.sees = this.running.row !== undefined
    this.families = familiesOf(instruments, routing !== undefined)
    const router = routing && { ...options, params: routing }
    this.children = new Children({ markets, portfolio: options.portfolio, families: this.families, router })
  }

  /** A row of the market, after it changed that. */
  see(row: MarketRow): void {
    this.running.row?.(row)
  }

  /** What sizing made of a signal: true when that is worked off here, and risk is not to see it. */
  take(signal: Signal, wish: Wish | undefined, index: number): boolean {
    const { desk } = this.options
    if (signal.action === 'target') return this.target(signal, wish, index)
    if (signal.action === 'cancel-all') {
      for (const parent of this.of(index)) this.stop(parent, undefined)
      return false
    }
    if (signal.action === 'order') return this.order(signal, wish)
    const id = desk.clientIdOf(signal)
    const parent = this.parents.find((one) => one.id === id)
    if (parent === undefined) return false
    if (signal.action === 'cancel') this.stop(parent, undefined)
    else
      this.children.say(signal, 'IN_PARTS', 'an order that is sent in parts is not changed: take it back and ask anew')
    desk.settle(signal, undefined)
    return true
  }

  /** True when there is something to do now. */
  isDue(now: number): boolean {
    return this.next <= now || this.children.waits
  }

  /** What is due by now. To be called while `next` is not later. */
  instant(now: number, time: number): void {
    this.children.time = time
    for (const parent of [...this.parents]) if (parent.next <= now) this.look(parent, now)
    this.plan()
  }

  /** What came of `take` and `instant`, one by one; undefined when there is no more. */
  act(): Act | undefined {
    return this.children.act()
  }

  /** What risk made of an act's wish. */
  settle({ wish, parent }: Act, order: Order | undefined): void {
    if (parent === undefined || wish?.kind === 'cancel') return
    if (wish?.kind === 'amend') {
      const child = parent.children.find(({ clientId }) => clientId === wish.clientId)
      if (order === undefined && child !== undefined) child.moving = false
      return
    }
    if (wish?.kind !== 'new') return
    if (order !== undefined) {
      const { clientId, lots, ticks } = order
      const instrument = wish.instrument.index
      parent.children.push({
        ...{
          clientId,
          instrument,
          left: lots!,
          rests: wish.timeInForce === 'gtc',
          ticks,
          moving: false,
          leaving: false,
        },
      })
      this.byChild.set(clientId, parent)
    } else if (parent.phase !== 'working') {
      if (parent.children.length === 0) parent.next = Number.NEGATIVE_INFINITY
    } else if (this.options.chosen.algorithm.rests) parent.next = Math.min(parent.end, wish.signal.received + retryUs)
    this.plan()
  }

  /** After the portfolio took it; before the strategy sees it. */
  execution(execution: Execution): void {
    const parent = this.byChild.get(execution.clientId)
    if (parent === undefined) return
    const { kind, lots, leftLots, ticks, clientId, received } = execution
    const child = parent.children.find((one) => one.clientId === clientId)!
    if (kind === 'fill') {
      parent.filled += lots! * this.children.unitOf(parent, child.instrument)
      child.left = leftLots ?? child.left - lots!
    }
    if (kind === 'amended' || kind === 'amend-rejected') child.moving = false
    if (kind === 'amended' && ticks !== undefined) child.ticks = ticks
    if (!isEnd(execution)) return
    parent.children.splice(parent.children.indexOf(child), 1)
    this.byChild.delete(clientId)
    const cancelled = kind === 'cancelled' && !child.leaving
    if (cancelled) this.stop(parent, 'CHILD_CANCELLED')
    else if (parent.phase !== 'working' || parent.filled >= parent.lots || received >= parent.end) {
      if (parent.children.length === 0) parent.next = received
    } else if (this.options.chosen.algorithm.rests) {
      parent.next = Math.min(parent.end, kind === 'fill' ? received : received + retryUs)
    }
    this.plan()
  }

  /** The account was halted, and its orders are being cancelled: nothing more is sent. */
  halted(): void {
    for (const parent of this.parents) {
      for (const child of parent.children) child.leaving = true
      this.stop(parent, 'HALTED')
    }
  }

  /** Signed lots of an instrument that a target counts: what is held, and what is still to come of other targets. Of an exit what is held there alone. */
  reach(signal: Signal, index: number): number {
    const { portfolio } = this.options
    if (isExit(signal)) return portfolio.lots(index) + portfolio.comingLots(index)
    const { members, units } = this.families[index]!
    let sum = 0
    for (const [at, member] of members.entries())
      sum += (portfolio.lots(member) + portfolio.comingLots(member)) * units[at]!
    for (const parent of this.of(index)) {
      if (parent.signal.action !== 'target') continue
      const coming = parent.phase === 'working' ? parent.lots - parent.filled : this.children.openOf(parent)
      sum += parent.side === 'buy' ? coming : -coming
    }
    return Math.trunc(sum / units[members.indexOf(index)]!)
  }

  /** True while anything of an instrument is worked off here. */
  busy(index: number): boolean {
    return this.of(index).length > 0
  }

  /** True while an order of an instrument is open that is no child, or an exit waits: no other exit is asked for then. */
  closing(index: number): boolean {
    const waits = this.waiting.get(this.families[index]!.members[0]!)
    if (waits !== undefined && isExit(waits)) return true
    for (const { instrument, clientId } of this.options.portfolio.open.values())
      if (instrument === index && !this.byChild.has(clientId)) return true
    return false
  }

  /** To be called when no act waits. */
  save() {
    const { parents, waiting } = this
    return { parents, waiting, algorithm: this.running.save?.() }
  }

  load({ parents, waiting, algorithm }: ReturnType<Parents['save']>): void {
    this.parents = parents
    this.waiting = waiting
    this.byChild = new Map(parents.flatMap((one) => one.children.map(({ clientId }) => [clientId, one])))
    this.running.load?.(algorithm)
    this.plan()
  }

  private target(signal: Signal, wish: Wish | undefined, index: number): boolean {
    const family = this.families[index]!.members[0]!
    const old = this.of(index).find((one) => one.signal.action === 'target')
    const waits = this.waiting.has(family) || old?.phase === 'ending'
    if (old === undefined) return wish?.kind === 'new' && !isExit(signal) && this.begin(signal, wish)
    if (!waits && !isExit(signal) && wish?.kind !== 'new') return false
    this.waiting.set(family, signal)
    this.stop(old, undefined)
    return true
  }

  private order(signal: Signal, wish: Wish | undefined): boolean {
    const { desk } = this.options
    const parent = desk.parentOf(signal)
    if (parent !== undefined && this.parents.some(({ id }) => id === parent)) {
      this.children.say(
        signal,
        'IN_PARTS',
        'nothing waits for an order that is sent in parts: ask for it with its bracket',
      )
      desk.settle(signal, undefined)
      return true
    }
    if (wish?.kind !== 'new') return false
    const { type, timeInForce, positionSide, expires, group, displayLots } = wish
    const isPlain = type === 'market' || (type === 'limit' && timeInForce === 'gtc')
    const depends = positionSide ?? expires ?? group ?? displayLots ?? signal.parent
    if (!isPlain || depends !== undefined || desk.isWaitedFor(signal)) return false
    this.begin(signal, wish)
    desk.settle(signal, idOf(signal))
    return true
  }

  private begin(signal: Signal, wish: OrderWish): boolean {
    const { received: start } = signal
    const { instrument, side, ticks, reduceOnly } = wish
    const parent: Parent = {
      ...{ id: idOf(signal), signal, instrument: instrument.index, side, ticks, reduceOnly, start, end: start },
      ...{
        lots: wish.lots * this.children.unitOf({ instrument: instrument.index }, instrument.index),
        filled: 0,
        count: 0,
      },
      ...{ label: this.options.chosen.algorithm.name, plan: undefined, children: [], next: start },
      ...{ phase: 'working', why: undefined },
    }
    const { end, plan, label } = this.running.begin(parent)
    parent.end = end
    parent.plan = plan
    parent.label = label ?? parent.label
    this.parents.push(parent)
    this.plan()
    return true
  }

  /** What it has open goes, and nothing more is sent. */
  private stop(parent: Parent, why: string | undefined): void {
    if (parent.phase !== 'ending') parent.why = why
    parent.phase = 'ending'
    parent.next = Number.NEGATIVE_INFINITY
    this.plan()
  }

  private look(parent: Parent, now: number): void {
    const { children } = parent
    parent.next = Number.POSITIVE_INFINITY
    if (children.length === 0 && (parent.phase === 'ending' || parent.filled >= parent.lots)) this.end(parent, now)
    else if (parent.phase === 'ending') this.children.cancel(parent, now)
    else if (now < parent.end) {
      const again = this.running.work(parent, this.children.hand(parent, now))
      if (!(again > now))
        throw new RangeError(`${this.options.chosen.algorithm.name} would be asked again at ${again}, and it is ${now}`)
      parent.next = Math.min(parent.end, again)
    } else if (children.length > 0) this.children.cancel(parent, now)
    else if (parent.phase === 'working' && this.running.rest === 'take') {
      parent.phase = 'crossing'
      // Where nothing could be sent there is no execution to wait for.
      if (!this.children.takeRest(parent, now)) parent.next = now
    } else {
      parent.why ??= 'REST_LEFT'
      this.end(parent, now)
    }
  }

  private end(parent: Parent, now: number): void {
    const { signal, why, filled, lots } = parent
    this.parents.splice(this.parents.indexOf(parent), 1)
    this.options.desk.gone(parent.id)
    if (why !== undefined && filled < lots) {
      const [value, limit] = [this.children.sizeOf(parent, filled), this.children.sizeOf(parent, lots)]
      this.children.sayOf(parent, now, why, `${value} of ${limit} were filled`, { value, limit })
    }
    if (signal.action !== 'target') return
    const family = this.families[parent.instrument]!.members[0]!
    const waits = this.waiting.get(family)
    this.waiting.delete(family)
    if (waits !== undefined) this.children.ask({ ...waits, received: now, time: this.children.time })
  }

  private of(index: number): Parent[] {
    const { members } = this.families[index]!
    return this.parents.filter(({ instrument }) => members.includes(instrument))
  }

  private plan(): void {
    let next = Number.POSITIVE_INFINITY
    for (const parent of this.parents) next = Math.min(next, parent.next)
    this.next = next
  }
}

function idOf({ number }: Signal): string {
  return `parent.${number}`
}
