import { describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { type LatencyOptions, latency } from './index.ts'
import { networkDefaults } from './network.ts'
import { profileNames, profiles } from './profiles.ts'
import { spikeDefaults } from './spikes.ts'

const line = { exchange: 'binance-usdm', seed: '7' }
const night = Date.UTC(2025, 0, 2, 20) * 1000
const day = Date.UTC(2025, 0, 2, 3) * 1000
const count = 40_000

/** Milliseconds of so many messages out, rising. */
function sample(options: LatencyOptions, time = night): Float64Array {
  const one = latency(options, line)
  return Float64Array.from({ length: count }, () => one.out(time) / 1000).sort()
}
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
const at = (values: Float64Array, share: number) => values[Math.floor(share * values.length)]!
/** Five standard errors of a mean: one honest sample in two million lies outside. */
const within = (deviation: number) => (5 * deviation) / Math.sqrt(count)
/** Shares that are below the value which the model says `share` lies below, and how far a sample may be from it. */
const below = (values: Float64Array, value: number) => values.filter((one) => one <= value).length / count
const slack = (share: number) => 5 * Math.sqrt((share * (1 - share)) / count)

describe('latency', () => {
  test('is the same for every message without jitter', () => {
    const one = latency({ outMs: 5, backMs: 2.5 }, line)
    expect([one.out(0), one.out(1e12), one.back(0)]).toEqual([5_000, 5_000, 2_500])
  })

  test('with jitter has the stated mean and the percentiles of an exponential part', () => {
    const values = sample({ outMs: 5, jitterMs: 2 })
    expect(Math.abs(mean(values) - 7)).toBeLessThan(within(2))
    // ln 2 and ln 20 means above the fixed part.
    expect(Math.abs(below(values, 5 + 2 * Math.LN2) - 0.5)).toBeLessThan(slack(0.5))
    expect(Math.abs(below(values, 5 + 2 * Math.log(20)) - 0.95)).toBeLessThan(slack(0.95))
    expect(values[0]).toBeGreaterThanOrEqual(5)
  })

  test('with spikes has the figures of the specification: 50 ms, 20 ms, 1 % ten times as long, 1 ms at least', () => {
    expect(spikeDefaults).toEqual({ jitterMs: 20, spikeProbability: 0.01, spikeMultiplier: 10, leastMs: 1 })
    const values = sample({ baseMs: 50 })
    // The part below 1 ms, 2.45 deviations down, lifts the mean by 20 (φ(2.45) − 2.45 (1 − Φ(2.45))) = 0.0451 ms.
    const [expected, square] = [50 * 1.09 + 0.0451, (50 ** 2 + 20 ** 2) * (0.99 + 0.01 * 100)]
    expect(Math.abs(mean(values) - expected)).toBeLessThan(within(Math.sqrt(square - expected ** 2)))
    // Half of the quick ones and none of the spikes lie below 50 ms; the spikes alone above 130 ms: 4 deviations up.
    expect(Math.abs(below(values, 50) - 0.496)).toBeLessThan(slack(0.5))
    expect(Math.abs(below(values, 130) - 0.99)).toBeLessThan(slack(0.99) + 0.001)
    expect([values[0]! >= 1, at(values, 0.9999) > 400]).toEqual([true, true])
  })

  test('of a profile has the figures of its exchange, ±10 % uniformly, 20 % more in peak hours', () => {
    for (const name of profileNames) {
      for (const [exchange, ms] of Object.entries(profiles[name].ms)) {
        const one = latency({ profile: name, packetLoss: 0 }, { exchange, seed: '7' })
        const values = Float64Array.from({ length: count }, () => one.out(night) / 1000).sort()
        expect(Math.abs(mean(values) - ms)).toBeLessThan(within((0.2 * ms) / Math.sqrt(12)) + 0.001)
        expect([values[0]! >= 0.9 * ms - 0.001, values.at(-1)! <= 1.1 * ms + 0.001]).toEqual([true, true])
        expect(Math.abs(below(values, ms) - 0.5)).toBeLessThan(slack(0.5) + 0.01)
      }
    }
    const peak = sample({ profile: 'hong-kong', packetLoss: 0 }, day)
    expect(Math.abs(mean(peak) - 15 * 1.2)).toBeLessThan(within(3.6 / Math.sqrt(12)))
  })

  test('has its peak from the first hour to the one before the last, over midnight too', () => {
    const hours = (peakHours: readonly [number, number]) => {
      const one = latency({ profile: 'hong-kong', jitter: 0, packetLoss: 0, congestion: 2, peakHours }, line)
      return Array.from({ length: 24 }, (_, hour) => one.out(hour * 3_600e6 + 1)).flatMap((us, hour) =>
        us === 30_000 ? [hour] : [],
      )
    }
    expect(hours([1, 4])).toEqual([1, 2, 3])
    expect(hours([22, 2])).toEqual([0, 1, 22, 23])
    expect(hours([5, 5])).toEqual([])
    expect(networkDefaults.peakHours).toEqual([1, 9])
  })

  test('of a lost packet is a timeout longer, twice that for the next loss', () => {
    const options = { profile: 'hong-kong', jitter: 0, resendMs: 200 } as const
    const values = sample({ ...options, packetLoss: 0.05 })
    const [once, twice] = [15 + 230, 15 + 230 + 460]
    expect([...new Set(values)].slice(0, 3)).toEqual([15, once, twice])
    expect(Math.abs(below(values, 15) - 0.95)).toBeLessThan(slack(0.95))
    expect(Math.abs(below(values, once) - 0.9975)).toBeLessThan(slack(0.9975))
  })

  test('of an exchange that a profile does not know has to be said', () => {
    const far = { exchange: 'deribit', seed: '7' }
    expect(() => latency({ profile: 'hong-kong' }, far)).toThrow(/no latency of deribit; it has those of binance/)
    const own = { profile: 'hong-kong', ms: { deribit: 90 }, jitter: 0, packetLoss: 0 } as const
    expect(latency(own, far).out(night)).toBe(90_000)
  })

  test('that was recorded comes again in its order, or lies between the measurements before and after', () => {
    const rows = { outUs: [100, 300, 200], backUs: [10, 30, 20] }
    const again = latency(rows, line)
    expect([again.out(0), again.back(0), again.out(0), again.out(0), again.out(0), again.back(0)]).toEqual([
      ...[100, 10, 300, 200, 100, 30],
    ])
    const timed = latency({ ...rows, times: [1_000, 2_000, 4_000] }, line)
    expect([0, 1_000, 1_500, 2_000, 3_000, 9_000].map((time) => timed.out(time))).toEqual([
      100, 100, 200, 300, 250, 200,
    ])
    expect(timed.back(3_000)).toBe(25)
    expect(() => latency({ outUs: [], backUs: [] }, line)).toThrow(RangeError)
  })

  test('that nobody can have is refused', () => {
    for (const wrong of [
      ...[{ outMs: -1 }, { jitterMs: Number.NaN }, { baseMs: -1 }, { baseMs: 1, spikeProbability: 1 }],
      ...[{ baseMs: 1, spikeMultiplier: 0.5 }, { profile: 'hong-kong', packetLoss: 0.5 } as const],
      ...[{ profile: 'hong-kong', congestion: 0.9 } as const, { profile: 'hong-kong', jitter: 1 } as const],
    ])
      expect(() => latency(wrong, line)).toThrow(RangeError)
  })
})

const kinds: readonly LatencyOptions[] = [
  { outMs: 3, backMs: 2 },
  { outMs: 3, backMs: 2, jitterMs: 4 },
  { baseMs: 10, spikeProbability: 0.2 },
  { profile: 'hong-kong', packetLoss: 0.2 },
  { outUs: [9_000, 100, 5_000], backUs: [1_000, 7_000, 10] },
  { outUs: [9_000, 100, 5_000], backUs: [1_000, 7_000, 10], times: [0, 20_000, 30_000] },
]

describe('a connection, whatever its latency', () => {
  const through = (connection: Connection, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => {
      const now = (from + i) * 700
      return [connection.arrival(now), connection.seen(now, now)]
    })

  test.each(kinds)('lets nothing overtake anything: %j', (options) => {
    const seen = through(new Connection({ ...line, latency: options }), 0, 2_000)
    for (const way of [0, 1])
      for (let i = 1; i < seen.length; i++) expect(seen[i]![way]).toBeGreaterThanOrEqual(seen[i - 1]![way]!)
    for (const [i, [arrival, back]] of seen.entries())
      expect([arrival! >= i * 700, back! >= i * 700]).toEqual([true, true])
  })

  test.each(kinds)('goes on the same from what it saved: %j', (options) => {
    const parts = { ...line, latency: options }
    const [one, before, after] = [new Connection(parts), new Connection(parts), new Connection(parts)]
    through(before, 0, 37)
    after.load(before.save())
    expect(through(after, 37, 99)).toEqual(through(one, 0, 99).slice(37))
  })

  test.each(kinds)(
    'has streams of its own: another exchange or seed draws other numbers, its answers none: %j',
    (options) => {
      const drawn = (more: Partial<typeof line>, answers: boolean) => {
        const connection = new Connection({ ...line, ...more, latency: options })
        return Array.from({ length: 50 }, (_, i) => {
          if (answers) connection.seen(i * 1e6, i * 1e6)
          return connection.arrival(i * 1e6)
        })
      }
      expect(drawn({}, true)).toEqual(drawn({}, false))
      const isRandom = 'jitterMs' in options || 'baseMs' in options || 'profile' in options
      expect(JSON.stringify(drawn({ seed: '8' }, false)) !== JSON.stringify(drawn({}, false))).toBe(isRandom)
    },
  )
})
