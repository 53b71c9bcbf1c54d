// Curves and fills of any length in bounded memory, read once from front to back.
import type { Fills, Series } from './data.ts'

/** What of a stretch of time is kept, nine numbers after one another: its number, then time and value of first, lowest, highest and last point. */
const fields = 9
const [first, low, high, last] = [1, 3, 5, 7]

/**
 * Keeps the shape of a curve: of each stretch of time its first, lowest, highest and last point (M4, see decimate.ts).
 * Stretches double in length, two becoming one, whenever there are more than `stretches`.
 */
export class Thinned {
  private readonly stretches: number
  private widthUs = 1
  private kept = new Float64Array(64 * fields)
  private length = 0
  private count = 0

  /** @param stretches at most this many, of at most four points each */
  constructor(stretches = 25_000) {
    this.stretches = stretches
  }

  /** Times never fall. */
  push(time: number, value: number): void {
    this.count++
    const key = Math.floor(time / this.widthUs)
    const at = this.length * fields
    if (at > 0 && this.kept[at - fields] === key) {
      extend(this.kept, at - fields, time, value)
      return
    }
    if (at === this.kept.length) {
      const wider = new Float64Array(at * 2)
      wider.set(this.kept)
      this.kept = wider
    }
    const { kept } = this
    kept[at] = key
    for (let point = at + first; point < at + fields; point += 2) {
      kept[point] = time
      kept[point + 1] = value
    }
    this.length++
    if (this.length > this.stretches) this.widen()
  }

  take(): Series {
    const { kept, length } = this
    const times = new Float64Array(length * 4)
    const values = new Float64Array(length * 4)
    let points = 0
    for (let at = 0; at < length * fields; at += fields) {
      // Lowest and highest at one time can only be told apart from first and last by value.
      const [second, third] = kept[at + low]! <= kept[at + high]! ? [low, high] : [high, low]
      const from = points
      for (const point of [first, second, third, last]) {
        const [time, value] = [kept[at + point]!, kept[at + point + 1]!]
        if (points > from && time === times[points - 1] && value === values[points - 1]) continue
        times[points] = time
        values[points++] = value
      }
    }
    return { times: times.slice(0, points), values: values.slice(0, points), of: this.count }
  }

  private widen(): void {
    const { kept, length } = this
    // Minutes are far wider than the first widths, at which little would be joined: it is counted first.
    do this.widthUs *= 2
    while (stretchesAt(kept, length, this.widthUs) > this.stretches / 2)
    let to = 0
    for (let at = 0; at < length * fields; at += fields) {
      const key = Math.floor(kept[at + first]! / this.widthUs)
      if (to > 0 && kept[to - fields] === key) join(kept, to - fields, at)
      else {
        kept.copyWithin(to, at, at + fields)
        kept[to] = key
        to += fields
      }
    }
    this.length = to / fields
  }
}

/** How many stretches of this width hold any of the times. */
function stretchesAt(kept: Float64Array, length: number, widthUs: number): number {
  let [count, before] = [0, Number.NaN]
  for (let at = first; at < length * fields; at += fields) {
    const key = Math.floor(kept[at]! / widthUs)
    if (key !== before) count++
    before = key
  }
  return count
}

function extend(kept: Float64Array, at: number, time: number, value: number): void {
  if (value < kept[at + low + 1]!) put(kept, at + low, time, value)
  else if (value > kept[at + high + 1]!) put(kept, at + high, time, value)
  put(kept, at + last, time, value)
}

/** The stretch at `next` joins the one before it. */
function join(kept: Float64Array, at: number, next: number): void {
  if (kept[next + low + 1]! < kept[at + low + 1]!) copy(kept, at + low, next + low)
  if (kept[next + high + 1]! > kept[at + high + 1]!) copy(kept, at + high, next + high)
  copy(kept, at + last, next + last)
}

function put(kept: Float64Array, point: number, time: number, value: number): void {
  kept[point] = time
  kept[point + 1] = value
}

function copy(kept: Float64Array, to: number, from: number): void {
  put(kept, to, kept[from]!, kept[from + 1]!)
}

const dayUs = 86_400_000_000

/** The last point of each UTC day; a point at midnight belongs to the day that ends there. All that figures of days need. */
export class DayEnds {
  private readonly times: number[] = []
  private readonly values: number[] = []
  private day = Number.NaN

  /** Times never fall. */
  push(time: number, value: number): void {
    const day = Math.ceil(time / dayUs)
    const at = day === this.day ? this.times.length - 1 : this.times.length
    this.day = day
    this.times[at] = time
    this.values[at] = value
  }

  take(): { times: Float64Array; equity: Float64Array } {
    return { times: Float64Array.from(this.times), equity: Float64Array.from(this.values) }
  }
}

interface Merged {
  key: number
  time: number
  value: number
  size: number
  count: number
}

/** Fills of one side; those of a stretch become one when there are more than `most`. */
export class ThinnedFills {
  private readonly most: number
  private widthUs = 1
  private kept: Merged[] = []

  constructor(most = 50_000) {
    this.most = most
  }

  /** Times never fall; sizes are above zero. */
  push(time: number, price: number, size: number): void {
    this.kept.push({ key: time, time, value: price * size, size, count: 1 })
    if (this.kept.length > this.most) this.widen()
  }

  take(): Fills {
    return {
      times: Float64Array.from(this.kept, ({ time }) => time),
      prices: Float64Array.from(this.kept, ({ value, size }) => value / size),
      sizes: Float64Array.from(this.kept, ({ size }) => size),
      counts: Uint32Array.from(this.kept, ({ count }) => count),
    }
  }

  private widen(): void {
    while (this.kept.length > this.most / 2) {
      this.widthUs *= 2
      const merged: Merged[] = []
      for (const one of this.kept) {
        one.key = Math.floor(one.time / this.widthUs)
        const before = merged.at(-1)
        if (before === undefined || before.key !== one.key) merged.push(one)
        else {
          before.value += one.value
          before.size += one.size
          before.count += one.count
        }
      }
      this.kept = merged
    }
  }
}
