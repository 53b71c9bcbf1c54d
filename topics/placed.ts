// Rows that keep the places which they have elsewhere: cut where their numbers step, and held against where their partition ends.
import type { Batch } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { sliceRows } from './rows.ts'
import type { Fetched } from './topics.ts'

/** Rows of one partition, numbered one after the other. */
export interface Placed {
  readonly topic: string
  readonly partition: number
  /** Number of row 0. */
  readonly offset: number
  readonly batch: Batch
}

/** Fetched rows in pieces whose numbers are dense. */
export function* densePieces({ topic, partition, offset, offsets, batch }: Fetched): Generator<Placed> {
  if (batch.rows === 0) return
  if (offsets === undefined) {
    yield { topic, partition, offset, batch }
    return
  }
  for (let from = 0; from < batch.rows; ) {
    let to = from + 1
    while (to < batch.rows && offsets[to] === offsets[to - 1]! + 1) to++
    yield { topic, partition, offset: offsets[from]!, batch: sliceRows(batch, from, to) }
    from = to
  }
}

/** @throws SmartspeedError RECORD_INVALID when rows would not lie behind the end of their partition, or there is no such partition */
export function checkPlace({ topic, partition, offset }: Placed, end: number, partitions: number): void {
  if (partition >= partitions) {
    throw new SmartspeedError(
      'RECORD_INVALID',
      `${topic} has ${partitions} partitions, and rows were placed in ${partition}`,
    )
  }
  if (offset >= end) return
  throw new SmartspeedError(
    'RECORD_INVALID',
    `row ${offset} of ${topic}, partition ${partition}, is there already: the next one is ${end}`,
  )
}
