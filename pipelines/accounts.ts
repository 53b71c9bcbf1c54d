// The accounts of a run: each with its venue, its money, its risk, and the strategy that trades it.

import { algorithmOf, Parents, type ParentsOptions } from '../operators/algorithms/index.ts'
import { fixedLength } from '../operators/bars/interval.ts'
import type { Venue } from '../operators/desk.ts'
import { createVenue } from '../operators/execution/index.ts'
import { createExits, ExitWatch } from '../operators/exits/index.ts'
import type { Instrument } from '../operators/instrument.ts'
import type { MarketState } from '../operators/market-state.ts'
import { normal, textToE8 } from '../operators/portfolio/money.ts'
import { AccountPortfolio } from '../operators/portfolio/portfolio.ts'
import type { PortfolioRows } from '../operators/portfolio/portfolio-rows.ts'
import { profileOf as profileOfRegime } from '../operators/regime/profiles.ts'
import { createRisk, type MarketFacts, type PriceHistory, type Risk } from '../operators/risk/index.ts'
import { declaredSight, type Sight } from '../operators/sight.ts'
import { SignalDesk } from '../operators/signal-desk.ts'
import { createSizing } from '../operators/sizing/index.ts'
import { pack, unpack } from '../operators/stage.ts'
import { intervalOf } from './bar-lanes.ts'
import { marginTermsOf } from './margin.ts'
import type { Plan } from './plan.ts'
import { Player } from './player.ts'
import type { Seat } from './seats.ts'
import { feesIn, venueOptions } from './venue-options.ts'

/** One account of a run. Accounts share the market and nothing else: an order of one is never seen by another. */
export interface Account {
  readonly name: string
  readonly venue: Venue
  readonly portfolio: AccountPortfolio
  readonly risk: Risk
  readonly player: Player
  /** What sends orders in parts; undefined where each is sent whole. */
  readonly parents: Parents | undefined
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
  readonly prices: PriceHistory | undefined
  readonly facts: MarketFacts | undefined
}

/** The account of a seat, at its beginning. */
export function createAccount(options: AccountOptions): Account {
  const { plan, seat, instruments, markets, sight, prices, facts, ...shared } = options
  const { topology, exchange, fill, interval } = plan
  const { name, cash } = seat.account
  const rates = feesIn(plan)
  const terms = marginTermsOf(topology, plan.instruments)
  const opening = textToE8(String(cash))
  const portfolio = new AccountPortfolio({
    ...{ account: name, exchange, instruments, cash: opening, margin: terms, ...shared },
  })
  const venue = createVenue({
    ...{ fill, markets, account: name, ...venueOptions(plan) },
    ...(terms === undefined ? {} : { margin: { terms, cash: normal(opening) } }),
    ...(interval === undefined ? {} : { interval }),
  })
  const profileOf = (instrument: number) => profileOfRegime(sight.regime(instrument, 'risk')?.regime)
  const scaling: { profileOf?: typeof profileOf } = topology.regimeScaling ? { profileOf } : {}
  const { strategy, params } = seat
  const risk = createRisk(topology.risk, {
    ...{ account: name, strategy: strategy.name, markets, portfolio, prices, facts, ...scaling },
    ...{ margin: terms, feeRate: Math.max(...Object.values(rates).map(({ taker }) => taker)) },
  })
  const { features = false, regimes = false } = strategy
  const intervals = strategy.intervals?.(params) ?? []
  const declared = declaredSight(sight, { strategy: strategy.name, features, regimes, intervals })
  const desk = new SignalDesk({
    ...{ strategy: strategy.name, account: name, instruments, markets, portfolio, sight: declared },
    fees: instruments.map((one) => rates[one.exchange]!),
    ...(topology.execution !== undefined && { busy: (instrument) => parents?.busy(instrument) === true }),
  })
  const parents = parentsOf(options, { desk, portfolio, rates })
  const watched = topology.exits?.length ? createExits(topology.exits, instruments) : undefined
  const stopFactor = (instrument: number) => risk.emergency.stopFactor(instrument)
  const barUs = lengthOf(intervalOf(seat, plan))
  const player = new Player({
    ...{ trader: strategy.create(params, desk), strategy: strategy.name, desk, markets, portfolio },
    ...{ sizing: createSizing(topology.sizing, { instruments, barUs, prices }), ...scaling },
    reach: parents && ((signal, instrument) => parents.reach(signal, instrument)),
    candles: fill !== 'book' && intervalOf(seat, plan) === interval ? interval : undefined,
    exits:
      watched &&
      new ExitWatch({
        ...{ exits: watched, desk, portfolio, profileOf: scaling.profileOf, stopFactor },
        busy: parents && ((instrument) => parents.closing(instrument)),
      }),
  })
  return {
    ...{ name, venue, portfolio, risk, player, parents },
    save: () =>
      pack({
        venue: venue.save(),
        risk: risk.save(),
        player: player.save(),
        portfolio: portfolio.save(),
        parents: parents?.save(),
      } satisfies Saved),
    load(bytes) {
      const saved = unpack<Saved>(bytes)
      portfolio.load(saved.portfolio)
      venue.load(saved.venue)
      risk.load(saved.risk)
      player.load(saved.player)
      if (saved.parents !== undefined) parents?.load(saved.parents)
    },
  }
}

/** What works off the account's orders, where the topology says how. */
function parentsOf(
  { plan: { topology, fill, interval }, seat, markets }: AccountOptions,
  { rates, ...parts }: Pick<ParentsOptions, 'desk' | 'portfolio'> & { readonly rates: ReturnType<typeof feesIn> },
): Parents | undefined {
  if (topology.execution === undefined) return undefined
  const candles = fill === 'book' ? undefined : interval
  return new Parents({
    ...{ chosen: algorithmOf(topology.execution), markets, candles, ...parts },
    fees: markets.map(({ instrument }) => rates[instrument.exchange]!),
    barUs: candles === undefined ? 0 : lengthOf(candles) || 0,
    seed: `${topology.seed}/execution/${seat.account.name}`,
  })
}

/** µs of a bar of time; NaN for others, undefined for none. */
function lengthOf(interval: string | undefined): number | undefined {
  return interval === undefined ? undefined : (fixedLength(interval) ?? Number.NaN)
}

interface Saved {
  readonly venue: Uint8Array
  readonly risk: Uint8Array
  readonly player: Uint8Array
  readonly portfolio: Uint8Array
  readonly parents: ReturnType<Parents['save']> | undefined
}
