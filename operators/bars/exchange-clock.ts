// What time it is at an exchange when only a heartbeat says so.

/**
 * The exchange's time as heartbeats show it: the least watermark of its connections, each moved by its clock's offset
 * (exchange − ours). The least, because rows of an instrument may come over any of them; and only once every connection that
 * was heard of has an offset and a watermark, because a bar that is closed too early makes its last trades late.
 */
export class ExchangeClock {
  /** By connection; undefined: not heard yet. */
  connections = new Map<string, { offset: number | undefined; watermark: number | undefined }>()

  /** A `clocks` row: offset in µs. */
  clock(connection: string, offset: number): void {
    this.of(connection).offset = offset
  }

  /** A `heartbeats` row: watermark in µs by our clock. */
  heartbeat(connection: string, watermark: number): void {
    this.of(connection).watermark = watermark
  }

  /** µs by the exchange's clock; NaN while it cannot be said. */
  get time(): number {
    let least = Number.POSITIVE_INFINITY
    for (const { offset, watermark } of this.connections.values()) {
      if (offset === undefined || watermark === undefined) return Number.NaN
      least = Math.min(least, watermark + offset)
    }
    return least === Number.POSITIVE_INFINITY ? Number.NaN : least
  }

  private of(connection: string) {
    let known = this.connections.get(connection)
    if (known === undefined) {
      known = { offset: undefined, watermark: undefined }
      this.connections.set(connection, known)
    }
    return known
  }
}
