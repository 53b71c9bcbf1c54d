// What a journal entry says of a step's outputs: equal rows in equal order give equal digests, however they were cut.
import { createHash } from 'node:crypto'
import { type Summed, sums, sumUp } from '../native/digest.ts'
import type { Batch } from '../schemas/batch.ts'
import type { Bytes, Column, Dictionary, Field, List } from '../schemas/columns.ts'
import { layouts, type RecordName } from '../schemas/records.generated.ts'

/**
 * Hex SHA-256 over the CRC-32C of every column of the rows, topic by topic. It is to catch what was computed differently,
 * not who forges: a checksum a column is enough, and a thread beside this one makes it.
 */
export async function digestOf(batches: readonly Batch[]): Promise<string> {
  const asked: Summed[] = []
  const topics = byTopic(batches).map(([topic, group]) => {
    const rows = group.reduce((sum, batch) => sum + batch.rows, 0)
    const fields = layouts[topic].map((field) => {
      const columns = group.map((batch) => (batch.columns as unknown as Record<string, Column>)[field.name]!)
      return { name: field.name, spell: checksum(field, columns, asked) }
    })
    return { head: `${topic}:${rows}`, fields }
  })
  const answers = (await sumUp(asked)).values()
  const next = () => answers.next().value!
  const hash = createHash('sha256')
  for (const { head, fields } of topics) {
    hash.update(head)
    for (const { name, spell } of fields) hash.update(`;${name}:${spell(next)}`)
  }
  return hash.digest('hex')
}

/** What is written of a column, of the numbers that were asked for it, which come in the same order. */
type Spelling = (next: () => number) => string

function checksum(field: Field, columns: readonly Column[], asked: Summed[]): Spelling {
  if (field.kind === 'dict') return wordsOf(columns as readonly Dictionary[], asked)
  if (field.kind === 'list') {
    const lists = columns as readonly List[]
    const lengths = lengthsOf(lists, asked)
    const items = field.items!.map((item) => {
      const inner = lists.map((list) => list.columns[item.name]!)
      return checksum(item, inner, asked)
    })
    return (next) => `${lengths(next)}(${items.map((spell) => spell(next)).join(',')})`
  }
  if (field.kind === 'text' || field.kind === 'bytes') {
    const texts = columns as readonly Bytes[]
    const lengths = lengthsOf(texts, asked)
    const crc = bytesOf(
      texts.map(({ offsets, bytes }) => bytes.subarray(offsets[0]!, offsets.at(-1)!)),
      asked,
    )
    return (next) => `${lengths(next)}/${crc(next)}`
  }
  return bytesOf((columns as readonly Float64Array[]).map(asBytes), asked)
}

function bytesOf(arrays: readonly Uint8Array[], asked: Summed[]): Spelling {
  asked.push({ sum: sums.bytes, arrays })
  return (next) => String(next())
}

function lengthsOf(columns: readonly { readonly offsets: Uint32Array }[], asked: Summed[]): Spelling {
  asked.push({ sum: sums.lengths, arrays: columns.map(({ offsets }) => asBytes(offsets)) })
  return (next) => String(next())
}

/** Words, not codes: which code a word has depends on how rows were cut. */
function wordsOf(columns: readonly Dictionary[], asked: Summed[]): Spelling {
  const known = new Map<string | undefined, number>()
  const ids = columns.flatMap(({ values }) => [
    values.length + 1,
    // The last is that of rows without a word.
    ...[...values, undefined].map((word) => {
      const id = known.get(word) ?? known.size
      known.set(word, id)
      return id
    }),
  ])
  asked.push({
    sum: sums.words,
    arrays: [asBytes(Uint32Array.from(ids)), ...columns.map(({ codes }) => asBytes(codes))],
  })
  const words = [...known.keys()]
  return (next) => {
    const crc = next()
    const used = Array.from({ length: next() }, () => words[next()] ?? null)
    return `${JSON.stringify(used)}/${crc}`
  }
}

function asBytes({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
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
