// What trading cost beside fees: each fill against the middle of the market at its moment, on the exchange's clock.
import { indexIn, instrumentOf } from '../../operators/instrument.ts'
import type { MarketState } from '../../operators/market-state.ts'
import { markValue, type Scales, scalesOf } from '../../operators/portfolio/money.ts'
import { marketOf } from '../../pipelines/market-of.ts'
import type { Plan } from '../../pipelines/plan.ts'
import { inputOptions } from '../../pipelines/plan.ts'
import { rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { type Dictionary, wordAt } from '../../schemas/columns.ts'
import type { Execution } from '../../schemas/records.generated.ts'
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
 * spread, the depth that was walked through, the impact that the venue adds. The middle is that before the first row whose
 * exchange time is not before the fill's, as the simulated venue saw it.
 */
export async function scanCosts(topics: Topics, run: string, plan: Plan): Promise<ExecutionCost> {
  const depth = ['quotes', 'books'].map((name) => physicalName(name as 'quotes' | 'books'))
  const inputs = plan.fill === 'book' ? plan.inputs.filter(({ topic }) => depth.includes(topic)) : []
  const known = plan.instruments.map(instrumentOf).map((instrument): Known => {
    return { market: marketOf(instrument), scales: scalesOf(instrument) }
  })
  const costs = new Costs(known)
  const fills = fillsOf(topics, run)
  let fill = await fills.next()
  if (inputs.length > 0 && !fill.done) {
    const options = { ...inputOptions(plan), inputs: inputs.map(({ topic }) => ({ topic })) }
    for await (const { merged } of replay(topics, options)) {
      for (let at = 0; at < merged.rows; at++) {
        const batch = merged.sources[merged.source[at]!]!
        const row = merged.row[at]!
        const time = batch.columns.time[row]!
        while (!fill.done && fill.value.time <= time) {
          costs.add(fill.value)
          fill = await fills.next()
        }
        const { exchange, symbol } = batch.columns as unknown as Record<'exchange' | 'symbol', Dictionary>
        const received = batch.columns.received[row]!
        const one = known[indexIn(plan.instruments, wordAt(exchange, row), wordAt(symbol, row))]
        one?.market.apply({ topic: batch.topic, batch, row, received })
      }
      if (fill.done) break
    }
  }
  for (; !fill.done; fill = await fills.next()) costs.add(fill.value)
  return costs.told(inputs.length > 0)
}

async function* fillsOf(topics: Topics, run: string): AsyncGenerator<Execution> {
  const topic = physicalName('executions', run)
  if (!(await topics.list()).some(({ name }) => name === topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) {
      const row = rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Execution
      if (row.kind === 'fill' || row.kind === 'liquidation') yield row
    }
  }
}

class Costs {
  private readonly known: readonly Known[]
  private readonly count = { taken: 0, rested: 0, blind: 0 }
  private readonly fees = { taken: 0n, rested: 0n }
  private readonly spread = { taken: 0n, rested: 0n }

  constructor(known: readonly Known[]) {
    this.known = known
  }

  add({ exchange, symbol, side, ticks, lots, fee, liquidity }: Execution): void {
    const kind = liquidity === 'maker' ? 'rested' : 'taken'
    this.count[kind]++
    this.fees[kind] += fee
    const one = this.known.find(
      ({ market: { instrument } }) => instrument.symbol === symbol && instrument.exchange === exchange,
    )
    const middle = one === undefined ? Number.NaN : (one.market.bidTicks + one.market.askTicks) / 2
    if (one === undefined || Number.isNaN(middle)) {
      this.count.blind++
      return
    }
    const { scales, market } = one
    const dearer = BigInt(markValue(scales, ticks!, lots!)) - BigInt(markValue(scales, middle, lots!))
    // A coin that is counted in contracts is worth less of them at a higher price.
    this.spread[kind] += (side === 'buy') === market.instrument.inverse ? -dearer : dearer
  }

  told(hasDepth: boolean): ExecutionCost {
    const { taken, rested, blind } = this.count
    const isKnown = blind < taken + rested || taken + rested === 0
    const missing = hasDepth
      ? `no bid and ask was known at ${blind} of ${taken + rested} fills`
      : 'these data hold no bid and ask, so what the spread cost is part of the price result'
    return {
      ...{ taken, rested, takerFees: this.fees.taken, makerFees: this.fees.rested },
      takerSpread: hasDepth && isKnown ? this.spread.taken : undefined,
      makerSpread: hasDepth && isKnown ? this.spread.rested : undefined,
      unknown: hasDepth && blind === 0 ? undefined : missing,
    }
  }
}
