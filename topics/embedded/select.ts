// Which rows of a block a reader asked for, and in which order.
import type { Batch } from '../../schemas/batch.ts'
import type { Dictionary } from '../../schemas/columns.ts'
import { gatherRows, sliceRows } from '../rows.ts'

/** Rows with the offsets that they have in their partition. */
export interface Rows {
  readonly batch: Batch
  readonly offset: number
  readonly offsets: Float64Array | undefined
}

/** Offsets and receive times: from inclusive, to exclusive. */
export interface Bounds {
  readonly fromOffset: number
  readonly toOffset: number
  readonly fromReceived: number
  readonly toReceived: number
}

interface Common {
  readonly received: Float64Array
  readonly exchange: Dictionary
  readonly symbol: Dictionary
}

export function receivedOf(batch: Batch): Float64Array {
  return (batch.columns as Common).received
}

/** Rows of a block within bounds, in the order they were written; undefined when there is none. */
export function within(batch: Batch, offset: number, sorted: boolean, bounds: Bounds): Rows | undefined {
  let from = Math.max(0, bounds.fromOffset - offset)
  let to = Math.min(batch.rows, bounds.toOffset - offset)
  const received = receivedOf(batch)
  const { fromReceived, toReceived } = bounds
  if (sorted) {
    from = Math.max(from, lowerBound(received, fromReceived))
    to = Math.min(to, lowerBound(received, toReceived))
    return from < to ? rangeOf(batch, offset, from, to) : undefined
  }
  const rows: number[] = []
  for (let row = from; row < to; row++) {
    if (received[row]! >= fromReceived && received[row]! < toReceived) rows.push(row)
  }
  if (rows.length === 0) return undefined
  const first = rows[0]!
  if (rows.at(-1)! - first === rows.length - 1) return rangeOf(batch, offset, first, first + rows.length)
  return chosen(batch, offset, rows)
}

function rangeOf(batch: Batch, offset: number, from: number, to: number): Rows {
  return { batch: sliceRows(batch, from, to), offset: offset + from, offsets: undefined }
}

function chosen(batch: Batch, offset: number, rows: number[]): Rows {
  return {
    batch: gatherRows([batch], rows),
    offset: offset + rows[0]!,
    offsets: Float64Array.from(rows, (row) => offset + row),
  }
}

/** The same rows in rising (received, exchange, symbol, offset). */
export function sortRows(rows: Rows): Rows {
  const { batch } = rows
  const order = Uint32Array.from({ length: batch.rows }, (_, row) => row).sort(
    (a, b) => compareRows(batch, a, batch, b) || a - b,
  )
  const offsets = Float64Array.from(order, (row) => offsetOf(rows, row))
  return { batch: gatherRows([batch], order), offset: offsets[0]!, offsets }
}

/** By receive time, exchange, symbol; names by code unit, as everywhere. */
export function compareRows(a: Batch, i: number, b: Batch, j: number): number {
  const left = a.columns as Common
  const right = b.columns as Common
  return (
    left.received[i]! - right.received[j]! ||
    compareTexts(wordOf(left.exchange, i), wordOf(right.exchange, j)) ||
    compareTexts(wordOf(left.symbol, i), wordOf(right.symbol, j))
  )
}

export function offsetOf({ offset, offsets }: Rows, row: number): number {
  return offsets === undefined ? offset + row : offsets[row]!
}

/** The first row at or after a value in rising values. */
export function lowerBound(values: Float64Array, value: number): number {
  if (!(values[0]! < value)) return 0
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

function wordOf({ codes, values }: Dictionary, row: number): string {
  return values[codes[row]!] ?? ''
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
