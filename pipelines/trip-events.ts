// What happened to the positions of a run, read back from its topics: fills with the profit that they realised, and funding.
import { type Instrument, indexIn, instrumentOf } from '../operators/instrument.ts'
import type { TripEvent } from '../operators/metrics/index.ts'
import { exactValue, type Scale, scaleOf } from '../operators/portfolio/money.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { Execution, Order, Position, RecordName, Signal } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { Plan } from './plan.ts'

/**
 * The events of all accounts of a run, in the order in which they happened.
 *
 * In:     reasons — also reads signals and orders, so that each fill says why it was ordered.
 * Out:    a fill without a position row yet (of a run that is not finished) is left out.
 */
export async function* tripEvents(
  topics: Topics,
  run: string,
  { plan, reasons }: { readonly plan: Plan; readonly reasons: boolean },
): AsyncGenerator<TripEvent> {
  const inputs = await written(topics, run, reasons)
  if (inputs.length === 0) return
  const pairs = new TripPairs(plan)
  const why = new Reasons()
  for await (const { merged } of replay(topics, { inputs })) {
    for (let at = 0; at < merged.rows; at++) {
      const batch = merged.sources[merged.source[at]!]!
      const row = rowAt(batch, merged.row[at]!) as Execution | Position | Signal | Order
      if (batch.topic === 'signals') why.signal(row as Signal)
      else if (batch.topic === 'orders') why.order(row as Order)
      else if (batch.topic === 'executions') {
        if (!pairs.execution(row as Execution)) why.ended(row as Execution)
      } else {
        const pair = pairs.position(row as Position)
        if (pair === undefined) continue
        const reason = why.of(pair.execution)
        yield reason === undefined || pair.event.kind === 'funding' ? pair.event : { ...pair.event, reason }
      }
    }
  }
}

/** Each execution with the position row that it led to: rows of one moment come topic by topic, executions first. */
export class TripPairs {
  private readonly instruments: readonly Instrument[]
  private readonly scales: readonly Scale[]
  private readonly realized = new Map<string, bigint>()
  private readonly waiting = new Map<string, Execution[]>()

  constructor(plan: Pick<Plan, 'instruments'>) {
    this.instruments = plan.instruments.map(instrumentOf)
    this.scales = this.instruments.map((one) => scaleOf(one))
  }

  /** False for one that books nothing. */
  execution(execution: Execution): boolean {
    if (!isBooked(execution)) return false
    queueOf(this.waiting, execution).push(execution)
    return true
  }

  /** The oldest execution that waits for a position row of this instrument and account, and what it did; undefined without one. */
  position(position: Position): { execution: Execution; event: TripEvent } | undefined {
    const execution = queueOf(this.waiting, position).shift()
    if (execution === undefined) return undefined
    const key = keyOf(position)
    const event = eventOf(execution, {
      pnlE8: position.realized - (this.realized.get(key) ?? 0n),
      scale: this.scales[indexIn(this.instruments, position.exchange, position.symbol)]!,
    })
    this.realized.set(key, position.realized)
    return { execution, event }
  }
}

/** What changes a position or its money, and so has a row of `positions`. */
const isBooked = ({ kind }: Execution) => kind === 'fill' || kind === 'liquidation' || kind === 'funding'

/** In hedge mode an instrument has two positions. */
const keyOf = ({ account, exchange, symbol, positionSide }: Execution | Position) =>
  `${account}:${exchange}:${symbol}:${positionSide ?? ''}`

function queueOf(queues: Map<string, Execution[]>, row: Execution | Position): Execution[] {
  const key = keyOf(row)
  let queue = queues.get(key)
  if (queue === undefined) {
    queue = []
    queues.set(key, queue)
  }
  return queue
}

function eventOf(execution: Execution, { pnlE8, scale }: { pnlE8: bigint; scale: Scale }): TripEvent {
  const { time, exchange, symbol, account, strategy, side, ticks, lots, tickSize, lotSize, fee, positionSide } =
    execution
  const whose = positionSide === undefined ? {} : { positionSide }
  const who = { time, exchange, symbol, account, ...whose, ...(strategy === '' ? {} : { strategy }) }
  if (execution.kind === 'funding') return { kind: 'funding', ...who, cashE8: -fee }
  return {
    ...{ kind: 'fill', ...who, side: side!, price: ticks! * tickSize, lots: lots!, lotSize },
    ...{ notionalE8: BigInt(exactValue(scale, ticks!, lots!)), feeE8: fee, pnlE8 },
  }
}

/** Signals whose reasons are remembered: an order that comes of one after as many others has none. */
const manySignals = 65_536

/** Why fills were ordered: the reason of the signal that the order came of. */
class Reasons {
  private readonly signals = new Map<string, string>()
  private readonly orders = new Map<string, string>()

  signal({ strategy, account, number, reason }: Signal): void {
    this.signals.set(`${strategy}:${account}:${number}`, reason)
    if (this.signals.size > manySignals) this.signals.delete(this.signals.keys().next().value!)
  }

  order({ kind, clientId, strategy, account, signal }: Order): void {
    const reason = this.signals.get(`${strategy}:${account}:${signal}`)
    if (kind === 'new' && reason !== undefined) this.orders.set(clientId, reason)
  }

  of({ kind, clientId, leftLots, reason }: Execution): string | undefined {
    if (kind === 'liquidation') return reason ?? 'liquidation'
    const known = this.orders.get(clientId)
    if (leftLots === 0) this.orders.delete(clientId)
    return known
  }

  /** An order that cannot be filled any more needs none. */
  ended({ kind, clientId }: Execution): void {
    if (kind === 'rejected' || kind === 'cancelled' || kind === 'expired') this.orders.delete(clientId)
  }
}

async function written(topics: Topics, run: string, reasons: boolean): Promise<{ topic: string }[]> {
  const records: RecordName[] = ['executions', 'positions', ...(reasons ? (['signals', 'orders'] as const) : [])]
  const names = new Set((await topics.list()).map((info) => info.name))
  return records.map((record) => ({ topic: physicalName(record, run) })).filter(({ topic }) => names.has(topic))
}
