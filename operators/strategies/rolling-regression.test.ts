import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RollingRegression } from './rolling-regression.ts'

/** The line through pairs of logarithms, summed anew. */
function naive(points: readonly (readonly [number, number])[]) {
  const n = points.length
  const [mx, my] = [0, 1].map((of) => points.reduce((sum, point) => sum + point[of]!, 0) / n) as [number, number]
  const sum = (f: (x: number, y: number) => number) => points.reduce((total, [x, y]) => total + f(x - mx, y - my), 0)
  const beta = sum((x, y) => x * y) / sum((x) => x * x)
  const deviation = Math.sqrt(sum((x, y) => (y - beta * x) ** 2) / n)
  const [x, y] = points.at(-1)!
  return { beta, deviation, residual: y - my - beta * (x - mx) }
}

const prices = fc.array(
  fc.tuple(fc.double({ min: 10, max: 90_000, noNaN: true }), fc.double({ min: 0.1, max: 9, noNaN: true })),
  {
    minLength: 12,
    maxLength: 60,
  },
)

test('it is the least-squares line of the window, at every point', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 3, max: 10 }), (pairs, n) => {
      const regression = new RollingRegression(n)
      for (const [at, [x, y]] of pairs.entries()) {
        regression.push(x, y)
        const fit = regression.fit()
        if (at + 1 < n) expect(fit).toBeUndefined()
        const xs = pairs.slice(Math.max(0, at + 1 - n), at + 1).map(([a]) => a)
        // A line through points that stand on top of each other is whatever rounding makes of it.
        if (at + 1 < n || Math.max(...xs) < 1.01 * Math.min(...xs)) continue
        if (fit === undefined) throw new RangeError(`no line through ${xs}`)
        const expected = naive(pairs.slice(at + 1 - n, at + 1).map(([a, b]) => [Math.log(a), Math.log(b)]))
        expect(fit.beta).toBeCloseTo(expected.beta, 6)
        expect(fit.deviation).toBeCloseTo(expected.deviation, 6)
        expect(fit.residual).toBeCloseTo(expected.residual, 6)
      }
    }),
  )
})

test('what it says depends on the window alone: no drift, and the same after saving', () => {
  fc.assert(
    fc.property(prices, (pairs) => {
      const [whole, window] = [new RollingRegression(8), new RollingRegression(8)]
      for (const [x, y] of pairs) whole.push(x, y)
      for (const [x, y] of pairs.slice(-8)) window.push(x, y)
      expect(window.fit()).toEqual(whole.fit())
      const again = new RollingRegression(8)
      again.load(structuredClone(whole.save()))
      expect(again.fit()).toEqual(whole.fit())
      for (const one of [whole, again]) one.push(50, 2)
      expect(again.fit()).toEqual(whole.fit())
    }),
  )
})

test('where the second has not moved there is no line', () => {
  const regression = new RollingRegression(3)
  for (const y of [1, 2, 3]) regression.push(5, y)
  expect(regression.fit()).toBeUndefined()
})

test('a distance that halves every second bar has a half-life of two bars', () => {
  const regression = new RollingRegression(400)
  const shrink = Math.SQRT1_2
  let distance = 0
  for (let at = 0; at < 400; at++) {
    // Pushed away now and then, it comes back by the same share each bar; x goes its own way.
    distance = at % 40 === 0 ? (at % 80 === 0 ? 0.02 : -0.02) : distance * shrink
    regression.push(100 * Math.exp(0.1 * Math.sin(at / 3)), Math.exp(distance))
  }
  const halfLife = regression.halfLife({ ...regression.fit()!, beta: 0, alpha: 0 })
  expect(halfLife).toBeGreaterThan(1.4)
  expect(halfLife).toBeLessThan(2.1)
})
