// The unit of flow: rows of one topic as columns; and the merged batch, rows of several topics in order (DESIGN §2, §5).
import { byteLengthOf, type Column } from './columns.ts'
import {
  type Builders,
  builders,
  type Columns,
  layouts,
  type RecordName,
  type Rows,
  rowReaders,
} from './records.generated.ts'

/** A columnar slice of records: 1…8,192 rows and ≤ 1 MB unless one row is larger. Immutable. */
export interface Batch<T extends RecordName = RecordName> {
  readonly topic: T
  readonly rows: number
  readonly columns: Columns[T]
}

/** Rows of several topics, in the order of DESIGN §5: row i is row `row[i]` of `sources[source[i]]`. Immutable. */
export interface Merged {
  readonly rows: number
  readonly source: Uint16Array
  readonly row: Uint32Array
  readonly sources: readonly Batch[]
}

export const maxBatchRows = 8192
export const maxBatchBytes = 1 << 20

/** A new, empty builder of a topic's batches. */
export function builderOf<T extends RecordName>(topic: T): Builders[T] {
  return new builders[topic]()
}

/** The rows of a builder as a batch; the builder starts anew. */
export function take<T extends RecordName>(builder: Builders[T]): Batch<T> {
  const rows = builder.count
  return { topic: builder.topic as T, rows, columns: builder.take() as Columns[T] }
}

/** True when a builder holds as much as a batch may. */
export function isFull(builder: Builders[RecordName]): boolean {
  return builder.count >= maxBatchRows || builder.byteLength >= maxBatchBytes
}

/** A batch of the given rows. */
export function batchOf<T extends RecordName>(topic: T, rows: readonly Rows[T][]): Batch<T> {
  const builder = builderOf(topic) as { push(row: Rows[T]): void } & Builders[T]
  for (const row of rows) builder.push(row)
  return take<T>(builder)
}

/** One row as an object; absent fields are undefined. */
export function rowAt<T extends RecordName>(batch: Batch<T>, row: number): Rows[T] {
  return rowReaders[batch.topic](batch.columns, row)
}

/** All rows as objects, for tests and for people; hot paths read columns. */
export function rowsOf<T extends RecordName>(batch: Batch<T>): Rows[T][] {
  return Array.from({ length: batch.rows }, (_, row) => rowAt(batch, row))
}

/** Bytes of memory of a batch's columns. */
export function byteLengthOfBatch(batch: Batch): number {
  let total = 0
  for (const { name } of layouts[batch.topic])
    total += byteLengthOf((batch.columns as unknown as Record<string, Column>)[name]!)
  return total
}
