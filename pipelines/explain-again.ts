// A run computed again up to one signal, and on until its order ended: what the strategy saw, and the queue as it moved.
import { type Batch, type Merged, rowAt } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { canonical, toJson } from '../schemas/json.ts'
import type { JournalEntry, RecordName, Rows } from '../schemas/records.generated.ts'
import { type Cursor, replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { RunAbout } from './about.ts'
import type { Found } from './explain-find.ts'
import { type Cause, type Moment, type Picture, watched } from './explain-witness.ts'
import { loadSnapshot, type Place, placeOf } from './restore.ts'
import { slice } from './runtime.ts'
import type { Seat } from './seats.ts'
import { taskOptions } from './source.ts'
import { type Task, taskOf } from './task.ts'
import { createTrading, type TradingGraph } from './trading.ts'

/** A row of a topic, with where it is. */
export interface PlacedRow {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly [field: string]: unknown
}

/** The order in its queue after a row that changed its place. */
export interface QueueMove {
  readonly received: number
  /** Record of the row: `trades`, `books`, `quotes` … */
  readonly by: string
  /** Lots ahead; null when nobody can say: behind an unknown queue, or on candles. */
  readonly aheadLots: number | null
  readonly leftLots: number
  /** Lots at its price without ours; null when unknown. */
  readonly levelLots: number | null
}

export interface Again {
  /** Rows that were computed again for it, and the step behind which that began: 0 is the run's own beginning. */
  readonly rows: number
  readonly fromStep: number
  /** The market row that the loop stood on; null when the strategy answered an execution that was seen between two rows. */
  readonly row: PlacedRow | null
  readonly cause: Cause | undefined
  readonly picture: Picture
  /** When the order reached the exchange, on the exchange's clock, µs; null when it acted at once or was not sent. */
  readonly arrival: number | null
  readonly queue: readonly QueueMove[]
  /** Moves that are not in `queue`: there were too many. */
  readonly movesLeftOut: number
}

export interface HowAgain {
  readonly seats: readonly Seat[]
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/** A queue that moved more often than this is told up to here. */
const manyMoves = 10_000

/**
 * Computes a run again, outputs dropped, from the last snapshot before the signal, or from its beginning.
 *
 * Errors: NOT_DETERMINISTIC when that gives another signal or another order than the run wrote; HISTORY_EXPIRED when rows that it
 *         read are gone; INTERRUPTED.
 */
export async function explainAgain(
  topics: Topics,
  run: string,
  about: RunAbout,
  found: Found,
  how: HowAgain,
): Promise<Again> {
  const { signal, order } = found
  const at = signal.received
  const moments: Moment[] = []
  if (about.mode === 'follow') throw follows(run)
  const task = taskOfAccount(about, how.seats, signal.account)
  const seats = task.seats.map((seat) => (seat.account.name === signal.account ? watched(seat, at, moments) : seat))
  const graph = createTrading({ plan: task.plan, seats })
  const start = await startOf(topics, { run, task: task.name, at }, graph)
  const options = taskOptions(task)
  let rows = 0
  const count = (more: number): void => {
    if (how.signal?.aborted) throw new SmartspeedError('INTERRUPTED', `stopped after ${rows} rows`)
    rows += more
    how.onRows?.(rows)
  }

  if (options.from === undefined || options.from < at) {
    for await (const { merged } of replay(topics, { ...options, ...start.place, to: Math.min(at, options.to ?? at) })) {
      graph.step(merged)
      graph.take()
      count(merged.rows)
    }
  }
  const onwards = { ...options, ...start.place, from: Math.max(at, options.from ?? at) }
  const seen: Batch<'signals'>[] = []
  let isSent = order === undefined
  let place: { row: PlacedRow; cursor: Cursor; received: number } | undefined
  for await (const { merged, cursor } of replay(topics, { ...onwards, maxRows: 1 })) {
    if (rows === start.rows) break
    graph.step(merged)
    count(1)
    const outputs = graph.take()
    for (const batch of outputs) if (batch.topic === 'signals') seen.push(batch as Batch<'signals'>)
    if (!seen.some((batch) => has(batch, signal))) continue
    if (order !== undefined && (order.received === at || isIn(outputs, order))) {
      check(run, 'orders', order, outputs)
      isSent = true
    }
    place = { row: placed(merged, cursor), cursor, received: cursor.received }
    break
  }
  const moment = moments[momentOf(run, signal, seen)]
  if (place === undefined || moment === undefined) throw differs(run, 'gave no such signal')
  // An execution that fell due before the row is answered while the row is still to come.
  const between = moment.cause?.kind === 'execution' && at < place.received
  const picture = moment.pictures.find(
    ({ symbol, exchange }) => symbol === signal.symbol && exchange === signal.exchange,
  )!
  const seenThen = { row: between ? null : place.row, cause: moment.cause, picture }
  if (order === undefined || order.kind === 'cancel') {
    return { rows, fromStep: start.step, ...seenThen, arrival: null, queue: [], movesLeftOut: 0 }
  }

  // One that was sent as a part of another comes later than its signal.
  let { cursor } = place
  if (!isSent) {
    for await (const { merged, cursor: reached } of replay(topics, { ...onwards, after: cursor, maxRows: 1 })) {
      if (rows === start.rows) break
      graph.step(merged)
      count(1)
      const outputs = graph.take()
      cursor = reached
      if (!isIn(outputs, order)) continue
      check(run, 'orders', order, outputs)
      break
    }
  }

  const queue = new Queue(graph, signal.account, order.clientId)
  if (queue.look(order.received, 'orders')) {
    following: for await (const { merged } of replay(topics, { ...onwards, after: cursor })) {
      for (let from = 0; from < merged.rows; from++) {
        if (rows === start.rows) break following
        const one = slice(merged, from, from + 1)
        graph.step(one)
        rows++
        const batch = merged.sources[merged.source[from]!]!
        const { received } = batch.columns as { received: Float64Array }
        if (!queue.look(received[merged.row[from]!]!, batch.topic)) break following
        if ((from & 255) === 255) graph.take()
      }
      graph.take()
      count(0)
    }
  }
  const { arrival, moves, leftOut } = queue
  return { rows, fromStep: start.step, ...seenThen, arrival, queue: moves, movesLeftOut: leftOut }
}

/** The task that has the account, as it was cut then. */
function taskOfAccount(about: RunAbout, seats: readonly Seat[], account: string): Task {
  const number = seats.findIndex((seat) => seat.account.name === account)
  return taskOf(about, seats, about.tasks.length === 1 ? 0 : number)
}

function follows(run: string): SmartspeedError {
  const message = `run ${run} follows its inputs: what a strategy saw is told of runs that replay them`
  return new SmartspeedError('NO_DATA', message, {
    fix: `smartspeed parity ${run} shows that it can be computed again; a backtest over the same range can be explained`,
  })
}

interface Start {
  readonly place: Place | undefined
  readonly step: number
  /** Rows that the run read from there on. */
  readonly rows: number
}

/** Loads the last snapshot from before a receive time, where one is kept. */
async function startOf(
  topics: Topics,
  { run, task, at }: { readonly run: string; readonly task: string; readonly at: number },
  graph: TradingGraph,
): Promise<Start> {
  const entries: JournalEntry[] = []
  for await (const entry of topics.journal(run, task, 1)) entries.push(entry)
  const before = entries.filter(({ received }) => received < at).at(-1)
  const snapshot = before === undefined ? undefined : await topics.snapshot(run, task, before.step)
  const entry = entries.find(({ step }) => step === snapshot?.step)
  const rows = entries.reduce((sum, one) => sum + (one.step > (entry?.step ?? 0) ? one.rows : 0), 0)
  if (snapshot === undefined || entry === undefined) return { place: undefined, step: 0, rows }
  loadSnapshot(graph, snapshot)
  return { place: placeOf(entry), step: entry.step, rows }
}

/** Where an order stands, asked after each row; remembers what changed. */
class Queue {
  arrival: number | null = null
  readonly moves: QueueMove[] = []
  leftOut = 0
  private readonly ask: () => ReturnType<TradingGraph['look']>
  private last = { ahead: Number.NaN, left: Number.NaN }

  constructor(graph: TradingGraph, account: string, clientId: string) {
    this.ask = () => graph.look(account, clientId)
  }

  /** False once the venue is done with the order. */
  look(received: number, by: RecordName): boolean {
    const found = this.ask()
    if (found === undefined) return false
    if (found.state === 'on its way') {
      this.arrival = found.arrival
      return true
    }
    // It stands in no queue yet.
    if (found.state !== 'resting') return true
    const { leftLots, aheadLots, levelLots } = found
    const { last } = this
    if (Object.is(last.ahead, aheadLots) && last.left === leftLots) return true
    last.ahead = aheadLots
    last.left = leftLots
    if (this.moves.length === manyMoves) this.leftOut++
    else this.moves.push({ received, by, leftLots, aheadLots: finite(aheadLots), levelLots: finite(levelLots) })
    return true
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

type SignalKey = Found['signal']

function has(batch: Batch<'signals'>, { account, number, strategy }: SignalKey): boolean {
  for (let row = 0; row < batch.rows; row++) {
    const one = rowAt(batch, row)
    if (one.account === account && one.number === number && one.strategy === strategy) return true
  }
  return false
}

function isIn(outputs: readonly Batch[], { clientId, kind }: NonNullable<Found['order']>): boolean {
  for (const batch of outputs) {
    if (batch.topic !== 'orders') continue
    for (let at = 0; at < batch.rows; at++) {
      const row = rowAt(batch as Batch<'orders'>, at)
      if (row.clientId === clientId && row.kind === kind) return true
    }
  }
  return false
}

/** The how-manieth signal of its account at its time it is; −1 when it is none. It must be equal to what was written. */
function momentOf(run: string, signal: SignalKey, seen: readonly Batch<'signals'>[]): number {
  const rows = seen.flatMap((batch) => Array.from({ length: batch.rows }, (_, row) => rowAt(batch, row)))
  const same = rows.filter(({ account, received }) => account === signal.account && received === signal.received)
  const found = same.findIndex(({ number }) => number === signal.number)
  if (found >= 0 && canonical('signals', same[found]!) !== canonical('signals', signal))
    throw differs(run, `gave another signal ${signal.number}`)
  return found
}

/** The row that a run wrote must be among those made again. */
function check<T extends RecordName>(run: string, topic: T, row: Rows[T], outputs: readonly Batch[]): void {
  const text = canonical(topic, row)
  for (const batch of outputs) {
    if (batch.topic !== topic) continue
    for (let at = 0; at < batch.rows; at++) if (canonical(topic, rowAt(batch as Batch<T>, at)) === text) return
  }
  throw differs(run, `gave another of its ${topic}`)
}

function differs(run: string, how: string): SmartspeedError {
  return new SmartspeedError('NOT_DETERMINISTIC', `run ${run}, computed again, ${how}`, {
    fix: `smartspeed parity ${run} shows the first difference`,
  })
}

function placed({ sources, source, row }: Merged, { topic, partition, offset }: Cursor): PlacedRow {
  const batch = sources[source[0]!]!
  return { topic, partition, offset, ...toJson(batch.topic, rowAt(batch, row[0]!)) }
}
