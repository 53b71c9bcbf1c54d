// One array of a column as bytes: as it is, or shorter where its values are all equal, evenly spaced, or stand in long runs.

import { kinds, type Part } from '../../native/segment.ts'

/** How an array is stored; the two highest bits beside its length. */
export type Form = 'plain' | 'spaced' | 'same' | 'runs'

export const forms: readonly Form[] = ['plain', 'spaced', 'same', 'runs']

export type Values = Float64Array | BigInt64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

export interface Stored {
  readonly form: Form
  readonly bytes: Uint8Array
}

/** An array as it is handed to `packBlock`, which finds its shortest form: bits are kept, NaN, -0 and all. */
export function partOf(values: Values): Part {
  return { kind: kindOf(values), bytes: bytesOf(values) }
}

function kindOf(values: Values): Part['kind'] {
  if (values instanceof Float64Array) return kinds.f64
  if (values instanceof BigInt64Array) return kinds.i64
  if (values instanceof Uint32Array) return kinds.u32
  if (values instanceof Int32Array) return kinds.i32
  return values instanceof Uint16Array ? kinds.u16 : kinds.u8
}

function runsAt(runs: number): number {
  return padded(4 + runs * 4)
}

export interface ArrayType<A> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): A
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A
}

type Fillable<A> = { [row: number]: number | bigint; fill(value: never, from?: number, to?: number): A }

/**
 * An array of `length` values from its bytes, which begin at a multiple of eight: a view where it is stored plain, else a new array.
 * Undefined when the bytes are not that.
 */
export function restore<A extends Fillable<A>>(
  form: Form,
  bytes: Uint8Array,
  Type: ArrayType<A>,
  length: number,
): A | undefined {
  const size = Type.BYTES_PER_ELEMENT
  const viewOf = (at: number, count: number) => new Type(bytes.buffer, bytes.byteOffset + at, count)
  switch (form) {
    case 'plain':
      return bytes.length === length * size ? viewOf(0, length) : undefined
    case 'same':
      return bytes.length === size ? same(bytes, Type, length) : undefined
    case 'spaced':
      return bytes.length === 2 * size ? spaced(new Type(length), viewOf(0, 2), length) : undefined
    case 'runs': {
      const ends = endsOf(bytes, size, length)
      return ends === undefined ? undefined : filled(new Type(length), ends, viewOf(runsAt(ends.length), ends.length))
    }
  }
}

/** Columns of one value that were restored last: block after block has the same exchange, the same symbol, and nobody writes to a batch. */
const restored: { bytes: Uint8Array; Type: unknown; length: number; array: unknown }[] = []
let oldest = 0
const mostRestored = 32

function same<A extends Fillable<A>>(bytes: Uint8Array, Type: ArrayType<A>, length: number): A {
  for (const one of restored)
    if (one.Type === Type && one.length === length && Buffer.compare(one.bytes, bytes) === 0) return one.array as A
  const array = new Type(length).fill(new Type(bytes.buffer, bytes.byteOffset, 1)[0] as never)
  restored[oldest] = { bytes: bytes.slice(), Type, length, array }
  oldest = (oldest + 1) % mostRestored
  return array
}

function spaced<A extends Fillable<A>>(out: A, pair: A, length: number): A {
  const first = pair[0] as number
  const step = (pair[1] as number) - first
  for (let i = 0; i < length; i++) out[i] = first + i * step
  return out
}

function endsOf(bytes: Uint8Array, size: number, length: number): Uint32Array | undefined {
  if (bytes.length < 8) return undefined
  const count = new Uint32Array(bytes.buffer, bytes.byteOffset, 1)[0]!
  if (runsAt(count) + count * size !== bytes.length) return undefined
  const ends = new Uint32Array(bytes.buffer, bytes.byteOffset + 4, count)
  return ends[count - 1] === length ? ends : undefined
}

function filled<A extends Fillable<A>>(out: A, ends: Uint32Array, values: A): A {
  let from = 0
  for (let run = 0; run < ends.length; run++) {
    const to = ends[run]!
    out.fill(values[run] as never, from, to)
    from = to
  }
  return out
}

export function bytesOf(values: Values): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

export function padded(length: number): number {
  return (length + 7) & ~7
}
