// Rows taken out of batches: a range as views, or chosen rows as copies.
import type { Batch } from '../schemas/batch.ts'
import { absentCode, type Bytes, type Column, type Dictionary, type List } from '../schemas/columns.ts'
import type { RecordName } from '../schemas/records.generated.ts'

type Columns = Readonly<Record<string, Column>>

/** Rows `from`…`to` of a batch, without copying: views of its arrays. */
export function sliceRows<T extends RecordName>(batch: Batch<T>, from: number, to: number): Batch<T> {
  if (from === 0 && to === batch.rows) return batch
  const columns: Record<string, Column> = {}
  for (const [name, column] of Object.entries(batch.columns as unknown as Columns)) {
    columns[name] = sliceColumn(column, from, to)
  }
  return { topic: batch.topic, rows: to - from, columns: columns as unknown as Batch<T>['columns'] }
}

function sliceColumn(column: Column, from: number, to: number): Column {
  if (ArrayBuffer.isView(column)) return column.subarray(from, to)
  if ('codes' in column) return { codes: column.codes.subarray(from, to), values: column.values }
  // The offsets go on counting from where the whole column began.
  return { ...column, offsets: column.offsets.subarray(from, to + 1) }
}

/** Which rows: row i is row `row[i]` of source `source[i]`, of source 0 without it. */
interface Choice {
  readonly source: ArrayLike<number> | undefined
  readonly row: ArrayLike<number>
}

/** A new batch of the chosen rows. At least one source; all of one record type. */
export function gatherRows<T extends RecordName>(
  sources: readonly Batch<T>[],
  row: ArrayLike<number>,
  source?: ArrayLike<number>,
): Batch<T> {
  const columns = sources.map((batch) => batch.columns as unknown as Columns)
  const gathered = gatherColumns(columns, { source, row })
  return { topic: sources[0]!.topic, rows: row.length, columns: gathered as unknown as Batch<T>['columns'] }
}

function gatherColumns(sources: readonly Columns[], choice: Choice): Columns {
  const columns: Record<string, Column> = {}
  for (const name of Object.keys(sources[0]!)) {
    columns[name] = gatherColumn(
      sources.map((source) => source[name]!),
      choice,
    )
  }
  return columns
}

function gatherColumn(sources: readonly Column[], choice: Choice): Column {
  const rows = choice.row.length
  const first = sources[0]!
  if (first instanceof Float64Array) return gatherValues(sources as Float64Array[], choice, new Float64Array(rows))
  if (first instanceof BigInt64Array) return gatherBigInts(sources as BigInt64Array[], choice)
  if (first instanceof Int32Array) return gatherValues(sources as Int32Array[], choice, new Int32Array(rows))
  if (first instanceof Uint8Array) return gatherValues(sources as Uint8Array[], choice, new Uint8Array(rows))
  if ('codes' in first) return gatherWords(sources as Dictionary[], choice)
  return 'bytes' in first ? gatherBytes(sources as Bytes[], choice) : gatherLists(sources as List[], choice)
}

function gatherValues<A extends Float64Array | Int32Array | Uint8Array>(
  sources: readonly A[],
  { source, row }: Choice,
  out: A,
): A {
  if (source === undefined) {
    const values = sources[0]!
    for (let i = 0; i < out.length; i++) out[i] = values[row[i]!]!
  } else {
    for (let i = 0; i < out.length; i++) out[i] = sources[source[i]!]![row[i]!]!
  }
  return out
}

function gatherBigInts(sources: readonly BigInt64Array[], { source, row }: Choice): BigInt64Array {
  // As two halves each: a BigInt a row would be garbage.
  const halves = sources.map((values) => new Int32Array(values.buffer, values.byteOffset, values.length * 2))
  const out = new BigInt64Array(row.length)
  const target = new Int32Array(out.buffer)
  for (let i = 0; i < row.length; i++) {
    const from = halves[source === undefined ? 0 : source[i]!]!
    target[2 * i] = from[2 * row[i]!]!
    target[2 * i + 1] = from[2 * row[i]! + 1]!
  }
  return out
}

function gatherWords(sources: readonly Dictionary[], { source, row }: Choice): Dictionary {
  const codes = new Uint16Array(row.length)
  const values: string[] = []
  const known = new Map<string, number>()
  const numbers = sources.map((one) => new Int32Array(one.values.length).fill(-1))
  for (let i = 0; i < row.length; i++) {
    const from = source === undefined ? 0 : source[i]!
    const code = sources[from]!.codes[row[i]!]!
    if (code === absentCode) {
      codes[i] = absentCode
      continue
    }
    let number = numbers[from]![code]!
    if (number < 0) {
      number = numberOf(sources[from]!.values[code]!, values, known)
      numbers[from]![code] = number
    }
    codes[i] = number
  }
  return { codes, values }
}

function numberOf(value: string, values: string[], known: Map<string, number>): number {
  const number = known.get(value)
  if (number !== undefined) return number
  known.set(value, values.length)
  return values.push(value) - 1
}

function gatherBytes(sources: readonly Bytes[], choice: Choice): Bytes {
  const { source, row } = choice
  const offsets = offsetsOf(sources, choice)
  const bytes = new Uint8Array(offsets[row.length]!)
  let to = 0
  for (let i = 0; i < row.length; i++) {
    const from = sources[source === undefined ? 0 : source[i]!]!
    const begin = from.offsets[row[i]!]!
    const end = from.offsets[row[i]! + 1]!
    if (end - begin > 48) {
      bytes.set(from.bytes.subarray(begin, end), to)
      to += end - begin
    } else {
      for (let at = begin; at < end; at++) bytes[to++] = from.bytes[at]!
    }
  }
  return { offsets, bytes }
}

function gatherLists(sources: readonly List[], choice: Choice): List {
  const { source, row } = choice
  const offsets = offsetsOf(sources, choice)
  const items = offsets[row.length]!
  const itemRow = new Uint32Array(items)
  const itemSource = source === undefined ? undefined : new Uint16Array(items)
  let to = 0
  for (let i = 0; i < row.length; i++) {
    const number = source === undefined ? 0 : source[i]!
    const from = sources[number]!
    for (let at = from.offsets[row[i]!]!; at < from.offsets[row[i]! + 1]!; at++) {
      itemRow[to] = at
      if (itemSource !== undefined) itemSource[to] = number
      to++
    }
  }
  const columns = gatherColumns(
    sources.map((one) => one.columns),
    { source: itemSource, row: itemRow },
  )
  return { offsets, columns }
}

function offsetsOf(sources: readonly { readonly offsets: Uint32Array }[], { source, row }: Choice): Uint32Array {
  const offsets = new Uint32Array(row.length + 1)
  for (let i = 0; i < row.length; i++) {
    const from = sources[source === undefined ? 0 : source[i]!]!.offsets
    offsets[i + 1] = offsets[i]! + from[row[i]! + 1]! - from[row[i]!]!
  }
  return offsets
}
