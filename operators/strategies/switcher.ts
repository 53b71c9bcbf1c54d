// Lets another strategy trade in each regime: one at a time, and the next only when the last holds nothing any more.
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Desk, Trader } from '../desk.ts'
import { pack, unpack } from '../stage.ts'
import { GatedDesk } from './gated-desk.ts'
import { defineStrategy } from './strategy.ts'
import { type Choice, type Chosen, chosen, keyOf, type Parameters, parameters } from './switcher-parameters.ts'

/**
 * At each bar the regime of the instrument over `horizon` names the strategy that may trade it. Until the first regime is known
 * nothing is traded. Two regimes with the same strategy and parameters are no switch, and no switch comes sooner than `minHoldMs`
 * after the last (the regimes have a hysteresis of their own).
 *
 * A switch: the strategy's wishes are no longer heard, its orders are taken back, what it holds is closed at market, and only
 * when nothing is held or on its way the next one acts. Executions go to the strategy that asked.
 *
 * All strategies see the market all the time, so that the next one is warm; what they wish meanwhile goes nowhere. So one that
 * begins acts from its next signal on: it does not join a position that it would have. Each instrument is switched by itself.
 *
 * Sources: J. Hamilton (1989), "A new approach to the economic analysis of nonstationary time series and the business cycle"
 * (that markets have regimes which call for models of their own); S3 §6.2 of the documents that this project grew from.
 */
export const switcher = defineStrategy({
  name: 'switcher',
  summary: 'another strategy for each regime',
  parameters,
  warmup: (params) => Math.max(0, ...chosen(params).map(({ strategy, params }) => strategy.warmup(params))),
  needs: 'bars',
  features: true,
  regimes: true,
  intervals: (params) => [
    ...new Set(chosen(params).flatMap(({ strategy, params }) => strategy.intervals?.(params) ?? [])),
  ],
  create(params, desk) {
    const switches = desk.instruments.map(({ index }) => new Switch(index, params, desk))
    const needsTicks = chosen(params).some(({ strategy }) => strategy.needs === 'ticks')
    const ticks: Pick<Trader, 'trade' | 'top'> = {
      trade: (market, trade) => switches[market.instrument.index]!.tick((trader) => trader.trade?.(market, trade)),
      top: (market) => switches[market.instrument.index]!.tick((trader) => trader.top?.(market)),
    }
    return {
      bar(bar) {
        const one = switches[bar.instrument]!
        one.choose()
        one.tell((trader) => trader.bar?.(bar))
      },
      ...(needsTicks ? ticks : {}),
      execution(execution) {
        const { exchange, symbol } = execution
        const one = desk.instruments.findIndex((each) => each.symbol === symbol && each.exchange === exchange)
        if (one >= 0) switches[one]!.heard((trader) => trader.execution?.(execution))
      },
      save: () => pack(switches.map((one) => one.save())),
      load: (bytes) => {
        for (const [index, saved] of unpack<Saved[]>(bytes).entries()) switches[index]!.load(saved)
      },
    }
  },
})

interface State {
  /** Number of the strategy that acts, or acted last while `isLeaving`; −1 none. */
  active: number
  /** Number of the one that shall act. */
  wanted: number
  isLeaving: boolean
  /** When the active one began, µs. */
  since: number
  /** No sooner the rest is closed again, µs. */
  next: number
  /** True when a trade or a change of the book was seen. */
  hasTicks: boolean
}

interface Saved {
  readonly state: State
  readonly traders: readonly Uint8Array[]
  readonly tags: readonly Set<string>[]
}

/** The strategies of one instrument, of which one acts. */
class Switch {
  private state: State = {
    ...{ active: -1, wanted: -1, isLeaving: false, hasTicks: false },
    ...{ since: Number.NEGATIVE_INFINITY, next: Number.NEGATIVE_INFINITY },
  }
  private readonly index: number
  private readonly desk: Desk
  private readonly params: Parameters
  private readonly all: readonly Chosen[]
  private readonly gates: readonly GatedDesk[]
  private readonly traders: readonly Trader[]
  /** Number of the strategy of each regime; of the others `otherwise`. */
  private readonly ofRegime: ReadonlyMap<string, number>
  private readonly otherwise: number

  constructor(index: number, params: Parameters, desk: Desk) {
    this.index = index
    this.desk = desk
    this.params = params
    this.all = chosen(params)
    const numberOf = (one: Choice) => this.all.findIndex(({ key }) => key === keyOf(one))
    this.ofRegime = new Map(Object.entries(params.regimes).map(([regime, one]) => [regime, numberOf(one)]))
    this.otherwise = numberOf(params.otherwise)
    this.gates = this.all.map(({ strategy: { name } }, i) => {
      const isAlone = this.all.filter(({ strategy }) => strategy.name === name).length === 1
      return new GatedDesk(desk, { name: isAlone ? name : `${name}${i}`, instrument: index })
    })
    this.traders = this.all.map(({ strategy, params }, i) => strategy.create(params, this.gates[i]!))
  }

  /** A bar closed: the regime may have changed. */
  choose(): void {
    const { state, desk, params, index } = this
    const view = desk.regime(index, params.horizon)
    if (view === undefined) return
    state.wanted = this.ofRegime.get(view.regime) ?? this.otherwise
    this.refuseWithoutTicks()
    if (!state.isLeaving && state.wanted !== state.active && desk.now >= state.since + params.minHoldMs * 1000) {
      state.isLeaving = true
      this.gates[state.active]?.close(`the regime is ${view.regime} now`)
    }
    this.handOver()
  }

  /** Shows something to all: it is the gates that make the difference. */
  tell(show: (trader: Trader) => void): void {
    for (const trader of this.traders) show(trader)
  }

  tick(show: (trader: Trader) => void): void {
    this.state.hasTicks = true
    this.handOver()
    this.tell(show)
  }

  /** An execution is of the one that acts, or acted last. */
  heard(show: (trader: Trader) => void): void {
    const trader = this.traders[this.state.active]
    if (trader !== undefined) show(trader)
    this.handOver()
  }

  save(): Saved {
    return {
      state: this.state,
      traders: this.traders.map((trader) => trader.save()),
      tags: this.gates.map((gate) => gate.tags),
    }
  }

  load({ state, traders, tags }: Saved): void {
    this.state = state
    for (const [i, trader] of this.traders.entries()) trader.load(traders[i]!)
    for (const [i, gate] of this.gates.entries()) {
      gate.tags = tags[i]!
      gate.isOpen = i === state.active && !state.isLeaving
    }
  }

  /** Lets the next one act when the last holds nothing any more, and nothing is on its way. */
  private handOver(): void {
    const { state, desk, index } = this
    if (!state.isLeaving || desk.busy(index)) return
    if (desk.position(index) !== 0) {
      if (desk.now < state.next) return
      state.next = desk.now + 1_000_000
      desk.target(index, 0, 'another strategy takes over')
      return
    }
    state.isLeaving = false
    state.active = state.wanted
    state.since = desk.now
    const gate = this.gates[state.active]
    if (gate !== undefined) gate.isOpen = true
  }

  /** On candles a strategy of ticks would do nothing, and not say so. */
  private refuseWithoutTicks(): void {
    const { state, desk, index } = this
    const strategy = this.all[state.wanted]?.strategy
    if (strategy?.needs !== 'ticks' || state.hasTicks || desk.market(index).bidTicks > 0) return
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `switcher: strategy ${strategy.name} needs ticks; this run is on candles`,
      {
        fix: 'choose strategies of bars in `regimes`, or import a capture: smartspeed import FILE --exchange ID',
      },
    )
  }
}
