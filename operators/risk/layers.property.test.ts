import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../random.ts'
import { checks, type RiskConfig } from './index.ts'
import { type Trial, trial } from './samples.ts'

const symbols = ['BTC', 'ETH', 'XRP', 'BTC']

/** An account somewhere in its life: positions, open orders, a past of prices, limits near what it has. */
const life = fc.record({
  seed: fc.nat(),
  samples: fc.integer({ min: 0, max: 45 }),
  move: fc.constantFrom(0.0002, 0.001, 0.004),
  fills: fc.array(
    fc.record({
      index: fc.nat(3),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 30 }),
    }),
    { maxLength: 5 },
  ),
  open: fc.array(
    fc.record({
      index: fc.nat(3),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 10 }),
    }),
    { maxLength: 3 },
  ),
  scale: fc.constantFrom(1, 3, 20),
})
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never

const wish = fc.record({
  index: fc.nat(3),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  size: fc.integer({ min: 1, max: 60 }),
})

/** All layers, their limits so many times as wide as by default, so that some pass and some do not. */
function config(scale: number, more: Record<string, unknown> = {}): RiskConfig {
  return {
    ...{
      'position-size': { share: 0.1 * scale },
      'asset-exposure': { share: 0.2 * scale },
      leverage: { times: 3 * scale },
    },
    ...{ 'total-exposure': { share: 0.8 * scale }, 'value-at-risk': { share: Math.min(1, 0.05 * scale) } },
    ...{ volatility: { cap: 0.05 * scale }, 'order-rate': { perSecond: 1e6, perDay: 1e6 }, ...more },
  }
}

function live({ seed, samples, move, fills, open, scale }: Life, more: Record<string, unknown> = {}): Trial {
  const it = trial(config(scale, more), { symbols })
  const dice = random(seed)
  const price = [100, 100, 100, 100]
  for (let at = 0; at < samples; at++) {
    const together = dice.normal()
    for (const i of price.keys()) price[i]! *= 1 + move * (together + dice.normal())
    it.sample(price)
  }
  for (const { index, side, size } of fills) it.fill(side, size, 100, { index })
  for (const { index, side, size } of open) {
    const order = { ...it.wish(side, size, { index, price: 100 }) }
    it.portfolio.sent({
      ...order,
      ...order.signal,
      kind: 'new',
      clientId: `open${index}${size}`,
      tag: '',
      verdicts: [],
    } as never)
  }
  it.risk.instant(it.now, it.now)
  return it
}

const passes = (
  it: Trial,
  { index, side, size }: { index: number; side: 'buy' | 'sell'; size: number },
  price?: number,
) => it.risk.check(it.wish(side, size, price === undefined ? { index } : { index, price }))

test('nothing passes an undecided check: whatever number is missing, no order that adds risk has a verdict without one', () => {
  let passed = 0
  let refused = 0
  const lack = fc.constantFrom('nothing', 'a mark', 'its touch', 'equity', 'a past')
  fc.assert(
    fc.property(life, wish, lack, (a, w, missing) => {
      const it = live(a, missing === 'a past' ? { prices: { unknown: 'refuse' } } : {})
      const held = it.markets.findIndex((_, at) => at !== w.index && it.portfolio.lots(at) !== 0)
      if (missing === 'a mark' && held >= 0) {
        const { portfolio } = it
        const marks = portfolio.markTicks.bind(portfolio)
        portfolio.markTicks = (at) => (at === held ? Number.NaN : marks(at))
        portfolio.changes.put(held)
      }
      if (missing === 'its touch')
        Object.assign(it.markets[w.index]!, { askTicks: Number.NaN, bidTicks: Number.NaN, markTicks: Number.NaN })
      if (missing === 'equity') it.portfolio.equity = () => Number.NaN
      const lots = it.portfolio.lots(w.index)
      const takes = (w.side === 'buy' ? -lots : lots) >= w.size * 1000 + it.portfolio.openLots(w.index, w.side)
      // A limit order has a price of its own.
      const { order, event } = passes(it, w, missing === 'its touch' ? undefined : 100)
      if (takes) return
      if (order === undefined) {
        refused++
        expect(event!.reason).not.toBe('')
        return
      }
      passed++
      for (const { check, value, limit } of order.verdicts) {
        expect(
          Number.isFinite(value) && Number.isFinite(limit),
          `${check}: ${value} of ${limit} without ${missing}`,
        ).toBe(true)
      }
      expect(['equity', 'its touch']).not.toContain(missing)
    }),
    { numRuns: 400 },
  )
  expect(Math.min(passed, refused)).toBeGreaterThan(40)
})

test('a smaller order is never refused where a larger one passes', () => {
  let both = 0
  fc.assert(
    fc.property(life, wish, fc.double({ min: 0.02, max: 1, noNaN: true }), (a, w, part) => {
      const it = live(a)
      const large = passes(it, w)
      if (large.order === undefined) return
      const small = passes(it, { ...w, size: Math.max(0.001, Math.floor(w.size * part * 1000) / 1000) })
      // Scaled down to less than a lot it is no order any more.
      if (small.event?.detail.endsWith('to 0 lots')) return
      both++
      expect(small.event, JSON.stringify(small.event)).toBe(undefined)
      expect(small.order!.lots).toBeLessThanOrEqual(large.order.lots!)
    }),
    { numRuns: 600 },
  )
  expect(both).toBeGreaterThan(100)
})

test('what only takes from a position passes every layer, whole, whatever is halted and however tight the limits are', () => {
  const tight = {
    'position-size': { share: 1e-6, value: 1 },
    'value-at-risk': { share: 1e-6 },
    drawdown: { share: 0.011, scaleFrom: 0.01 },
  }
  const names = checks.map(({ name }) => name)
  let seen = 0
  fc.assert(
    fc.property(life, fc.nat(3), fc.constantFrom('pause', 'cancel', 'flatten', 'none'), (a, index, halt) => {
      const it = live(a, {
        ...tight,
        'total-exposure': { share: 1e-6 },
        'asset-exposure': { share: 1e-6 },
        volatility: { cap: 1e-6, target: 1e-6 },
      })
      it.risk.command({ action: halt, who: 'a', why: 'b' }, it.now, it.now)
      const lots = it.portfolio.lots(index)
      const side = lots > 0 ? 'sell' : 'buy'
      const free = Math.abs(lots) - it.portfolio.openLots(index, side)
      if (free <= 0) return
      seen++
      const { order, event } = passes(it, { index, side, size: free / 1000 })
      expect(event && `${event.check} ${event.reason} of ${names.length}`).toBe(undefined)
      expect(order!.lots).toBe(free)
    }),
    { numRuns: 300 },
  )
  expect(seen).toBeGreaterThan(60)
})

test('an order is scaled down, never up', () => {
  fc.assert(
    fc.property(life, wish, fc.double({ min: 0.005, max: 0.2, noNaN: true }), (a, w, target) => {
      const it = live(a, { volatility: { cap: 10, target }, drawdown: { share: 1, scaleFrom: 0.001 } })
      const asked = it.wish(w.side, w.size, { index: w.index, price: 100 })
      const { order } = it.risk.check(asked)
      const scaled = it.risk.events().filter(({ action }) => action === 'scaled')
      if (order === undefined) return
      expect(order.lots!).toBeLessThanOrEqual(asked.lots)
      expect(order.lots! < asked.lots).toBe(scaled.length > 0)
    }),
    { numRuns: 200 },
  )
})
