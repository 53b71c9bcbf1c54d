// Stress of a run over real minutes: what was held at the moment that is asked for, told by a loop of its own.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readShocks } from '../../operators/stress/shocks.ts'
import { aboutOf } from '../../pipelines/about.ts'
import { stress } from '../../pipelines/stress.ts'
import { rowsIn, runTopology } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { type Month, month, openMonth } from '../month.ts'

describeWith('data', 'a run over a month of minutes', () => {
  const market = month
  const options = { shocks: readShocks(), paths: 1000, horizonSeconds: 86_400, seed: 1 }
  let topics: Month['topics']
  let close: Month['close'] | undefined

  beforeAll(async () => {
    ;({ topics, close } = await openMonth())
    await runTopology(topics, 'long', {
      ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off', account: { cash: 100_000 } },
      ...{ strategy: { name: 'sma-cross', params: { fast: 60, slow: 240, mode: 'long-short', size: 4 } } },
    })
  })
  afterAll(() => close?.())

  test('is put through the falls that were, at the moment when it held most', async () => {
    const result = await stress(topics, 'long', (await aboutOf(topics, 'long'))!, { ...options, at: 'worst' })
    const rows = await rowsIn(topics, 'accounts', 'long')
    const most = rows.reduce((best, row) =>
      Number(row.exposure) / Number(row.equity) > Number(best.exposure) / Number(best.equity) ? row : best,
    )
    expect(result.at).toBe(most.received)
    const held = (await rowsIn(topics, 'positions', 'long')).filter(({ received }) => received <= most.received).at(-1)!
    const account = result.accounts[0]!
    expect(account.equity).toBe(Number(most.equity) / 1e8)
    expect(account.positions).toMatchObject([{ symbol: 'BTCUSDT', base: 'BTC', size: held.lots * held.lotSize }])
    const { open, path } = options.shocks.shocks[0]!.assets.BTC!
    const change = path.at(-1)! / open - 1
    expect(account.shocks[0]!.profit).toBeCloseTo(account.positions[0]!.size * held.mark! * change, 6)
    expect(account.shocks.map(({ name }) => name)).toEqual(['2020-03-12', '2022-05', '2022-11'])
    expect(account.monteCarlo!.var99).toBeGreaterThan(account.monteCarlo!.var95)
    expect(account.liquidity.map(({ thinner }) => thinner)).toEqual([1, 3, 10])
    expect(account.liquidity[2]!.cost! / account.liquidity[0]!.cost!).toBeCloseTo(Math.sqrt(10), 5)
  })

  test('has a value at risk of a day near to what days of that month really lost', async () => {
    const { at, accounts } = await stress(topics, 'long', (await aboutOf(topics, 'long'))!, {
      ...options,
      paths: 5000,
      at: 'end',
    })
    const closes = (await rowsIn(topics, 'candles')).filter(({ time }) => time <= at).map(({ close }) => close)
    const { size, price } = accounts[0]!.positions[0]!
    const days = closes.flatMap((close, i) =>
      i % 60 === 0 && i + 1440 < closes.length ? [closes[i + 1440]! / close - 1] : [],
    )
    const losses = days.map((change) => -size * price * change).sort((a, b) => b - a)
    const seen = losses[Math.floor(losses.length * 0.05)]!
    expect(accounts[0]!.monteCarlo!.var95).toBeGreaterThan(seen * 0.6)
    expect(accounts[0]!.monteCarlo!.var95).toBeLessThan(seen * 1.6)
  })

  test('at a moment when it held nothing is refused with the moment', async () => {
    const [first] = await rowsIn(topics, 'candles')
    const asked = stress(topics, 'long', (await aboutOf(topics, 'long'))!, { ...options, at: first!.received })
    await expect(asked).rejects.toMatchObject({ code: 'NO_DATA', fix: expect.stringContaining('--at worst') })
  })
})
