// Layer 7: what is done when there is nothing left to check: halts by people and by flash crashes, and the orders that take risk away.
import { z } from 'zod'
import type { Alert, Order, RiskEvent } from '../../schemas/records.generated.ts'
import type { FlashCrashConfig } from '../flash-crash/config.ts'
import type { Alarm } from '../flash-crash/detector.ts'
import type { Instrument } from '../instrument.ts'
import { allow, defineCheck, percent } from './check.ts'
import type { RiskContext, RiskView } from './view.ts'

/** How far a halt goes: each does what the ones before it do. */
export const haltLevels = ['none', 'pause', 'cancel', 'flatten'] as const
export type HaltLevel = (typeof haltLevels)[number]

/** What a person did, as a row of `commands` says. */
export interface HaltCommand {
  readonly action: string
  readonly who: string
  readonly why: string
}

/** What was done about something, for `risk-events`. */
export interface Done extends Pick<RiskEvent, 'action' | 'reason' | 'value' | 'limit' | 'detail'> {
  readonly instrument: Instrument | undefined
  /** For people who are not looking. */
  readonly alert?: Alert['severity']
}

/** Part of a position that a severity leaves. */
const left = { moderate: 0.5, severe: 0.25 } as const
/** What the distance of stops is multiplied by while an instrument is not calm; S0 §8: 0.5. */
const tighter = 0.5

/** An order that did not do all is followed by another no sooner, µs; one to cancel, which takes its way to the exchange, later. */
const againUs = 1_000_000
const cancelAgainUs = 60_000_000

interface Place {
  /** 0 calm … 3 extreme. */
  severity: 0 | 1 | 2 | 3
  /** Lots, unsigned, that the position is to come down to; Infinity: nothing is to be done. */
  goal: number
  /** When it was last tried, µs. */
  tried: number
  cancels: boolean
  /** Its stops are to be drawn nearer. */
  tightens: boolean
  /** Client id of the order that takes risk away. */
  order: string
}

/**
 * The halts of one account, and the orders that it takes to carry them out.
 *
 * A halt by command holds until a command lifts it. An extreme move, or a cascade, flattens and halts until an operator lifts it
 * (`resume: calm`: until the detector says calm); a severe one takes three quarters of the instrument's position and cancels its orders, a moderate one
 * half of it; in both nothing new is risked in the instrument until it is calm, and stops stand at half their distance (S0 §8).
 *
 * What is still open or held after an order is asked for again, until it is gone: late fills are flattened too.
 */
export class Emergency {
  private readonly context: RiskContext
  private level = 0
  /** Why, for the refusals. */
  private why = ''
  private byCrash = false
  private readonly places: readonly Place[]
  /** When the cancel of an order was last asked for, µs. */
  private asked = new Map<string, number>()
  /** Instruments that are not calm. */
  private restless = 0

  constructor(context: RiskContext) {
    this.context = context
    this.places = context.markets.map(() => ({
      ...{
        severity: 0,
        goal: Number.POSITIVE_INFINITY,
        tried: Number.NEGATIVE_INFINITY,
        cancels: false,
        tightens: false,
        order: '',
      },
    }))
  }

  /** True while new risk is refused somewhere: asked at every order. */
  get active(): boolean {
    return this.level > 0 || this.restless > 0
  }

  get halt(): HaltLevel {
    return haltLevels[this.level]!
  }

  /** Why the account may take no new risk in an instrument; undefined: it may. */
  refusal(instrument: number): { reason: string; detail: string } | undefined {
    if (this.level > 0) return { reason: 'HALTED', detail: `halted until it is lifted: ${this.why}` }
    if (this.places[instrument]!.severity === 0) return undefined
    return {
      reason: 'FLASH_CRASH',
      detail: 'the price has just moved too fast: until it is calm nothing new is risked',
    }
  }

  /** What the distance of stops of an instrument is multiplied by. */
  stopFactor(instrument: number): number {
    return this.places[instrument]!.severity === 0 ? 1 : tighter
  }

  command({ action, who, why }: HaltCommand): Done | undefined {
    const [instrument, reason, detail] = [undefined, 'COMMAND', `${who}: ${why}`]
    const level = haltLevels.indexOf(action as HaltLevel)
    if (level > 0) {
      this.level = Math.max(this.level, level)
      this.byCrash = false
      this.why = `${action} by ${detail}`
      const did = (['halted', 'halted', 'cancelled', 'flattened'] as const)[this.level]!
      return { instrument, reason, detail, action: did, value: this.level, limit: 0, alert: 'warning' }
    }
    if (action !== 'lift' && action !== 'resume') return undefined
    if (who === '' || why === '') {
      const no = `a halt is lifted by somebody, for a reason: who "${who}", why "${why}"`
      return { instrument, reason: 'NO_REASON', detail: no, action: 'rejected', value: this.level, limit: 0 }
    }
    this.lift()
    return { instrument, reason, detail, action: 'resumed', value: 0, limit: 0, alert: 'info' }
  }

  /** What a flash crash is answered by. */
  alarm(alarm: Alarm, { resume }: Pick<FlashCrashConfig, 'resume'>): Done | undefined {
    const { severity, instrument: at, value, limit } = alarm
    const instrument = at === undefined ? undefined : this.context.markets[at]!.instrument
    const what = { instrument, value, limit, detail: wordsOf(alarm, instrument?.symbol) }
    if (severity === 'extreme') {
      this.level = flatten
      this.byCrash = true
      this.why = what.detail
      if (at !== undefined) this.worsen(at, 3)
      return {
        ...what,
        action: 'flattened',
        reason: at === undefined ? 'CASCADE' : 'FLASH_CRASH_EXTREME',
        alert: 'critical',
      }
    }
    if (severity === 'calm') {
      if (at !== undefined) this.calm(at)
      const ends = resume === 'calm' && this.byCrash && this.restless === 0 && this.level > 0
      if (ends) this.level = 0
      if (at === undefined && !ends) return undefined
      return { ...what, action: 'resumed', reason: ends ? 'CALM' : 'FLASH_CRASH' }
    }
    const place = this.places[at!]!
    const held = Math.abs(this.context.portfolio.lots(at!))
    this.worsen(at!, severity === 'severe' ? 2 : 1)
    place.goal = Math.min(place.goal, Math.floor(held * left[severity]))
    place.cancels ||= severity === 'severe'
    place.tightens ||= severity === 'moderate'
    place.tried = Number.NEGATIVE_INFINITY
    return { ...what, action: 'reduced', reason: `FLASH_CRASH_${severity.toUpperCase()}`, alert: 'warning' }
  }

  /** True while there is nothing to order and nothing that was asked for is still open: asked at every minute of every account. */
  get isIdle(): boolean {
    if (this.level >= cancel || this.asked.size > 0) return false
    const { places } = this
    for (let at = 0; at < places.length; at++) {
      const { goal, cancels, tightens } = places[at]!
      if (cancels || tightens || goal !== Number.POSITIVE_INFINITY) return false
    }
    return true
  }

  /** When there may be something to do, µs; Infinity when there is nothing. */
  next(now: number): number {
    return this.isIdle ? Number.POSITIVE_INFINITY : now + againUs
  }

  /** The orders that are due: cancels first, then stops drawn nearer, then what closes. `write` gives an order its id and all that every order has. */
  act(now: number, write: (order: EmergencyOrder) => Order): Order[] {
    const orders: Order[] = []
    const { portfolio, markets } = this.context
    for (const clientId of this.asked.keys()) if (!portfolio.open.has(clientId)) this.asked.delete(clientId)
    for (const { clientId, instrument } of portfolio.open.values()) {
      const place = this.places[instrument]!
      if (this.level < cancel && !place.cancels) continue
      if (clientId === place.order || now < (this.asked.get(clientId) ?? Number.NEGATIVE_INFINITY) + cancelAgainUs)
        continue
      this.asked.set(clientId, now)
      orders.push(write({ kind: 'cancel', instrument: markets[instrument]!.instrument, clientId }))
    }
    for (const [at, place] of this.places.entries()) {
      if (place.tightens) this.tighten(at, orders, write)
      place.tightens = false
      const goal = this.level === flatten ? 0 : place.goal
      if (goal === Number.POSITIVE_INFINITY) continue
      const lots = portfolio.lots(at)
      const over = Math.abs(lots) - goal
      if (over > 0 && !portfolio.open.has(place.order) && now >= place.tried + againUs) {
        const order = write({
          ...{ kind: 'new', instrument: markets[at]!.instrument, side: lots > 0 ? 'sell' : 'buy', lots: over },
        })
        place.tried = now
        place.order = order.clientId
        orders.push(order)
      }
      if (over <= 0) place.goal = Number.POSITIVE_INFINITY
    }
    return orders
  }

  save(): unknown {
    const { level, why, byCrash, places, asked, restless } = this
    return { level, why, byCrash, places, asked: [...asked], restless }
  }

  load(state: unknown): void {
    const saved = state as SavedEmergency
    this.level = saved.level
    this.why = saved.why
    this.byCrash = saved.byCrash
    this.asked = new Map(saved.asked)
    this.restless = saved.restless
    for (const [at, place] of saved.places.entries()) Object.assign(this.places[at]!, place)
  }

  /** Stops of an instrument that wait at the exchange: half as far from the price as they are. */
  private tighten(at: number, orders: Order[], write: (order: EmergencyOrder) => Order): void {
    const { instrument, markTicks } = this.context.markets[at]!
    for (const order of this.context.portfolio.open.values()) {
      const { clientId, side, type, triggerTicks, triggered, reduceOnly } = order
      const isStop = (type === 'stop-market' || type === 'stop-limit') && reduceOnly && !triggered
      if (order.instrument !== at || !isStop || triggerTicks === undefined) continue
      const nearer = Math.round(markTicks + (triggerTicks - markTicks) * tighter)
      if (nearer > 0 && nearer !== triggerTicks) {
        orders.push(write({ kind: 'amend', instrument, clientId, side, triggerTicks: nearer }))
      }
    }
  }

  private worsen(at: number, severity: 1 | 2 | 3): void {
    const place = this.places[at]!
    if (place.severity === 0) this.restless++
    place.severity = severity
  }

  private calm(at: number): void {
    const place = this.places[at]!
    if (place.severity !== 0) this.restless--
    place.severity = 0
    place.goal = Number.POSITIVE_INFINITY
    place.cancels = false
    place.tightens = false
  }

  /** A person is asked before the machine: also what a flash crash has halted is free again. */
  private lift(): void {
    this.level = 0
    for (const at of this.places.keys()) this.calm(at)
  }
}

/** What risk orders of itself. */
export type EmergencyOrder =
  | { readonly kind: 'cancel'; readonly instrument: Instrument; readonly clientId: string }
  | {
      readonly kind: 'amend'
      readonly instrument: Instrument
      readonly clientId: string
      readonly side: 'buy' | 'sell'
      readonly triggerTicks: number
    }
  | { readonly kind: 'new'; readonly instrument: Instrument; readonly side: 'buy' | 'sell'; readonly lots: number }

interface SavedEmergency {
  readonly level: number
  readonly why: string
  readonly byCrash: boolean
  readonly places: readonly Place[]
  readonly asked: readonly [string, number][]
  readonly restless: number
}

const cancel = haltLevels.indexOf('cancel')
const flatten = haltLevels.indexOf('flatten')

function wordsOf({ severity, value, window }: Alarm, symbol: string | undefined): string {
  if (symbol === undefined)
    return severity === 'calm' ? 'the market is calm again' : `${percent(value)} of all instruments crash at once`
  if (severity === 'calm') return `${symbol} is calm again`
  return `${symbol} moved ${percent(value)} within ${window}: ${severity}`
}

/** The check of the list: refuses new risk while the account, or the instrument, is halted. What it lets pass leaves no verdict: nothing was measured. */
export const emergency = defineCheck({
  name: 'emergency',
  always: true,
  silent: true,
  config: z.strictObject({}),
  create: () => ({
    check: (view: RiskView) => {
      const refusal =
        view.reduces || !view.emergency.active ? undefined : view.emergency.refusal(view.wish.instrument.index)
      if (refusal === undefined) return allow(0, 0)
      return { allowed: false, value: 1, limit: 0, ...refusal }
    },
  }),
})
