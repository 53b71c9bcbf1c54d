import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dailyEquity } from './curve.ts'
import { maxDrawdown } from './drawdown.ts'
import { reasonCodes } from './figure.ts'
import { type Figures, type Performance, performance } from './performance.ts'
import { annualReturn, annualVolatility, sharpe, simpleReturns, sortino } from './returns.ts'
import { roundTrips } from './round-trips.ts'

/** tests/golden/metrics/metrics.json; metrics.py beside it made it with empyrical-reloaded. Times in µs. */
interface Golden {
  name: string
  from: number
  to: number
  times: number[]
  equity: number[]
  dailyTimes: number[]
  dailyEquity: number[]
  figures: Record<'totalReturn' | (typeof annualised)[number] | 'maxDrawdown', number | null>
  withRiskFree: { riskFree: number; sharpe: number | null; sortino: number | null }
  drawdown: { start: number | null; trough: number | null; recovery: number | null }
  intraday: { maxDrawdown: number; start: number | null; trough: number | null; recovery: number | null }
}

const annualised = ['annualReturn', 'annualVolatility', 'sharpe', 'sortino', 'calmar'] as const
const file = new URL('../../tests/golden/metrics/metrics.json', import.meta.url)
const golden: Golden[] = JSON.parse(readFileSync(file, 'utf8')).cases
const dayUs = 86_400_000_000
const begin = Date.UTC(2024, 0, 1) * 1_000
const noTrips = roundTrips([])

/** Equal to 1e-12 of the value. */
function expectClose(seen: number | null, expected: number, name: string) {
  expect(seen, name).not.toBeNull()
  expect(Math.abs(seen! - expected), `${name}: ${seen} is not ${expected}`).toBeLessThanOrEqual(
    1e-12 * Math.abs(expected),
  )
}

/** Performance of a curve with a point at each midnight. */
function ofDays(equity: readonly number[]): Performance {
  const times = Float64Array.from(equity, (_, day) => begin + day * dayUs)
  const to = begin + Math.max(0, equity.length - 1) * dayUs
  return performance({ times, equity: Float64Array.from(equity), from: begin, to, trips: noTrips })
}

describe('performance equals empyrical', () => {
  test.each(golden)('$name', ({ figures, drawdown, intraday, times, equity, from, to }) => {
    const seen = performance({
      times: Float64Array.from(times),
      equity: Float64Array.from(equity),
      from,
      to,
      trips: noTrips,
    })
    const short = to - from < 30 * dayUs
    for (const [name, expected] of Object.entries(figures) as [keyof Golden['figures'], number | null][]) {
      const refused = short && (annualised as readonly string[]).includes(name)
      if (expected !== null && !refused) expectClose(seen[name], expected, name)
      else {
        expect(seen[name], name).toBeNull()
        expect(seen.reasons[name], name).toMatch(
          refused ? /^NEEDS_30_DAYS: 29 days/ : /^NO_(VOLATILITY|DOWNSIDE|DRAWDOWN): /,
        )
      }
    }
    expectClose(seen.intradayMaxDrawdown, intraday.maxDrawdown, 'intradayMaxDrawdown')
    expect([seen.maxDrawdownStart, seen.maxDrawdownTrough, seen.maxDrawdownRecovery]).toEqual([
      drawdown.start,
      drawdown.trough,
      drawdown.recovery,
    ])
    expect([seen.intradayMaxDrawdownStart, seen.intradayMaxDrawdownTrough, seen.intradayMaxDrawdownRecovery]).toEqual([
      intraday.start,
      intraday.trough,
      intraday.recovery,
    ])
  })

  test.each(golden)('$name: day ends and figures of the plain functions', (one) => {
    const daily = dailyEquity(Float64Array.from(one.times), Float64Array.from(one.equity), one)
    expect([...daily.times]).toEqual(one.dailyTimes)
    expect([...daily.equity]).toEqual(one.dailyEquity)
    const returns = simpleReturns(daily.equity)
    const { riskFree, ...expected } = one.withRiskFree
    const seen = { sharpe: sharpe(returns, { riskFree }), sortino: sortino(returns, { riskFree }) }
    for (const name of ['sharpe', 'sortino'] as const) {
      if (expected[name] === null) expect(seen[name], name).toHaveProperty('reason')
      else expectClose(seen[name] as number, expected[name], name)
    }
    // These need no 30 days: the function computes what it is asked, `performance` decides what is worth saying.
    expectClose(
      annualReturn(one.figures.totalReturn!, returns.length) as number,
      one.figures.annualReturn!,
      'annualReturn',
    )
    expectClose(annualVolatility(returns) as number, one.figures.annualVolatility!, 'annualVolatility')
  })
})

describe('a figure that cannot be given is null, with its reason', () => {
  test('of a run without a point everything that rests on equity is null', () => {
    const seen = performance({
      times: new Float64Array(),
      equity: new Float64Array(),
      from: begin,
      to: begin + 40 * dayUs,
      trips: noTrips,
    })
    for (const name of [
      'startEquity',
      'totalReturn',
      'sharpe',
      'maxDrawdown',
      'intradayMaxDrawdown',
      'turnover',
    ] as const) {
      expect(seen[name], name).toBeNull()
      expect(seen.reasons[name], name).toMatch(/^NO_DATA: /)
    }
    expect(seen.fees).toBe(0)
  })

  test('of one point the return is 0 and nothing is annualised', () => {
    const seen = ofDays([100])
    expect(seen.totalReturn).toBe(0)
    expect(seen.maxDrawdown).toBe(0)
    for (const name of annualised) expect(seen.reasons[name]).toMatch(/^NO_DATA: /)
  })

  test('a start without a point is a flat curve', () => {
    const nothing = new Float64Array()
    const to = begin + 40 * dayUs
    const seen = performance({ times: nothing, equity: nothing, from: begin, to, start: 5_000, trips: noTrips })
    expect(seen).toMatchObject({
      finalEquity: 5_000,
      annualReturn: 0,
      annualVolatility: 0,
      sharpe: null,
      maxDrawdown: 0,
    })
    expect(seen.reasons.sharpe).toBe('NO_VOLATILITY: all returns are equal')
  })

  test('equal growth each day has no volatility, although its returns differ by their rounding', () => {
    const seen = ofDays(Array.from({ length: 61 }, (_, day) => 1_000 * 1.001 ** day))
    expect(seen.annualVolatility).toBe(0)
    expect(seen.sharpe).toBeNull()
    expect(seen.reasons.sharpe).toMatch(/^NO_VOLATILITY: /)
    expect(seen.annualReturn).toBeCloseTo(1.001 ** 365 - 1, 10)
  })

  test('equity that becomes a debt has a total return and a drawdown beyond the whole, and no annual figure', () => {
    const seen = ofDays([100, ...Array.from({ length: 39 }, (_, day) => 90 - day), -50])
    expect(seen.totalReturn).toBe(-1.5)
    expect(seen.maxDrawdown).toBe(-1.5)
    for (const name of annualised) {
      expect(seen[name]).toBeNull()
      expect(seen.reasons[name]).toBe(`EQUITY_NOT_POSITIVE: equity was -50 at ${begin + 40 * dayUs}`)
    }
  })

  test('a run that begins with a debt has no return at all', () => {
    const seen = ofDays([-10, ...Array.from({ length: 40 }, () => -20)])
    for (const name of ['totalReturn', 'sharpe', 'maxDrawdown', 'intradayMaxDrawdown', 'turnover'] as const) {
      expect(seen[name], name).toBeNull()
      expect(seen.reasons[name], name).toMatch(/^EQUITY_NOT_POSITIVE: /)
    }
  })

  test('growth beyond what a double holds is null, not Infinity', () => {
    const seen = ofDays([1e-9, ...Array.from({ length: 30 }, (_, day) => 1e30 + day * 1e27)])
    expect(seen.annualReturn).toBeNull()
    expect(seen.reasons.annualReturn).toMatch(/^NOT_FINITE: /)
  })

  test('30 days of hourly bars are 30 days, although the first close is an hour late; a day less is not', () => {
    const hours = (count: number) =>
      Float64Array.from({ length: count }, (_, hour) => begin + (hour + 1) * 3_600_000_000)
    const over = (count: number) => {
      const times = hours(count)
      const equity = times.map((_, hour) => 1_000 + Math.sin(hour))
      return performance({ times, equity, from: times[0]!, to: times[count - 1]!, trips: noTrips })
    }
    expect(over(30 * 24).sharpe).not.toBeNull()
    expect(over(29 * 24).reasons.sharpe).toBe('NEEDS_30_DAYS: 28.96 days of data')
  })

  test('a drawdown that lasts ends without a recovery, and its duration reaches to the end of the span', () => {
    const seen = ofDays([100, 120, 90, 110])
    expect(seen).toMatchObject({
      maxDrawdown: -0.25,
      maxDrawdownRecovery: null,
      maxDrawdownDurationMs: (2 * dayUs) / 1_000,
    })
    expect(seen.reasons.maxDrawdownRecovery).toMatch(/^NOT_RECOVERED: /)
  })

  test('a drawdown starts at the last time at its peak and ends when the peak is met, and of equal ones the first counts', () => {
    const day = (index: number) => begin + index * dayUs
    expect(ofDays([100, 100, 80, 80, 100, 100, 80, 100])).toMatchObject({
      maxDrawdown: -0.2,
      maxDrawdownStart: day(1),
      maxDrawdownTrough: day(2),
      maxDrawdownRecovery: day(4),
      maxDrawdownDurationMs: (3 * dayUs) / 1_000,
    })
  })

  test('each null has a reason from the list, each number has none, and JSON keeps both', () => {
    const equity = fc.array(fc.double({ min: -1e6, max: 1e9, noNaN: true }), { maxLength: 60 })
    fc.assert(
      fc.property(equity, (values) => {
        const { reasons, ...numbers } = ofDays(values)
        for (const [name, value] of Object.entries(numbers) as [keyof Figures, number | null][]) {
          if (value !== null) expect(Number.isFinite(value), name).toBe(true)
          expect(reasons[name] !== undefined, name).toBe(value === null)
          if (value === null) expect(Object.keys(reasonCodes)).toContain(reasons[name]!.split(':')[0])
        }
        expect(JSON.parse(JSON.stringify({ ...numbers, reasons }))).toEqual(JSON.parse(JSON.stringify(ofDays(values))))
      }),
    )
  })
})

describe('properties', () => {
  const steps = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 40, maxLength: 200 })
  const grown = (moves: number[]) => {
    const equity = [100_000]
    for (const move of moves) equity.push(equity[equity.length - 1]! * (1 + move / 10_000))
    return equity
  }

  test('a scale of two to some power changes no ratio by a bit', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: -20, max: 20 }), (moves, power) => {
        const equity = grown(moves)
        const { startEquity: _a, finalEquity: _b, ...ratios } = ofDays(equity)
        const { startEquity: _c, finalEquity: _d, ...scaled } = ofDays(equity.map((value) => value * 2 ** power))
        expect(scaled).toEqual(ratios)
      }),
    )
  })

  test('returns doubled in size keep their Sharpe ratio', () => {
    fc.assert(
      fc.property(steps, (moves) => {
        const returns = Float64Array.from(moves, (move) => move / 10_000)
        const doubled = returns.map((value) => 2 * value)
        expect(sharpe(doubled)).toEqual(sharpe(returns))
        expect(sortino(doubled)).toEqual(sortino(returns))
      }),
    )
  })

  test('a drawdown lies in [-1, 0], is the worst of all pairs, and at every point at least as deep as at day ends', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 40 }), (equity) => {
        const times = Float64Array.from(equity, (_, hour) => begin + hour * 5 * 3_600_000_000)
        const span = { from: times[0]!, to: times[times.length - 1]! }
        const curve = { times, equity: Float64Array.from(equity) }
        let worst = 0
        for (let i = 0; i < equity.length; i++) {
          for (let j = i + 1; j < equity.length; j++) worst = Math.min(worst, (equity[j]! - equity[i]!) / equity[i]!)
        }
        const seen = performance({ ...curve, ...span, trips: noTrips })
        expect(seen.intradayMaxDrawdown).toBe(worst)
        expect(maxDrawdown(curve)?.depth ?? 0).toBe(worst)
        expect(seen.maxDrawdown).toBeGreaterThanOrEqual(worst)
        expect(seen.maxDrawdown).toBeLessThanOrEqual(0)
        expect(worst).toBeGreaterThanOrEqual(-1)
      }),
    )
  })

  test('a flat tail changes neither the drawdown nor the total return', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 30 }), (moves, days) => {
        const equity = grown(moves)
        const whole = ofDays([...equity, ...Array.from({ length: days }, () => equity[equity.length - 1]!)])
        const cut = ofDays(equity)
        expect(whole.totalReturn).toBe(cut.totalReturn)
        expect(whole.maxDrawdown).toBe(cut.maxDrawdown)
        expect([whole.maxDrawdownStart, whole.maxDrawdownTrough]).toEqual([cut.maxDrawdownStart, cut.maxDrawdownTrough])
      }),
    )
  })

  test('points outside the span and repeated points change nothing', () => {
    fc.assert(
      fc.property(steps, (moves) => {
        const equity = grown(moves)
        const times = equity.map((_, day) => begin + day * dayUs)
        const of = (t: number[], e: number[]) =>
          performance({
            times: Float64Array.from(t),
            equity: Float64Array.from(e),
            from: times[5]!,
            to: times[equity.length - 3]!,
            trips: noTrips,
          })
        const whole = of(times, equity)
        expect(of(times.slice(5, -2), equity.slice(5, -2))).toEqual(whole)
        expect(
          of(
            times.flatMap((time) => [time, time]),
            equity.flatMap((value) => [value, value]),
          ),
        ).toEqual(whole)
      }),
    )
  })
})

test('a year of minutes is counted in days', () => {
  const count = 525_600
  const times = Float64Array.from({ length: count }, (_, minute) => begin + (minute + 1) * 60_000_000)
  const equity = times.map((_, minute) => 1e6 + 1e4 * Math.sin(minute / 10_000) + ((minute * 7_919) % 1_000))
  const run = { times, equity, from: begin, to: times[count - 1]!, start: 1e6, trips: noTrips }
  const seen = performance(run)
  expect(seen.days).toBe(365)
  expect(seen.intradayMaxDrawdown).toBeLessThanOrEqual(seen.maxDrawdown!)
})
