import { expect, test } from 'vitest'
import { random } from '../random.ts'
import { factsMeter } from './facts.ts'

test('spreads are counted by quote and by time', () => {
  const meter = factsMeter()
  meter.quote(0, 100, 101)
  meter.quote(3_000_000, 100, 104)
  meter.quote(3_500_000, 100, 101)
  meter.quote(4_000_000, 100, 101)
  const { spread } = meter.facts()
  expect(spread).toEqual({ median: 1, mean: 7 / 4, timeWeighted: (3 * 1 + 0.5 * 4 + 0.5 * 1) / 4 })
})

test('independent normal returns have kurtosis 3 and no autocorrelation of their sizes', () => {
  const draw = random('facts')
  const meter = factsMeter()
  let tick = 1e8
  for (let second = 0; second < 40_000; second++) {
    tick += Math.round(draw.normal() * 10_000)
    meter.quote(second * 1e6 + 5, tick, tick + 1)
  }
  const facts = meter.facts()
  expect(facts.kurtosis).toBeCloseTo(3, 0)
  expect(facts.volatilityBps).toBeCloseTo(1, 1)
  expect(Math.abs(facts.volatilityAutocorrelationMean)).toBeLessThan(0.01)
  expect(facts.stillSeconds).toBeLessThan(0.001)
})

test('returns whose size lasts have an autocorrelation that says so', () => {
  const draw = random('clusters')
  const meter = factsMeter()
  let tick = 1e8
  for (let second = 0; second < 20_000; second++) {
    const size = Math.floor(second / 50) % 2 === 0 ? 1000 : 9000
    tick += Math.round(draw.normal() * size)
    meter.quote(second * 1e6, tick, tick + 1)
  }
  const { volatilityAutocorrelation, kurtosis } = meter.facts()
  expect(volatilityAutocorrelation).toHaveLength(10)
  expect(Math.min(...volatilityAutocorrelation)).toBeGreaterThan(0.2)
  expect(kurtosis).toBeGreaterThan(4)
})

test('a stretch that is left out shows in no figure', () => {
  const [calm, cut] = [factsMeter(), factsMeter({ from: 5e6, to: 6e6 })]
  for (let second = 0; second < 20; second++) {
    const tick = 1000 + (second % 3)
    calm.quote(second * 1e6, tick, tick + 1)
    cut.quote(second * 1e6, tick, tick + 1)
    if (second === 5) cut.quote(5.2e6, 500, 900)
    if (second === 5) cut.quote(5.4e6, tick, tick + 1)
  }
  expect(cut.facts().spread).toEqual(calm.facts().spread)
  expect(cut.facts().seconds).toBe(calm.facts().seconds - 1)
})
