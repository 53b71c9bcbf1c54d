// Rows of one partition on their way into a merge, and the order rule of DESIGN §5 that they are compared by.
import type { Batch } from '../schemas/batch.ts'
import { catalogue, rankOf } from '../schemas/catalogue.ts'
import type { Dictionary } from '../schemas/columns.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import type { Fetched } from './topics.ts'

/** Some rows of a partition, in the order rule. */
export interface Slice {
  readonly batch: Batch
  /** Rows that are taken; the first `length` of these arrays count. */
  readonly length: number
  readonly received: Float64Array
  /** Which rows of the batch, where they are not 0, 1, 2, … */
  readonly rows: Uint32Array | undefined
  readonly offset: number
  readonly offsets: Float64Array | undefined
}

/** Where a slice comes from; lanes are compared before rows are. */
export interface Lane {
  /** Physical name. */
  readonly topic: string
  readonly record: RecordName
  readonly rank: number
  readonly partition: number
  /** What the order rule looks at beyond exchange and symbol: `interval`, `connection`, `account` … */
  readonly keyFields: readonly string[]
}

/**
 * The order key of a row. Plain JSON, so that a journal can hold it.
 * `key` are the fields of the topic's key beyond exchange and symbol, which tell apart rows whose offsets cannot be compared.
 */
export interface Cursor {
  readonly received: number
  readonly record: RecordName
  readonly topic: string
  readonly exchange: string
  readonly symbol: string
  readonly key: readonly string[]
  readonly partition: number
  readonly offset: number
}

interface Common {
  readonly received: Float64Array
  readonly exchange: Dictionary
  readonly symbol: Dictionary
}

/** The lane of a partition. */
export function laneOf(topic: string, record: RecordName, partition: number): Lane {
  const { key, apart = [] } = catalogue.find((one) => one.name === record)!
  const keyFields = [...key, ...apart].filter((field) => field !== 'exchange' && field !== 'symbol')
  return { topic, record, rank: rankOf(record), partition, keyFields }
}

/** All rows of a fetched batch. */
export function sliceOf({ batch, offset, offsets }: Fetched): Slice {
  const { received } = batch.columns as Common
  return { batch, length: batch.rows, received, rows: undefined, offset, offsets }
}

/** Those rows of a slice; `rows` are numbers of rows of its batch. */
export function pick(slice: Slice, rows: Uint32Array): Slice {
  const { received } = slice.batch.columns as Common
  const picked = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) picked[i] = received[rows[i]!]!
  return { ...slice, length: rows.length, received: picked, rows }
}

/** Rows `from`…`to` of a slice. */
export function cut(slice: Slice, from: number, to: number): Slice {
  const { rows } = slice
  if (from === 0 && to === slice.length) return slice
  if (rows !== undefined) {
    return { ...slice, length: to - from, received: slice.received.subarray(from, to), rows: rows.subarray(from, to) }
  }
  if (from === 0) return { ...slice, length: to }
  const kept = new Uint32Array(to - from)
  for (let i = 0; i < kept.length; i++) kept[i] = from + i
  return { ...slice, length: to - from, received: slice.received.subarray(from, to), rows: kept }
}

/** Number of the batch's row at a place of the slice. */
export function rowOf(slice: Slice, at: number): number {
  return slice.rows === undefined ? at : slice.rows[at]!
}

/** Offset in its partition of the row at a place of the slice. */
export function offsetOf(slice: Slice, at: number): number {
  const row = rowOf(slice, at)
  return slice.offsets === undefined ? slice.offset + row : slice.offsets[row]!
}

/** The order key of the row at a place of the slice. */
export function cursorOf(lane: Lane, slice: Slice, at: number): Cursor {
  return {
    received: slice.received[at]!,
    record: lane.record,
    topic: lane.topic,
    exchange: wordOf(slice, 'exchange', at),
    symbol: wordOf(slice, 'symbol', at),
    key: lane.keyFields.map((field) => wordOf(slice, field, at)),
    partition: lane.partition,
    offset: offsetOf(slice, at),
  }
}

/** < 0 when the first comes first. Keys that are equal are the same row. */
export function compareCursors(a: Cursor, b: Cursor): number {
  if (a.received !== b.received) return a.received - b.received
  return (
    rankOf(a.record) - rankOf(b.record) ||
    compareTexts(a.exchange, b.exchange) ||
    compareTexts(a.symbol, b.symbol) ||
    compareLists(a.key, b.key) ||
    compareTexts(a.topic, b.topic) ||
    a.partition - b.partition ||
    a.offset - b.offset
  )
}

/**
 * Compares the row at `at` with one of another lane (or of the same), when their receive times are equal.
 * By code unit, as `<` does, never by locale: the order must be the same on every machine.
 */
export function compareTied(lane: Lane, a: Slice, at: number, other: Lane, b: Slice, bt: number): number {
  if (lane.rank !== other.rank) return lane.rank - other.rank
  const exchange = compareTexts(wordOf(a, 'exchange', at), wordOf(b, 'exchange', bt))
  if (exchange !== 0) return exchange
  const symbol = compareTexts(wordOf(a, 'symbol', at), wordOf(b, 'symbol', bt))
  if (symbol !== 0) return symbol
  for (const field of lane.keyFields) {
    const key = compareTexts(wordOf(a, field, at), wordOf(b, field, bt))
    if (key !== 0) return key
  }
  if (lane.topic !== other.topic) return compareTexts(lane.topic, other.topic)
  return lane.partition - other.partition || offsetOf(a, at) - offsetOf(b, bt)
}

function wordOf(slice: Slice, field: string, at: number): string {
  const { codes, values } = (slice.batch.columns as unknown as Record<string, Dictionary>)[field]!
  return values[codes[rowOf(slice, at)]!] ?? ''
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const one = compareTexts(a[i]!, b[i] ?? '')
    if (one !== 0) return one
  }
  return 0
}
