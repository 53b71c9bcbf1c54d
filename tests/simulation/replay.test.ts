// B1–B3 on ticks, over the simulated market and over a real capture: how rows are read never shows in what comes of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aboutOf } from '../../pipelines/about.ts'
import type { BacktestOptions } from '../../pipelines/backtest.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import { parity } from '../../pipelines/parity.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputRecords, outputsOf, rowsIn, runTopology, seatsOf, tickTopologies } from '../backtests.ts'
import { describeWith, lackOf, testWith } from '../data.ts'
import { importCapture, importInto, simulateTo } from '../market.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-replay-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

// Where there is a real capture, a plain run has that one.
describeWith(lackOf('data') === undefined ? 'time' : [], 'the simulated market, two symbols', () => {
  const symbols = ['BTCUSDT', 'ETHUSDT']
  const files = symbols.map((symbol) => join(root, `${symbol}.gz`))
  const on = { exchange: 'binance-usdm', symbols }

  beforeAll(async () => {
    for (const [i, symbol] of symbols.entries()) await simulateTo(files[i]!, { seed: 20 + i, minutes: 1.5, symbol })
  })

  replays(on, async (dir) => {
    await importInto(dir, files, 'binance-usdm')
  })

  testWith('time', 'B3: partition counts never show: 1, 3 and 8 give the same bytes', async () => {
    const hashes = []
    for (const partitions of [1, 3, 8]) {
      const dir = join(root, `partitions-${partitions}`)
      // The files in another order each time: what was imported first does not show either.
      await importInto(dir, partitions === 3 ? files.toReversed() : files, 'binance-usdm', partitions)
      const topics = await openTopics({ dir })
      const used = new Set<number>()
      for await (const { partition } of topics.read('market.trades')) used.add(partition)
      if (partitions > 1) expect(used.size).toBe(2)
      for (const [name, topology] of Object.entries(tickTopologies))
        await runTopology(topics, name, { ...topology, ...on })
      hashes.push([await outputsOf(topics, 'market-maker'), await outputsOf(topics, 'sma-cross')])
      await topics.close()
    }
    expect(hashes[1]).toEqual(hashes[0])
    expect(hashes[2]).toEqual(hashes[0])
  })
})

describeWith('data', 'a real capture, whose recorder was 1.27 s behind the exchange', () => {
  replays({ exchange: 'binance-usdm', symbols: ['BTCUSDT'] }, async (dir) => {
    await importCapture(dir, 'usdm-btcusdt-20240808.gz', 'binance-usdm')
  })
})

/** The tests of one market. */
function replays(on: TopologyInput | object, fill: (dir: string) => Promise<void>): void {
  let topics: Topics
  /** Receive times of the whole market. */
  let span: { from: number; to: number }
  const whole: Record<string, Awaited<ReturnType<typeof outputsOf>>> = {}
  const models = Object.keys(tickTopologies) as (keyof typeof tickTopologies)[]

  const run = (
    name: string,
    model: keyof typeof tickTopologies,
    more: object = {},
    how: Partial<BacktestOptions> = {},
  ) => runTopology(topics, name, { ...tickTopologies[model], ...on, ...more } as TopologyInput, how)
  const at = (share: number) => Math.floor(span.from + share * (span.to - span.from))

  beforeAll(async () => {
    const dir = mkdtempSync(join(root, 'log-'))
    await fill(dir)
    topics = await openTopics({ dir })
    const { first, last } = await topics.info('market.quotes')
    span = { from: first!, to: last! }
    for (const model of models) {
      await run(model, model)
      whole[model] = await outputsOf(topics, model)
      expect(whole[model].executions!.rows).toBeGreaterThan(20)
    }
  }, 60_000)

  afterAll(() => topics?.close())

  describe.each(models)('%s', (model) => {
    for (const [name, how] of [
      ['batches of 7 rows', { batchRows: 7, stepRows: 5000, snapshotRows: 9000 }],
      ['batches and steps of 400 rows', { batchRows: 400, stepRows: 400, snapshotRows: 30_000 }],
      ['batches of 65,535 rows in one step', { batchRows: 65_535, stepRows: 1e9 }],
      ['a speed of 1,000 times real time', { speed: 1000 }],
      ['a speed of a million times real time', { speed: 1e6, batchRows: 500 }],
    ] as [string, Partial<BacktestOptions>][])
      testWith(/65,535|400 rows/.test(name) ? [] : 'time', `B3: ${name} give the same bytes`, async () => {
        const began = performance.now()
        await run(`${model} ${name}`.replaceAll(/[^a-z0-9-]/g, '-'), model, {}, how)
        // Rows that were received over so long cannot come sooner.
        if (how.speed === 1000) expect(performance.now() - began).toBeGreaterThan((span.to - span.from) / 1e6 - 100)
        expect(await outputsOf(topics, `${model} ${name}`.replaceAll(/[^a-z0-9-]/g, '-'))).toEqual(whole[model])
      })

    for (const share of [0.2, 0.618, 0.95])
      testWith(
        share === 0.618 ? [] : 'time',
        `B1: a run up to ${share} of the market is the beginning of the whole run`,
        async () => {
          const name = `${model}-to-${share * 1000}`
          const { summary } = await run(name, model, { to: at(share) })
          let compared = 0
          for (const record of outputRecords) {
            const all = await rowsIn(topics, record, model)
            const prefix = await rowsIn(topics, record, name)
            // What falls due after the last row of the prefix was not seen by it.
            expect(prefix, record).toEqual(all.filter(({ received }) => received <= summary.last))
            compared += prefix.length
          }
          expect(compared).toBeGreaterThan(20)
        },
      )

    test('B1: a run from the middle knows the book and the clock, as the whole run did there', async () => {
      const name = `${model}-from`
      const { summary } = await run(name, model, { from: at(0.5) })
      expect(summary.fills).toBeGreaterThan(0)
      expect(summary.rejections['stale-data: BOOK_NOT_SYNCED']).toBeUndefined()
      const arrivals = async (run: string) => {
        const sent = (await rowsIn(topics, 'orders', run)).filter((order) => order.kind === 'new')
        const orders = new Map(sent.map((order) => [order.clientId, order]))
        const executions = await rowsIn(topics, 'executions', run)
        return executions
          .filter(({ kind, received }) => kind === 'accepted' && received >= at(0.6))
          .map(({ clientId, time }) => time - orders.get(clientId)!.received)
      }
      // The way out takes what the clocks differ, the latency and its jitter.
      const [whole, part] = [await arrivals(model), await arrivals(name)]
      expect(part.length).toBeGreaterThan(0)
      expect(Math.abs(Math.min(...part) - Math.min(...whole))).toBeLessThan(2000)
    })
  })

  test('rows that lead in to a run wait for nobody, and its journal replays them', async () => {
    const began = performance.now()
    await run('last-second', 'market-maker', { from: span.to - 1e6 }, { speed: 2 })
    expect(performance.now() - began).toBeLessThan(20_000)
    const about = (await aboutOf(topics, 'last-second'))!
    const same = { seats: seatsOf(parseTopology(about.plan.topology)), codeHash: 'code' }
    expect(await parity(topics, 'last-second', about, same)).toMatchObject({ equal: true })
    for (const record of outputRecords)
      for (const { received } of await rowsIn(topics, record, 'last-second'))
        expect(received).toBeGreaterThanOrEqual(span.to - 1e6)
  })

  test('B2: twice the warm-up changes no bar and no signal after it', async () => {
    const { params } = tickTopologies['sma-cross'].strategy
    const seconds = 1_000_000
    const from = Math.ceil(at(0.6) / seconds) * seconds
    const after = async (bars: number) => {
      const name = `warm-${bars}`
      await run(name, 'sma-cross', { from: from - bars * seconds })
      const since = ({ received }: { received: number }) => received >= from
      // Signals are numbered from the beginning of their run.
      const signals = (await rowsIn(topics, 'signals', name)).filter(since).map(({ number: _, ...signal }) => signal)
      return { bars: (await rowsIn(topics, 'bars', name)).filter(since), signals }
    }
    // sma-cross needs `slow` bars and the sign of the one before; it declares no tolerance, for its sums are exact.
    const warmup = params.slow + 2
    const once = await after(warmup)
    expect(once.bars.length).toBeGreaterThan(15)
    expect(once.signals.length).toBeGreaterThan(0)
    expect(await after(2 * warmup)).toEqual(once)
  })
}
