import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../random.ts'
import { fillError, groupsOf, priceErrorBps, timeErrorMs } from './errors.ts'
import { fitsOf, leastAt } from './fit.ts'
import { meanInterval } from './interval.ts'
import { matchOutcomes } from './match.ts'
import { addFill, type Outcome, Outcomes, shareOf, unknownOutcome } from './outcome.ts'

/** An order of 2 at 100, filled whole there a second after it was placed. */
function outcome(more: Partial<Outcome> = {}): Outcome {
  const { placed = 1e6 } = more
  const whole = {
    size: 2,
    price: 100,
    placed,
    filled: 2,
    paid: 100,
    filledAt: placed + 1e6,
    liquidity: 'maker',
  } as const
  return { ...unknownOutcome({ id: '', symbol: 'Y', side: 'buy' }), ...whole, ...more }
}

describe('outcomes', () => {
  test('are what orders and executions of a run say', () => {
    const outcomes = new Outcomes()
    const about = { exchange: 'x', symbol: 'Y', account: 'a', strategy: 's', tickSize: 0.5, lotSize: 0.1 }
    const order = {
      ...about,
      time: 1,
      received: 1,
      clientId: 's.a.1',
      signal: 1,
      reduceOnly: false,
      closePosition: false,
      verdicts: [],
    }
    outcomes.order({ ...order, kind: 'new', side: 'sell', lots: 30, ticks: 200 })
    outcomes.order({ ...order, kind: 'cancel' })
    const said = { ...about, received: 9, number: 1, clientId: 's.a.1', side: 'sell', fee: 0n } as const
    outcomes.execution({ ...said, time: 5, kind: 'accepted', ticks: 200, lots: 30 })
    outcomes.execution({ ...said, time: 7, kind: 'fill', ticks: 200, lots: 10, liquidity: 'maker' })
    outcomes.execution({ ...said, time: 8, kind: 'fill', ticks: 203, lots: 5, liquidity: 'taker' })
    outcomes.execution({ ...said, time: 9, kind: 'cancelled', ticks: 200, lots: 15 })
    const [one, ...others] = outcomes.all()
    expect(others).toEqual([])
    expect(one).toMatchObject({
      id: 's.a.1',
      side: 'sell',
      size: 3,
      price: 100,
      placed: 5,
      filledAt: 7,
      liquidity: 'maker',
    })
    expect(one!.paid).toBeCloseTo(100.5, 12)
    expect(shareOf(one!)).toBeCloseTo(0.5, 12)
  })

  test('of which only fills are known were filled whole', () => {
    const one = unknownOutcome({ id: '7', symbol: '', side: 'buy' })
    addFill(one, { time: 3, price: 10, size: 1, liquidity: undefined })
    addFill(one, { time: 2, price: 13, size: 2, liquidity: 'taker' })
    expect(one).toMatchObject({ filled: 3, paid: 12, filledAt: 2, liquidity: 'taker' })
    expect(shareOf(one)).toBe(1)
  })
})

describe('matching', () => {
  const withinUs = 1e6
  const match = (simulated: Outcome[], real: Outcome[]) => matchOutcomes(simulated, real, { withinUs })

  test('goes by name where side, size and price agree, and by the nearest time else', () => {
    const [named, near, nearer, far] = [
      outcome({ id: 'a' }),
      outcome({ placed: 1.9e6 }),
      outcome({ placed: 1.6e6 }),
      outcome({ placed: 9e6 }),
    ]
    const real = [
      outcome({ id: 'a', placed: 8e6 }),
      outcome({ id: 'b', placed: 1.5e6 }),
      outcome({ id: 'c', placed: 2e6 }),
    ]
    const { pairs, byId, onlySimulated, onlyReal } = match([far, near, nearer, named], real)
    expect(pairs.map(({ simulated }) => simulated)).toEqual([named, nearer, near])
    expect([byId, onlySimulated, onlyReal]).toEqual([1, [far], []])
  })

  test('never pairs what differs in side, symbol, size or price, though it has one name', () => {
    const real = outcome({ id: 'a' })
    for (const other of [{ side: 'sell' }, { symbol: 'Z' }, { size: 3 }, { price: 101 }] as const)
      expect(match([outcome({ id: 'a', ...other })], [real]).pairs).toEqual([])
    const blank = outcome({ symbol: '', size: Number.NaN, price: Number.NaN })
    expect(match([blank], [real]).pairs).toHaveLength(1)
    expect(match([outcome({ placed: Number.NaN, filledAt: Number.NaN })], [real]).pairs).toEqual([])
  })

  test('puts every order in one pair at most, whatever the times', () => {
    const times = fc.array(fc.nat(3_000), { maxLength: 30 })
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [simulated, real] = [a, b].map((list) => list.map((ms) => outcome({ placed: ms * 1000 })))
        const { pairs, onlySimulated, onlyReal } = match(simulated!, real!)
        expect(new Set(pairs.map((pair) => pair.simulated)).size).toBe(pairs.length)
        expect([pairs.length + onlySimulated.length, pairs.length + onlyReal.length]).toEqual([a.length, b.length])
        for (const pair of pairs)
          expect(Math.abs(pair.real.placed - pair.simulated.placed)).toBeLessThanOrEqual(withinUs)
      }),
    )
  })
})

describe('errors', () => {
  test('are above 0 where the simulation filled more, worse, or later', () => {
    const real = outcome({ filled: 1 })
    const simulated = outcome({ paid: 100.01, filledAt: 2_500_000 })
    expect(fillError({ simulated, real })).toBe(0.5)
    expect(priceErrorBps({ simulated, real })).toBeCloseTo(1, 9)
    expect(timeErrorMs({ simulated, real })).toBe(500)
    const sells = { simulated: outcome({ side: 'sell', paid: 99.99 }), real: outcome({ side: 'sell' }) }
    expect(priceErrorBps(sells)).toBeCloseTo(1, 9)
  })

  test('are told for each side, third by size, and kind of fill', () => {
    const sizes = [1, 2, 3, 4, 5, 6]
    const pairs = sizes.map((size) => {
      const real = outcome({
        size,
        filled: size,
        side: size % 2 === 0 ? 'buy' : 'sell',
        liquidity: size > 4 ? 'taker' : 'maker',
      })
      return { real, simulated: real }
    })
    expect(groupsOf(pairs).map(({ by, name, pairs: own }) => `${by} ${name} ${own.length}`)).toEqual([
      ...['all all 6', 'side buy 3', 'side sell 3', 'size small 2', 'size medium 2', 'size large 2'],
      ...['liquidity maker 4', 'liquidity taker 2'],
    ])
  })
})

describe('intervals', () => {
  test('hold the true mean about as often as they say', () => {
    const truth = random('truth')
    let held = 0
    for (let trial = 0; trial < 200; trial++) {
      const values = Array.from({ length: 60 }, () => truth.exponential())
      const { low, high } = meanInterval(values, { random: random(`draw ${trial}`), samples: 300, confidence: 0.9 })!
      if (low <= 1 && 1 <= high) held += 1
    }
    // 180 of 200 by its word; a sample of 60 skewed values gives some less. Five standard deviations of 200 trials are 21.
    expect(held).toBeGreaterThan(159)
    expect(held).toBeLessThan(199)
  })

  test('are the same for the same seed, and say nothing of one value', () => {
    const of = (seed: string) => meanInterval([1, 2, 4], { random: random(seed), samples: 99, confidence: 0.95 })
    expect(of('7')).toEqual(of('7'))
    expect(meanInterval([3], { random: random('7'), samples: 99, confidence: 0.95 })).toMatchObject({
      mean: 3,
      low: Number.NaN,
    })
    expect(meanInterval([], { random: random('7'), samples: 99, confidence: 0.95 })).toBeUndefined()
  })
})

describe('the fit of several simulations', () => {
  const real = Array.from({ length: 50 }, (_, i) => outcome({ id: `${i}`, placed: i * 1e7 }))
  const off = (ms: number, bps: number, from = 0) =>
    real.map((one, at) =>
      at < from ? one : { ...one, filledAt: one.filledAt + ms * 1000, paid: one.paid * (1 + bps / 1e4) },
    )
  const fits = (...simulations: Outcome[][]) =>
    fitsOf(
      simulations.map((one) => matchOutcomes(one, real, { withinUs: 1e6 })),
      real,
      { random: random('7'), samples: 200 },
    )

  test('is best for the one that is right, and says by how much the others are off', () => {
    const [late, right, dear] = fits(off(5, 0), off(0, 0), off(0, 2))
    expect(right).toEqual({ fillError: 0, timeErrorMs: 0, priceErrorBps: 0, score: 0, nearest: 1 })
    expect([late!.timeErrorMs, dear!.priceErrorBps]).toEqual([5, expect.closeTo(2, 6)])
    expect([late!.score, dear!.score, late!.nearest]).toEqual([1, 1, 0])
  })

  test('counts orders that one side alone has, and what nobody could compare as the worst', () => {
    const [none, more] = fits([], [...real, outcome({ id: 'extra', placed: 1e12 })])
    expect(none).toMatchObject({ fillError: 1, timeErrorMs: Number.NaN, score: 3 })
    expect(more!.fillError).toBeCloseTo(1 / 50, 12)
  })

  test('is not sure where it hangs on few orders', () => {
    const [a, b] = fits(off(5, 0, 49), off(5, 0, 48))
    expect(a!.nearest).toBeGreaterThan(0.5)
    expect(b!.nearest).toBe(1 - a!.nearest)
    expect([leastAt([2, 1, 1]), leastAt([0])]).toEqual([1, 0])
  })
})
