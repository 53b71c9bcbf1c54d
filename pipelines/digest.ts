// What a journal entry says of a step's outputs: equal rows in equal order give equal digests, however they were cut.
import { createHash } from 'node:crypto'
import { crcOfLengths } from '../native/columns.ts'
import { crc32c } from '../native/index.ts'
import type { Batch } from '../schemas/batch.ts'
import { absentCode, type Bytes, type Column, type Dictionary, type Field, type List } from '../schemas/columns.ts'
import { layouts, type RecordName } from '../schemas/records.generated.ts'

/**
 * Hex SHA-256 over the CRC-32C of every column of the rows, topic by topic. It is to catch what was computed differently,
 * not who forges: a checksum a column is enough, and 60 MB of rows cost 8 ms instead of 76.
 */
export function digestOf(batches: readonly Batch[]): string {
  const hash = createHash('sha256')
  for (const [topic, group] of byTopic(batches)) {
    const rows = group.reduce((sum, batch) => sum + batch.rows, 0)
    hash.update(`${topic}:${rows}`)
    for (const field of layouts[topic]) {
      const columns = group.map((batch) => (batch.columns as unknown as Record<string, Column>)[field.name]!)
      hash.update(`;${field.name}:${checksum(field, columns)}`)
    }
  }
  return hash.digest('hex')
}

function checksum(field: Field, columns: readonly Column[]): string {
  if (field.kind === 'dict') return wordsOf(columns as readonly Dictionary[])
  if (field.kind === 'list') {
    const lists = columns as readonly List[]
    const items = field.items!.map((item) => {
      const inner = lists.map((list) => list.columns[item.name]!)
      return checksum(item, inner)
    })
    return `${lengthsOf(lists)}(${items.join(',')})`
  }
  if (field.kind === 'text' || field.kind === 'bytes') {
    const texts = columns as readonly Bytes[]
    const crc = texts.reduce((sum, { offsets, bytes }) => crc32c(bytes.subarray(offsets[0]!, offsets.at(-1)!), sum), 0)
    return `${lengthsOf(texts)}/${crc}`
  }
  return String(columns.reduce((sum, column) => crc32c(bytesOf(column as Float64Array), sum), 0))
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Words, not codes: which code a word has depends on how rows were cut. They are numbered here by first use. */
function wordsOf(columns: readonly Dictionary[]): string {
  const numbers = new Map<string | undefined, number>()
  const sum = columns.reduce((sum, column) => crc32c(bytesOf(numbered(column, numbers)), sum), 0)
  return `${JSON.stringify([...numbers.keys()].map((word) => word ?? null))}/${sum}`
}

let used = new Uint16Array(0)

/** The number of each row's word, until the next call. Words that were not met before get the next numbers. */
function numbered({ codes, values }: Dictionary, numbers: Map<string | undefined, number>): Uint16Array {
  const known = new Int32Array(values.length + 1).fill(-1)
  if (used.length < codes.length) used = new Uint16Array(codes.length * 2)
  // One word, in every row: most columns of words are so.
  if (values.length === 1 && codes.length > 0 && !codes.includes(absentCode)) {
    const [word] = values
    const number = numbers.get(word) ?? numbers.size
    numbers.set(word, number)
    return used.subarray(0, codes.length).fill(number)
  }
  let last = -1
  let number = 0
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    if (code !== last) {
      last = code
      const at = Math.min(code, values.length)
      number = known[at]!
      if (number < 0) {
        number = numbers.get(values[at]) ?? numbers.size
        numbers.set(values[at], number)
        known[at] = number
      }
    }
    used[row] = number
  }
  return used.subarray(0, codes.length)
}

function lengthsOf(columns: readonly { readonly offsets: Uint32Array }[]): number {
  return columns.reduce((sum, { offsets }) => crcOfLengths(offsets, sum), 0)
}

/** By name: which topic has rows first depends on how they were cut. */
function byTopic(batches: readonly Batch[]): [RecordName, Batch[]][] {
  const groups = new Map<RecordName, Batch[]>()
  for (const batch of batches) {
    if (batch.rows === 0) continue
    const group = groups.get(batch.topic)
    if (group === undefined) groups.set(batch.topic, [batch])
    else group.push(batch)
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}
