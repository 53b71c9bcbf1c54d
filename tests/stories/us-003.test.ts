// US-003: "As a strategy developer, I want to detect if my strategy is overfit so that I avoid deploying strategies that will fail in
// live trading."
import { afterAll, beforeAll, expect, test } from 'vitest'
import { random } from '../../operators/random.ts'
import { describeWith, testWith } from '../data.ts'
import { type Candle, type Desk, hourUs, market, openDesk, realMinutes, until } from './desk.ts'

/** What `validate` prints, as far as it is looked at. */
interface Validated {
  readonly study: string
  readonly verdict: 'green' | 'amber' | 'red'
  readonly degradation: number | null
  readonly inSampleSharpe: number
  readonly outOfSampleSharpe: number
  readonly reasons: readonly string[]
  readonly warnings: readonly { code: string; value: number; threshold: number; message: string }[]
  readonly windows: readonly {
    train: readonly { from: number; to: number }[]
    test: readonly { from: number; to: number }[]
    inSampleSharpe: number
    outOfSampleSharpe: number
  }[]
}

const names = ['--exchange', market.exchange, '--symbol', market.symbol, '--fill', 'next-open', '--windows', '5']
const cheap = ['--taker-fee', '0.0001']
/** Over the real month, of which a fifth is held out. */
const reversion = ['--strategy', 'mean-reversion', '--grid', 'bars=20:200:20', '--grid', 'entry=1.5,2,2.5,3']

describeWith('data', 'US-003: a search that is overfit is detected, and is not traded', () => {
  let desk: Desk
  let red: Validated

  beforeAll(async () => {
    desk = openDesk()
    await desk.load(realMinutes(0, 45_031))
    red = await desk.json<Validated>('validate', ...reversion, ...names, ...cheap)
  })
  afterAll(() => desk?.close())

  test('US-003: a walk-forward analysis has 5 rolling windows, each chosen by the days before it alone', () => {
    expect(red.windows).toHaveLength(5)
    const ends = red.windows.map(({ train, test }) => [
      train[0]!.from,
      train.at(-1)!.to,
      test[0]!.from,
      test.at(-1)!.to,
    ])
    for (const [at, [trainFrom, trainTo, testFrom, testTo]] of ends.entries()) {
      expect(trainFrom! < trainTo! && trainTo! <= testFrom! && testFrom! < testTo!).toBe(true)
      if (at === 0) continue
      // They roll: training moves on, and a test begins where the one before it ended.
      expect(trainFrom).toBeGreaterThan(ends[at - 1]![0]!)
      expect(testFrom).toBe(ends[at - 1]![3])
    }
  })

  test('US-003: the Sharpe ratios out of sample are seen, of each window, of all, and on the screen', async () => {
    for (const one of red.windows) expect([one.inSampleSharpe, one.outOfSampleSharpe].every(Number.isFinite)).toBe(true)
    const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0) / list.length
    expect(red.outOfSampleSharpe).toBeCloseTo(mean(red.windows.map((one) => one.outOfSampleSharpe)), 9)
    expect(red.inSampleSharpe).toBeCloseTo(mean(red.windows.map((one) => one.inSampleSharpe)), 9)
    const screen = await desk.run('validate', ...reversion, ...names, ...cheap, '--name', red.study)
    expect(screen.out).toMatch(/^ {2}out of sample, 5 windows +−?\d+\.\d\d$/m)
  })

  test('US-003: it warns when more than 50 % of the Sharpe ratio in sample is lost out of sample', () => {
    const lost = (red.inSampleSharpe - red.outOfSampleSharpe) / red.inSampleSharpe
    expect(red.inSampleSharpe).toBeGreaterThan(0)
    expect(lost).toBeGreaterThan(0.5)
    expect(red.degradation).toBeCloseTo(lost, 9)
    expect(red.warnings.find(({ code }) => code === 'DEGRADATION_HIGH')).toMatchObject({
      ...{ value: red.degradation, threshold: 0.5 },
      message: expect.stringContaining('of the Sharpe ratio in sample is lost out of sample'),
    })
  })

  testWith('time', 'US-003: it does not warn where what was chosen goes on', async () => {
    const own = openDesk()
    try {
      await own.load(trending(500), { interval: '1h' })
      const grid = ['--grid', 'fast=4:24:4', '--grid', 'slow=30:150:20', '--set', 'mode=long-short', '--set', 'size=1']
      const good = await own.json<Validated>('validate', '--strategy', 'sma-cross', ...grid, ...names, ...cheap)
      expect(good.windows).toHaveLength(5)
      expect(good.degradation).toBeLessThan(0.5)
      expect(good.warnings.map(({ code }) => code)).not.toContain('DEGRADATION_HIGH')
      expect(good.verdict).toBe('green')
      // Nobody has to answer for it.
      const follow = ['--follow', '--name', 'live', '--strategy', 'sma-cross', '--set', 'fast=8', '--set', 'slow=50']
      const run = own.start('run', 'trading', ...follow, ...names.slice(0, 6))
      await until(run, async () => (await own.run('cat', 'accounts', '--run', 'live', '--limit', '1')).out !== '')
      expect(await run.stop()).toBe(130)
    } finally {
      await own.close()
    }
  })

  test('US-003: the verdict is kept with the study: a red one is not traded, unless somebody answers for it in the audit', async () => {
    expect(red.verdict).toBe('red')
    expect(red.reasons.length).toBeGreaterThan(0)
    const trading = [
      'run',
      'trading',
      '--follow',
      '--name',
      'live',
      '--strategy',
      'mean-reversion',
      ...names.slice(0, 6),
    ]
    const refused = await desk.run(...trading)
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^VERDICT_RED: /)])
    expect(refused.err).toContain(`study ${red.study}`)
    expect(refused.err).toContain(red.reasons[0]!.split(':')[0])
    expect(refused.err).toContain('--override')
    const overridden = desk.start(...trading, '--override', 'one coin, to compare fills')
    await until(overridden, async () => (await desk.run('cat', 'accounts', '--run', 'live', '--limit', '1')).out !== '')
    expect(await overridden.stop()).toBe(130)
    expect(await desk.json<object[]>('cat', 'audit', '--run', 'control-live')).toMatchObject([
      {
        ...{ action: 'override', outcome: 'done', why: 'one coin, to compare fills' },
        what: `red verdict on mean-reversion by study ${red.study}`,
      },
    ])
  })
})

/** Hours of a market whose mean return follows its own past for days. */
function trending(days: number): Candle[] {
  const draw = random('us-003')
  let [trend, price] = [0, 40_000]
  return Array.from({ length: days * 24 }, (_, hour) => {
    trend = 0.99 * trend + 0.14 * draw.normal()
    const open = price
    price = Math.round(open * (1 + 0.004 * (draw.normal() + 0.3 * trend)) * 100) / 100
    const [high, low] = [Math.max(open, price), Math.min(open, price)]
    return { openTime: 1_640_995_200_000_000 + hour * hourUs, open, high, low, close: price, volume: 100 }
  })
}
