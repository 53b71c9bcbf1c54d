// Snapshots: a task's state in chunks, and a manifest without which they are nothing.
import { createHash } from 'node:crypto'
import type { Snapshot } from '../topics.ts'
import { keys, type SnapshotManifest } from './entries.ts'
import { corrupt } from './faults.ts'
import type { Table } from './table.ts'

const chunkBytes = 512 * 1024

/** Chunks, then the manifest, inside a transaction; the last one before stays as well. */
export function putSnapshot(table: Table, run: string, task: string, step: number, bytes: Uint8Array): void {
  const old = [...table.scan(['w', run, task])].map(({ key }) => key[3] as number).filter((one) => one !== step)
  for (const one of old.slice(0, -1)) removeSnapshot(table, run, task, one)
  removeSnapshot(table, run, task, step)
  const chunks = Math.ceil(bytes.length / chunkBytes)
  for (let chunk = 0; chunk < chunks; chunk++) {
    table.put(keys.chunk(run, task, step, chunk), bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes))
  }
  const manifest: SnapshotManifest = { chunks, length: bytes.length, sha256: sha256(bytes) }
  table.putJson(keys.manifest(run, task, step), manifest)
}

function removeSnapshot(table: Table, run: string, task: string, step: number): void {
  table.remove(keys.manifest(run, task, step))
  for (const { key } of [...table.scan(['n', run, task, step])]) table.remove(key)
}

/** The last snapshot at or before a step. @throws SmartspeedError LOG_CORRUPT when a chunk is missing or not what was written */
export function readSnapshot(
  dir: string,
  table: Table,
  run: string,
  task: string,
  atStep: number,
): Snapshot | undefined {
  const found = table.lastAtOrBefore(['w', run, task], keys.manifest(run, task, atStep))
  if (found === undefined) return undefined
  const step = found.key[3] as number
  const manifest = JSON.parse(found.value.toString()) as SnapshotManifest
  const bytes = new Uint8Array(manifest.length)
  for (let chunk = 0; chunk < manifest.chunks; chunk++) {
    const part = table.get(keys.chunk(run, task, step, chunk))
    if (part === undefined) throw corrupt(dir, `chunk ${chunk} of the snapshot of ${run} at step ${step} is missing`)
    bytes.set(part, chunk * chunkBytes)
  }
  if (sha256(bytes) !== manifest.sha256)
    throw corrupt(dir, `the snapshot of ${run} at step ${step} is not what was written`)
  return { step, bytes }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
