// SHA-256 over batches: what a journal entry says of a step's outputs. Equal rows in equal order give equal digests, however they were cut.
import { createHash } from 'node:crypto'
import type { Batch } from '../schemas/batch.ts'
import { type Bytes, type Column, type Dictionary, type Field, type List, wordAt } from '../schemas/columns.ts'
import { layouts, type RecordName } from '../schemas/records.generated.ts'

/** Hex SHA-256 over the rows of the batches, topic by topic, column by column. */
export function digestOf(batches: readonly Batch[]): string {
  const hash = createHash('sha256')
  for (const [topic, group] of byTopic(batches)) {
    const rows = group.reduce((sum, batch) => sum + batch.rows, 0)
    hash.update(`${topic}:${rows};`)
    for (const field of layouts[topic]) {
      addColumns(
        hash,
        field,
        group.map((batch) => (batch.columns as unknown as Record<string, Column>)[field.name]!),
      )
    }
  }
  return hash.digest('hex')
}

type Hash = ReturnType<typeof createHash>

function addColumns(hash: Hash, field: Field, columns: readonly Column[]): void {
  if (field.kind === 'dict') {
    addWords(hash, columns as readonly Dictionary[])
  } else if (field.kind === 'list') {
    const lists = columns as readonly List[]
    for (const { offsets } of lists) hash.update(lengthsOf(offsets))
    for (const item of field.items!) {
      addColumns(
        hash,
        item,
        lists.map((list) => list.columns[item.name]!),
      )
    }
  } else if (field.kind === 'text' || field.kind === 'bytes') {
    for (const { offsets } of columns as readonly Bytes[]) hash.update(lengthsOf(offsets))
    for (const { offsets, bytes } of columns as readonly Bytes[])
      hash.update(bytes.subarray(offsets[0]!, offsets.at(-1)!))
  } else {
    for (const column of columns) hash.update(column as Float64Array)
  }
}

/** Words, not codes: which code a word has depends on how rows were cut. A run of one word is said once, with its length. */
function addWords(hash: Hash, columns: readonly Dictionary[]): void {
  let word: string | undefined
  let length = 0
  for (const column of columns) {
    for (let row = 0; row < column.codes.length; row++) {
      const next = wordAt(column, row)
      if (next === word) {
        length++
        continue
      }
      hash.update(`${length} ${word === undefined ? '' : JSON.stringify(word)}\n`)
      word = next
      length = 1
    }
  }
  hash.update(`${length} ${word === undefined ? '' : JSON.stringify(word)}\n`)
}

function lengthsOf(offsets: Uint32Array): Uint32Array {
  const lengths = new Uint32Array(offsets.length - 1)
  for (let i = 0; i < lengths.length; i++) lengths[i] = offsets[i + 1]! - offsets[i]!
  return lengths
}

function byTopic(batches: readonly Batch[]): Map<RecordName, Batch[]> {
  const groups = new Map<RecordName, Batch[]>()
  for (const batch of batches) {
    const group = groups.get(batch.topic)
    if (group === undefined) groups.set(batch.topic, [batch])
    else group.push(batch)
  }
  return groups
}
