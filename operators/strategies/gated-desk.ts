// The desk of a strategy that another one lets act, or not: it sees all, and its wishes pass while the gate is open.
import type { BarView, Desk, Market, OpenOrder, OrderAsk, OrderChange, RegimeView } from '../desk.ts'
import type { FeatureName } from '../features/names.ts'
import type { Instrument } from '../instrument.ts'
import type { Horizon } from '../regime/horizons.ts'

/**
 * One for each strategy and instrument. Behind a closed gate a strategy sees the market, has no position and nothing on its way,
 * and what it asks for goes nowhere. Its tags stand in the run as `<name>.<instrument>.<tag>`, so that those of two do not meet.
 */
export class GatedDesk implements Desk {
  isOpen = false
  /** Tags that were used, in the run's spelling. */
  tags = new Set<string>()
  private readonly desk: Desk
  private readonly instrument: number
  private readonly prefix: string

  constructor(desk: Desk, { name, instrument }: { name: string; instrument: number }) {
    this.desk = desk
    this.instrument = instrument
    this.prefix = `${name}.${instrument}.`
  }

  get instruments(): readonly Instrument[] {
    return this.desk.instruments
  }

  get now(): number {
    return this.desk.now
  }

  market(instrument: number): Market {
    return this.desk.market(instrument)
  }

  fees(instrument: number): ReturnType<Desk['fees']> {
    return this.desk.fees(instrument)
  }

  position(instrument: number): number {
    return this.owns(instrument) ? this.desk.position(instrument) : 0
  }

  working(tag: string): boolean {
    return this.isOpen && this.desk.working(this.prefix + tag)
  }

  busy(instrument: number): boolean {
    return this.owns(instrument) && this.desk.busy(instrument)
  }

  feature(instrument: number, name: FeatureName): number {
    return this.desk.feature(instrument, name)
  }

  features(instrument: number): Float64Array {
    return this.desk.features(instrument)
  }

  regime(instrument: number, horizon: Horizon): RegimeView | undefined {
    return this.desk.regime(instrument, horizon)
  }

  lastBar(instrument: number, interval: string): BarView | undefined {
    return this.desk.lastBar(instrument, interval)
  }

  target(instrument: number, ...rest: DropFirst<Parameters<Desk['target']>>): void {
    if (this.owns(instrument)) this.desk.target(instrument, ...rest)
  }

  order(instrument: number, order: OrderAsk, reason: string): void {
    if (!this.owns(instrument)) return
    const tag = this.prefix + order.tag
    if (this.tags.size > manyTags) for (const old of this.tags) if (!this.desk.working(old)) this.tags.delete(old)
    this.tags.add(tag)
    if (order.bracket !== undefined) this.tags.add(`${tag}.stop`).add(`${tag}.target`)
    const { group, parent } = order
    const ties = {
      ...(group !== undefined && { group: this.prefix + group }),
      ...(parent !== undefined && { parent: this.prefix + parent }),
    }
    this.desk.order(instrument, { ...order, tag, ...ties }, reason)
  }

  amend(tag: string, change: OrderChange, reason: string): void {
    if (this.isOpen) this.desk.amend(this.prefix + tag, change, reason)
  }

  open(tag: string): OpenOrder | undefined {
    return this.isOpen ? this.desk.open(this.prefix + tag) : undefined
  }

  cancel(tag: string, reason: string): void {
    if (this.isOpen) this.desk.cancel(this.prefix + tag, reason)
  }

  /** All orders of its own: those of other strategies on the instrument stay. */
  cancelAll(instrument: number, reason: string): void {
    if (this.owns(instrument)) for (const tag of this.tags) if (this.desk.working(tag)) this.desk.cancel(tag, reason)
  }

  /** Shuts it, and takes back every order that it let through. */
  close(reason: string): void {
    this.isOpen = false
    for (const tag of this.tags) if (this.desk.working(tag)) this.desk.cancel(tag, reason)
    this.tags.clear()
  }

  /** True when the gate is open, and the instrument is the one it stands before. */
  private owns(instrument: number): boolean {
    return this.isOpen && instrument === this.instrument
  }
}

/** A strategy that names each order anew must not make the set grow for ever. */
const manyTags = 64

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never
