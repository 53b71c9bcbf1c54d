// One side of an order book: sizes by price, quick round the best price (DESIGN §9, row "book").

const width = 65_536

/**
 * Levels of one side, in whole ticks and lots. Prices within 32,768 ticks of a centre lie in an array, others in a Map.
 * Inside, a level's key is its ticks, negated on the asks' side: the best level is the one with the largest key on both sides.
 */
export class Ladder {
  private readonly sign: 1 | -1
  /** Ticks and lots in one unit: a product costs a third of a quotient, and both are nearest to the same whole number. */
  private readonly ticksPerUnit: number
  private readonly lotsPerUnit: number
  /**
   * Negated lots. So a level that a message emptied holds −0 and one that nobody spoke of 0: past the snapshot's depth the
   * first is known to be empty, the second is unknown. It costs no question in the loop of `update`.
   */
  private readonly window = new Float64Array(width)
  /** The same memory as words of 32 bits, low half first: of a level that somebody spoke of the high one is not 0. */
  private readonly words = new Int32Array(this.window.buffer)
  private readonly outside = new Map<number, number>()
  /** Key of window[0]. */
  private base = 0
  /** −∞ when there is no level. */
  private best = Number.NEGATIVE_INFINITY
  /** Levels with a smaller key lie past the snapshot's depth: one without a size is unknown there, not empty. */
  private depth = Number.POSITIVE_INFINITY

  constructor(side: 'bid' | 'ask', { tickSize, lotSize }: { tickSize: number; lotSize: number }) {
    this.sign = side === 'bid' ? 1 : -1
    this.ticksPerUnit = 1 / tickSize
    this.lotsPerUnit = 1 / lotSize
  }

  /** Best price in ticks; NaN when there is none. */
  get bestTicks(): number {
    return this.best === Number.NEGATIVE_INFINITY ? Number.NaN : this.best * this.sign
  }

  /** New sizes at prices: items from…to of the columns; size 0 removes. */
  update(prices: Float64Array, sizes: Float64Array, from: number, to: number): void {
    const { sign, ticksPerUnit, lotsPerUnit, window, base } = this
    let best = this.best
    for (let item = from; item < to; item++) {
      const key = sign * Math.floor(prices[item]! * ticksPerUnit + 0.5)
      const lots = Math.floor(sizes[item]! * lotsPerUnit + 0.5)
      const at = key - base
      // Most levels lie behind the best one: nothing else has to be asked about them.
      if (at >= 0 && at < width) window[at] = -lots
      else this.far(key, lots)
      if (!(key >= best)) continue
      if (lots !== 0) best = key
      else if (key === best) best = this.below(key)
    }
    this.best = best
  }

  /** A level outside the window. */
  private far(key: number, lots: number): void {
    if (lots === 0) this.outside.delete(key)
    else this.outside.set(key, lots)
  }

  /** Nothing but the levels of a snapshot: what lies past the worst of them is unknown from now on. */
  replace(prices: Float64Array, sizes: Float64Array, from: number, to: number): void {
    this.clear()
    let [best, worst] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let item = from; item < to; item++) {
      const key = this.sign * Math.round(prices[item]! * this.ticksPerUnit)
      if (key > best) best = key
      if (key < worst) worst = key
    }
    if (from < to) this.base = best - width / 2
    this.depth = worst
    this.update(prices, sizes, from, to)
  }

  clear(): void {
    this.window.fill(0)
    this.outside.clear()
    this.best = Number.NEGATIVE_INFINITY
    this.depth = Number.POSITIVE_INFINITY
  }

  /** Lots at a price; 0 when that level is empty (as is every price better than the best), NaN when it is unknown. */
  lotsAt(ticks: number): number {
    const key = ticks * this.sign
    if (key > this.best) return 0
    const at = key - this.base
    const negated = at >= 0 && at < width ? this.window[at]! : -(this.outside.get(key) ?? -0)
    return key < this.depth && !isKnown(negated) ? Number.NaN : 0 - negated
  }

  /** The next price with a size that is worse than `ticks`; NaN when none is known. */
  next(ticks: number): number {
    const key = this.below(ticks * this.sign)
    return key === Number.NEGATIVE_INFINITY ? Number.NaN : key * this.sign
  }

  /** The largest size at one price; 0 when the side is empty. */
  largest(): number {
    let largest = 0
    for (let at = 0; at < width; at++) if (-this.window[at]! > largest) largest = -this.window[at]!
    for (const lots of this.outside.values()) if (lots > largest) largest = lots
    return largest
  }

  /** How many prices have a size. */
  count(): number {
    let count = this.outside.size
    for (let at = 0; at < width; at++) if (this.window[at] !== 0) count += 1
    return count
  }

  /** Moves the window when the best price (or NaN) is more than a quarter of it away from its centre. */
  follow(ticks: number): void {
    const base = ticks * this.sign - width / 2
    const shift = Math.floor(base) - this.base
    if (!(Math.abs(shift) > width / 4)) return // NaN stays where it is, too
    const { window, outside } = this
    const from = shift > 0 ? 0 : Math.max(0, width + shift)
    const to = shift > 0 ? Math.min(shift, width) : width
    for (let at = from; at < to; at++) if (window[at] !== 0) outside.set(this.base + at, -window[at]!)
    if (Math.abs(shift) >= width) window.fill(0)
    else if (shift > 0) window.copyWithin(0, shift).fill(0, width - shift)
    else window.copyWithin(-shift, 0).fill(0, 0, -shift)
    this.base += shift
    for (const [key, lots] of outside) {
      const at = key - this.base
      if (at < 0 || at >= width) continue
      window[at] = -lots
      outside.delete(key)
    }
  }

  /** Plain numbers for `pack`: key and lots of each level by turns, in the order of their keys; emptied levels as well. */
  save(): LadderState {
    const { window, words, outside, base } = this
    let known = outside.size
    for (let at = 1; at < 2 * width; at += 2) if (words[at] !== 0) known += 1
    const levels = new Float64Array(known * 2)
    const keys = Float64Array.from(outside.keys()).sort()
    let item = 0
    let next = 0
    const far = (limit: number): void => {
      for (; next < keys.length && keys[next]! < limit; next++) {
        levels[item++] = keys[next]!
        levels[item++] = outside.get(keys[next]!)!
      }
    }
    far(base)
    for (let at = 0; at < width; at++) {
      if (words[2 * at + 1] === 0) continue
      levels[item++] = base + at
      levels[item++] = 0 - window[at]!
    }
    far(Number.POSITIVE_INFINITY)
    return { base, depth: this.depth, levels }
  }

  load({ base, depth, levels }: LadderState): void {
    this.clear()
    this.base = base
    this.depth = depth
    for (let item = 0; item < levels.length; item += 2) {
      const [key, lots] = [levels[item]!, levels[item + 1]!]
      const at = key - base
      if (at >= 0 && at < width) this.window[at] = -lots
      else this.outside.set(key, lots)
      if (lots !== 0 && key > this.best) this.best = key
    }
  }

  /** The largest key with a size below `key`; −∞ when there is none. */
  private below(key: number): number {
    const { window, base } = this
    if (key > base + width && this.outside.size > 0) {
      const found = this.outsideBelow(key)
      if (found >= base + width) return found
    }
    for (let at = Math.min(key - base, width) - 1; at >= 0; at--) if (window[at] !== 0) return base + at
    return this.outside.size === 0 ? Number.NEGATIVE_INFINITY : this.outsideBelow(Math.min(key, base))
  }

  private outsideBelow(key: number): number {
    let found = Number.NEGATIVE_INFINITY
    for (const one of this.outside.keys()) if (one < key && one > found) found = one
    return found
  }
}

export interface LadderState {
  readonly base: number
  readonly depth: number
  readonly levels: Float64Array
}

/** Whether a message said what is at a level of the window. */
function isKnown(negated: number): boolean {
  return negated !== 0 || Object.is(negated, -0)
}
