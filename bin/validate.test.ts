// `validate` as a person types it, over markets of which it is known what is in them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../operators/random.ts'
import { type Candle, type Desk, hourUs, market, openDesk } from '../tests/stories/desk.ts'
import type { validateResult } from './validate.ts'

/** What it prints with --json. */
type Answer = ReturnType<typeof validateResult>

const names = ['--exchange', market.exchange, '--symbol', market.symbol, '--fill', 'next-open', '--taker-fee', '0.0001']
const crossing = ['--strategy', 'sma-cross', '--set', 'mode=long-short', '--set', 'size=1', ...names]

describe('on a random walk', () => {
  const asked = ['validate', ...crossing, '--grid', 'fast=2:12:2', '--grid', 'slow=14:70:8', '--name', 'noise']
  let desk: Desk
  let noise: Answer
  beforeAll(async () => {
    desk = openDesk()
    await desk.load(walk('noise', 480), { interval: '4h' })
    noise = await desk.json<Answer>(...asked)
  })
  afterAll(() => desk?.close())

  test('the best of some dozens of crossings is red, and the reasons say that it is luck', () => {
    expect([noise.trials, noise.verdict]).toEqual([48, 'red'])
    expect(noise.reasons.length).toBeGreaterThan(0)
    for (const reason of noise.reasons) expect(reason).toMatch(/or it is luck|of the checks warn/)
  })

  test('round trips in any order end where the trial ended, and so does what was, of all three simulations', async () => {
    const trials = await desk.json<{ trial: number; finalEquity: string; dayEquity: number[] }[]>(
      ...['cat', 'trials', '--run', 'noise'],
    )
    const best = trials.find(({ trial }) => trial === noise.best.trial)!
    const end = Number(best.finalEquity) / 1e8 / best.dayEquity[0]!
    const [trips, ...days] = noise.monteCarlo
    expect([trips!.method, ...days.map(({ method }) => method)]).toEqual(['reshuffle', 'block', 'resample'])
    for (const one of noise.monteCarlo) expect(one.observed.at(-1)).toBeCloseTo(end, 9)
    const { p5, p95 } = trips!.equity.at(-1)!
    expect(p5).toBeCloseTo(end, 9)
    expect(p95).toBeCloseTo(end, 9)
    expect(trips!.maxDrawdown.p5).toBeLessThan(trips!.maxDrawdown.p95)
  })
})

/** Four-hour candles of a price that remembers nothing; with `momentum`, of one whose mean return follows its own past for days. */
function walk(seed: string, days: number, momentum = 0): Candle[] {
  const draw = random(seed)
  let [trend, price] = [0, 40_000]
  return Array.from({ length: days * 6 }, (_, at) => {
    trend = 0.97 * trend + 0.24 * draw.normal()
    const open = price
    price = Math.round(open * (1 + 0.008 * (draw.normal() + momentum * trend)) * 100) / 100
    const [high, low] = [Math.max(open, price), Math.min(open, price)]
    return { openTime: 1_640_995_200_000_000 + at * 4 * hourUs, open, high, low, close: price, volume: 100 }
  })
}
