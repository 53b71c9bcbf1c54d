// Blocks of a partition as batches: fetched ahead, decoded straight into columns, on another thread where they are large.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AvroRows } from '../../native/avro.ts'
import { type AvroSchema, schemaOf } from '../../schemas/avro.ts'
import { type Batch, builderOf, take } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { codecOf } from '../codec.ts'
import { type DecodeRow, sourceOf } from '../decode.ts'
import { decodeApart } from '../decode-apart.ts'
import type { FetchedSpans, WireClient } from './client.ts'
import { isFault } from './faults.ts'
import type { Block, Seam } from './ledger.ts'
import { persist } from './producer.ts'
import { spansOfRecords } from './records.ts'
import type { Registry } from './registry.ts'

const fetchBytes = 2 ** 22
const noSpans = spansOfRecords([])
/** Fewer rows are decoded sooner than another thread takes them up. */
const apartRows = 256
/** Rows that the ledger promises are there, but the marker of their transaction may still be on its way into this partition. */
const stallMs = 30_000

/** Reads the blocks of one partition; fastest in rising order. */
export interface BlockReader {
  /**
   * The rows of a block; of one that has grown, and is wanted from about there on, only the new ones (`seams`: where it grew).
   * `until`: how far the reader will surely go, so that it may fetch ahead. The next block may be asked for before this one is there.
   */
  load(
    block: Block,
    seams: readonly Seam[],
    fromRow: number,
    until: number,
  ): Promise<{ readonly batch: Batch; readonly row: number }>
}

export function blockReader(
  from: {
    readonly client: WireClient
    readonly registry: Registry
    readonly subject: string
    readonly topic: string
  },
  record: RecordName,
  partition: number,
): BlockReader {
  const { client, registry, topic, subject } = from
  let buffer = noSpans
  let at = 0
  /** The next offset that is not in the buffer. */
  let next = -1
  let ahead: { readonly from: number; readonly part: Promise<FetchedSpans> } | undefined
  /** How far rows were found. */
  let done: Seam = { row: -1, offset: -1 }
  let last: Promise<unknown> = Promise.resolve()
  const builder = builderOf(record)
  /** Of the id under which the record's own schema is registered. */
  let own: { readonly id: number; readonly decode: DecodeRow } | undefined
  const schemas = new Map<number, AvroSchema>()

  function fetchFrom(offset: number): Promise<FetchedSpans> {
    const ask = [{ topic, partition, offset }]
    const part = persist(
      async () => (await client.fetchSpans(ask, { waitMs: 50, maxBytes: fetchBytes, lane: 'rows' }))[0]!,
    )
    part.catch(() => undefined)
    return part
  }

  async function more(until: number): Promise<void> {
    const part = await (ahead?.from === next ? ahead.part : fetchFrom(next))
    buffer = part.spans
    at = 0
    next = part.next
    ahead = next < until ? { from: next, part: fetchFrom(next) } : undefined
  }

  /** The schemas that rows were written with. */
  async function learn({ bytes, starts, ends }: AvroRows): Promise<void> {
    const { view } = sourceOf(bytes)
    let last = own?.id
    for (let i = 0; i < starts.length; i++) {
      if (ends[i]! - starts[i]! < 5) continue
      const id = view.getUint32(starts[i]! + 1)
      if (id === last || schemas.has(id)) continue
      if (id !== own!.id) schemas.set(id, await registry.schemaOf(id))
      last = id
    }
  }

  async function ownSchema(): Promise<NonNullable<typeof own>> {
    const id = await registry.idOf(subject, schemaOf(record))
    const codec = codecOf(record, { schemaId: id, writers: (id) => schemas.get(id) })
    return { id, decode: codec.into(builder) }
  }

  function seek(offset: number): void {
    const held = at < buffer.count ? buffer.offsets[at]! : next
    if (next >= 0 && offset >= held && offset <= next) return
    buffer = noSpans
    at = 0
    next = offset
  }

  /** Where the rows of a block lie in what was fetched. */
  async function find(block: Block, seams: readonly Seam[], fromRow: number, until: number) {
    const seam = done.row === fromRow ? done : seams.findLast(({ row }) => row <= fromRow)
    const { row, offset } = seam !== undefined && isWithin(seam, block) ? seam : block
    const rows = block.row + block.rows - row
    const { end } = block
    seek(offset)
    const parts: AvroRows[] = []
    let left = rows
    for (const patience = performance.now() + stallMs; ; ) {
      const { bytes, count, offsets, starts, ends } = buffer
      while (at < count && offsets[at]! < offset) at++
      const from = at
      while (at < count && offsets[at]! < end && at - from < left) at++
      if (at > from) parts.push({ bytes, starts: starts.subarray(from, at), ends: ends.subarray(from, at) })
      left -= at - from
      if (left === 0) break
      if (next >= end || (at < count && offsets[at]! >= end)) throw lostRows(topic, partition, offset)
      const before = next
      await more(until)
      if (next > before) continue
      if (performance.now() > patience) {
        throw new SmartspeedError(
          'SERVICE_LOST',
          `Kafka does not give offset ${next} of ${topic}, partition ${partition}`,
        )
      }
      await sleep(2)
    }
    done = { row: row + rows, offset: end }
    return { parts, row, rows }
  }

  async function decode(parts: readonly AvroRows[], rows: number): Promise<Batch> {
    own ??= await ownSchema()
    if (rows >= apartRows) {
      const batch = await decodeApart(record, own.id, parts)
      if (batch !== undefined) return batch
    }
    for (const part of parts) await learn(part)
    // What a decoding that failed left in it.
    take<RecordName>(builder)
    for (const { bytes, starts, ends } of parts) {
      const source = sourceOf(bytes)
      for (let i = 0; i < starts.length; i++) own.decode(source, starts[i]!, ends[i]!)
    }
    return take<RecordName>(builder)
  }

  return {
    async load(block, seams, fromRow, until) {
      // One after the other, as they share what was fetched; a block is decoded while the next is found.
      const found = last.then(() => find(block, seams, fromRow, until))
      last = found.catch(() => undefined)
      const { parts, row, rows } = await found
      return { batch: await decode(parts, rows), row }
    },
  }
}

function isWithin({ row, offset }: Seam, block: Block): boolean {
  return row > block.row && offset > block.offset && offset < block.end
}

function lostRows(topic: string, partition: number, offset: number): SmartspeedError {
  return new SmartspeedError(
    'LOG_CORRUPT',
    `rows from Kafka’s offset ${offset} on are missing in ${topic}, partition ${partition}`,
    { fix: 'was the topic changed by another program? import its data again' },
  )
}

/** True when Kafka says that an offset was deleted. */
export function isDeleted(error: unknown): boolean {
  return isFault(error, 'range')
}
