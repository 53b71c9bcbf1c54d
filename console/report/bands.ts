// Regimes over time as the stretches that they lasted, in bounded memory.
import type { RegimeBands } from './data.ts'

/** Stretches kept of one instrument and horizon. */
const most = 20_000

/** The number of the colour of each label (LOOK.md: a fixed palette): calm, up, down, restless, and how strongly. */
const tones: Readonly<Record<string, number>> = {
  ...{ NORMAL: 0, RANGING: 0, CONSOLIDATING: 0 },
  ...{ BULL: 1, TRENDING: 1 },
  ...{ STRONG_BULL: 2, STRONG_TREND: 2, RECOVERY: 2 },
  ...{ EXTREME_BULL: 3, PARABOLIC: 3, FLASH_PUMP: 3, BULL_RUN: 3 },
  BEAR: 4,
  STRONG_BEAR: 5,
  ...{ EXTREME_BEAR: 6, FLASH_CRASH: 6, CRASH: 6 },
  ...{ HIGH_VOLATILITY: 7, VOLATILE: 7 },
}

interface Tally {
  code: number
  us: number
  entries: number
}

/** Told regime after regime, in the order of time. When there are too many changes, the shortest stretches join those before them. */
export class Bands {
  private readonly labels: string[] = []
  private readonly tallies: Tally[] = []
  private times: number[] = []
  private codes: number[] = []
  private last: { time: number; label: string; tally: Tally } | undefined
  private shortest = 0

  push(time: number, label: string): void {
    const before = this.last
    if (before !== undefined) before.tally.us += time - before.time
    if (before?.label === label) {
      before.time = time
      return
    }
    const tally = this.tallyOf(label)
    this.last = { time, label, tally }
    tally.entries++
    this.times.push(time)
    this.codes.push(tally.code)
    if (this.times.length > most) this.thin()
  }

  take(horizon: string, source: RegimeBands['source'], to: number): RegimeBands {
    if (this.last !== undefined && to > this.last.time) {
      this.last.tally.us += to - this.last.time
      this.last.time = to
    }
    const whole = this.tallies.reduce((sum, { us }) => sum + us, 0)
    return {
      ...{ horizon, source, labels: [...this.labels], tones: this.labels.map((label) => tones[label] ?? 0) },
      ...{ times: Float64Array.from(this.times), codes: Uint8Array.from(this.codes) },
      shares: this.tallies.map(({ us }) => (whole === 0 ? 0 : us / whole)),
      entries: this.tallies.map(({ entries }) => entries),
    }
  }

  private tallyOf(label: string): Tally {
    const known = this.labels.indexOf(label)
    if (known >= 0) return this.tallies[known]!
    const tally = { code: this.labels.length, us: 0, entries: 0 }
    this.labels.push(label)
    this.tallies.push(tally)
    return tally
  }

  private thin(): void {
    const span = this.times.at(-1)! - this.times[0]!
    this.shortest = Math.max(this.shortest * 2, (span / most) * 0.25)
    while (this.times.length > most / 2) {
      const kept = this.times.map(
        (time, at) => at === 0 || (this.times[at + 1] ?? Number.POSITIVE_INFINITY) - time >= this.shortest,
      )
      const [times, codes] = [this.times.filter((_, at) => kept[at]), this.codes.filter((_, at) => kept[at])]
      const changed = codes.map((code, at) => at === 0 || code !== codes[at - 1])
      this.times = times.filter((_, at) => changed[at])
      this.codes = codes.filter((_, at) => changed[at])
      this.shortest *= 2
    }
  }
}
