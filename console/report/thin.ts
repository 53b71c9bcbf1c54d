// Curves and fills of any length in bounded memory, read once from front to back.
import type { Fills, Series } from './data.ts'

/** What of a stretch of time is kept: first, lowest, highest and last point. */
interface Stretch {
  key: number
  firstTime: number
  first: number
  lowTime: number
  low: number
  highTime: number
  high: number
  lastTime: number
  last: number
}

/**
 * Keeps the shape of a curve: of each stretch of time its first, lowest, highest and last point (M4, see decimate.ts).
 * Stretches double in length, two becoming one, whenever there are more than `stretches`.
 */
export class Thinned {
  private readonly stretches: number
  private widthUs = 1
  private kept: Stretch[] = []
  private count = 0

  /** @param stretches at most this many, of at most four points each */
  constructor(stretches = 25_000) {
    this.stretches = stretches
  }

  /** Times never fall. */
  push(time: number, value: number): void {
    this.count++
    const key = Math.floor(time / this.widthUs)
    const last = this.kept.at(-1)
    if (last !== undefined && last.key === key) {
      extend(last, time, value)
      return
    }
    this.kept.push(newStretch(key, time, value))
    if (this.kept.length > this.stretches) this.widen()
  }

  take(): Series {
    const points = this.kept.flatMap(pointsOf)
    return {
      times: Float64Array.from(points, ([time]) => time),
      values: Float64Array.from(points, ([, value]) => value),
      of: this.count,
    }
  }

  private widen(): void {
    // Minutes are far wider than the first widths, at which little would be joined: it is counted first.
    const times = Float64Array.from(this.kept, ({ firstTime }) => firstTime)
    do this.widthUs *= 2
    while (stretchesAt(times, this.widthUs) > this.stretches / 2)
    const merged: Stretch[] = []
    for (const one of this.kept) {
      one.key = Math.floor(one.firstTime / this.widthUs)
      const before = merged.at(-1)
      if (before === undefined || before.key !== one.key) merged.push(one)
      else join(before, one)
    }
    this.kept = merged
  }
}

/** How many stretches of this width hold any of the times. */
function stretchesAt(times: Float64Array, widthUs: number): number {
  let [count, last] = [0, Number.NaN]
  for (let at = 0; at < times.length; at++) {
    const key = Math.floor(times[at]! / widthUs)
    if (key !== last) count++
    last = key
  }
  return count
}

function newStretch(key: number, time: number, value: number): Stretch {
  return {
    ...{ key, firstTime: time, first: value, lowTime: time, low: value },
    ...{ highTime: time, high: value, lastTime: time, last: value },
  }
}

function extend(stretch: Stretch, time: number, value: number): void {
  if (value < stretch.low) {
    stretch.low = value
    stretch.lowTime = time
  } else if (value > stretch.high) {
    stretch.high = value
    stretch.highTime = time
  }
  stretch.lastTime = time
  stretch.last = value
}

function join(stretch: Stretch, next: Stretch): void {
  if (next.low < stretch.low) {
    stretch.low = next.low
    stretch.lowTime = next.lowTime
  }
  if (next.high > stretch.high) {
    stretch.high = next.high
    stretch.highTime = next.highTime
  }
  stretch.lastTime = next.lastTime
  stretch.last = next.last
}

/** In the order of time, each once. Lowest and highest at one time can only be told apart from first and last by value. */
function pointsOf(stretch: Stretch): [time: number, value: number][] {
  const { firstTime, first, lowTime, low, highTime, high, lastTime, last } = stretch
  const lowHigh: [number, number][] =
    lowTime <= highTime
      ? [
          [lowTime, low],
          [highTime, high],
        ]
      : [
          [highTime, high],
          [lowTime, low],
        ]
  const points: [number, number][] = [[firstTime, first], ...lowHigh, [lastTime, last]]
  return points.filter(([time, value], at) => at === 0 || time !== points[at - 1]![0] || value !== points[at - 1]![1])
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
    if (day === this.day) {
      this.times.pop()
      this.values.pop()
    }
    this.day = day
    this.times.push(time)
    this.values.push(value)
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
