// The accounts of a run: each with its venue, its money, its risk, and the strategy that trades it.

import type { Venue } from '../operators/desk.ts'
import { ratesOf } from '../operators/execution/fees.ts'
import { createVenue } from '../operators/execution/index.ts'
import type { Instrument } from '../operators/instrument.ts'
import type { MarketState } from '../operators/market-state.ts'
import { textToE8 } from '../operators/portfolio/money.ts'
import { AccountPortfolio } from '../operators/portfolio/portfolio.ts'
import type { PortfolioRows } from '../operators/portfolio/portfolio-rows.ts'
import { profileOf as profileOfRegime } from '../operators/regime/profiles.ts'
import { createRisk, type Risk } from '../operators/risk/index.ts'
import { declaredSight, type Sight } from '../operators/sight.ts'
import { SignalDesk } from '../operators/signal-desk.ts'
import { createSizing } from '../operators/sizing/index.ts'
import { pack, unpack } from '../operators/stage.ts'
import { intervalOf } from './bar-lanes.ts'
import type { Plan } from './plan.ts'
import { Player } from './player.ts'
import type { Seat } from './seats.ts'

/** One account of a run. Accounts share the market and nothing else: an order of one is never seen by another. */
export interface Account {
  readonly name: string
  readonly venue: Venue
  readonly portfolio: AccountPortfolio
  readonly risk: Risk
  readonly player: Player
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

export interface AccountOptions {
  readonly plan: Plan
  readonly seat: Seat
  readonly instruments: readonly Instrument[]
  readonly markets: readonly MarketState[]
  readonly sight: Sight
  readonly currency: string
  /** Where all accounts of the run write, and the number of this one there. */
  readonly rows: PortfolioRows
  readonly number: number
}

/** The account of a seat, at its beginning. */
export function createAccount({ plan, seat, instruments, markets, sight, ...shared }: AccountOptions): Account {
  const { topology, exchange, fill, interval } = plan
  const { name, cash } = seat.account
  const { fees, latency, queue, slippage, funding } = topology.venue
  const portfolio = new AccountPortfolio({
    ...{ account: name, exchange, instruments, cash: textToE8(String(cash)), ...shared },
  })
  const venue = createVenue({
    ...{ fill, markets, account: name, takerFee: fees.taker, makerFee: fees.maker, queue, slippage, funding },
    exchangeFees: fees.exchanges,
    latency: typeof latency === 'number' ? { outMs: latency, backMs: latency } : latency,
    seed: topology.seed,
    ...(interval === undefined ? {} : { interval }),
  })
  const profileOf = (instrument: number) => profileOfRegime(sight.regime(instrument, 'risk')?.regime)
  const scaling = topology.regimeScaling ? { profileOf } : {}
  const risk = createRisk(topology.risk, { account: name, markets, portfolio, ...scaling })
  const { strategy, params } = seat
  const { features = false, regimes = false } = strategy
  const intervals = strategy.intervals?.(params) ?? []
  const declared = declaredSight(sight, { strategy: strategy.name, features, regimes, intervals })
  const desk = new SignalDesk({
    ...{ strategy: strategy.name, account: name, instruments, markets, portfolio, sight: declared },
    fees: ratesOf(fees, instruments),
  })
  const player = new Player({
    ...{ trader: strategy.create(params, desk), strategy: strategy.name, desk, markets, portfolio },
    ...{
      sizing: createSizing(topology.sizing),
      candles: fill !== 'book' && intervalOf(seat, plan) === interval ? interval : undefined,
      ...scaling,
    },
  })
  return {
    ...{ name, venue, portfolio, risk, player },
    save: () =>
      pack({
        venue: venue.save(),
        risk: risk.save(),
        player: player.save(),
        portfolio: portfolio.save(),
      } satisfies Saved),
    load(bytes) {
      const saved = unpack<Saved>(bytes)
      portfolio.load(saved.portfolio)
      venue.load(saved.venue)
      risk.load(saved.risk)
      player.load(saved.player)
    },
  }
}

interface Saved {
  readonly venue: Uint8Array
  readonly risk: Uint8Array
  readonly player: Uint8Array
  readonly portfolio: Uint8Array
}
