// Rows of Avro into columns on a thread of their own, beside JavaScript's.
import { load } from './index.ts'

/** What `native/src/avro.rs` exports. */
interface Addon {
  decodeAvro(shape: Uint8Array, schema: number, parts: readonly AvroRows[]): Promise<AvroColumns | null>
}

const addon = load<Addon>()

/** What a field holds, by the number that Rust knows it by; `whole`: a number that a double holds exactly. */
export const avroKinds = { f64: 0, whole: 1, i64: 2, i32: 3, bool: 4, enum: 5, dict: 6, bytes: 7, list: 8 } as const

/** Where rows lie, each with its header: row i at `starts[i]`…`ends[i]`. */
export interface AvroRows {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** Arrays of columns in the order of the fields. A dictionary is its codes; texts and lists are their offsets and then what these point into. */
export interface AvroColumns {
  /** One after another, each at a multiple of eight. */
  readonly arrays: Uint8Array
  /** Bytes of each. */
  readonly lengths: readonly number[]
  /** The texts of each dictionary, by code. */
  readonly words: readonly (readonly string[])[]
}

/**
 * All rows of all parts as columns.
 *
 * In:  shape — three bytes a field: its kind, 1 where it may be absent, how many symbols or items it has; items stand behind their list.
 *      schema — the id that rows carry. parts — nobody writes to their arrays until this has resolved.
 * Out: null when a row was written with another schema, or is none.
 */
export function decodeAvro(shape: Uint8Array, schema: number, parts: readonly AvroRows[]): Promise<AvroColumns | null> {
  return addon.decodeAvro(shape, schema, parts)
}
