// What an exchange does with a position that is not covered any more.
import type { Execution } from '../../schemas/records.generated.ts'
import { sizeOf } from '../instrument.ts'
import { isOpen, maintenanceOf, notionalOf } from '../margin/health.ts'
import { tierAt } from '../margin/tiers.ts'
import { absolute, exposureOf, type Holding, trade, unrealized, worth, worthAtMark } from '../portfolio/holding.ts'
import { add, type E8, e8ToNumber, feeOf, subtract } from '../portfolio/money.ts'
import type { At, MarginAccount } from './margin-account.ts'

/** What a liquidation may do at the exchange. */
export interface LiquidationDesk {
  /** Takes back all open orders of an instrument. */
  cancelAll(index: number): void
  /** Takes from the market at the limit or better; gives the lots that it could not have. */
  take(index: number, wanted: Wanted, part: (ticks: number, lots: number) => void): number
  report(index: number, what: Liquidated): void
}

export interface Wanted {
  readonly side: 'buy' | 'sell'
  readonly limit: number
  readonly lots: number
  /** In ticks; no whole number where it is a middle. */
  readonly mark: number
}

export type Liquidated = Pick<Execution, 'side' | 'ticks' | 'lots' | 'leftLots' | 'positionSide'> & {
  readonly fee: bigint
  readonly reason: 'LIQUIDATED' | 'BANKRUPT'
}

interface Piece {
  readonly ticks: number
  readonly lots: number
  readonly reason: Liquidated['reason']
}

/**
 * Liquidates what has fallen short, step by step, until nothing has.
 *
 * First open orders are taken back: of the instrument where positions are isolated, of all in a cross account. A position above the
 * lowest tier is then reduced to the tier below, at the bankruptcy price or better. Where the market does not give that, in the lowest
 * tier, or with nothing left behind it, it is closed whole: the insurance fund takes over what the market does not give, at the bankruptcy
 * price, and closes it at mark. What the fund loses or gains by that is its own, and so is the fee. The fee is never more than is left: an
 * account keeps 0 or more where nothing but this position lost.
 *
 * Source: Binance Futures, "Liquidation Protocols": orders cancelled, an immediate-or-cancel order, the rest to the insurance fund.
 */
export function liquidate(account: MarginAccount, desk: LiquidationDesk, at?: At): void {
  let fallen = account.fallen(at)
  if (fallen === undefined) return
  const { holdings } = account.ledger
  const own = account.terms.mode === 'isolated' ? [fallen] : holdings
  for (const index of new Set(own.map(({ instrument }) => instrument.index))) desk.cancelAll(index)
  let stuck: Holding | undefined
  for (; fallen !== undefined; fallen = account.fallen(at)) {
    const held = Math.abs(fallen.lots)
    const lots = fallen === stuck ? held : lotsToClose(account, fallen)
    stuck = close(account, desk, fallen, lots) ? undefined : fallen
  }
}

/** One order of the liquidation engine. False when the market did not give a part of a position: none but the whole is taken over. */
function close(account: MarginAccount, desk: LiquidationDesk, holding: Holding, lots: number): boolean {
  const { instrument, lots: held, side: positionSide, mark } = holding
  const side = held > 0 ? 'sell' : 'buy'
  const limit = bankruptcyTicks(account, holding)
  const pieces: Piece[] = []
  const left = desk.take(instrument.index, { side, limit, lots, mark }, (ticks, part) => {
    pieces.push({ ticks, lots: part, reason: 'LIQUIDATED' })
  })
  const whole = lots === Math.abs(held)
  if (left > 0 && whole) pieces.push({ ticks: limit, lots: left, reason: 'BANKRUPT' })
  let budget = balanceAfter(account, holding, pieces)
  let leftLots = Math.abs(held)
  for (const { ticks, lots, reason } of pieces) {
    const asked = feeOf(absolute(worth(holding, ticks, lots)), account.terms.liquidationFee)
    const fee = !(budget > 0) ? 0 : asked < budget ? asked : budget
    budget = subtract(budget, fee)
    leftLots -= lots
    const gain =
      reason === 'BANKRUPT'
        ? subtract(worthAtMark(holding, part(held, lots)), worth(holding, ticks, part(held, lots)))
        : 0
    account.fund = add(account.fund, add(fee, gain))
    desk.report(instrument.index, { side, ticks, lots, leftLots, fee: BigInt(fee), positionSide, reason })
  }
  return left === 0 || whole
}

/** All of it, or what brings it down to the tier below. */
function lotsToClose(account: MarginAccount, holding: Holding): number {
  const held = Math.abs(holding.lots)
  const notional = notionalOf(holding)
  const { floor } = tierAt(account.terms.tiers[holding.instrument.index]!, notional)
  if (floor === 0 || !(account.balanceBehind(holding) > 0)) return held
  let keep = Math.floor(held * (floor / notional))
  while (keep > 0 && e8ToNumber(exposureOf({ ...holding, lots: part(holding.lots, keep) })) > floor) keep -= 1
  return held - keep
}

/**
 * The price at which nothing is left behind a position, as whole ticks on the side on which something is. Of a cross account each position
 * has a part of the balance behind it, as its maintenance margin is of all.
 */
function bankruptcyTicks(account: MarginAccount, holding: Holding): number {
  const { instrument, lots, mark } = holding
  const share = shareBehind(account, holding)
  const behind = e8ToNumber(account.balanceBehind(holding)) * share
  const size = sizeOf(instrument, lots) * instrument.contractSize
  const { inverse, tickNumerator, tickDenominator } = instrument
  const price = (mark * tickNumerator) / tickDenominator
  // What is lost from the mark on: size × (mark − price), of inverse contracts size × (1 / price − 1 / mark).
  const ticks = ((inverse ? 1 / (1 / price + behind / size) : price - behind / size) * tickDenominator) / tickNumerator
  let whole = Math.max(1, lots > 0 ? Math.ceil(ticks) : Math.floor(ticks))
  if (share < 1) return whole
  const all = (ticks: number): readonly Piece[] => [{ ticks, lots: Math.abs(lots), reason: 'BANKRUPT' }]
  // Doubles come near; what is exact decides.
  while (balanceAfter(account, holding, all(whole)) < 0) whole += lots > 0 ? 1 : -1
  return whole
}

function shareBehind({ ledger, terms }: MarginAccount, holding: Holding): number {
  if (terms.mode === 'isolated') return 1
  const open = ledger.holdings.filter(isOpen)
  if (open.length === 1) return 1
  const total = open.reduce((sum, one) => sum + maintenanceOf(one, terms), 0)
  return total > 0 ? maintenanceOf(holding, terms) / total : 1 / open.length
}

/** The balance behind a position, at mark, once pieces of it are closed; before fees. */
function balanceAfter(account: MarginAccount, holding: Holding, pieces: readonly Piece[]): E8 {
  const rest = { ...holding }
  let balance = subtract(account.balanceBehind(holding), unrealized(holding))
  for (const { ticks, lots } of pieces) balance = add(balance, trade(rest, ticks, part(-holding.lots, lots)))
  return add(balance, unrealized(rest))
}

/** So many lots with the sign of a position. */
function part(held: number, lots: number): number {
  return held > 0 ? lots : -lots
}
