// Committed rows of several topics, again, in the order rule of DESIGN §5, at any speed.
import type { Merged } from '../schemas/batch.ts'
import type { Dictionary } from '../schemas/columns.ts'
import { merge, type Position } from './merge.ts'
import { pacer } from './pace.ts'
import {
  type Cursor,
  compareCursors,
  cursorOf,
  cut,
  type Lane,
  laneOf,
  pick,
  rowOf,
  type Slice,
  sliceOf,
} from './slice.ts'
import { inKeyOrder } from './ties.ts'
import type { ReadOptions, TopicInfo, Topics } from './topics.ts'

export type { Position } from './merge.ts'
export type { Cursor } from './slice.ts'

/** What an exchange calls an instrument. */
export interface InstrumentName {
  readonly exchange: string
  readonly symbol: string
}

export interface ReplayOptions {
  /** Physical names, and which partitions of each: all of them when left out. Their order does not matter. */
  readonly inputs: readonly { readonly topic: string; readonly partitions?: readonly number[] }[]
  /** Rows of this exchange; rows without an exchange belong to all. */
  readonly exchange?: string
  /** Rows of these symbols; rows without a symbol (clocks, heartbeats) belong to all. */
  readonly symbols?: readonly string[]
  /** Rows of these instruments, in place of `exchange` and `symbols`; rows without a symbol belong to all of their exchange. */
  readonly instruments?: readonly InstrumentName[]
  /** Receive times, µs: `from` inclusive, `to` exclusive. */
  readonly from?: number
  readonly to?: number
  /** First offsets by physical name and partition; without them, all rows. */
  readonly starts?: Readonly<Record<string, readonly (number | undefined)[]>>
  /** End offsets by physical name and partition; without them, what is committed at the start. Rows that come later are not seen. */
  readonly ends?: Readonly<Record<string, readonly number[]>>
  /** Goes on exactly behind this row. `positions`: what had been given by then, so that the new ones continue them. */
  readonly after?: Cursor
  readonly positions?: readonly Position[]
  /** Rows of a merged batch, 1…65,535. How rows are cut never shows in anything else. */
  readonly maxRows?: number
  /** 'max' (default), or how many times faster than the rows were received: 1 is real time. */
  readonly speed?: 'max' | number
  /** Awaited before each batch with the receive time of its last row; made from `speed` when absent. */
  readonly pace?: (received: number) => Promise<void>
  /** Ends the replay early, between two batches; the caller sees it in the signal. */
  readonly signal?: AbortSignal
}

export interface Replayed {
  readonly merged: Merged
  /** Key of the last row: `after` of the replay that goes on from here. */
  readonly cursor: Cursor
  /** Of every partition that is read, by name and number: one past the highest offset given so far. */
  readonly positions: readonly Position[]
}

/** Rows are at most this late when paced. */
const lateMs = 50

/**
 * All rows of the inputs' partitions by (received, rank of the topic, exchange, symbol, rest of the topic's key, offset):
 * the same sequence whatever the partition count and the batch size. Only the driver waits: nothing here depends on speed.
 *
 * Errors: TOPIC_MISSING for an input that is not there, HISTORY_EXPIRED, LOG_CORRUPT, as `Topics.read`.
 */
export async function* replay(topics: Topics, options: ReplayOptions): AsyncGenerator<Replayed, void> {
  const { speed = 'max', maxRows = 8192, signal } = options
  const paced = speed !== 'max'
  const pace = options.pace ?? (paced ? pacer(speed, signal) : undefined)
  const wanted = new Map(options.inputs.map(({ topic, partitions }) => [topic, partitions]))
  const infos = await Promise.all([...wanted.keys()].sort().map((topic) => topics.info(topic)))
  const lanes = infos.flatMap((info) =>
    (wanted.get(info.name) ?? Array.from({ length: info.partitions }, (_, partition) => partition)).map(
      (partition) => ({ info, lane: laneOf(info.name, info.record, partition) }),
    ),
  )
  const sources = lanes.map(({ info, lane }) => ({ lane, slices: slicesOf(topics, info, lane, options) }))
  const starts = startsOf(options.positions)
  const merging = merge(sources, { maxRows, ...(paced ? { maxSpan: lateMs * 1000 * speed } : {}) })
  for await (const { merged, cursor, positions } of merging) {
    if (signal?.aborted) return
    await pace?.(cursor.received)
    if (signal?.aborted) return
    yield { merged, cursor, positions: starts === undefined ? positions : positions.map((one) => onwards(one, starts)) }
  }
}

/** What a lane gives: its rows in order, filtered, behind the cursor. */
function slicesOf(topics: Topics, info: TopicInfo, lane: Lane, options: ReplayOptions): AsyncGenerator<Slice, void> {
  const read = fetched(topics, info, lane.partition, options)
  const filter = filterOf(options)
  const wanted = filter === undefined ? read : keep(read, filter)
  const ordered = lane.keyFields.length === 0 ? wanted : inKeyOrder(lane, wanted)
  return options.after === undefined ? ordered : behind(lane, ordered, options.after)
}

async function* fetched(
  topics: Topics,
  { name, ends }: TopicInfo,
  partition: number,
  { from, to, after, starts, ends: pinned }: ReplayOptions,
): AsyncGenerator<Slice, void> {
  const start = after === undefined ? from : Math.max(from ?? 0, after.received)
  const read: ReadOptions = {
    partitions: [partition],
    order: 'received',
    from: {
      ...(start === undefined ? {} : { received: start }),
      ...(starts === undefined ? {} : { offsets: starts[name] ?? [] }),
    },
    to: { offsets: pinned?.[name] ?? ends, ...(to === undefined ? {} : { received: to }) },
  }
  for await (const one of topics.read(name, read)) yield sliceOf(one)
}

/** Whether rows of an exchange and a symbol are wanted; '' for a row that has none. */
export type Filter = (exchange: string, symbol: string) => boolean

/** Which rows a replay gives; undefined for all of them. */
export function filterOf({ exchange, symbols, instruments }: Wanted): Filter | undefined {
  if (instruments !== undefined) return ofInstruments(instruments)
  if (exchange === undefined && symbols === undefined) return undefined
  const named = symbols === undefined ? undefined : new Set(symbols)
  return (of, symbol) =>
    (exchange === undefined || of === '' || of === exchange) &&
    (named === undefined || symbol === '' || named.has(symbol))
}

type Wanted = Pick<ReplayOptions, 'exchange' | 'symbols' | 'instruments'>

function ofInstruments(instruments: readonly InstrumentName[]): Filter {
  const exchanges = new Set(['', ...instruments.map(({ exchange }) => exchange)])
  const symbols = new Set(['', ...instruments.map(({ symbol }) => symbol)])
  const pairs = new Set(instruments.map(({ exchange, symbol }) => `${exchange}:${symbol}`))
  return (exchange, symbol) =>
    exchange === '' || symbol === ''
      ? exchanges.has(exchange) && symbols.has(symbol)
      : pairs.has(`${exchange}:${symbol}`)
}

/** The rows that the filter lets through; it is asked once a pair of names of each batch, not once a row. */
async function* keep(slices: AsyncIterable<Slice>, filter: Filter): AsyncGenerator<Slice, void> {
  for await (const slice of slices) {
    const kept = filtered(slice, filter)
    if (kept.length > 0) yield kept
  }
}

/** The rows of a slice that the filter lets through. */
export function filtered(slice: Slice, filter: Filter): Slice {
  const { exchange, symbol } = slice.batch.columns as { exchange: Dictionary; symbol: Dictionary }
  const wanted = wantedPairs(exchange, symbol, filter)
  if (!wanted.includes(0)) return slice
  const rows = new Uint32Array(slice.length)
  let count = 0
  for (let at = 0; at < slice.length; at++) {
    const row = rowOf(slice, at)
    if (wanted[pairAt(exchange, symbol, row)] === 1) rows[count++] = row
  }
  return pick(slice, rows.slice(0, count))
}

/** 1 for each pair of names that the filter lets through, by `pairAt`; a text that is absent has a code beyond the list. */
export function wantedPairs(exchange: Dictionary, symbol: Dictionary, filter: Filter): Uint8Array {
  const symbols = [...symbol.values, '']
  return Uint8Array.from([...exchange.values, ''].flatMap((of) => symbols.map((name) => Number(filter(of, name)))))
}

export function pairAt(exchange: Dictionary, symbol: Dictionary, row: number): number {
  const names = symbol.values.length
  return Math.min(exchange.codes[row]!, exchange.values.length) * (names + 1) + Math.min(symbol.codes[row]!, names)
}

/** The rows behind the cursor. */
async function* behind(lane: Lane, slices: AsyncIterable<Slice>, after: Cursor): AsyncGenerator<Slice, void> {
  for await (const slice of slices) {
    let at = 0
    while (
      at < slice.length &&
      slice.received[at]! <= after.received &&
      compareCursors(cursorOf(lane, slice, at), after) <= 0
    ) {
      at++
    }
    if (at < slice.length) yield cut(slice, at, slice.length)
  }
}

function startsOf(positions: readonly Position[] | undefined): ReadonlyMap<string, number> | undefined {
  if (positions === undefined) return undefined
  return new Map(positions.map(({ topic, partition, offset }) => [`${topic}:${partition}`, offset]))
}

function onwards(position: Position, starts: ReadonlyMap<string, number>): Position {
  const start = starts.get(`${position.topic}:${position.partition}`) ?? 0
  return start > position.offset ? { ...position, offset: start } : position
}
