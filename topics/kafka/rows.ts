// Blocks of a partition as batches: fetched ahead, decoded straight into columns.
import { setTimeout as sleep } from 'node:timers/promises'
import { schemaOf } from '../../schemas/avro.ts'
import { type Batch, builderOf, take } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { type Codec, codecOf } from '../codec.ts'
import type { FetchedPart, ReadRecord, WireClient } from './client.ts'
import { isFault } from './faults.ts'
import type { Block } from './ledger.ts'
import { persist } from './producer.ts'
import type { Registry } from './registry.ts'

const fetchBytes = 2 ** 22
/** Rows that the ledger promises are there, but the marker of their transaction may still be on its way into this partition. */
const stallMs = 30_000

/** Reads the blocks of one partition; fastest in rising order. */
export interface BlockReader {
  /**
   * The rows of a block; of one that has grown since it was loaded last, and is wanted from there on, only the new ones.
   * `until`: how far the reader will surely go, so that it may fetch ahead.
   */
  load(block: Block, fromRow: number, until: number): Promise<{ readonly batch: Batch; readonly row: number }>
}

export function blockReader(
  source: {
    readonly client: WireClient
    readonly registry: Registry
    readonly subject: string
    readonly topic: string
  },
  record: RecordName,
  partition: number,
): BlockReader {
  const { client, registry, topic } = source
  let buffer: readonly ReadRecord[] = []
  let at = 0
  /** The next offset that is not in the buffer. */
  let next = -1
  let ahead: { readonly from: number; readonly part: Promise<FetchedPart> } | undefined
  /** How far rows were given. */
  let done = { row: -1, offset: -1 }
  let codec: { readonly id: number; readonly codec: Codec<RecordName> } | undefined
  const schemas = new Map<
    number,
    Parameters<typeof codecOf>[1]['writers'] extends ((id: number) => infer S) | undefined ? S : never
  >()

  function fetchFrom(offset: number): Promise<FetchedPart> {
    const from = [{ topic, partition, offset }]
    const part = persist(async () => (await client.fetch(from, { waitMs: 50, maxBytes: fetchBytes, lane: 'rows' }))[0]!)
    part.catch(() => undefined)
    return part
  }

  async function more(until: number): Promise<void> {
    const part = await (ahead?.from === next ? ahead.part : fetchFrom(next))
    buffer = part.records
    at = 0
    next = part.next
    ahead = next < until ? { from: next, part: fetchFrom(next) } : undefined
    await learn(buffer)
  }

  /** The schemas that rows of a chunk were written with. */
  async function learn(records: readonly ReadRecord[]): Promise<void> {
    let last = codec?.id
    for (const { value } of records) {
      if (value === null || value.length < 5) continue
      const id = value.readUInt32BE(1)
      if (id === last || schemas.has(id)) continue
      const own = (await registry.idOf(source.subject, schemaOf(record))) as number
      if (codec === undefined)
        codec = { id: own, codec: codecOf(record, { schemaId: own, writers: (id) => schemas.get(id) }) }
      if (id !== own) schemas.set(id, await registry.schemaOf(id))
      last = id
    }
  }

  function seek(offset: number): void {
    const held = at < buffer.length ? buffer[at]!.offset : next
    if (next >= 0 && offset >= held && offset <= next) return
    buffer = []
    at = 0
    next = offset
  }

  return {
    async load(block, fromRow, until) {
      const grown =
        done.row === fromRow && done.offset > block.offset && done.offset < block.end && done.row > block.row
      const row = grown ? fromRow : block.row
      const offset = grown ? done.offset : block.offset
      const rows = block.row + block.rows - row
      const { end } = block
      seek(offset)
      const builder = builderOf(record)
      const patience = performance.now() + stallMs
      while (builder.count < rows) {
        while (at < buffer.length && buffer[at]!.offset < offset) at++
        while (at < buffer.length && buffer[at]!.offset < end && builder.count < rows) {
          codec!.codec.decodeInto(builder, buffer[at++]!.value!)
        }
        if (builder.count === rows) break
        if (next >= end || (at < buffer.length && buffer[at]!.offset >= end)) throw lostRows(topic, partition, offset)
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
