// Which partition a row belongs to: Kafka's rule, so that both engines and every other producer of that world agree.
import type { Batch } from '../schemas/batch.ts'
import { topicOf } from '../schemas/catalogue.ts'
import { type Bytes, type Column, type Dictionary, textAt } from '../schemas/columns.ts'
import { layouts } from '../schemas/records.generated.ts'

/**
 * The 32-bit hash of bytes that Kafka's default partitioner takes.
 *
 * Source: Austin Appleby's MurmurHash2 with the seed 0x9747b28c; org.apache.kafka.common.utils.Utils.murmur2.
 */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995
  const { length } = bytes
  let h = 0x9747b28c ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const left = length - at
  if (left >= 3) h ^= bytes[at + 2]! << 16
  if (left >= 2) h ^= bytes[at + 1]! << 8
  if (left >= 1) h = Math.imul(h ^ bytes[at]!, m)
  h ^= h >>> 13
  h = Math.imul(h, m)
  return h ^ (h >>> 15)
}

/** The partition of a key among `partitions`. */
export function partitionOf(key: string, partitions: number): number {
  return partitions === 1 ? 0 : (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions
}

/** Rows of a batch by partition; undefined where all of them go to partition `all`. */
export type Spread = { readonly all: number } | { readonly all: undefined; readonly rows: readonly number[][] }

/** Spreads rows by the fields of their topic's key, joined by ':'. Each partition keeps the order of its rows. */
export function spread(batch: Batch, partitions: number): Spread {
  if (partitions === 1) return { all: 0 }
  const keyAt = keysOf(batch)
  const rows: number[][] = Array.from({ length: partitions }, () => [])
  const known = new Map<string, number>()
  for (let row = 0; row < batch.rows; row++) {
    const text = keyAt(row)
    let partition = known.get(text)
    if (partition === undefined) {
      partition = partitionOf(text, partitions)
      known.set(text, partition)
    }
    rows[partition]!.push(row)
  }
  const used = rows.findIndex((one) => one.length > 0)
  return rows[used]?.length === batch.rows ? { all: used } : { all: undefined, rows }
}

/** The key of a row: the fields of its topic's key, joined by ':'. */
export function keysOf(batch: Batch): (row: number) => string {
  const columns = batch.columns as unknown as Record<string, Column>
  const key = topicOf(batch.topic).key.map((name) =>
    textsOf(layouts[batch.topic].find((f) => f.name === name)!.kind, columns[name]!),
  )
  return (row) => {
    let text = key[0]!(row)
    for (let i = 1; i < key.length; i++) text += `:${key[i]!(row)}`
    return text
  }
}

const encoder = new TextEncoder()

function textsOf(kind: string, column: Column): (row: number) => string {
  if (kind === 'dict') {
    const { codes, values } = column as Dictionary
    return (row) => values[codes[row]!] ?? ''
  }
  return (row) => textAt(column as Bytes, row)
}
