// Limit orders at even distances around a price: each that is filled puts one a step further back towards it.
import { z } from 'zod'
import type { Execution } from '../../schemas/records.generated.ts'
import type { Desk } from '../desk.ts'
import { type Instrument, indexIn, priceOf, ticksOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { defineStrategy } from './strategy.ts'

const parameters = z.strictObject({
  levels: z.int().min(1).max(200).default(10).describe('levels on each side of the centre'),
  spacing: z
    .number()
    .positive()
    .max(0.5)
    .default(0.005)
    .describe('distance between two levels, as a share of the centre'),
  centre: z.number().min(0).default(0).describe('price that the grid stands around (0: the first close that it sees)'),
  size: z.number().positive().default(0.01).describe('size of each order, in the exchange’s unit'),
  mode: z
    .enum(['long', 'neutral'])
    .default('long')
    .describe(
      'long: buys below the centre, each sold a step higher; neutral: sells above it as well, each bought back a step lower',
    ),
  outside: z
    .enum(['hold', 'close', 'recentre'])
    .default('close')
    .describe(
      'a close beyond the bounds: hold what there is; take orders back and close until it is inside again; or close and begin anew around it',
    ),
})

type Parameters = z.output<typeof parameters>

/**
 * Level k lies at centre × (1 + k × spacing), to whole ticks, for k from −levels to levels; the bounds are the levels after those.
 *
 * - Cell k < 0 rests a buy at level k; once that is filled, a sell at level k + 1; once that is filled, the buy again. Cell k > 0
 *   (neutral) sells at level k and buys back at k − 1. All are post-only (gtx), under the tags `k`, with the instrument's number
 *   before them from the second instrument on.
 * - Where the price is beyond its level already, a first order waits until it is back, and a second one rests at the best price
 *   that is not taken at once. An order that the venue or risk refuses is asked for again at the next bar.
 * - A close beyond the bounds does what `outside` says.
 *
 * Each instrument is traded by itself. A grid earns its spacing less two maker fees a round trip, and holds what a trend leaves behind.
 *
 * Source: the arithmetic grid of the exchanges' own bots, as Binance's "Spot Grid Trading" describes it.
 */
export const grid = defineStrategy({
  name: 'grid',
  summary: 'rests orders at even distances around a price, and earns the distance back and forth',
  parameters,
  warmup: () => 1,
  needs: 'bars',
  create(params, desk) {
    const grids = desk.instruments.map((instrument) => new Grid(instrument, params, desk))
    return {
      bar: ({ instrument, close }) => grids[instrument]!.bar(close),
      execution: (execution) =>
        grids[indexIn(desk.instruments, execution.exchange, execution.symbol)]?.heard(execution),
      save: () => pack(grids.map(({ state }) => state)),
      load: (bytes) => {
        for (const [index, state] of unpack<State[]>(bytes).entries()) grids[index]!.state = state
      },
    }
  },
})

interface Cell {
  readonly level: number
  /** True while its first order was filled and its second is to bring it back. */
  open: boolean
  /** Price of its order, ticks; NaN before the first. */
  ticks: number
}

interface State {
  /** NaN before the first close. */
  centre: number
  /** False while orders are taken back and what is held is closed. */
  stands: boolean
  readonly cells: Cell[]
}

class Grid {
  state: State
  private readonly instrument: Instrument
  private readonly params: Parameters
  private readonly desk: Desk

  constructor(instrument: Instrument, params: Parameters, desk: Desk) {
    const { levels, mode, centre } = params
    const below = Array.from({ length: levels }, (_, at) => -1 - at)
    const above = mode === 'long' ? [] : below.map((level) => -level)
    const cells = [...below, ...above].map((level) => ({ level, open: false, ticks: Number.NaN }))
    this.state = { centre: centre > 0 ? centre : Number.NaN, stands: true, cells }
    this.instrument = instrument
    this.params = params
    this.desk = desk
  }

  bar(close: number): void {
    const { state, params } = this
    if (Number.isNaN(state.centre)) state.centre = close
    const isOutside = Math.abs(close / state.centre - 1) >= (params.levels + 1) * params.spacing
    if (state.stands && isOutside && params.outside !== 'hold') state.stands = false
    if (!state.stands) {
      if (!this.isDown()) return
      if (isOutside && params.outside !== 'recentre') return
      if (isOutside) state.centre = close
      state.stands = true
    }
    for (const cell of state.cells) this.send(cell)
  }

  /** The cell whose order was filled whole turns round at once. */
  heard({ kind, side, ticks, leftLots }: Execution): void {
    const { state } = this
    if (kind !== 'fill' || leftLots !== 0 || !state.stands) return
    const cell = state.cells.find(
      (one) => one.ticks === ticks && this.sideOf(one) === side && !this.desk.working(this.tagOf(one)),
    )
    if (cell === undefined) return
    cell.open = !cell.open
    this.send(cell)
  }

  private send(cell: Cell): void {
    const { desk, instrument, params } = this
    const tag = this.tagOf(cell)
    if (desk.working(tag)) return
    cell.ticks = this.restable(cell)
    if (Number.isNaN(cell.ticks)) return
    const price = priceOf(instrument, cell.ticks)
    const order = { tag, side: this.sideOf(cell), size: params.size, type: 'limit', price, timeInForce: 'gtx' } as const
    desk.order(instrument.index, order, cell.open ? 'a step back' : 'a level of the grid')
  }

  /** Takes back what rests, then closes what is held: true when nothing is left. */
  private isDown(): boolean {
    const { desk, instrument, state } = this
    let rests = false
    for (const cell of state.cells) {
      cell.open = false
      if (!desk.working(this.tagOf(cell))) continue
      rests = true
      desk.cancel(this.tagOf(cell), 'beyond the bounds')
    }
    if (rests || desk.busy(instrument.index)) return false
    if (desk.position(instrument.index) === 0) return true
    desk.target(instrument.index, 0, 'beyond the bounds')
    return false
  }

  private sideOf({ level, open }: Cell): 'buy' | 'sell' {
    return level < 0 !== open ? 'buy' : 'sell'
  }

  /** Where its order rests; NaN for a first order while the price is beyond its level. */
  private restable(cell: Cell): number {
    const { level, open } = cell
    const { bidTicks, askTicks, lastTicks } = this.desk.market(this.instrument.index)
    const at = open ? level - Math.sign(level) : level
    const ticks = ticksOf(this.instrument, this.state.centre * (1 + at * this.params.spacing))
    const buys = this.sideOf(cell) === 'buy'
    const best = buys ? (askTicks > 0 ? askTicks : lastTicks) - 1 : (bidTicks > 0 ? bidTicks : lastTicks) + 1
    if (buys ? ticks <= best : ticks >= best) return ticks
    return open ? best : Number.NaN
  }

  private tagOf({ level }: Cell): string {
    const { index } = this.instrument
    return index === 0 ? String(level) : `${index}:${level}`
  }
}
