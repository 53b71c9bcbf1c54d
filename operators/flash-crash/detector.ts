// Sees a price that falls or leaps within seconds or minutes, and whether the whole market does.
import { type FlashCrashConfig, type Severity, severities, type WindowName, windowNames, windows } from './config.ts'

/** An instrument's severity rose, or it is calm again; or so many of them crash that it is the market. */
export interface Alarm {
  /** Undefined: of all instruments, a cascade. */
  readonly instrument: number | undefined
  readonly severity: Severity
  /** The move, as a share; of a cascade the share of the instruments that crash. */
  readonly value: number
  readonly limit: number
  readonly window: WindowName | undefined
}

const secondUs = 1_000_000
/** Seconds that are remembered of each instrument: the longest window, and the second that is not over. */
const kept = 901
/** A price before a silence says nothing of a window that is shorter than that. */
const oldest = 1.5

/**
 * Prices of every instrument of a task, a second a place. A move is price now / price a window ago − 1, up or down (S0 §8); the price of a
 * second is its last one, and stands for the silence after it until that is half as long again as the window. Severity only rises while an instrument is not calm; it is
 * calm when no window showed such a move for `calmMinutes`.
 *
 * A row costs two comparisons: the prices at which any window would show a move are known for the whole second.
 */
export class FlashCrashDetector {
  private readonly config: FlashCrashConfig
  private readonly count: number
  private readonly calmUs: number
  private readonly moderate: readonly number[]
  /** By instrument × second: the price, and the second that it was seen in. */
  private readonly prices: Float64Array
  private readonly seen: Float64Array
  private readonly second: Float64Array
  /** When the second is over, µs. */
  private readonly until: Float64Array
  private readonly last: Float64Array
  /** No alarm lies between these prices within the second. */
  private readonly low: Float64Array
  private readonly high: Float64Array
  private readonly severity: Uint8Array
  /** When an instrument is calm again unless it moves, µs. */
  private readonly calmAt: Float64Array
  private cascading = false
  private alarms: Alarm[] = []

  constructor(count: number, config: FlashCrashConfig) {
    this.config = config
    this.count = count
    this.calmUs = config.calmMinutes * 60 * secondUs
    this.moderate = windowNames.map((name) => Math.min(...Object.values(config[name])))
    this.prices = new Float64Array(count * kept).fill(Number.NaN)
    this.seen = new Float64Array(count * kept).fill(Number.NEGATIVE_INFINITY)
    this.second = new Float64Array(count).fill(Number.NaN)
    this.until = new Float64Array(count).fill(Number.NaN)
    this.last = new Float64Array(count).fill(Number.NaN)
    this.low = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
    this.high = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
    this.severity = new Uint8Array(count)
    this.calmAt = new Float64Array(count)
  }

  /** Takes the price of an instrument at a row; prices ≤ 0 and NaN are passed over. True when `take` has something. */
  row(instrument: number, received: number, price: number): boolean {
    if (!(price > 0)) return false
    if (!(received < this.until[instrument]!)) this.open(instrument, Math.floor(received / secondUs))
    this.last[instrument] = price
    if (price <= this.low[instrument]! || price >= this.high[instrument]!) this.judge(instrument, received, price)
    else if (this.severity[instrument] !== 0 && received >= this.calmAt[instrument]!) this.calm(instrument)
    return this.alarms.length > 0
  }

  /** The alarms since the last call. */
  take(): readonly Alarm[] {
    const { alarms } = this
    this.alarms = []
    return alarms
  }

  save(): SavedDetector {
    const { prices, seen, second, last, low, high, severity, calmAt, cascading } = this
    return { prices, seen, second, last, low, high, severity, calmAt, cascading }
  }

  load(saved: SavedDetector): void {
    this.prices.set(saved.prices)
    this.seen.set(saved.seen)
    this.second.set(saved.second)
    for (let at = 0; at < this.count; at++) this.until[at] = (saved.second[at]! + 1) * secondUs
    this.last.set(saved.last)
    this.low.set(saved.low)
    this.high.set(saved.high)
    this.severity.set(saved.severity)
    this.calmAt.set(saved.calmAt)
    this.cascading = saved.cascading
  }

  /** Closes the second before, and knows for the new one from which prices on there is a move. */
  private open(instrument: number, second: number): void {
    const { prices, seen, last, moderate } = this
    const from = instrument * kept
    const before = this.second[instrument]!
    this.second[instrument] = second
    this.until[instrument] = (second + 1) * secondUs
    if (!Number.isNaN(before)) {
      for (let at = Math.max(before, second - kept); at < second; at++) {
        prices[from + (at % kept)] = last[instrument]!
        seen[from + (at % kept)] = before
      }
    }
    let low = Number.NEGATIVE_INFINITY
    let high = Number.POSITIVE_INFINITY
    for (let at = 0; at < moderate.length; at++) {
      const price = this.priceBefore(instrument, windows[windowNames[at]!])
      if (!(price > 0)) continue
      low = Math.max(low, price * (1 - moderate[at]!))
      high = Math.min(high, price * (1 + moderate[at]!))
    }
    this.low[instrument] = low
    this.high[instrument] = high
  }

  /** NaN where it is not known, or only from long before. */
  private priceBefore(instrument: number, seconds: number): number {
    const at = this.second[instrument]! - seconds
    const place = instrument * kept + (((at % kept) + kept) % kept)
    return this.seen[place]! >= this.second[instrument]! - seconds * oldest ? this.prices[place]! : Number.NaN
  }

  private judge(instrument: number, received: number, price: number): void {
    let worst = 0
    let found: Omit<Alarm, 'instrument' | 'severity'> | undefined
    for (const window of windowNames) {
      const value = price / this.priceBefore(instrument, windows[window]) - 1
      for (let severity = severities.length - 1; severity > worst; severity--) {
        const limit = this.config[window][severities[severity] as Exclude<Severity, 'calm'>]
        // A price on the edge: what the bounds let through may be just below the limit itself.
        if (!(Math.abs(value) >= limit * (1 - 1e-12))) continue
        worst = severity
        found = { value, limit, window }
      }
    }
    if (found === undefined) return
    this.calmAt[instrument] = received + this.calmUs
    if (worst <= this.severity[instrument]!) return
    this.severity[instrument] = worst
    this.alarms.push({ instrument, severity: severities[worst]!, ...found })
    this.cascade()
  }

  private calm(instrument: number): void {
    this.severity[instrument] = 0
    this.alarms.push({ instrument, severity: 'calm', value: 0, limit: 0, window: undefined })
    this.cascade()
  }

  private cascade(): void {
    const { cascade, cascadeInstruments } = this.config
    let known = 0
    let crash = 0
    for (let at = 0; at < this.count; at++) {
      if (this.last[at]! > 0) known++
      if (this.severity[at] !== 0) crash++
    }
    const value = crash / known
    const isCascade = known >= cascadeInstruments && value > cascade
    if (isCascade === this.cascading) return
    this.cascading = isCascade
    const severity = isCascade ? 'extreme' : 'calm'
    this.alarms.push({ instrument: undefined, severity, value, limit: cascade, window: undefined })
  }
}

export interface SavedDetector {
  readonly prices: Float64Array
  readonly seen: Float64Array
  readonly second: Float64Array
  readonly last: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  readonly severity: Uint8Array
  readonly calmAt: Float64Array
  readonly cascading: boolean
}
