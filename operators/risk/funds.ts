// What the account cannot pay for: spot needs the cash or the asset, contracts their margin.
import { z } from 'zod'
import { sizeOf } from '../instrument.ts'
import type { Affordable } from '../margin/affordable.ts'
import { allow, defineCheck, money, refuse } from './check.ts'
import type { RiskView } from './view.ts'

const config = z.strictObject({
  leverage: z
    .number()
    .min(1)
    .max(125)
    .default(20)
    .describe(
      'contracts: equity must be at least value / leverage; S2 §5.2.4, and what Binance gives a new account; where venue.margin is given its leverage and tiers hold instead',
    ),
  feeReserve: z
    .number()
    .min(0)
    .max(0.1)
    .default(0.001)
    .describe('spot: share of a purchase that is kept back for its fee; Binance’s highest spot fee'),
})

/** A spot account cannot sell what it has not, nor spend what it has not (DESIGN §7); contracts need equity ≥ value / leverage, or what a margin account asks for. */
export const funds = defineCheck({
  name: 'funds',
  always: true,
  config,
  create: ({ leverage, feeReserve }) => ({
    check(view) {
      // The exchange sees to it that no more is sold than is held.
      if (view.wish.reduceOnly === true || view.wish.closePosition === true) return allow(0, view.equity)
      if (view.wish.instrument.type === 'spot') return view.wish.side === 'sell' ? asset(view) : cash(view, feeReserve)
      if (view.reduces) return allow(0, view.equity)
      const asked = view.affordable()
      if (asked !== undefined) return margined(asked)
      const margin = view.exposureAfter(true) / leverage
      return margin <= view.equity
        ? allow(margin, view.equity)
        : refuse(
            margin,
            view.equity,
            'NOT_ENOUGH_MARGIN',
            `needs a margin of ${money(margin)} at ${leverage}×, equity is ${money(view.equity)}`,
          )
    },
  }),
})

/** As the exchange itself will reckon, on what we were told so far. */
function margined({ needs, has }: Affordable) {
  return needs <= has
    ? allow(needs, has)
    : refuse(needs, has, 'NOT_ENOUGH_MARGIN', `needs a margin of ${money(needs)} with open orders, has ${money(has)}`)
}

function asset({ wish, lots, openLots }: RiskView) {
  const { instrument } = wish
  const selling = sizeOf(instrument, wish.lots + openLots)
  const has = sizeOf(instrument, Math.max(0, lots))
  return selling <= has
    ? allow(selling, has)
    : refuse(selling, has, 'NOT_ENOUGH_ASSET', `sells ${selling} ${instrument.symbol} with open sells, has ${has}`)
}

function cash(view: RiskView, feeReserve: number) {
  const needs = (view.value + view.spentByOpenBuys()) * (1 + feeReserve)
  const has = view.portfolio.freeCash() / 1e8
  return needs <= has
    ? allow(needs, has)
    : refuse(needs, has, 'NOT_ENOUGH_CASH', `needs ${money(needs)} with open buys and fees, has ${money(has)}`)
}
