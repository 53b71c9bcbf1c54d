// Blocks of a partition as batches: fetched ahead, decoded straight into columns.
import { setTimeout as sleep } from 'node:timers/promises'
import { type AvroSchema, schemaOf } from '../../schemas/avro.ts'
import { type Batch, builderOf, take } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { codecOf } from '../codec.ts'
import { type DecodeRow, sourceOf } from '../decode.ts'
import type { FetchedSpans, WireClient } from './client.ts'
import { isFault } from './faults.ts'
import type { Block, Seam } from './ledger.ts'
import { persist } from './producer.ts'
import { type Spans, spansOfRecords } from './records.ts'
import type { Registry } from './registry.ts'

const fetchBytes = 2 ** 22
const noSpans = spansOfRecords([])
/** Rows that the ledger promises are there, but the marker of their transaction may still be on its way into this partition. */
const stallMs = 30_000

/** Reads the blocks of one partition; fastest in rising order. */
export interface BlockReader {
  /**
   * The rows of a block; of one that has grown, and is wanted from about there on, only the new ones (`seams`: where it grew).
   * `until`: how far the reader will surely go, so that it may fetch ahead.
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
  let source = sourceOf(buffer.bytes)
  let at = 0
  /** The next offset that is not in the buffer. */
  let next = -1
  let ahead: { readonly from: number; readonly part: Promise<FetchedSpans> } | undefined
  /** How far rows were given. */
  let done: Seam = { row: -1, offset: -1 }
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
    source = sourceOf(buffer.bytes)
    at = 0
    next = part.next
    ahead = next < until ? { from: next, part: fetchFrom(next) } : undefined
  }

  /** The schemas that the next rows before `end` were written with; what others put behind them may have none. */
  async function learn({ count, offsets, starts, ends }: Spans, end: number): Promise<void> {
    if (at < count) own ??= await ownSchema()
    let last = own?.id
    for (let i = at; i < count && offsets[i]! < end; i++) {
      if (ends[i]! - starts[i]! < 5) continue
      const id = source.view.getUint32(starts[i]! + 1)
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

  return {
    async load(block, seams, fromRow, until) {
      const seam = done.row === fromRow ? done : seams.findLast(({ row }) => row <= fromRow)
      const { row, offset } = seam !== undefined && isWithin(seam, block) ? seam : block
      const rows = block.row + block.rows - row
      const { end } = block
      seek(offset)
      // What a load that failed left in it.
      take<RecordName>(builder)
      const patience = performance.now() + stallMs
      while (builder.count < rows) {
        const { count, offsets, starts, ends } = buffer
        while (at < count && offsets[at]! < offset) at++
        await learn(buffer, end)
        while (at < count && offsets[at]! < end && builder.count < rows) {
          own!.decode(source, starts[at]!, ends[at]!)
          at++
        }
        if (builder.count === rows) break
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
      return { batch: take<RecordName>(builder), row }
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
