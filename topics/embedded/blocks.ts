// From an index entry to a batch, and through the index in the order that a reader asks for.
import type { RawBlock } from '../../native/segment.ts'
import type { Batch } from '../../schemas/batch.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { readBlock, readHead } from './block.ts'
import { type BlockEntry, type Extent, keys, unpackEntry } from './entries.ts'
import { adapt, parseSchema, type Schema, schemaName, schemaOf } from './evolution.ts'
import { corrupt } from './faults.ts'
import { ownerOf, segmentPath } from './names.ts'
import type { SegmentReader } from './segments.ts'
import { after, type EntryKey, type Table } from './table.ts'

export interface BlockSource {
  readonly dir: string
  readonly table: Table
  readonly files: SegmentReader
  readonly topic: string
  readonly record: RecordName
}

/** The rows of a block; undefined when its file is gone. @throws SmartspeedError LOG_CORRUPT */
export async function loadBlock(source: BlockSource, partition: number, entry: BlockEntry): Promise<Batch | undefined> {
  const { dir, topic, record } = source
  const owner = ownerOf(topic)
  const where = `${segmentPath(dir, owner, entry.segment)} at ${entry.position}`
  let raw: RawBlock
  try {
    raw = await source.files.read(owner, entry.segment, entry.position, entry.length)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
  const { bytes, crc } = raw
  if (bytes.length < entry.length) throw corrupt(dir, `${where}: the file ends inside a block of ${topic}`)
  const head = readHead(bytes, crc)
  if (head === undefined) throw corrupt(dir, `${where}: a block of ${topic} does not match its checksum`)
  const asked = head.topic === topic && head.partition === partition && head.offset === entry.offset
  if (!asked || head.rows !== entry.rows) throw corrupt(dir, `${where}: not the block of ${topic} that the index names`)
  const schema = schemaFor(source, head.schema)
  const columns = readBlock(bytes, head, schema.fields)
  return { topic: record, rows: head.rows, columns: adapt(schema, columns as never, head.rows) as never }
}

const known = new Map<bigint, Schema>()

function schemaFor({ dir, table, record, topic }: BlockSource, id: bigint): Schema {
  const current = schemaOf(record)
  if (current.id === id) return current
  let schema = known.get(id)
  if (schema === undefined) {
    const text = table.get(keys.schema(schemaName(id)))
    if (text === undefined)
      throw corrupt(dir, `the schema ${schemaName(id)} of a block of ${topic} is not in the index`)
    schema = parseSchema(text.toString())
    known.set(id, schema)
  }
  return schema
}

/** Blocks of a partition by offset: the one that holds row `from`, and those behind it. */
export function* byOffset({ table, topic }: BlockSource, partition: number, from: number): Generator<BlockEntry> {
  const prefix: EntryKey = ['b', topic, partition]
  const holding = table.lastAtOrBefore(prefix, keys.block(topic, partition, from))
  yield* entriesFrom(table, prefix, holding?.key ?? prefix)
}

/** Blocks of a partition by their least receive time, from that of those which may have rows at `received` on. */
export function* byReceived(
  { table, topic }: BlockSource,
  partition: number,
  received: number | undefined,
  { span }: Extent,
): Generator<BlockEntry> {
  const prefix: EntryKey = ['m', topic, partition]
  yield* entriesFrom(table, prefix, received === undefined ? prefix : [...prefix, received - span])
}

/** Offset of the first block, of a partition whose blocks rise, that may have rows at `received`; undefined when none has. */
export function offsetAt(
  { table, topic }: BlockSource,
  partition: number,
  received: number,
  extent: Extent,
): number | undefined {
  const prefix: EntryKey = ['m', topic, partition]
  const found = table.range(prefix, [...prefix, received - extent.span], 1)[0]
  return found === undefined ? undefined : unpackEntry(found.value).offset
}

function* entriesFrom(table: Table, prefix: EntryKey, start: EntryKey): Generator<BlockEntry> {
  let from = start
  for (;;) {
    table.renew()
    const entries = table.range(prefix, from, 64)
    for (const { value } of entries) yield unpackEntry(value)
    if (entries.length < 64) return
    from = after(entries.at(-1)!.key)
  }
}
