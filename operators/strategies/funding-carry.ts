// Holds an asset and sells its perpetual short for as long as the funding that shorts are paid is worth the costs.
import { z } from 'zod'
import type { Desk } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { amountOf, coarserLot, legsOf, sizeWithin } from './legs.ts'
import { defineStrategy } from './strategy.ts'

const parameters = z.strictObject({
  spot: z
    .string()
    .optional()
    .describe('what is held, as BTCUSDT or binance:BTCUSDT; the run’s first spot when left out'),
  perpetual: z.string().optional().describe('what is sold short; the run’s first perpetual when left out'),
  size: z.number().positive().default(0.1).describe('amount of the asset on each side'),
  horizonHours: z
    .number()
    .positive()
    .max(8760)
    .default(168)
    .describe('how long the rate is expected to stay, in hours: what it earns by then must exceed the costs'),
  intervalHours: z.number().positive().max(24).default(8).describe('hours between settlements where no record says it'),
  slippage: z
    .number()
    .min(0)
    .max(1)
    .default(0.0005)
    .describe('what in and out of both legs cost beside fees, as a share of the price'),
  edge: z.number().min(0).max(1).default(0).describe('what must be left after all costs, as a share of the price'),
  exitRate: z.number().min(-1).max(1).default(0).describe('rate of one settlement below which it leaves'),
})

type Parameters = z.output<typeof parameters>

/**
 * At each bar that both legs have closed, with the last rate that the exchange said:
 * expected = rate × horizonHours / hours between settlements; costs = twice the taker fees of both legs + slippage;
 * basis = price of the perpetual / price of the spot − 1, which is gained when both meet.
 *
 * - It enters (buys the spot, sells the perpetual, both at market) when expected + basis − costs > edge, and rate > exitRate.
 * - It leaves both when rate < exitRate.
 * - Leg risk: when nothing is on its way any more and one leg is not there as asked, both are closed; it enters again when the
 *   rate was below what it needs and is not any more.
 *
 * Prices are marks. It counts what the account holds, and so expects to be alone in it.
 *
 * Sources: the carry of a perpetual as in M. Ackerer, J. Hugonnier, U. Jermann (2023), "Perpetual Futures Pricing"; that it pays
 * and when it stops: M. Schmeling, A. Schrimpf, K. Todorov (2023), "Crypto Carry".
 */
export const fundingCarry = defineStrategy({
  name: 'funding-carry',
  summary: 'long spot and short perpetual while expected funding is worth the costs',
  parameters,
  warmup: () => 0,
  needs: 'bars',
  create(params, desk) {
    const names = { first: params.spot, second: params.perpetual }
    const legs = legsOf(desk, { strategy: 'funding-carry', names, kind: ['spot', 'perpetual'] })
    const carry = new Carry(legs, params, desk)
    return {
      bar: ({ instrument, openTime }) => {
        const leg = legs.findIndex(({ index }) => index === instrument)
        if (leg < 0) return
        carry.state.opened[leg] = openTime
        if (carry.state.opened[0] === carry.state.opened[1]) carry.look()
      },
      save: () => pack(carry.state),
      load: (bytes) => {
        carry.state = unpack(bytes)
      },
    }
  },
})

interface State {
  /** When the last bar of each leg began, µs. */
  readonly opened: number[]
  phase: 'flat' | 'holding' | 'leaving'
  /** After a leg that failed: no sooner than the rate was once too low it enters again. */
  spent: boolean
}

class Carry {
  state: State = { opened: [Number.NaN, Number.NaN], phase: 'flat', spent: false }
  private readonly spot: Instrument
  private readonly perpetual: Instrument
  private readonly params: Parameters
  private readonly desk: Desk
  private readonly amount: number
  private readonly costs: number

  constructor(legs: readonly [Instrument, Instrument], params: Parameters, desk: Desk) {
    const [spot, perpetual] = legs
    this.spot = spot
    this.perpetual = perpetual
    this.params = params
    this.desk = desk
    const lot = coarserLot(legs)
    this.amount = Math.floor((params.size / lot) * (1 + 1e-12)) * lot
    this.costs = 2 * (desk.fees(spot.index).taker + desk.fees(perpetual.index).taker) + params.slippage
  }

  look(): void {
    const { state, desk, spot, perpetual } = this
    if (desk.busy(spot.index) || desk.busy(perpetual.index)) return
    const rate = desk.market(perpetual.index).funding?.rate ?? Number.NaN
    const pays = this.pays(rate)
    if (!pays) state.spent = false
    if (state.phase === 'flat' && pays && !state.spent) {
      state.phase = 'holding'
      this.ask(this.amount, 'funding is worth the costs')
    } else if (state.phase === 'holding' && rate < this.params.exitRate) this.leave('funding has turned')
    else if (state.phase === 'holding' && !this.isWhole()) {
      state.spent = true
      this.leave('one leg is missing')
    } else if (state.phase === 'leaving') {
      if (desk.position(spot.index) === 0 && desk.position(perpetual.index) === 0) state.phase = 'flat'
      else this.ask(0, 'still to be closed')
    }
  }

  /** Whether what is expected until the horizon is more than what in and out of both legs costs; false where a price or the rate is unknown. */
  private pays(rate: number): boolean {
    const { horizonHours, intervalHours, edge, exitRate } = this.params
    const hours = this.desk.market(this.perpetual.index).funding?.hours ?? Number.NaN
    const expected = (rate * horizonHours) / (hours > 0 ? hours : intervalHours)
    const basis = this.priceOf(this.perpetual) / this.priceOf(this.spot) - 1
    return rate > exitRate && expected + basis - this.costs > edge
  }

  /** Whether both legs are there as they were asked for, but for what is less than a lot of the coarser one. */
  private isWhole(): boolean {
    const { desk, spot, perpetual, amount } = this
    const [long, short] = [spot, perpetual].map((one) => amountOf(one, desk.position(one.index)))
    const least = coarserLot([spot, perpetual])
    return Math.abs(long! + short!) < least * (1 - 1e-9) && long! > Math.min(amount, least) / 2
  }

  private leave(reason: string): void {
    this.state.phase = 'leaving'
    this.ask(0, reason)
  }

  private ask(amount: number, reason: string): void {
    const { desk, spot, perpetual } = this
    desk.target(spot.index, sizeWithin(spot, amount), reason)
    desk.target(perpetual.index, -sizeWithin(perpetual, amount), reason)
  }

  private priceOf({ index, tickSize }: Instrument): number {
    return this.desk.market(index).markTicks * tickSize
  }
}
