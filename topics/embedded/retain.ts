// Space back: runs that are removed, and rows that retention no longer keeps.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import { type Extent, keys, noExtent, type SegmentState, type TopicMeta, unpackEntry } from './entries.ts'
import { takeLease, tryLease } from './lease.ts'
import { checkRun, ownerOf, segmentPath } from './names.ts'
import type { EntryKey, Table } from './table.ts'

/** Deletes a run whole. @throws SmartspeedError RUN_MISSING, LEASE_HELD */
export function removeRun(dir: string, table: Table, run: string): void {
  checkRun(run)
  table.renew()
  if (table.get(keys.run(run)) === undefined) {
    const near = nearest(
      run,
      [...table.scan(['r'])].map(({ key }) => String(key[1])),
    )
    throw new SmartspeedError('RUN_MISSING', `there is no run ${run}`, {
      fix: near === undefined ? 'npx smartspeed runs   (lists them)' : `did you mean "${near}"?`,
    })
  }
  const lease = takeLease(dir, run)
  try {
    table.transaction(() => {
      const topics = [...table.scan(['t'])].filter(
        ({ value }) => (JSON.parse(value.toString()) as TopicMeta).run === run,
      )
      for (const { key } of topics) {
        const topic = String(key[1])
        for (const kind of ['p', 'b', 'm'] as const) removeAll(table, [kind, topic])
        table.remove(key)
      }
      for (const prefix of [
        ['s', `runs/${run}`],
        ['j', run],
        ['k', run],
        ['w', run],
        ['n', run],
      ] as const)
        removeAll(table, prefix)
      table.remove(keys.run(run))
    })
    rmSync(join(dir, 'runs', run), { recursive: true, force: true })
  } finally {
    lease.release()
  }
}

function removeAll(table: Table, prefix: EntryKey): void {
  for (const { key } of [...table.scan(prefix)]) table.remove(key)
}

/**
 * Hides blocks written longer ago than their topic is kept, then deletes the segment files that hold no others, and what runs
 * that were removed left behind.
 */
export function retain(dir: string, table: Table, now: number): { rows: number; bytes: number } {
  table.renew()
  let rows = 0
  let bytes = removeOrphans(dir, table)
  for (const { key, value } of [...table.scan(['t'])]) {
    const topic = String(key[1])
    const meta = JSON.parse(value.toString()) as TopicMeta
    if (meta.retentionMs === undefined) continue
    const before = now - meta.retentionMs
    for (let partition = 0; partition < meta.partitions; partition++) {
      rows += table.transaction(() => hide(table, topic, partition, before))
    }
    bytes += deleteSegments(dir, table, topic, meta.partitions)
  }
  return { rows, bytes }
}

/** What `retain` would delete: rows exactly, bytes at most, for a file goes only when all of it may. */
export function wouldRetain(dir: string, table: Table, now: number): { rows: number; bytes: number } {
  table.renew()
  let rows = 0
  let bytes = orphans(dir, table).reduce((sum, run) => sum + bytesOf(dir, run), 0)
  for (const { key, value } of table.scan(['t'])) {
    const { retentionMs, partitions } = JSON.parse(value.toString()) as TopicMeta
    if (retentionMs === undefined) continue
    for (let partition = 0; partition < partitions; partition++) {
      for (const { value } of table.scan(['b', String(key[1]), partition])) {
        const entry = unpackEntry(value)
        if (entry.written >= now - retentionMs) break
        rows += entry.rows
        bytes += entry.length
      }
    }
  }
  return { rows, bytes }
}

/** A process that died while it removed a run left its files; nobody that is writing one can be meant, for it holds the lease. */
function removeOrphans(dir: string, table: Table): number {
  let bytes = 0
  for (const run of orphans(dir, table)) {
    const lease = tryLease(dir, run)
    if (lease === undefined) continue
    table.renew()
    if (table.get(keys.run(run)) === undefined) {
      bytes += bytesOf(dir, run)
      rmSync(join(dir, 'runs', run), { recursive: true, force: true })
    }
    lease.release()
  }
  return bytes
}

/** Runs that have files but are not known. */
function orphans(dir: string, table: Table): string[] {
  const folder = join(dir, 'runs')
  return existsSync(folder) ? readdirSync(folder).filter((run) => table.get(keys.run(run)) === undefined) : []
}

function bytesOf(dir: string, run: string): number {
  const folder = join(dir, 'runs', run)
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

/** Blocks stand in rising time of writing, so those too old are the first ones. Returns how many rows they had. */
function hide(table: Table, topic: string, partition: number, before: number): number {
  const extent = table.json<Extent>(keys.extent(topic, partition))
  if (extent === undefined) return 0
  let rows = 0
  let bytes = 0
  let start = extent.end
  let latest = Number.NEGATIVE_INFINITY
  for (const { value } of table.scan(['b', topic, partition])) {
    const entry = unpackEntry(value)
    if (entry.written >= before) {
      start = entry.offset
      break
    }
    rows += entry.rows
    bytes += entry.length
    latest = Math.max(latest, entry.max)
    table.remove(keys.block(topic, partition, entry.offset))
    table.remove(keys.moment(topic, partition, entry.min, entry.offset))
  }
  if (rows === 0) return 0
  const earliest = table.range(['m', topic, partition], undefined, 1)[0]
  const left: Extent =
    earliest === undefined
      ? { ...noExtent, start, end: extent.end }
      : {
          ...{ ...extent, start, rows: extent.rows - rows, bytes: extent.bytes - bytes },
          first: unpackEntry(earliest.value).min,
          last: latest < extent.last! ? extent.last : lastOf(table, topic, partition),
        }
  table.putJson(keys.extent(topic, partition), left)
  return rows
}

/** The greatest receive time; only asked for when rows that came late from afar are hidden. */
function lastOf(table: Table, topic: string, partition: number): number {
  let last = Number.NEGATIVE_INFINITY
  for (const { value } of table.scan(['b', topic, partition])) last = Math.max(last, unpackEntry(value).max)
  return last
}

/** Segments before those of the first blocks that are left. The last one stays while someone may be appending to it. */
function deleteSegments(dir: string, table: Table, topic: string, partitions: number): number {
  const owner = ownerOf(topic)
  const segments = [...table.scan(['s', owner])].map(({ key }) => key[2] as number)
  const last = segments.at(-1)
  const needed = Math.min(last ?? 0, ...firstSegments(table, topic, partitions))
  let bytes = 0
  for (const segment of segments) {
    if (segment >= needed) break
    const path = segmentPath(dir, owner, segment)
    if (existsSync(path)) bytes += statSync(path).size
    rmSync(path, { force: true })
    table.transaction(() => table.remove(keys.segment(owner, segment)))
  }
  return last === undefined ? bytes : bytes + emptyLast(dir, table, topic, partitions, last)
}

/** Segments of the first blocks of the partitions that have any. */
function firstSegments(table: Table, topic: string, partitions: number): number[] {
  return Array.from({ length: partitions }, (_, partition) => table.range(['b', topic, partition], undefined, 1))
    .flat()
    .map(({ value }) => unpackEntry(value).segment)
}

/** Makes the last segment's space free too, when nobody is writing and no block is left. */
function emptyLast(dir: string, table: Table, topic: string, partitions: number, last: number): number {
  const lease = tryLease(dir, 'market')
  if (lease === undefined) return 0
  try {
    table.renew()
    const owner = ownerOf(topic)
    const { bytes } = table.json<SegmentState>(keys.segment(owner, last))!
    if (bytes === 0 || firstSegments(table, topic, partitions).length > 0) return 0
    table.transaction(() => table.putJson(keys.segment(owner, last), { bytes: 0, written: 0 } satisfies SegmentState))
    rmSync(segmentPath(dir, owner, last), { force: true })
    return bytes
  } finally {
    lease.release()
  }
}
