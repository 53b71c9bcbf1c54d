import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../random.ts'
import { type Exposure, notionalOf, profitAt } from './exposure.ts'
import { liquidityResult } from './liquidity.ts'
import { type MonteCarloOptions, monteCarlo } from './monte-carlo.ts'
import { readShocks, shockResult } from './shocks.ts'

const long = (change: Partial<Exposure> = {}): Exposure => ({
  ...{ account: 'main', exchange: 'binance-usdm', symbol: 'BTCUSDT', base: 'BTC', size: 2, contractSize: 1 },
  ...{ inverse: false, price: 100, ...change },
})

describe('a position at another price', () => {
  test('of linear contracts gains size × change', () => {
    expect(profitAt(long(), 1.1)).toBeCloseTo(20, 10)
    expect(profitAt(long({ size: -2 }), 1.1)).toBeCloseTo(-20, 10)
    expect(notionalOf(long({ size: -2 }))).toBe(200)
  })

  test('of inverse contracts gains in coins, and loses more in a fall than it gains in a rise', () => {
    const one = long({ inverse: true, contractSize: 100, size: 50, price: 50_000 })
    expect(notionalOf(one)).toBe(0.1)
    expect(profitAt(one, 2)).toBeCloseTo(0.05, 12)
    expect(profitAt(one, 0.5)).toBeCloseTo(-0.1, 12)
  })
})

describe('shocks', () => {
  test('are those of March 2020, May 2022 and November 2022, with the falls that were recorded', () => {
    const { shocks } = readShocks()
    const worst = shocks.map(({ name, assets }) => [
      name,
      ...Object.values(assets).map(({ open, path }) => Math.round((Math.min(...path) / open - 1) * 1000) / 10),
    ])
    expect(worst).toEqual([
      ['2020-03-12', -48.1, -51.1],
      ['2022-05', -33.6, -40.5],
      ['2022-11', -25.8, -34.2],
    ])
  })

  const shock = {
    ...{ name: 'fall', title: 'a fall', first: '', last: '', others: 'ETH' },
    assets: { BTC: { open: 200, path: [100, 150] }, ETH: { open: 10, path: [4, 8] } },
  }

  test('say the profit at the end and the least equity on the way, assets that they do not name moving as another', () => {
    const held = [long(), long({ base: 'XRP', symbol: 'XRPUSDT', size: 100, price: 1 })]
    // On the way −100 and −60, at the end −50 and −20.
    expect(shockResult(shock, 1000, held)).toEqual({
      ...{ name: 'fall', title: 'a fall', profit: -70, leastEquity: 840, leastAt: 1, ruined: false },
    })
    expect(shockResult(shock, 160, held)).toMatchObject({ leastEquity: 0, ruined: true })
  })

  test('of a short are gains', () => {
    const result = shockResult(shock, 1000, [long({ size: -2 })])
    expect(result).toMatchObject({ profit: 50, leastEquity: 1000, leastAt: 0 })
  })

  test('that lack a path, or the asset that others follow, are refused', () => {
    expect(() => readShocks({ source: 'me', shocks: [{ ...shock, others: 'SOL' }] }, 'mine.json')).toThrow('SOL')
    const uneven = { ...shock, assets: { ...shock.assets, ETH: { open: 10, path: [4] } } }
    expect(() => readShocks({ source: 'me', shocks: [uneven] }, 'mine.json')).toThrow('differ in length')
    expect(() => readShocks({ source: 'me', shocks: [] }, 'mine.json')).toThrow('mine.json')
  })
})

describe('simulated paths', () => {
  const options: MonteCarloOptions = { paths: 4000, steps: 100, meanBlock: 10, seed: 1 }

  /** Prices whose changes are normal with a standard deviation of 0.1 % a step. */
  function walk(seed: string, length = 5000): Float64Array {
    const draw = random(seed)
    const prices = new Float64Array(length)
    let price = 100
    for (let at = 0; at < length; at++) {
      prices[at] = price
      price *= 1 + 0.001 * draw.normal()
    }
    return prices
  }

  test('of a normal market have the value at risk of the normal distribution', () => {
    const [prices, price] = [walk('a'), 100]
    const result = monteCarlo([long({ size: 10, price })], [prices], 10_000, options)
    // 1,000 of value over 100 steps of 0.1 %: a deviation of 10, give or take what one history and 4,000 paths tell.
    const drift = (prices.at(-1)! / prices[0]!) ** (100 / 4999) - 1
    expect(result.mean / 10).toBeCloseTo(drift * 100, 0)
    expect(result.var95 + result.mean).toBeGreaterThan(14.8)
    expect(result.var95 + result.mean).toBeLessThan(18)
    expect(result.var99 + result.mean).toBeGreaterThan(20.5)
    expect(result.var99 + result.mean).toBeLessThan(26)
    expect(result.es95).toBeGreaterThan(result.var95)
    expect(result.worst).toBeGreaterThanOrEqual(result.es99)
    expect(result.ruin).toBe(0)
  })

  test('move together what moved together: a hedge loses nothing', () => {
    const prices = walk('a')
    const hedged = [long(), long({ size: -2, symbol: 'BTCUSDC' })]
    const { var99, worst, drawdown95 } = monteCarlo(hedged, [prices, prices], 1000, options)
    for (const loss of [var99, worst, drawdown95]) expect(Math.abs(loss)).toBeLessThan(1e-9)
    const apart = monteCarlo(hedged, [prices, walk('b')], 1000, options)
    expect(apart.var99).toBeGreaterThan(1)
  })

  test('are ruined when a leveraged account meets a history of falls', () => {
    const falling = Float64Array.from({ length: 200 }, (_, i) => 100 * 0.99 ** i)
    const result = monteCarlo([long({ size: 50 })], [falling], 2000, options)
    // Every step is −1 %, but the one round the end of the history is none: no path wins.
    expect(result.ruin).toBe(1)
    expect(result.mean).toBeLessThan(-2500)
  })

  test('are the same for the same seed, others for another, and never below nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 40 }), (seed, length) => {
        const prices = walk(String(seed), length)
        const run = (of: number) => monteCarlo([long()], [prices], 1000, { ...options, paths: 50, seed: of })
        const result = run(seed)
        expect(run(seed)).toEqual(result)
        expect(result.worst).toBeLessThan(200)
        expect(result.var99).toBeGreaterThanOrEqual(result.var95)
        expect(result.drawdown95).toBeGreaterThanOrEqual(result.drawdown50)
      }),
      { numRuns: 50 },
    )
    const prices = walk('a')
    const of = (seed: number) => monteCarlo([long()], [prices], 1000, { ...options, paths: 50, seed }).mean
    expect(of(1)).not.toBe(of(2))
  })
})

describe('a thin market', () => {
  test('costs the root of what it is thinner by, and takes so much longer', () => {
    const traded = { size: 100, variance: 0.0001, stepSeconds: 60 }
    const of = (thinner: number) => liquidityResult([long({ size: 25 })], [traded], thinner)
    // 1 % · √(25 / 100) of 2,500.
    expect(of(1).cost).toBeCloseTo(12.5, 4)
    expect(of(1).seconds).toBeCloseTo((25 / 10) * 60, 10)
    expect(of(4).cost).toBeCloseTo(25, 4)
    expect(of(4).seconds).toBeCloseTo(600, 10)
    expect(of(4).share).toBeCloseTo(0.01, 6)
  })

  test('where nothing was traded is not known', () => {
    const traded = { size: 0, variance: 0, stepSeconds: 60 }
    expect(liquidityResult([long()], [traded], 1)).toEqual({ thinner: 1, cost: null, share: null, seconds: null })
  })
})
