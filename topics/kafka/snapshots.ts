// Snapshots: a task's state in chunks, which the ledger says are whole.
import { createHash } from 'node:crypto'
import { rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { SnapshotChunk } from '../../schemas/records.generated.ts'
import type { Snapshot } from '../topics.ts'
import type { SnapshotEntry } from './ledger.ts'
import { type ReaderContext, readTopic } from './reader.ts'

/** @throws SmartspeedError LOG_CORRUPT when a chunk is missing or not what was written */
export async function readSnapshot(
  context: ReaderContext,
  run: string,
  step: number,
  { row, partition, chunks, length, sha256 }: SnapshotEntry,
): Promise<Snapshot> {
  const bytes = new Uint8Array(length)
  const hash = createHash('sha256')
  let at = 0
  const range = { from: { offsets: [] as number[] }, to: { offsets: [] as number[] } }
  range.from.offsets[partition] = row
  range.to.offsets[partition] = row + chunks
  const topic = physicalName('snapshots', run)
  for await (const { batch } of readTopic<'snapshots'>(context, topic, { partitions: [partition], ...range })) {
    for (let i = 0; i < batch.rows; i++) {
      const part = (rowAt(batch, i) as SnapshotChunk).bytes
      if (at + part.length <= length) bytes.set(part, at)
      hash.update(part)
      at += part.length
    }
  }
  if (at === length && hash.digest('hex') === sha256) return { step, bytes }
  throw new SmartspeedError('LOG_CORRUPT', `the snapshot of ${run} at step ${step} is not what was written`, {
    fix: 'resume from an earlier one, or run it again',
  })
}
