// What trading cost beside fees: each fill against the middle of the market at its moment, on the exchange's clock.
import { slippage } from '../../operators/execution/slippage/index.ts'
import { indexIn, instrumentOf } from '../../operators/instrument.ts'
import type { MarketState } from '../../operators/market-state.ts'
import { markValue, type Scales, scalesOf } from '../../operators/portfolio/money.ts'
import { isEnd } from '../../operators/signal-desk.ts'
import { marketOf } from '../../pipelines/market-of.ts'
import type { Plan } from '../../pipelines/plan.ts'
import { inputOptions } from '../../pipelines/plan.ts'
import { rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { type Dictionary, wordAt } from '../../schemas/columns.ts'
import type { Execution, Order, Rows } from '../../schemas/records.generated.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import type { ExecutionCost } from './data.ts'

interface Known {
  readonly market: MarketState
  readonly scales: Scales
}

/**
 * Costs of a run's fills, in one pass over its executions beside the quotes and books that it saw.
 *
 * A fill that pays more than the middle has a cost, one that pays less (a resting order, as a rule) has earned it: half the
 * spread, the depth that was walked through. What the venue's slippage adds to that is written with each fill, and told apart;
 * where a run of older code did not write it, it is part of the spread. The middle is that before the first row whose
 * exchange time is not before the fill's, as the simulated venue saw it. What it moved since the order was decided, on what we had
 * received by then, is the cost of latency; of orders that waited in the book, or for a price, it is none.
 */
export async function scanCosts(topics: Topics, run: string, plan: Plan): Promise<ExecutionCost> {
  const depth = ['quotes', 'books'].map((name) => physicalName(name as 'quotes' | 'books'))
  const inputs = plan.fill === 'book' ? plan.inputs.filter(({ topic }) => depth.includes(topic)) : []
  const known = plan.instruments.map(instrumentOf).map((instrument): Known => {
    return { market: marketOf(instrument), scales: scalesOf(instrument) }
  })
  const costs = new Costs(known, plan)
  const [fills, orders] = [endsOf(topics, run), ordersOf(topics, run)]
  let [fill, order] = [await fills.next(), await orders.next()]
  const decideUntil = async (received: number): Promise<void> => {
    while (!order.done && order.value.received < received) {
      costs.decided(order.value)
      order = await orders.next()
    }
  }
  if (inputs.length > 0 && !fill.done) {
    const options = { ...inputOptions(plan), inputs: inputs.map(({ topic }) => ({ topic })) }
    for await (const { merged } of replay(topics, options)) {
      for (let at = 0; at < merged.rows; at++) {
        const batch = merged.sources[merged.source[at]!]!
        const row = merged.row[at]!
        const time = batch.columns.time[row]!
        const received = batch.columns.received[row]!
        if (!order.done && order.value.received < received) await decideUntil(received)
        while (!fill.done && fill.value.time <= time) {
          await decideUntil(fill.value.received)
          costs.add(fill.value)
          fill = await fills.next()
        }
        const { exchange, symbol } = batch.columns as unknown as Record<'exchange' | 'symbol', Dictionary>
        const one = known[indexIn(plan.instruments, wordAt(exchange, row), wordAt(symbol, row))]
        one?.market.apply({ topic: batch.topic, batch, row, received })
      }
      if (fill.done) break
    }
  }
  await decideUntil(Number.POSITIVE_INFINITY)
  for (; !fill.done; fill = await fills.next()) costs.add(fill.value)
  return costs.told(inputs.length > 0)
}

/** Fills, and the ends of orders. */
async function* endsOf(topics: Topics, run: string): AsyncGenerator<Execution> {
  for await (const row of rowsOf(topics, run, 'executions')) if (isFill(row) || isEnd(row)) yield row
}

/** Orders that are to act as soon as they arrive. */
async function* ordersOf(topics: Topics, run: string): AsyncGenerator<Order> {
  for await (const row of rowsOf(topics, run, 'orders')) {
    if (row.kind === 'new' && row.parent === undefined && (row.type === 'market' || row.type === 'limit')) yield row
  }
}

/** Rows of a run in the order of a replay; none where it wrote none. */
export async function* rowsOf<T extends 'executions' | 'orders'>(
  topics: Topics,
  run: string,
  record: T,
): AsyncGenerator<Rows[T]> {
  const topic = physicalName(record, run)
  if (!(await topics.list()).some(({ name }) => name === topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) {
      yield rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Rows[T]
    }
  }
}

const isFill = ({ kind }: Execution): boolean => kind === 'fill' || kind === 'liquidation'

class Costs {
  private readonly known: readonly Known[]
  private readonly instruments: Plan['instruments']
  private readonly isSlipping: boolean
  private readonly count = { taken: 0, rested: 0, blind: 0, untold: 0 }
  private readonly fees = { taken: 0n, rested: 0n }
  private readonly spread = { taken: 0n, rested: 0n }
  private slippage = 0n
  private latency = 0n
  /** The middle when an order was decided, in ticks, until the order has ended. */
  private readonly middles = new Map<string, number>()

  constructor(known: readonly Known[], { instruments, topology }: Plan) {
    this.known = known
    this.instruments = instruments
    this.isSlipping = !slippage(topology.venue.slippage, '').isNone
  }

  decided({ clientId, exchange, symbol }: Order): void {
    const one = this.find(exchange, symbol)
    if (one !== undefined) this.middles.set(clientId, middleOf(one))
  }

  add(execution: Execution): void {
    if (isFill(execution)) this.fill(execution)
    if (isEnd(execution)) this.middles.delete(execution.clientId)
  }

  private find(exchange: string, symbol: string): Known | undefined {
    return this.known[indexIn(this.instruments, exchange, symbol)]
  }

  private fill(execution: Execution): void {
    const { clientId, exchange, symbol, kind: what, side, ticks, lots, fee, liquidity, slippageTicks } = execution
    const kind = liquidity === 'maker' ? 'rested' : 'taken'
    this.count[kind]++
    this.fees[kind] += fee
    if (this.isSlipping && what === 'fill' && kind === 'taken' && slippageTicks === undefined) this.count.untold++
    const one = this.find(exchange, symbol)
    if (one === undefined) {
      this.count.blind++
      return
    }
    const { scales, market } = one
    const worth = (price: number) => BigInt(markValue(scales, price, lots!))
    // A coin that is counted in contracts is worth less of them at a higher price.
    const sign = (side === 'buy') === market.instrument.inverse ? -1n : 1n
    const given = ticks! - (side === 'buy' ? 1 : -1) * (slippageTicks ?? 0)
    this.slippage += sign * (worth(ticks!) - worth(given))
    const middle = middleOf(one)
    if (Number.isNaN(middle)) {
      this.count.blind++
      return
    }
    this.spread[kind] += sign * (worth(given) - worth(middle))
    const decided = this.middles.get(clientId) ?? Number.NaN
    if (kind === 'taken' && !Number.isNaN(decided)) this.latency += sign * (worth(middle) - worth(decided))
  }

  told(hasDepth: boolean): ExecutionCost {
    const { taken, rested, blind, untold } = this.count
    const isKnown = blind < taken + rested || taken + rested === 0
    const missing = hasDepth
      ? `no bid and ask was known at ${blind} of ${taken + rested} fills`
      : 'these data hold no bid and ask, so what the spread cost is part of the price result'
    const reasons = [
      ...(hasDepth && blind === 0 ? [] : [missing]),
      ...(untold === 0 ? [] : ['its fills do not tell what of it was slippage: run it again with this version']),
    ]
    return {
      ...{ taken, rested, takerFees: this.fees.taken, makerFees: this.fees.rested },
      takerSpread: hasDepth && isKnown ? this.spread.taken : undefined,
      makerSpread: hasDepth && isKnown ? this.spread.rested : undefined,
      latency: hasDepth && isKnown ? this.latency : undefined,
      slippage: untold === 0 ? this.slippage : undefined,
      unknown: reasons.length === 0 ? undefined : reasons.join('; '),
    }
  }
}

function middleOf({ market: { bidTicks, askTicks } }: Known): number {
  return (bidTicks + askTicks) / 2
}
