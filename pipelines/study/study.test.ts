import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsIn, runTopology } from '../../tests/backtests.ts'
import { describeWith } from '../../tests/data.ts'
import { type Month, month, openMonth } from '../../tests/month.ts'
import { byGraph, searchFor } from '../../tests/studies.ts'
import { hashTopic } from '../../topics/hash.ts'
import type { TopologyInput } from '../config.ts'
import type { Ask } from './outcome.ts'
import type { TrialsDone } from './run-study.ts'
import { countTrials, keepTrials, trialsOf } from './trials.ts'

const topology: TopologyInput = {
  ...{ exchange: month.exchange, symbols: [month.symbol], risk: 'off', to: '2022-01-04' },
  strategy: { name: 'sma-cross', params: { size: 2, mode: 'long-short' } },
}
const axes = ['fast=5,20,60', 'slow=20,240']

describeWith('data', 'a study', () => {
  let place: Month
  beforeAll(async () => {
    place = await openMonth()
  }, 60_000)
  afterAll(() => place.close())

  const hashOf = async (study: string) => (await hashTopic(place.topics, `${study}.trials`)).hash

  test('makes of each trial what a backtest of it makes, and leaves out what the strategy refuses', async () => {
    const { topics } = place
    const { done } = await searchFor(topics, topology, axes, { name: 'plain' })
    const rows = await trialsOf(topics, 'plain')
    expect(rows.map(({ params }) => JSON.parse(params)).map(({ fast, slow }) => [fast, slow])).toEqual([
      ...[
        [5, 20],
        [5, 240],
        [20, 240],
        [60, 240],
      ],
    ])
    expect(done.result).toMatchObject({
      combinations: 4,
      refused: 2,
      failed: 0,
      bars: 4378,
      rankedBy: 'totalReturn',
    })
    for (const row of rows) {
      const strategy = { name: 'sma-cross', params: JSON.parse(row.params) }
      const alone = await runTopology(topics, `alone-${row.trial}`, { ...topology, strategy })
      expect(row).toMatchObject({ fills: alone.fills, trips: alone.trades, how: 'graph', error: undefined })
      expect(Number(row.finalEquity) / 1e8).toBe(alone.finalEquity)
      expect(Number(row.fees) / 1e8).toBe(alone.fees)
      expect(row.dayEquity.at(-1)).toBe(alone.metrics.finalEquity)
      expect(row.drawdown).toBe(alone.metrics.maxDrawdown)
      expect(row.wins / row.trips).toBe(alone.metrics.winRate)
    }
    const [best] = done.result!.best
    expect(best!.finalEquity).toBe(Math.max(...rows.map(({ finalEquity }) => Number(finalEquity) / 1e8)))
  })

  test('that was stopped goes on, and is what it would have been, however it is cut', async () => {
    const { topics } = place
    const whole = await hashOf('plain')
    const { study } = await searchFor(topics, topology, axes, { name: 'plain' })
    const stop = new AbortController()
    let asked = 0
    const compute = (asks: readonly Ask[]) => {
      if (++asked === 3) stop.abort()
      return byGraph(topics, study, asks)
    }
    const stopped = searchFor(topics, topology, axes, { name: 'cut', run: { chunk: 1, signal: stop.signal, compute } })
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect((await trialsOf(topics, 'cut')).length).toBe(2)
    const told: TrialsDone[] = []
    const onTrials = (progress: TrialsDone) => told.push(progress)
    const { done } = await searchFor(topics, topology, axes, { name: 'cut', run: { chunk: 3, onTrials } })
    expect(done.status).toBe('finished')
    // What was there counts as done, and not as this process's work.
    expect(told).toEqual([{ done: 4, total: 4, made: 2 }])
    await searchFor(topics, topology, axes, { name: 'parted', tasks: 3, run: { chunk: 1, onTrials } })
    expect(told.at(-1)).toEqual({ done: 4, total: 4, made: 4 })
    const parts = (await topics.info('parted.trials')).ends
    expect(parts).toEqual([2, 1, 1])
    // The name of the study is in its rows.
    for (const name of ['cut', 'parted']) expect(await unnamed(name)).toEqual(await unnamed('plain'))
    expect(whole).toBe(await hashOf('plain'))
  })

  test('that learns from its trials goes on as it would have, amid a generation', async () => {
    const { topics } = place
    const far = ['fast=2:60', 'slow=61:400']
    const search = { name: 'tpe', trials: 22, seed: 3 }
    await searchFor(topics, topology, far, { name: 'learned', search })
    const { study } = await searchFor(topics, topology, far, { name: 'learned', search })
    const stop = new AbortController()
    let asked = 0
    const compute = (asks: readonly Ask[]) => {
      if (++asked === 5) stop.abort()
      return byGraph(topics, study, asks)
    }
    const cut = searchFor(topics, topology, far, {
      name: 'relearned',
      search,
      run: { chunk: 3, signal: stop.signal, compute },
    })
    await expect(cut).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await searchFor(topics, topology, far, { name: 'relearned', search })
    expect((await trialsOf(topics, 'learned')).length).toBe(22)
    expect(await unnamed('relearned')).toEqual(await unnamed('learned'))
  })

  test('of successive halving ranks only the trials that saw all of it', async () => {
    const { topics } = place
    const search = { name: 'halving', trials: 27 }
    const { done } = await searchFor(topics, topology, ['fast=2:60', 'slow=61:400'], {
      name: 'halved',
      search,
      run: { chunk: 40 },
    })
    const rows = await trialsOf(topics, 'halved')
    const whole = rows.filter(({ share }) => share === 1)
    expect(new Set(rows.map(({ share }) => share)).size).toBeGreaterThan(1)
    expect(whole.map(({ trial }) => trial)).toEqual(expect.arrayContaining(done.result!.best.map(({ trial }) => trial)))
  })

  test('counts each thing that was tried once, whoever tried it, also when it is removed', async () => {
    const { topics } = place
    const asked = { exchange: month.exchange, symbols: [month.symbol], strategy: 'sma-cross' }
    const before = await countTrials(topics, asked)
    // Three studies and four backtests of the same four, 22 of a search, and those of another one less those that were tried before.
    const ids = new Set<string>()
    for (const name of ['plain', 'cut', 'parted', 'learned', 'halved'])
      for (const { id } of await trialsOf(topics, name)) ids.add(id)
    expect(before).toMatchObject({ all: ids.size, ofStrategy: ids.size, seen: 0 })
    for (const name of ['plain', 'cut', 'learned', 'alone-1']) {
      await keepTrials(topics, name)
      await topics.removeRun(name)
    }
    expect(await countTrials(topics, asked)).toEqual(before)
    expect((await countTrials(topics, { ...asked, unseen: 0 })).seen).toBe(ids.size)
    expect((await countTrials(topics, { ...asked, symbols: ['ETHUSDT'] })).all).toBe(0)
    expect(await rowsIn(topics, 'trials', 'ledger')).toHaveLength(4 + 4 + 22 + 1)
  })

  test('for two goals ends with a front: none of its trials is beaten in return and drawdown, and every other is', async () => {
    const { topics } = place
    const { done } = await searchFor(topics, topology, ['fast=2:60', 'slow=61:400'], {
      name: 'pareto',
      search: { name: 'pareto', trials: 96, seed: 5 },
      run: { chunk: 48 },
    })
    const points = (await trialsOf(topics, 'pareto')).map(({ trial, dayEquity, drawdown }) => {
      return { trial, gain: dayEquity.at(-1)! / dayEquity[0]!, drawdown: drawdown! }
    })
    expect(points).toHaveLength(96)
    const isBeaten = (one: (typeof points)[number]) =>
      points.some(({ gain, drawdown }) => {
        const asGood = gain >= one.gain && drawdown >= one.drawdown
        return asGood && (gain > one.gain || drawdown > one.drawdown)
      })
    const unbeaten = points.filter((one) => !isBeaten(one)).map(({ trial }) => trial)
    expect(unbeaten.length).toBeGreaterThan(1)
    expect(done.result!.front!.map(({ trial }) => trial)).toEqual(unbeaten)
    for (const { trial, totalReturn, drawdown } of done.result!.front!) {
      const point = points[trial]!
      expect([totalReturn! + 1, drawdown]).toEqual([expect.closeTo(point.gain, 12), point.drawdown])
    }
  })

  test.for([
    [['fst=1:3'], 'did you mean "fast"?', /unknown parameter fst/],
    [['fast=10:20', 'slow=2:5'], 'allowed:', /fast must be below slow/],
    [['fast=1:3', 'fast=5:7'], 'give fast once', /given twice/],
  ] as const)('says what is wrong with the axes %s', async ([wrong, fix, message]) => {
    const refused = searchFor(place.topics, topology, wrong, { name: 'wrong' })
    await expect(refused).rejects.toMatchObject({ fix: expect.stringContaining(fix) as string })
    await expect(refused).rejects.toThrow(message)
  })

  test('of a name that another search has is refused', async () => {
    const other = searchFor(place.topics, topology, ['fast=3,4'], { name: 'parted' })
    await expect(other).rejects.toMatchObject({ code: 'RUN_EXISTS' })
  })

  /** Rows without the name of their study. */
  async function unnamed(study: string) {
    return (await trialsOf(place.topics, study)).map(({ study: _, ...row }) => row)
  }
})
