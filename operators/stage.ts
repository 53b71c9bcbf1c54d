// A stage: arithmetic over batches, with state that can be saved (DESIGN §5). It reads no clock, no random numbers, no environment.
import { deserialize, serialize } from 'node:v8'

export interface Step<In, Out> {
  /** Gives a new batch; never writes into the one it was given. How rows were cut into batches must not show. */
  step(batch: In): Out
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

export interface Stage<In, Out, Params = void> {
  readonly name: string
  /** Rows (or bars, as its docstring says) after which its output can be trusted. */
  readonly warmup: number
  create(params: Params): Step<In, Out>
}

/** A state object as bytes: numbers, texts, BigInts, typed arrays, arrays, Maps, plain objects. */
export function pack(state: unknown): Uint8Array {
  return serialize(state)
}

/** What `pack` made. The caller names the type that it packed. */
export function unpack<T>(bytes: Uint8Array): T {
  return deserialize(bytes) as T
}
