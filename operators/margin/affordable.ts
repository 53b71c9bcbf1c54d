// What an account has to have before it may send an order, and what it has.
import type { Holding } from '../portfolio/holding.ts'
import type { Ledger } from '../portfolio/ledger.ts'
import { e8ToNumber, markValue } from '../portfolio/money.ts'
import { crossHealth, notionalOf } from './health.ts'
import type { MarginTerms } from './terms.ts'
import { initialMargin } from './tiers.ts'

/** An order that may still be filled. */
export interface Working {
  readonly instrument: number
  readonly side: 'buy' | 'sell'
  /** Its limit; undefined or NaN: at what the market asks. */
  readonly ticks: number | undefined
  readonly leftLots: number
  readonly positionSide?: 'long' | 'short' | undefined
  readonly reduceOnly?: boolean | undefined
}

/** Whole units of the settlement currency; NaN where a price that matters is not known: then nothing may be sent. */
export interface Affordable {
  readonly needs: number
  readonly has: number
}

/**
 * The initial margin of all positions and open orders with one more order, at `price` in ticks: of each position the larger of what it
 * were if all its buys, or all its sells, were filled; with what the order loses at once (price against mark) and its fee.
 *
 * Has: of a cross account wallet + unrealised profit + collateral; where positions are isolated what is not set aside for one, and then
 * only what orders add to them is needed.
 *
 * In:     holdings at their marks; `open` without the order.
 * Source: Binance Futures, "How to Calculate the Cost Required to Open a Position" (initial margin + open loss).
 */
export function affordable(
  ledger: Ledger,
  terms: MarginTerms,
  open: Iterable<Working>,
  { order, price, feeRate }: { readonly order: Working; readonly price: number; readonly feeRate: number },
): Affordable {
  const isolated = terms.mode === 'isolated'
  const orders = [...open, order]
  let needs = 0
  for (const holding of ledger.holdings) {
    if (holding.spot) continue
    const { index } = holding.instrument
    const chosen = { leverage: terms.leverage[index]!, tiers: terms.tiers[index]! }
    const present = holding.lots === 0 ? 0 : notionalOf(holding)
    const after = worst(holding, orders, index === order.instrument ? price : holding.mark)
    if (after > 0 || Number.isNaN(after)) needs += initialMargin(after, chosen)
    if (isolated && present > 0) needs -= initialMargin(present, chosen)
  }
  const holding = ledger.at(order.instrument, order.positionSide)
  const value = valueAt(holding, price, order.leftLots)
  const dearer = value - valueAt(holding, holding.mark, order.leftLots)
  // A coin that is counted in contracts is worth less of them at a higher price.
  const openLoss = Math.max(0, (order.side === 'buy') === holding.instrument.inverse ? -dearer : dearer)
  const has = isolated ? e8ToNumber(ledger.free()) : crossHealth(ledger, terms).balance
  return { needs: needs + openLoss + value * feeRate, has }
}

/** True when the order, with all of its side that are open, only takes from the position. */
export function onlyReduces(ledger: Ledger, open: Iterable<Working>, order: Working): boolean {
  if (order.reduceOnly) return true
  const { lots } = ledger.at(order.instrument, order.positionSide)
  if (order.side === 'buy' ? lots >= 0 : lots <= 0) return false
  let closing = order.leftLots
  for (const one of open) if (isOf(one, order) && one.side === order.side) closing += one.leftLots
  return closing <= Math.abs(lots)
}

/** The largest value that a position could have; orders without a limit are filled at `price`. */
function worst(holding: Holding, orders: readonly Working[], price: number): number {
  const { instrument, side } = holding
  let [buys, sells] = [0, 0]
  for (const order of orders) {
    if (order.reduceOnly || order.instrument !== instrument.index) continue
    if (side !== undefined && order.positionSide !== side) continue
    const value = valueAt(holding, order.ticks! > 0 ? order.ticks! : price, order.leftLots)
    if (order.side === 'buy') buys += value
    else sells += value
  }
  const present = holding.lots === 0 ? 0 : Math.sign(holding.lots) * notionalOf(holding)
  return Math.max(Math.abs(present + buys), Math.abs(present - sells))
}

/** Absolute value of lots at a price; NaN where there is none. */
function valueAt({ scales }: Holding, ticks: number, lots: number): number {
  return ticks > 0 ? e8ToNumber(markValue(scales, ticks, lots)) : Number.NaN
}

function isOf(one: Working, other: Working): boolean {
  return one.instrument === other.instrument && one.positionSide === other.positionSide
}
