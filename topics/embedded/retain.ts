// Space back: runs that are removed, and rows that retention no longer keeps.
import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import {
  type BlockEntry,
  type Extent,
  keys,
  noExtent,
  type SegmentState,
  type TopicMeta,
  unpackEntry,
} from './entries.ts'
import { takeLease, tryLease } from './lease.ts'
import { checkRun, ownerOf, segmentPath } from './names.ts'
import type { EntryKey, Table } from './table.ts'
import { grown } from './writer.ts'

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

/** Hides blocks written longer ago than their topic is kept, then deletes the segment files that hold no others. */
export function retain(dir: string, table: Table, now: number): { rows: number; bytes: number } {
  table.renew()
  let rows = 0
  let bytes = 0
  for (const { key, value } of [...table.scan(['t'])]) {
    const topic = String(key[1])
    const { retentionMs, partitions } = JSON.parse(value.toString()) as TopicMeta
    if (retentionMs === undefined) continue
    rows += table.transaction(() => {
      let hidden = 0
      for (let partition = 0; partition < partitions; partition++)
        hidden += hide(table, topic, partition, now - retentionMs)
      return hidden
    })
    bytes += deleteSegments(dir, table, topic)
  }
  return { rows, bytes }
}

/** Blocks stand in rising time of writing, so those too old are the first ones. */
function hide(table: Table, topic: string, partition: number, before: number): number {
  let hidden = 0
  let left: Extent | undefined
  for (const { key, value } of [...table.scan(['b', topic, partition])]) {
    const entry: BlockEntry = unpackEntry(value)
    if (left === undefined && entry.written < before) {
      table.remove(key)
      table.remove(keys.moment(topic, partition, entry.min, entry.offset))
      hidden += entry.rows
    } else {
      if (hidden === 0) return 0
      left = grown(left ?? { ...noExtent, start: entry.offset }, entry)
    }
  }
  if (hidden === 0) return 0
  const { end } = table.json<Extent>(keys.extent(topic, partition))!
  table.putJson(keys.extent(topic, partition), left ?? { ...noExtent, start: end, end })
  return hidden
}

/** The last segment stays while someone may be appending to it. */
function deleteSegments(dir: string, table: Table, topic: string): number {
  const owner = ownerOf(topic)
  const used = new Set<number>()
  for (const { value } of table.scan(['b', topic])) used.add(unpackEntry(value).segment)
  const segments = [...table.scan(['s', owner])].map(({ key }) => key[2] as number)
  const last = segments.at(-1)
  const free = segments.filter((segment) => !used.has(segment) && segment !== last)
  let bytes = 0
  for (const segment of free) {
    const path = segmentPath(dir, owner, segment)
    if (existsSync(path)) bytes += statSync(path).size
    rmSync(path, { force: true })
    table.transaction(() => table.remove(keys.segment(owner, segment)))
  }
  return bytes + emptyLast(dir, table, owner, topic, last)
}

/** Makes the last segment's space free too, when nobody is writing and nothing in it is kept. */
function emptyLast(dir: string, table: Table, owner: string, topic: string, last: number | undefined): number {
  if (last === undefined) return 0
  const lease = tryLease(dir, 'market')
  if (lease === undefined) return 0
  try {
    table.renew()
    for (const { value } of table.scan(['b', topic])) if (unpackEntry(value).segment === last) return 0
    const { bytes } = table.json<SegmentState>(keys.segment(owner, last))!
    if (bytes === 0) return 0
    table.transaction(() => table.putJson(keys.segment(owner, last), { bytes: 0, written: 0 } satisfies SegmentState))
    rmSync(segmentPath(dir, owner, last), { force: true })
    return bytes
  } finally {
    lease.release()
  }
}
