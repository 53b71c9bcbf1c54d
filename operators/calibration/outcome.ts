// An order and what became of it, told alike by a simulation and by an exchange.
import type { Execution, Order } from '../../schemas/records.generated.ts'

/** Sizes and prices in the exchange's unit; NaN for what is not known. Times are the exchange's, µs. */
export interface Outcome {
  /** Client id, or what else names the order; '' when nothing does. */
  readonly id: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  /** Asked for. */
  size: number
  /** Limit; NaN for a market order too. */
  price: number
  /** When the exchange took it. */
  placed: number
  filled: number
  /** Mean price of what was filled. */
  paid: number
  /** Of the first fill. */
  filledAt: number
  /** Of most of what was filled; undefined when nothing was, or nobody says. */
  liquidity: 'maker' | 'taker' | undefined
}

/** One fill of an order. */
export interface Fill {
  readonly time: number
  readonly price: number
  readonly size: number
  readonly liquidity: Outcome['liquidity']
}

/** An order of which nothing is known yet but whose it is. */
export function unknownOutcome({ id, symbol, side }: Pick<Outcome, 'id' | 'symbol' | 'side'>): Outcome {
  return {
    ...{ id, symbol, side, size: Number.NaN, price: Number.NaN, placed: Number.NaN },
    ...{ filled: 0, paid: Number.NaN, filledAt: Number.NaN, liquidity: undefined },
  }
}

/** Adds a fill; what is paid is the mean by size. */
export function addFill(outcome: Outcome, { time, price, size, liquidity }: Fill): void {
  const before = outcome.filled
  outcome.paid = before === 0 ? price : (outcome.paid * before + price * size) / (before + size)
  outcome.filled = before + size
  outcome.filledAt = before === 0 ? time : Math.min(outcome.filledAt, time)
  if (size * 2 >= outcome.filled) outcome.liquidity = liquidity
}

/** Share of an order that was filled, in [0, 1]; 1 where nothing is known of it but its fills. */
export function shareOf({ filled, size }: Outcome): number {
  return Number.isNaN(size) ? 1 : Math.min(1, filled / size)
}

/** Orders and executions of a run, as they come, made into outcomes. */
export class Outcomes {
  private readonly byId = new Map<string, Outcome>()

  /** A new order; other requests change nothing here. */
  order({ kind, clientId, symbol, side, lots, lotSize, ticks, tickSize }: Order): void {
    if (kind !== 'new' || side === undefined) return
    const outcome = this.of(clientId, symbol, side)
    outcome.size = (lots ?? Number.NaN) * lotSize
    outcome.price = ticks === undefined ? Number.NaN : ticks * tickSize
  }

  execution({ kind, time, clientId, symbol, side, ticks, lots, tickSize, lotSize, liquidity }: Execution): void {
    if (side === undefined || ticks === undefined || lots === undefined) return
    const outcome = this.of(clientId, symbol, side)
    if (kind === 'fill') addFill(outcome, { time, price: ticks * tickSize, size: lots * lotSize, liquidity })
    else if (kind === 'accepted') outcome.placed = time
  }

  /** In the order in which they were first heard of. */
  all(): Outcome[] {
    return [...this.byId.values()]
  }

  private of(id: string, symbol: string, side: Outcome['side']): Outcome {
    let outcome = this.byId.get(id)
    if (outcome === undefined) {
      outcome = unknownOutcome({ id, symbol, side })
      this.byId.set(id, outcome)
    }
    return outcome
  }
}
