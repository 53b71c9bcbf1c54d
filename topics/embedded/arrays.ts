// One array of a column as bytes: as it is, or shorter where its values are all equal, evenly spaced, or stand in long runs.

import { isSpaced } from '../../native/columns.ts'
import { packRuns } from '../../native/index.ts'

/** How an array is stored; the two highest bits beside its length. */
export type Form = 'plain' | 'spaced' | 'same' | 'runs'

export const forms: readonly Form[] = ['plain', 'spaced', 'same', 'runs']

export type Values = Float64Array | BigInt64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

export interface Stored {
  readonly form: Form
  readonly bytes: Uint8Array
}

/** The shortest form of an array. Bits are kept: NaN, -0 and all. */
export function store(values: Values): Stored {
  if (values.length > 1) {
    const packed = inRuns(values)
    if (packed !== undefined && countOf(packed) === 1) return { form: 'same', bytes: bytesOf(values.subarray(0, 1)) }
    if ((values instanceof Float64Array || values instanceof Uint32Array) && isSpaced(values)) {
      return { form: 'spaced', bytes: bytesOf(values.slice(0, 2)) }
    }
    if (packed !== undefined) return { form: 'runs', bytes: packed.slice() }
  }
  return { form: 'plain', bytes: bytesOf(values) }
}

let scratch = new Uint8Array(2 ** 16)

/** Count, ends, then a value a run, each part at a multiple of eight, until the next call; undefined when that would not halve the bytes. */
function inRuns(values: Values): Uint8Array | undefined {
  const bytes = bytesOf(values)
  // One run always fits: a value, its end and their count.
  const room = Math.max(bytes.length >>> 1, 2 * (runsAt(1) + 8))
  if (room > scratch.length) scratch = new Uint8Array(room * 2)
  const length = packRuns(bytes, values.BYTES_PER_ELEMENT, scratch.subarray(0, room))
  const packed = scratch.subarray(0, length)
  return length > 0 && (countOf(packed) === 1 || length * 2 <= bytes.length) ? packed : undefined
}

function countOf(packed: Uint8Array): number {
  return new Uint32Array(packed.buffer, packed.byteOffset, 1)[0]!
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
      return bytes.length === size ? new Type(length).fill(viewOf(0, 1)[0] as never) : undefined
    case 'spaced':
      return bytes.length === 2 * size ? spaced(new Type(length), viewOf(0, 2), length) : undefined
    case 'runs': {
      const ends = endsOf(bytes, size, length)
      return ends === undefined ? undefined : filled(new Type(length), ends, viewOf(runsAt(ends.length), ends.length))
    }
  }
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
