import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Exchange } from '../../../tests/exchange.ts'
import { type SlippageName, type SlippageOptions, slippage, slippages, slipped } from './index.ts'

const calm = { lots: Number.NaN, variance: Number.NaN }
const known = { lots: 400, variance: 0.0001 }
const worse = (
  asked: SlippageName | SlippageOptions,
  { lots = 4, ticks = 10_000, id = 's.a.1', activity = known } = {},
) => slippage(asked, '7').ticks(id, lots, ticks, activity)

describe('slippage', () => {
  test('is nothing, ticks, basis points, or half of a spread, rounded up', () => {
    expect(worse('none')).toBe(0)
    expect([worse({ ticks: 2 }), worse({ bps: 1 }), worse({ bps: 1.5 }), worse({ ticks: 2, bps: 1.5 })]).toEqual([
      2, 1, 2, 4,
    ])
    expect([worse({ spreadBps: 2 }), worse({ spreadBps: 3 })]).toEqual([1, 2])
  })

  test('by impact grows with the root of the size, and with the coefficient', () => {
    // 1 % a bar with 400 lots: 10,000 × 0.01 × √(4/400) = 10 ticks.
    expect([worse('square-root'), worse('square-root', { lots: 16 }), worse({ impact: 0.1 })]).toEqual([10, 20, 1])
    expect(worse('square-root', { activity: calm })).toBe(0)
  })

  test('by noise is drawn for each order, alike for its parts, and has the mean of half a normal', () => {
    const one = slippage({ noiseBps: 2 }, '7')
    expect(one.ticks('s.a.1', 1, 1e8, calm)).toBe(one.ticks('s.a.1', 9, 1e8, calm))
    const drawn = Array.from({ length: 20_000 }, (_, i) => one.ticks(`s.a.${i}`, 1, 1e12, calm) / 1e8)
    const mean = drawn.reduce((sum, bps) => sum + bps, 0) / drawn.length
    const deviation = 2 * Math.sqrt(1 - 2 / Math.PI)
    expect(Math.abs(mean - 2 * Math.sqrt(2 / Math.PI))).toBeLessThan((5 * deviation) / Math.sqrt(drawn.length))
    expect(new Set(drawn).size).toBeGreaterThan(19_000)
    expect(slippage({ noiseBps: 2 }, '8').ticks('s.a.1', 1, 1e8, calm)).not.toBe(one.ticks('s.a.1', 1, 1e8, calm))
  })

  test('as the specification has it is the sum of its parts', () => {
    const parts = [{ spreadBps: 1 }, { impact: 0.1 }, { noiseBps: 2 }]
    const sum = parts.reduce((total, part) => total + worse(part, { ticks: 1e8 }), 0)
    // Each part alone was rounded up.
    expect(worse('volume-based', { ticks: 1e8 })).toBeGreaterThan(sum - 3)
    expect(worse('volume-based', { ticks: 1e8 })).toBeLessThanOrEqual(sum)
  })

  test('that is below 0, or has no name, is refused', () => {
    expect(() => slippage({ bps: -1 }, '7')).toThrow(RangeError)
    expect(() => slippage({ impact: Number.NaN }, '7')).toThrow(RangeError)
    expect(() => slippage('square' as 'none', '7')).toThrow(/none, square-root, volume-based/)
  })
})

const parts = fc.record({
  ticks: fc.nat(5),
  ...{ bps: fc.double({ min: 0, max: 50, noNaN: true }), spreadBps: fc.double({ min: 0, max: 50, noNaN: true }) },
  ...{ impact: fc.double({ min: 0, max: 3, noNaN: true }), noiseBps: fc.double({ min: 0, max: 20, noNaN: true }) },
})

test('no slippage ever improves a price, nor passes a limit', () => {
  fc.assert(
    fc.property(
      parts,
      fc.boolean(),
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 500 }),
      fc.nat(3),
      (asked, buys, ticks, lots, room) => {
        const more = slippage(asked, '7').ticks(`s.a.${lots}`, lots, ticks, known)
        expect([Number.isInteger(more), more >= 0]).toEqual([true, true])
        for (const limit of [Number.NaN, buys ? ticks + room : Math.max(1, ticks - room)]) {
          const at = slipped(ticks, more, buys, limit)
          if (buys) expect(at).toBeGreaterThanOrEqual(ticks)
          else expect(at).toBeLessThanOrEqual(ticks)
          if (!Number.isNaN(limit)) expect(buys ? at <= limit : at >= limit).toBe(true)
          expect(at).toBeGreaterThanOrEqual(1)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('takers pay it on ticks and on candles, and makers never do', () => {
  for (const asked of [...slippages, { ticks: 3 }] as const) {
    const exchange = new Exchange({ slippage: asked, seed: 3 })
    exchange.book({ time: 1_000 }, [[9_990, 9]], [[10_000, 9]], { snapshot: true })
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 2 })
    exchange.order(1_000, { side: 'sell', type: 'limit', ticks: 10_000, lots: 2 })
    exchange.book({ time: 1_001 }, [[10, 1]], []).trade({ time: 1_002 }, 'buy', 10_001, 1)
    const [taker, maker] = exchange.executions.filter(({ kind }) => kind === 'fill')
    expect(maker).toMatchObject({ liquidity: 'maker', ticks: 10_000 })
    const paid = slippage(asked, '3').ticks(taker!.clientId, 2, 10_000, calm)
    const said = asked === 'none' ? undefined : paid
    expect([taker!.ticks! - 10_000, taker!.slippageTicks]).toEqual([paid, said])
    expect(maker!.slippageTicks).toBe(undefined)

    const candles = new Exchange({ fill: 'next-open', slippage: asked, seed: 3 })
    candles.order(0, { side: 'sell', type: 'market', lots: 2 })
    candles.candle({ openTime: 1, time: 60e6 }, 10_000, 10_001, 9_000, 9_500)
    const [sold] = candles.executions
    const lost = slippage(asked, '3').ticks(sold!.clientId, 2, 10_000, calm)
    expect([10_000 - sold!.ticks!, sold!.slippageTicks]).toEqual([lost, asked === 'none' ? undefined : lost])
  }
})
