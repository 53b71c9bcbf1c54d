// What changed since somebody last looked: so that who keeps sums over a hundred instruments looks at the one that moved.
const kept = 256

/** Numbers of instruments, the last 256 in a ring. */
export class Changes {
  /** How many there were ever. */
  count = 0
  private readonly instruments: number
  private readonly last = new Uint32Array(kept)

  constructor(instruments: number) {
    this.instruments = instruments
  }

  put(instrument: number): void {
    this.last[this.count % kept] = instrument
    this.count++
  }

  /** All may have changed. */
  putAll(): void {
    this.count += kept + 1
  }

  /** Calls `look` with each that changed since there were `from`, or with all where too many did; some may come twice. Gives the count now. */
  since(from: number, look: (instrument: number) => void): number {
    const { count, last } = this
    if (this.instruments === 1) {
      if (count !== from) look(0)
    } else if (count - from > kept) for (let at = 0; at < this.instruments; at++) look(at)
    else {
      for (let at = from, before = -1; at < count; at++) {
        const instrument = last[at % kept]!
        // Where one instrument alone moves, it need be looked at once.
        if (instrument !== before) look(instrument)
        before = instrument
      }
    }
    return count
  }
}
