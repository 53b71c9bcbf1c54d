// Kafka's primitive types as bytes: those of its older requests, and the compact ones of newer ("flexible") requests.
// Source: kafka.apache.org/protocol, "Protocol Primitive Types" (read 2026-11-21).

/** Writes one body. */
export class Bytes {
  readonly #parts: Buffer[] = []

  int8(value: number): this {
    return this.#put(1, (b) => b.writeInt8(value))
  }

  int16(value: number): this {
    return this.#put(2, (b) => b.writeInt16BE(value))
  }

  int32(value: number): this {
    return this.#put(4, (b) => b.writeInt32BE(value))
  }

  int64(value: bigint): this {
    return this.#put(8, (b) => b.writeBigInt64BE(value))
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }

  bytes(value: Buffer): this {
    return this.int32(value.length).raw(value)
  }

  array<T>(values: readonly T[], put: (to: this, value: T) => void): this {
    this.int32(values.length)
    for (const value of values) put(this, value)
    return this
  }

  compactString(value: string | null): this {
    if (value === null) return this.varint(0)
    const bytes = Buffer.from(value)
    return this.varint(bytes.length + 1).raw(bytes)
  }

  compactArray<T>(values: readonly T[], put: (to: this, value: T) => void): this {
    this.varint(values.length + 1)
    for (const value of values) put(this, value)
    return this
  }

  /** No tagged fields. */
  tags(): this {
    return this.varint(0)
  }

  varint(value: number): this {
    const bytes: number[] = []
    let left = value
    for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128)
    return this.raw(Buffer.from([...bytes, left]))
  }

  raw(bytes: Buffer): this {
    this.#parts.push(bytes)
    return this
  }

  done(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #put(length: number, write: (to: Buffer) => void): this {
    const bytes = Buffer.alloc(length)
    write(bytes)
    return this.raw(bytes)
  }
}

/** Reads one body. Fields are read in their order, so every call moves on. */
export class BytesReader {
  readonly #from: Buffer
  #at = 0

  constructor(from: Buffer) {
    this.#from = from
  }

  get left(): number {
    return this.#from.length - this.#at
  }

  int16(): number {
    return this.#from.readInt16BE(this.#move(2))
  }

  int32(): number {
    return this.#from.readInt32BE(this.#move(4))
  }

  int64(): bigint {
    return this.#from.readBigInt64BE(this.#move(8))
  }

  string(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.#slice(length).toString()
  }

  bytes(): Buffer {
    return this.#slice(Math.max(0, this.int32()))
  }

  array<T>(take: (from: this) => T): T[] {
    return this.#times(this.int32(), take)
  }

  compactString(): string | null {
    const length = this.varint()
    return length === 0 ? null : this.#slice(length - 1).toString()
  }

  compactArray<T>(take: (from: this) => T): T[] {
    return this.#times(this.varint() - 1, take)
  }

  /** Passes over tagged fields. */
  tags(): void {
    for (let count = this.varint(); count > 0; count--) {
      this.varint()
      this.#slice(this.varint())
    }
  }

  varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#from.readUInt8(this.#move(1))
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }

  #times<T>(count: number, take: (from: this) => T): T[] {
    const values: T[] = []
    for (let i = 0; i < count; i++) values.push(take(this))
    return values
  }

  #slice(length: number): Buffer {
    const from = this.#move(length)
    return this.#from.subarray(from, from + length)
  }

  #move(length: number): number {
    const from = this.#at
    this.#at += length
    return from
  }
}
