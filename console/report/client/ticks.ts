// Where axes have ticks, and what they say. Times are µs since 1970, always UTC.
import { fixed, isoOf, short } from '../format.ts'

const second = 1e6
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const timeSteps: readonly number[] = [
  ...[1, 10, 100, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 5, 10].map((n) => n * day),
]
const monthSteps: readonly number[] = [1, 2, 3, 6, 12, 24, 60, 120]

/** At most `most` round moments from `from` to `to`. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const step = timeSteps.find((one) => (to - from) / one <= most)
  if (step !== undefined) return multiples(from, to, step)
  const months = monthSteps.find((one) => (to - from) / (one * 30.44 * day) <= most) ?? 240
  const first = new Date(from / 1e3)
  const ticks: number[] = []
  for (
    let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
    ;
    month += months
  ) {
    const tick = Date.UTC(Math.floor(month / 12), month % 12) * 1e3
    if (tick > to) return ticks
    if (tick >= from) ticks.push(tick)
  }
}

/** Labels of time ticks: as precise as their distance asks, the date under the first of each day. */
export function timeLabels(ticks: readonly number[]): string[] {
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : minute
  let date = ''
  // Of hours and minutes, of seconds, of milliseconds, or of microseconds.
  const length = step >= minute ? 5 : step >= second ? 8 : step >= 1e3 ? 12 : 15
  return ticks.map((tick) => {
    const [today, time] = isoOf(tick).split('T') as [string, string]
    if (step >= day) return today
    const clock = (time.length === 8 ? `${time}.` : time).padEnd(15, '0').slice(0, length)
    if (today === date) return clock
    date = today
    return `${clock}\n${today}`
  })
}

/** At most `most` round numbers from `low` to `high`. */
export function numberTicks(low: number, high: number, most: number): number[] {
  return multiples(low, high, roundStep((high - low) / most))
}

/** Ticks of a logarithmic axis: 1, 2, 5 of each power of ten, or round numbers where the range is less than one. */
export function logTicks(low: number, high: number, most: number): number[] {
  if (high / low < 8) return numberTicks(low, high, most)
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of high / low > 1e4 ? [1] : [1, 2, 5]) {
      const tick = digit * 10 ** power
      if (tick >= low && tick <= high) ticks.push(tick)
    }
  }
  return ticks
}

/** Labels of number ticks, all with as many decimals as their distance asks. */
export function numberLabels(ticks: readonly number[]): string[] {
  if (ticks.length < 2) return ticks.map(short)
  const step = Math.min(...ticks.slice(1).map((tick, at) => tick - ticks[at]!))
  let decimals = Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
  // Steps of 2.5 need one decimal more than steps of 2.
  const units = step * 10 ** decimals
  if (Math.abs(units - Math.round(units)) > 1e-6) decimals++
  return ticks.map((tick) => fixed(tick, decimals))
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((step) => step >= least * 0.999)!
}

function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step)
  const count = Math.max(0, Math.floor(to / step) - first + 1)
  return Array.from({ length: count }, (_, i) => (first + i) * step)
}
