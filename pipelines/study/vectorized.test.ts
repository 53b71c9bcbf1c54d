import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../tests/data.ts'
import { type Month, month, openMonth } from '../../tests/month.ts'
import { searchFor } from '../../tests/studies.ts'
import type { TopologyInput } from '../config.ts'
import { parseTopology } from '../config.ts'
import { beginStudy, type Study } from './begin.ts'
import { conclude } from './conclude.ts'
import { trialsOf } from './trials.ts'
import { type VectorizedTrials, vectorizedTrials } from './vectorized.ts'

const topology: TopologyInput = {
  ...{ exchange: month.exchange, symbols: [month.symbol], risk: 'off', to: '2022-01-05' },
  strategy: { name: 'sma-cross', params: { size: 2, mode: 'long-short' } },
}
const axes = ['fast=5:25:5', 'slow=30,100,400']

describeWith('data', 'trials over columns', () => {
  let place: Month
  beforeAll(async () => {
    place = await openMonth()
  }, 60_000)
  afterAll(() => place.close())

  /** Begins a study over columns and works on it; `spoil` is done to what each trial came to. */
  async function overColumns(name: string, input: TopologyInput, spoil = (equity: bigint, _bars: number) => equity) {
    const { topics } = place
    const wish = { topics, topology: parseTopology(input), objective: 'totalReturn', top: 4, nowMs: 0, name } as const
    const study = await beginStudy({ ...wish, search: { name: 'grid', axes, seed: 1 } })
    const fast = vectorizedTrials(study) as VectorizedTrials
    const prefix: VectorizedTrials['prefix'] = async (params, bars) => spoil(await fast.prefix(params, bars), bars)
    const bars = study.market.candles![0]!.time.length
    return searchFor(topics, input, axes, {
      ...{ name, objective: 'totalReturn', top: 4 },
      run: {
        ...{ about: { ...study.about, how: 'vectorized' }, chunk: fast.chunk },
        compute: async (asks, signal) =>
          (await fast.compute(asks, signal)).map((one) => ({ ...one, finalEquityE8: spoil(one.finalEquityE8, bars) })),
        conclude: (rows) => conclude({ topics, study, prefix }, rows),
      },
    })
  }

  test.for([
    ['at the next open', {}],
    ['at the close, with slippage', { venue: { fill: 'close', slippage: { bps: 3 }, fees: { taker: 0.0007 } } }],
    ['with a stop and a target', { exits: [{ name: 'stop', share: 0.004, target: 0.006 }] }],
  ] as const)('come to what the graph says, %s', async ([how, more]) => {
    const { topics } = place
    const input = { ...topology, ...more } as TopologyInput
    const [graph, columns] = ['graph', 'columns'].map((kind) => `${kind} ${how}`.replaceAll(/\W+/g, '-')) as [
      string,
      string,
    ]
    await searchFor(topics, input, axes, { name: graph })
    const { done } = await overColumns(columns, input)
    expect(done.result).toMatchObject({ combinations: 15, replayed: 4 })
    const rowsOf = async (study: string) =>
      (await trialsOf(topics, study)).map(({ study: _, how: _how, ...row }) => row)
    expect(await rowsOf(columns)).toEqual(await rowsOf(graph))
  })

  test('that are not what the graph says are refused, with the first bar that differs', async () => {
    const planted = overColumns('planted', topology, (equity, bars) => (bars > 1_000 ? equity + 1n : equity))
    await expect(planted).rejects.toMatchObject({ code: 'SWEEP_DIFFERS', fix: expect.stringContaining('--replay') })
    const opened = (await firstCandles())[1_000]!
    await expect(
      overColumns('planted', topology, (equity, bars) => (bars > 1_000 ? equity + 1n : equity)),
    ).rejects.toThrow(`the first bar that differs is ${new Date(opened / 1000).toISOString()}`)
  })

  async function firstCandles() {
    return (await study('opened', topology)).market.candles![0]!.time
  }

  function study(name: string, input: TopologyInput): Promise<Study> {
    const search = { name: 'grid', axes, seed: 1 }
    const wish = { topology: parseTopology(input), objective: 'sharpe', top: 1, nowMs: 0 } as const
    return beginStudy({ ...wish, topics: place.topics, name, search })
  }

  test.for([
    ['risk is on', { risk: 'default' }],
    ['orders take time', { venue: { latency: 5 } }],
    ['it has exits beside a plain stop', { exits: [{ name: 'time', seconds: 60 }] }],
    ['slippage depends on the market', { venue: { slippage: 'square-root' } }],
    ['funding is paid', { venue: { funding: { rate: 0.0001 } } }],
    ['its orders are sized by a rule', { sizing: { name: 'equity-share' } }],
  ] as const)('are not made where %s', async ([why, more]) => {
    expect(vectorizedTrials(await study(why, { ...topology, ...more } as TopologyInput))).toEqual({ why })
  })
})
