// What is asked for in the name of a parent: orders of its children, changes of them, and what could not be done.
import type { Signal } from '../../schemas/records.generated.ts'
import { sizeOf } from '../instrument.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
import type { RiskMarket } from '../risk/view.ts'
import type { AmendWish, OrderWish, Refusal, Wish } from '../sizing/sizing.ts'
import type { Child, Hand, Parent } from './algorithm.ts'
import type { Family } from './families.ts'
import { leastLots } from './route.ts'
import { type RouterParts, routed } from './router.ts'

/** What comes of parents at an instant: a wish that risk has yet to see, or a target that waited for another to end. */
export type Act =
  | { readonly wish: Wish; readonly parent?: Parent; readonly signal?: undefined }
  | { readonly signal: Signal; readonly wish?: undefined; readonly parent?: undefined }

export interface ChildrenParts {
  readonly markets: readonly RiskMarket[]
  readonly portfolio: AccountPortfolio
  /** By instrument. */
  readonly families: readonly Family[]
  /** Where children go to several exchanges. */
  readonly router: RouterParts | undefined
}

interface Ask {
  readonly instrument: number
  readonly lots: number
  /** Limit price; undefined for a market order. */
  readonly ticks: number | undefined
  readonly rests: boolean
}

/** Every wish is that of the parent's signal at the instant of the child, with a tag of its own: the parent's, the algorithm's name, how many it is. */
export class Children {
  /** Exchange time of the instant, µs. */
  time = 0
  private readonly parts: ChildrenParts
  private acts: Act[] = []

  constructor(parts: ChildrenParts) {
    this.parts = parts
  }

  get waits(): boolean {
    return this.acts.length > 0
  }

  /** The next to be done; undefined when there is none. */
  act(): Act | undefined {
    return this.acts.shift()
  }

  /** A signal is to be sized again. */
  ask(signal: Signal): void {
    this.acts.push({ signal })
  }

  say(signal: Signal, reason: string, detail: string, more: Pick<Refusal, 'value' | 'limit'> = {}): void {
    this.acts.push({ wish: { kind: 'refused', signal, check: 'execution', reason, detail, ...more } })
  }

  sayOf(parent: Parent, now: number, reason: string, detail: string, more: Pick<Refusal, 'value' | 'limit'>): void {
    this.say(this.signalOf(parent, now), reason, detail, more)
  }

  /** What an algorithm may do for a parent now. */
  hand(parent: Parent, now: number): Hand {
    const { instrument } = parent
    const market = this.parts.markets[instrument]!
    const left = this.leftOf(parent)
    const least = leastLots(market, parent.side)
    return {
      ...{ now, market, instrument: market.instrument, unit: this.unitOf(parent, instrument), left },
      take: (lots) => {
        // Too small for the exchange: it is in the next slice.
        const isKept = lots < left && lots < least && this.parts.router === undefined
        if (!isKept) this.take(parent, Math.min(lots, left), now)
      },
      rest: (lots, ticks) => {
        // Neither this part nor what it leaves is too small.
        const shown = lots < least ? least : lots
        const whole = left - shown < least ? left : Math.min(shown, left)
        this.send(parent, now, { instrument, lots: whole, ticks, rests: true })
      },
      move: (child, ticks) => this.move(parent, child, ticks, now),
    }
  }

  /** Takes all that is left; false when nothing could be sent. */
  takeRest(parent: Parent, now: number): boolean {
    const before = parent.count
    this.take(parent, this.leftOf(parent), now)
    return parent.count > before
  }

  /** Children that wait are taken back; those that take at once end by themselves. */
  cancel(parent: Parent, now: number): void {
    for (const child of parent.children) {
      if (child.leaving || !child.rests) continue
      child.leaving = true
      const { instrument } = this.parts.markets[child.instrument]!
      const signal = this.signalOf(parent, now, child.instrument)
      this.acts.push({ parent, wish: { kind: 'cancel', signal, instrument, clientId: child.clientId } })
    }
  }

  /** What the children of a parent may still fill, in its unit. */
  openOf(parent: Parent): number {
    let sum = 0
    for (const { left, instrument } of parent.children) sum += left * this.unitOf(parent, instrument)
    return sum
  }

  /** What a lot of an instrument is in the unit of a parent. */
  unitOf({ instrument }: Pick<Parent, 'instrument'>, index: number): number {
    const { members, units } = this.parts.families[instrument]!
    return units[members.indexOf(index)]!
  }

  /** In the unit of the parent's exchange. */
  sizeOf(parent: Parent, units: number): number {
    const { instrument } = this.parts.markets[parent.instrument]!
    return sizeOf(instrument, units / this.unitOf(parent, parent.instrument))
  }

  private leftOf(parent: Parent): number {
    return parent.lots - parent.filled - this.openOf(parent)
  }

  private take(parent: Parent, units: number, now: number): void {
    const { instrument, ticks } = parent
    const { router, families } = this.parts
    if (router === undefined) {
      this.send(parent, now, { instrument, lots: units, ticks, rests: false })
      return
    }
    const family = families[instrument]!
    const { parts, left, why } = routed(router, family, parent, { units, now })
    for (const part of parts) this.send(parent, now, { ...part, rests: false })
    if (left < Math.min(...family.units)) return
    const [value, whole] = [this.sizeOf(parent, left), this.sizeOf(parent, units)]
    const detail = `${value} of ${whole} go to no exchange: ${why}`
    this.sayOf(parent, now, 'NO_PLACE', detail, { value, limit: 0 })
  }

  private send(parent: Parent, now: number, { instrument: index, lots, ticks, rests }: Ask): void {
    parent.count++
    const { instrument } = this.parts.markets[index]!
    const type = ticks === undefined ? 'market' : 'limit'
    const wish: OrderWish = {
      ...{ kind: 'new', signal: this.signalOf(parent, now, index), instrument, side: parent.side, lots, ticks },
      ...{ type, timeInForce: rests ? 'gtc' : 'ioc' },
      ...(parent.reduceOnly === true && { reduceOnly: true }),
    }
    this.acts.push({ parent, wish })
  }

  private move(parent: Parent, child: Child, ticks: number, now: number): void {
    const replaced = this.parts.portfolio.open.get(child.clientId)
    if (replaced === undefined) return
    child.moving = true
    const { instrument } = this.parts.markets[child.instrument]!
    const signal = this.signalOf(parent, now, child.instrument)
    const next: OrderWish = {
      ...{ kind: 'new', signal, instrument, side: parent.side, type: 'limit', timeInForce: 'gtc', ticks },
      ...{ lots: replaced.leftLots, reduceOnly: replaced.reduceOnly },
    }
    const wish: AmendWish = {
      ...{ kind: 'amend', signal, instrument, clientId: child.clientId, replaced, next },
      ...{ lots: undefined, ticks, triggerTicks: undefined },
    }
    this.acts.push({ parent, wish })
  }

  /** The parent's signal at another instant and instrument, with the tag of the child that was asked for last. */
  private signalOf({ signal, label, count, instrument }: Parent, now: number, index = instrument): Signal {
    const { exchange, symbol } = this.parts.markets[index]!.instrument
    const own = `${label}.${count}`
    const tag = signal.tag === undefined ? own : `${signal.tag}.${own}`
    return { ...signal, exchange, symbol, received: now, time: this.time, tag }
  }
}
