// How a margin account stands: what it has against what it has to have. Whole units of the settlement currency, doubles.
import { priceOf } from '../instrument.ts'
import { exposureOf, type Holding, unrealized } from '../portfolio/holding.ts'
import type { Ledger } from '../portfolio/ledger.ts'
import { add, e8ToNumber } from '../portfolio/money.ts'
import { liquidationPrice } from './liquidation-price.ts'
import type { Leg } from './shortfall.ts'
import type { Collateral, MarginTerms } from './terms.ts'
import { initialMargin, leverageAt, maintenanceMargin } from './tiers.ts'

/** Margin ratio = maintenance / balance: 100 % and more is liquidated, and so is a balance of 0 or less. */
export interface Health {
  readonly balance: number
  readonly maintenance: number
}

/** What is left above the maintenance margin; NaN where no mark is known. */
export function surplusOf({ balance, maintenance }: Health): number {
  return balance - maintenance
}

/** What a position has to be covered by at its mark; NaN while that is unknown. */
export function maintenanceOf(holding: Holding, { tiers }: MarginTerms): number {
  return isOpen(holding) ? maintenanceMargin(notionalOf(holding), tiers[holding.instrument.index]!).margin : 0
}

/** A cross account as a whole: at the marks of its holdings. */
export function crossHealth(ledger: Ledger, terms: MarginTerms): Health {
  let worth = ledger.free()
  let maintenance = 0
  for (const holding of ledger.holdings) {
    if (!isOpen(holding)) continue
    worth = add(worth, unrealized(holding))
    maintenance += maintenanceOf(holding, terms)
  }
  return { balance: e8ToNumber(worth) + collateralOf(ledger, terms), maintenance }
}

/** An isolated position by itself. */
export function isolatedHealth(holding: Holding, terms: MarginTerms): Health {
  const balance = e8ToNumber(add(holding.margin, unrealized(holding)))
  return { balance, maintenance: maintenanceOf(holding, terms) }
}

/** What stands behind a position, and it with all others. */
export function healthOf(holding: Holding, ledger: Ledger, terms: MarginTerms): Health {
  return terms.mode === 'cross' ? crossHealth(ledger, terms) : isolatedHealth(holding, terms)
}

/** The worth of all collateral after haircuts; NaN while one's price is unknown: then nothing can be opened on it. */
export function collateralOf(ledger: Ledger, { collateral }: MarginTerms): number {
  let total = 0
  for (const one of collateral) total += amountOf(one) * unitPrice(one, ledger)
  return total
}

/** A price as what profit is a straight line of: 1 / price of an inverse contract. */
export function lineOf({ instrument }: Holding, ticks: number): number {
  const price = priceOf(instrument, ticks)
  return instrument.inverse ? 1 / price : price
}

/** A position as a line of that. */
export function legOf(holding: Holding, { tiers }: MarginTerms): Leg {
  const { instrument, scales, lots, cost } = holding
  const size = (Math.abs(lots) * instrument.lotNumerator * instrument.contractSize) / instrument.lotDenominator
  // Its mean entry, from the exact cost: an entry price has been rounded.
  const entryPrice = Math.abs(Number(cost)) / 1e8 / size
  const long = lots > 0 !== scales.whole.inverse
  return { sign: long ? 1 : -1, size, entryPrice, tiers: tiers[instrument.index]! }
}

/** Collateral that is valued at an instrument, as a line of its price. */
export function collateralLegs(index: number, { collateral }: MarginTerms): Leg[] {
  return collateral
    .filter(({ at }) => 'instrument' in at && at.instrument === index)
    .map((one) => ({ sign: 1, size: amountOf(one), entryPrice: 0, tiers: [] }))
}

/** What a position binds, what it was opened with, and where it ends; `price` as `liquidationPrice` gives it. */
export function standingOf(holding: Holding, ledger: Ledger, terms: MarginTerms): Standing {
  if (!isOpen(holding)) return noStanding
  const { index, inverse } = holding.instrument
  const chosen = { leverage: terms.leverage[index]!, tiers: terms.tiers[index]! }
  const notional = notionalOf(holding)
  const { balance, maintenance } = healthOf(holding, ledger, terms)
  const own = maintenanceOf(holding, terms)
  const pnl = e8ToNumber(unrealized(holding))
  const leg = legOf(holding, terms)
  const { price } = liquidationPrice({
    ...{ side: holding.lots > 0 ? 'long' : 'short', inverse, size: leg.size, tiers: leg.tiers },
    ...{ entryPrice: inverse ? 1 / leg.entryPrice : leg.entryPrice, walletBalance: balance - pnl },
    ...{ otherMaintenanceMargin: maintenance - own, otherUnrealizedPnl: 0 },
  })
  const margin = terms.mode === 'cross' ? initialMargin(notional, chosen) : e8ToNumber(holding.margin)
  return { margin, leverage: leverageAt(notional, chosen), liquidationPrice: price ?? undefined }
}

export interface Standing {
  readonly margin: number | undefined
  readonly leverage: number | undefined
  readonly liquidationPrice: number | undefined
}

/** Of no position, and of an account that nobody asks for margin. */
export const noStanding: Standing = { margin: undefined, leverage: undefined, liquidationPrice: undefined }

/** A contract that is held: spot needs no cover. */
export function isOpen({ lots, spot }: Holding): boolean {
  return lots !== 0 && !spot
}

/** Absolute value at mark; NaN while that is unknown. */
export function notionalOf(holding: Holding): number {
  return holding.mark > 0 ? e8ToNumber(exposureOf(holding)) : Number.NaN
}

function amountOf({ amount, haircut }: Collateral): number {
  return amount * (1 - haircut)
}

function unitPrice({ at }: Collateral, { holdings }: Ledger): number {
  if ('price' in at) return at.price
  const holding = holdings[at.instrument]!
  return holding.mark > 0 ? lineOf(holding, holding.mark) : Number.NaN
}
