// A step as what is to be produced: rows encoded, keyed, spread over partitions and cut into record batches.
import { createHash } from 'node:crypto'
import { type Batch, batchOf, maxBatchBytes, maxBatchRows } from '../../schemas/batch.ts'
import type { JournalEntry } from '../../schemas/records.generated.ts'
import type { Codec } from '../codec.ts'
import { compareRows, receivedOf } from '../embedded/select.ts'
import { keysOf, type Spread } from '../partition.ts'
import type { WireRecord } from './client.ts'
import type { SnapshotEntry } from './ledger.ts'

const chunkBytes = 512 * 1024

/** Rows of one partition that become one record batch. */
export interface Cut {
  readonly records: WireRecord[]
  bytes: number
  min: number
  max: number
  /** In rising (received, exchange, symbol). */
  sorted: boolean
  last: { readonly batch: Batch; readonly row: number }
  /** Number of its first row, where it has a place of its own; else the next one of its partition. */
  readonly row?: number
}

/**
 * Adds the rows of a batch to what goes to each partition of its topic. `first`: the number that its first row is to keep.
 * @throws SmartspeedError RECORD_INVALID
 */
export function addRows(
  lanes: Map<number, Cut[]>,
  batch: Batch,
  to: Spread,
  codec: Codec<Batch['topic']>,
  first?: number,
): void {
  if (batch.rows === 0) return
  const values = codec.encodeBatch(batch)
  const keyAt = keysOf(batch)
  const received = receivedOf(batch)
  const keys = new Map<string, Buffer>()
  const put = (partition: number, row: number) => {
    let cuts = lanes.get(partition)
    if (cuts === undefined) {
      cuts = []
      lanes.set(partition, cuts)
    }
    const text = keyAt(row)
    let key = keys.get(text)
    if (key === undefined) {
      key = Buffer.from(text)
      keys.set(text, key)
    }
    const number = first === undefined ? undefined : first + row
    addRow(cuts, { key, value: values[row] as Buffer }, { batch, row }, { received: received[row]!, number })
  }
  if (to.all !== undefined) for (let row = 0; row < batch.rows; row++) put(to.all, row)
  else for (const [partition, rows] of to.rows.entries()) for (const row of rows) put(partition, row)
}

/** Number of the row behind the cuts, of a partition that ends at `end` without them. */
export function endBehind(cuts: readonly Cut[], end: number): number {
  return cuts.reduce((last, { row, records }) => (row ?? last) + records.length, end)
}

function addRow(
  cuts: Cut[],
  record: WireRecord,
  at: Cut['last'],
  { received, number }: { readonly received: number; readonly number: number | undefined },
): void {
  const bytes = record.key.length + record.value!.length
  let cut = cuts.at(-1)
  const follows =
    number === undefined ? cut?.row === undefined : cut?.row !== undefined && number === cut.row + cut.records.length
  if (cut === undefined || !follows || cut.records.length >= maxBatchRows || cut.bytes + bytes > maxBatchBytes) {
    const row = number === undefined ? {} : { row: number }
    cut = { records: [], bytes: 0, min: received, max: received, sorted: true, last: at, ...row }
    cuts.push(cut)
  }
  cut.records.push(record)
  cut.bytes += bytes
  cut.sorted &&= received > cut.max || compareRows(cut.last.batch, cut.last.row, at.batch, at.row) <= 0
  cut.last = at
  cut.min = Math.min(cut.min, received)
  cut.max = Math.max(cut.max, received)
}

/** A state in chunks, and a manifest that says what makes it whole: rows of the run's topic of snapshots. */
export function snapshotRows(
  run: string,
  task: string,
  step: number,
  bytes: Uint8Array,
  journal: JournalEntry | undefined,
): { readonly batch: Batch<'snapshots'>; readonly manifest: Omit<SnapshotEntry, 'row' | 'partition'> } {
  const chunks = Math.ceil(bytes.length / chunkBytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { time = 0, received = 0 } = journal ?? {}
  const common = { time, received, exchange: '', symbol: '', run, task, step, chunks, sha256 }
  const rows = Array.from({ length: chunks + 1 }, (_, chunk) => ({
    ...{ ...common, chunk },
    bytes: bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes),
  }))
  return { batch: batchOf('snapshots', rows), manifest: { chunks, length: bytes.length, sha256 } }
}
