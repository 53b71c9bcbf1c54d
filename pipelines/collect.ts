// What a run came to, read back from its own topics, so that a resumed run and an undisturbed one are told alike.

import { instrumentOf } from '../operators/instrument.ts'
import {
  type Performance,
  performance,
  type RoundTrips,
  roundTrips,
  type TripEvent,
} from '../operators/metrics/index.ts'
import { exactValue, type Scale, scaleOf } from '../operators/portfolio/money.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { AccountColumns, Execution, Position, RecordName } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { Plan } from './plan.ts'

export interface Curve {
  /** µs since 1970 UTC, never falling. */
  readonly times: Float64Array
  /** In units of the settlement currency. */
  readonly equity: Float64Array
}

/** The equity of a run at each of its account rows: 16 bytes a row. */
export async function equityOf(topics: Topics, run: string): Promise<Curve> {
  let times = new Float64Array(1024)
  let equity = new Float64Array(1024)
  let count = 0
  const topic = await existing(topics, 'accounts', run)
  if (topic !== undefined) {
    for await (const { batch } of topics.read<'accounts'>(topic)) {
      const columns: AccountColumns = batch.columns
      if (count + batch.rows > times.length) {
        times = wider(times, count + batch.rows)
        equity = wider(equity, count + batch.rows)
      }
      times.set(columns.received, count)
      for (let row = 0; row < batch.rows; row++) equity[count + row] = Number(columns.equity[row]!) / 1e8
      count += batch.rows
    }
  }
  return { times: times.subarray(0, count), equity: equity.subarray(0, count) }
}

function wider(array: Float64Array<ArrayBuffer>, rows: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(Math.max(array.length * 2, rows))
  next.set(array)
  return next
}

/** Round trips of a run: each fill with the profit that its position row says it realised. */
export async function tripsOf(topics: Topics, run: string, plan: Plan): Promise<RoundTrips> {
  const events: TripEvent[] = []
  for await (const event of tripEvents(topics, run, plan)) events.push(event)
  return roundTrips(events)
}

async function* tripEvents(topics: Topics, run: string, plan: Plan): AsyncGenerator<TripEvent> {
  const inputs = []
  for (const record of ['executions', 'positions'] as const) {
    const topic = await existing(topics, record, run)
    if (topic !== undefined) inputs.push({ topic })
  }
  if (inputs.length === 0) return
  const scales = new Map(plan.instruments.map((row, index) => [row.symbol, scaleOf(instrumentOf(row, index))]))
  const realized = new Map<string, bigint>()
  // Fills that wait for the position row that they led to: rows of one moment come topic by topic.
  const waiting = new Map<string, Execution[]>()
  for await (const { merged } of replay(topics, { inputs })) {
    for (let at = 0; at < merged.rows; at++) {
      const batch = merged.sources[merged.source[at]!]!
      const row = rowAt(batch, merged.row[at]!) as Execution | Position
      if (batch.topic === 'executions') {
        const { kind, symbol } = row as Execution
        if (kind !== 'fill' && kind !== 'liquidation' && kind !== 'funding') continue
        const queue = waiting.get(symbol) ?? []
        waiting.set(symbol, queue)
        queue.push(row as Execution)
      } else {
        const position = row as Position
        const execution = waiting.get(position.symbol)?.shift()
        if (execution === undefined) continue
        yield eventOf(
          execution,
          position.realized - (realized.get(position.symbol) ?? 0n),
          scales.get(position.symbol)!,
        )
        realized.set(position.symbol, position.realized)
      }
    }
  }
}

function eventOf(execution: Execution, pnlE8: bigint, scale: Scale): TripEvent {
  const { time, exchange, symbol, side, ticks, lots, tickSize, lotSize, fee } = execution
  if (execution.kind === 'funding') return { kind: 'funding', time, exchange, symbol, cashE8: -fee }
  return {
    ...{ kind: 'fill', time, exchange, symbol, side: side!, price: ticks! * tickSize, lots: lots!, lotSize },
    ...{ notionalE8: BigInt(exactValue(scale, ticks!, lots!)), feeE8: fee, pnlE8 },
  }
}

async function existing(topics: Topics, record: RecordName, run: string): Promise<string | undefined> {
  const name = physicalName(record, run)
  return (await topics.list()).some((info) => info.name === name) ? name : undefined
}

/** Every figure of a run. `end` is the equity when its inputs ended. */
export function figuresOf(
  curve: Curve,
  trips: RoundTrips,
  span: { from: number; to: number; cash: number; end: number },
): Performance {
  const times = new Float64Array(curve.times.length + 1)
  const equity = new Float64Array(curve.equity.length + 1)
  times.set(curve.times)
  equity.set(curve.equity)
  times[times.length - 1] = span.to
  equity[equity.length - 1] = span.end
  return performance({ times, equity, trips, from: span.from, to: span.to, start: span.cash })
}
