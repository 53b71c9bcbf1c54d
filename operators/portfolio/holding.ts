// One instrument of an account at average cost, in whole lots and whole 10⁻⁸.
import type { Instrument } from '../instrument.ts'
import { add, type E8, exactValue, markValue, type Scales, scalesOf, shareOf, subtract } from './money.ts'

/**
 * A position and what it has earned. `cost` is the worth of the open size at its entry prices, signed so that
 * worth at mark − cost is the profit: linear contracts are worth price × size, inverse ones −size / price.
 */
export interface Holding {
  readonly instrument: Instrument
  readonly scales: Scales
  /** Bought and sold for cash (spot), rather than settled by profit and loss. */
  readonly spot: boolean
  /** In hedge mode: which of the two positions of its instrument. */
  readonly side: 'long' | 'short' | undefined
  lots: number
  cost: E8
  /** Ticks that it is valued at; NaN until the market says a price. */
  mark: number
  realized: E8
  fees: E8
  funding: E8
  /** What is set aside for it alone: the margin of an isolated position. */
  margin: E8
}

/** What of a holding changes, to be saved. */
export type HoldingState = Omit<Holding, 'instrument' | 'scales' | 'spot' | 'side'>

export function emptyHolding(instrument: Instrument, side?: Holding['side']): Holding {
  return {
    instrument,
    scales: scalesOf(instrument),
    spot: instrument.type === 'spot',
    side,
    ...{ lots: 0, cost: 0, mark: Number.NaN, realized: 0, fees: 0, funding: 0, margin: 0 },
  }
}

export function holdingState({ lots, cost, mark, realized, fees, funding, margin }: Holding): HoldingState {
  return { lots, cost, mark, realized, fees, funding, margin }
}

/**
 * Trades signed lots at a price. What adds to the position adds to its cost; what takes from it realises the difference
 * to its share of the cost; a trade through zero does both. Returns the profit realised.
 */
export function trade(holding: Holding, ticks: number, lots: number): E8 {
  const { lots: held, cost } = holding
  if (holding.lots === 0 || held > 0 === lots > 0) {
    holding.lots = held + lots
    holding.cost = add(cost, worth(holding, ticks, lots))
    return 0
  }
  const closed = Math.min(Math.abs(lots), Math.abs(held))
  const share = shareOf(cost, closed, Math.abs(held))
  const brought = worth(holding, ticks, held > 0 ? closed : -closed)
  const profit = subtract(brought, share)
  holding.lots = held + lots
  // What opens anew costs what the whole trade was worth without the part that closed, so that no 10⁻⁸ is lost between them.
  holding.cost = Math.abs(lots) > closed ? add(worth(holding, ticks, lots), brought) : subtract(cost, share)
  holding.realized = add(holding.realized, profit)
  return profit
}

/** Price that the position is valued at; undefined until the market says one. */
export function markPrice({ instrument, mark }: Holding): number | undefined {
  return mark > 0 ? (mark * instrument.tickNumerator) / instrument.tickDenominator : undefined
}

/** What the position would bring above its cost if it were closed at its mark; 0 while no mark is known. */
export function unrealized(holding: Holding): E8 {
  if (holding.lots === 0 || !(holding.mark > 0)) return 0
  return subtract(worthAtMark(holding, holding.lots), holding.cost)
}

/** Absolute value of the position at mark; at cost while no mark is known. */
export function exposureOf(holding: Holding): E8 {
  if (holding.lots === 0) return 0
  return absolute(holding.mark > 0 ? markValue(holding.scales, holding.mark, holding.lots) : holding.cost)
}

/** Mean price of the open size, a double for people (money is counted by `cost`); undefined when there is none. A price on a tick is that price. */
export function entryPrice({ instrument, scales, lots, cost }: Holding): number | undefined {
  if (lots === 0) return undefined
  const { inverse, top, bottom } = scales.whole
  const [size, amount] = [Math.abs(lots), Math.abs(Number(cost))]
  const mean = inverse ? (size * top) / (amount * bottom) : (amount * bottom) / (size * top)
  const nearest = Math.round(mean)
  const ticks = nearest > 0 && exactValue(scales.whole, nearest, size) === amount ? nearest : mean
  return (ticks * instrument.tickNumerator) / instrument.tickDenominator
}

/** What signed lots are worth at a price, so that worth at mark − cost is profit, of inverse contracts too. */
export function worth(holding: Holding, ticks: number, lots: number): E8 {
  const value = exactValue(holding.scales.whole, ticks, lots)
  return holding.scales.whole.inverse ? negative(value) : value
}

/** The same at the holding's mark, which need not be whole ticks. */
export function worthAtMark({ scales, mark }: Holding, lots: number): E8 {
  const value = markValue(scales, mark, lots)
  return scales.whole.inverse ? negative(value) : value
}

export function negative(amount: E8): E8 {
  return typeof amount === 'number' ? 0 - amount : -amount
}

export function absolute(amount: E8): E8 {
  return amount < 0 ? negative(amount) : amount
}
