// Rows of any table as objects: what the tables of a report, round trips and runs are written from. A record's rows are such a table
// too where a format builds columns of its own.
import { type Merged, rowAt } from '../../schemas/batch.ts'
import type { Field } from '../../schemas/columns.ts'
import { layouts } from '../../schemas/records.generated.ts'
import type { RowFormat } from './index.ts'
import type { Target } from './target.ts'

/** A value a field; undefined, null and NaN are absent, money is whole 10⁻⁸, times are µs since 1970 UTC. */
export type Row = Readonly<Record<string, unknown>>

export interface ObjectSink {
  write(rows: Iterable<Row>): Promise<void>
  end(): Promise<void>
}

export type ObjectFormat = (fields: readonly Field[], target: Target) => ObjectSink

/** Money of 64 bits, |amount| < 92,233,720,368.54775808, is a decimal of these digits. */
export const amountScale = 8
export const amountPrecision = 19

/** The format for the rows of a topic. */
export function ofRecord(format: ObjectFormat): RowFormat {
  return (record, target) => {
    const sink = format(layouts[record], target)
    return { write: (merged) => sink.write(objectsOf(merged)), end: () => sink.end() }
  }
}

function* objectsOf(merged: Merged): Generator<Row> {
  for (let row = 0; row < merged.rows; row++) {
    yield rowAt(merged.sources[merged.source[row]!]!, merged.row[row]!) as unknown as Row
  }
}
