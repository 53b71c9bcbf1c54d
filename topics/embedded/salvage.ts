// Makes a damaged log readable again: a new index from the segment files, which say by themselves what is in them.
import { closeSync, existsSync, ftruncateSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type RecordName, recordNames } from '../../schemas/records.generated.ts'
import {
  type BlockEntry,
  type Extent,
  keys,
  noExtent,
  packEntry,
  type SegmentState,
  type TopicMeta,
} from './entries.ts'
import { parseSchema, type Schema, schemaName, schemaOf } from './evolution.ts'
import { alone, lastPageEnd, runChild } from './guard.ts'
import { indexPath, ownerOf, segmentPath } from './names.ts'
import { openTable, type Table } from './table.ts'
import { type Found, walkSegment } from './walk.ts'
import { grown } from './writer.ts'

export interface Salvaged {
  readonly topics: Readonly<Record<string, { rows: number; missing: number }>>
  /** Bytes of segment files that belong to no whole block. */
  readonly lostBytes: number
  /** Rows of last commits that were never whole. */
  readonly droppedRows: number
  /** What is still known of each run. Without its journal a run can be read, but neither resumed nor compared. */
  readonly runs: Readonly<Record<string, { journal: boolean }>>
}

/** A block, and where it lies. */
interface Placed extends Found {
  readonly owner: string
  readonly segment: number
}

/**
 * Keeps every block whose checksum is right, and of the old index what can be read: how topics are kept, runs, and the journal
 * and snapshots of runs that lost no row. The old index stays beside the new one as `index.mdb.damaged`.
 *
 * @throws SmartspeedError LEASE_HELD while another process has the log open, NO_DATA, FOLDER_READ_ONLY, DISK_FULL
 */
export async function salvage(dir: string): Promise<Salvaged> {
  const release = await alone(dir)
  try {
    const path = indexPath(dir)
    const fresh = `${path}.new`
    for (const stale of [fresh, `${fresh}-lock`]) rmSync(stale, { force: true })
    await rescueInto(dir, path, fresh)
    const table = openTable(dir, fresh, { readOnly: false })
    let report: Salvaged
    try {
      report = table.transaction(() => rebuild(dir, table))
    } finally {
      await table.close()
    }
    if (existsSync(path)) renameSync(path, `${path}.damaged`)
    for (const stale of [`${path}-lock`, `${fresh}-lock`, join(dir, 'clean')]) rmSync(stale, { force: true })
    renameSync(fresh, path)
    return report
  } finally {
    release()
  }
}

/** Whatever becomes of the child, what it committed to the new index is whole. */
async function rescueInto(dir: string, path: string, fresh: string): Promise<void> {
  if (!existsSync(path) || statSync(path).size === 0) return
  // Pages that are cut off read as zeros, which LMDB refuses, instead of a SIGBUS at the first of them.
  const end = lastPageEnd(path)
  if (end !== undefined && end > statSync(path).size && end < statSync(path).size + 2 ** 32) {
    const fd = openSync(path, 'r+')
    ftruncateSync(fd, end)
    closeSync(fd)
  }
  await runChild('./rescue.ts', [dir, path, fresh], 30_000 + Math.ceil(statSync(path).size / 10_000)).catch(
    () => undefined,
  )
}

function rebuild(dir: string, table: Table): Salvaged {
  const { blocks, schemas, lostBytes, sizes } = findBlocks(dir)
  const rescued = [...table.scan(['p'])]
  const before = new Map(rescued.map(({ key, value }) => [lane(key[1]!, key[2]!), JSON.parse(String(value)) as Extent]))
  const unfinished = unfinishedCommits(blocks, before)
  const kept = blocks.filter(({ head }) => head.kind === 'rows' && !unfinished.has(head.commit))
  for (const [id, { text }] of schemas) table.put(keys.schema(schemaName(id)), Buffer.from(text))
  for (const [owner, segments] of sizes) {
    for (const [segment, { bytes, written }] of segments) {
      table.putJson(keys.segment(owner, segment), { bytes, written } satisfies SegmentState)
    }
  }
  const extents = putBlocks(table, kept, schemas)
  forgetEmpty(table, extents)
  const topics: Record<string, { rows: number; missing: number }> = {}
  for (const [, { topic, extent }] of extents) {
    const sum = topics[topic] ?? { rows: 0, missing: 0 }
    topics[topic] = { rows: sum.rows + extent.rows, missing: sum.missing + extent.end - extent.start - extent.rows }
  }
  const droppedRows = blocks.reduce((sum, { head }) => sum + (unfinished.has(head.commit) ? head.rows : 0), 0)
  return { topics, lostBytes, droppedRows, runs: judgeRuns(table, extents, before) }
}

function lane(topic: string | number, partition: string | number): string {
  return `${topic}/${partition}`
}

interface Contents {
  readonly blocks: Placed[]
  readonly schemas: Map<bigint, Schema>
  readonly sizes: Map<string, Map<number, SegmentState>>
  lostBytes: number
}

function findBlocks(dir: string): Contents {
  // Today's schemas are known even where the block that says them is damaged.
  const schemas = new Map(recordNames.map((record) => [schemaOf(record).id, schemaOf(record)]))
  const contents: Contents = { blocks: [], schemas, sizes: new Map(), lostBytes: 0 }
  for (const root of ['market', 'runs']) {
    const folder = join(dir, root)
    for (const name of existsSync(folder) ? readdirSync(folder).sort() : [])
      findInOwner(dir, `${root}/${name}`, contents)
  }
  return contents
}

function findInOwner(dir: string, owner: string, contents: Contents): void {
  const segments = readdirSync(join(dir, owner))
    .filter((name) => /^\d{6,}\.seg$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b)
  const sizes = new Map<number, SegmentState>()
  for (const segment of segments) {
    const walk = walkSegment(segmentPath(dir, owner, segment))
    let bytes = 0
    let written = 0
    let step = walk.next()
    for (; !step.done; step = walk.next()) {
      const { head, position, schema } = step.value
      bytes = position + head.length
      if (schema !== undefined) contents.schemas.set(head.schema, parseSchema(schema))
      else if (ownerOf(head.topic) === owner) {
        written ||= head.written
        contents.blocks.push({ ...step.value, owner, segment })
      }
    }
    contents.lostBytes += step.value
    sizes.set(segment, { bytes, written })
  }
  contents.sizes.set(owner, sizes)
}

/**
 * Commits of which parts are missing, behind which nothing was written, and of which the old index knows nothing: they never ended.
 * What is missing of others was damaged later.
 */
function unfinishedCommits(blocks: readonly Placed[], before: ReadonlyMap<string, Extent>): Set<number> {
  const found = new Map<number, number>()
  const last = new Map<string, number>()
  for (const { head, owner } of blocks) {
    found.set(head.commit, (found.get(head.commit) ?? 0) + 1)
    last.set(owner, head.commit)
  }
  const unfinished = new Set<number>()
  for (const { head } of blocks) if (found.get(head.commit)! < head.parts) unfinished.add(head.commit)
  for (const { head, owner } of blocks) {
    const known = head.offset + head.rows <= (before.get(lane(head.topic, head.partition))?.end ?? 0)
    if (known || last.get(owner) !== head.commit) unfinished.delete(head.commit)
  }
  return unfinished
}

type Extents = Map<string, { topic: string; partition: number; extent: Extent }>

function putBlocks(table: Table, blocks: readonly Placed[], schemas: ReadonlyMap<bigint, Schema>): Extents {
  const extents: Extents = new Map()
  for (const { head, position, owner, segment } of blocks) {
    const { topic, partition, offset, rows, min, max, written, sorted, length } = head
    const record = schemas.get(head.schema)?.record
    if (record === undefined) continue
    putTopic(table, topic, record, head.partitions, owner)
    const id = lane(topic, partition)
    const extent = extents.get(id)?.extent ?? { ...noExtent, start: offset, end: offset }
    // What a failed commit left behind the last good one.
    if (offset < extent.end) continue
    const place = { offset, segment, position, length, rows, min, max, written, sorted }
    const entry: BlockEntry = { ...place, gap: offset - extent.end }
    table.put(keys.block(topic, partition, offset), packEntry(entry))
    table.put(keys.moment(topic, partition, min, offset), packEntry(entry))
    extents.set(id, { topic, partition, extent: grown(extent, entry) })
  }
  for (const { topic, partition, extent } of extents.values()) table.putJson(keys.extent(topic, partition), extent)
  return extents
}

function putTopic(table: Table, topic: string, record: RecordName, partitions: number, owner: string): void {
  if (table.get(keys.topic(topic)) !== undefined) return
  const run = owner.startsWith('runs/') ? owner.slice('runs/'.length) : undefined
  table.putJson(keys.topic(topic), { record, ...(run === undefined ? {} : { run }), partitions } satisfies TopicMeta)
  if (run !== undefined && table.get(keys.run(run)) === undefined) table.putJson(keys.run(run), {})
}

/** Partitions that the old index knew and of which no block is left: all of their rows are gone, and their offsets go on. */
function forgetEmpty(table: Table, extents: Extents): void {
  for (const { key, value } of [...table.scan(['p'])]) {
    const [, topic, partition] = key as [string, string, number]
    if (extents.has(lane(topic, partition))) continue
    const { end } = JSON.parse(value.toString()) as Extent
    table.putJson(keys.extent(topic, partition), { ...noExtent, start: end, end } satisfies Extent)
    extents.set(lane(topic, partition), { topic, partition, extent: { ...noExtent, start: end, end } })
  }
}

/** A journal that counts rows which are not there would be resumed wrongly: such a run keeps its rows alone. */
function judgeRuns(
  table: Table,
  extents: Extents,
  before: ReadonlyMap<string, Extent>,
): Record<string, { journal: boolean }> {
  const runs: Record<string, { journal: boolean }> = {}
  for (const { key } of [...table.scan(['r'])]) {
    const run = String(key[1])
    const journal = table.range(['j', run], ['j', run], 1).length > 0
    const whole = [...extents.values()]
      .filter(({ topic }) => ownerOf(topic) === `runs/${run}`)
      .every(({ topic, partition, extent }) => {
        const was = before.get(lane(topic, partition))
        return was !== undefined && was.end === extent.end && was.rows === extent.rows && was.start === extent.start
      })
    if (!whole)
      for (const kind of ['j', 'k', 'w', 'n'] as const)
        for (const { key } of [...table.scan([kind, run])]) table.remove(key)
    runs[run] = { journal: journal && whole }
  }
  return runs
}
