import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchOf } from '../../schemas/batch.ts'
import { rowsIn } from '../../tests/backtests.ts'
import { describeWith } from '../../tests/data.ts'
import { type Month, month, openMonth } from '../../tests/month.ts'
import { searchFor } from '../../tests/studies.ts'
import type { TopologyInput } from '../config.ts'
import { parseTopology } from '../config.ts'
import { beginStudy, type Study } from './begin.ts'
import { conclude } from './conclude.ts'
import type { StudyOptions, TrialsDone } from './run-study.ts'
import { trialsOf } from './trials.ts'
import { type VectorizedTrials, vectorizedTrials } from './vectorized.ts'

const topology: TopologyInput = {
  ...{ exchange: month.exchange, symbols: [month.symbol], risk: 'off', to: '2022-01-05' },
  strategy: { name: 'sma-cross', params: { size: 2, mode: 'long-short' } },
}
const crossings = ['fast=5:25:5', 'slow=30,100,400']
/** Of which the other begins later, pauses over a midnight and ends before the first. */
const both: TopologyInput = {
  ...{ ...topology, symbols: ['ANOTHER', month.symbol], account: { cash: 5_000 } },
  venue: { fill: 'close', fees: { taker: 0.0007 } },
}

/** Volume beside that of the bars before: it is known at once, by candles of before the study. */
const breakouts: TopologyInput = {
  ...{ ...topology, from: '2022-01-02T07:30' },
  strategy: { name: 'momentum-breakout', params: { beyond: 0.0002, trail: 0.004 } },
}
const channels = ['bars=10:50:10', 'volumeFactor=0,1.5,3']

function axesOf({ strategy }: TopologyInput): string[] {
  return (strategy as { name: string }).name === 'sma-cross' ? crossings : channels
}

async function addOther({ topics, candles }: Month): Promise<void> {
  const [row] = await rowsIn(topics, 'instruments')
  const prices = candles.slice(900, 5_000).reverse()
  const others = candles.slice(1_000, 5_100).flatMap((candle, bar) => {
    if (bar % 7 === 3 || (bar > 1_800 && bar < 1_900)) return []
    const { open, high, low, close } = prices[bar]!
    return [{ ...candle, symbol: 'ANOTHER', open: close, high, low, close: open }]
  })
  const writer = await topics.writer({ run: 'another', market: true })
  await writer.commit({ outputs: [batchOf('instruments', [{ ...row!, symbol: 'ANOTHER', tickSize: 0.5 }])] })
  await writer.commit({ outputs: [batchOf('candles', others)] })
  await writer.close()
}

describeWith('data', 'trials over columns', () => {
  let place: Month
  beforeAll(async () => {
    place = await openMonth()
    await addOther(place)
  }, 60_000)
  afterAll(() => place.close())

  interface Over {
    /** What each trial came to is spoilt from that time on, µs. */
    readonly spoiltFrom?: number
    readonly run?: Partial<StudyOptions>
  }

  /** Begins a study over columns and works on it. */
  async function overColumns(
    name: string,
    input: TopologyInput,
    { spoiltFrom = Number.POSITIVE_INFINITY, run }: Over = {},
  ) {
    const axes = axesOf(input)
    const { topics } = place
    const wish = { topics, topology: parseTopology(input), objective: 'totalReturn', top: 4, nowMs: 0, name } as const
    const study = await beginStudy({ ...wish, search: { name: 'grid', axes, seed: 1 } })
    const fast = vectorizedTrials(study) as VectorizedTrials
    const tell: VectorizedTrials['tell'] = async (params, ends) =>
      (await fast.tell(params, ends)).map((equity, at) => (ends[at]! < spoiltFrom ? equity : equity + 0.01))
    const more = spoiltFrom === Number.POSITIVE_INFINITY ? 0n : 1_000_000n
    return searchFor(topics, input, axes, {
      ...{ name, objective: 'totalReturn', top: 4 },
      run: {
        ...{ about: { ...study.about, how: 'vectorized' }, chunk: fast.chunk },
        compute: async (asks, signal) =>
          (await fast.compute(asks, signal)).map((one) => ({ ...one, finalEquityE8: one.finalEquityE8 + more })),
        conclude: (rows) => conclude({ topics, study, tell }, rows),
        ...run,
      },
    })
  }

  test.for([
    ['at the next open', {}],
    ['at the close, with slippage', { venue: { fill: 'close', slippage: { bps: 3 }, fees: { taker: 0.0007 } } }],
    ['with a stop and a target', { exits: [{ name: 'stop', share: 0.004, target: 0.006 }] }],
    ['over two instruments of one account', both],
    ['with features that know candles from before it begins', breakouts],
    ['with such features, over two instruments', { ...breakouts, symbols: both.symbols! }],
  ] as const)('come to what the graph says, %s', async ([how, more]) => {
    const { topics } = place
    const input = { ...topology, ...more } as TopologyInput
    const [graph, columns] = ['graph', 'columns'].map((kind) => `${kind} ${how}`.replaceAll(/\W+/g, '-')) as [
      string,
      string,
    ]
    await searchFor(topics, input, axesOf(input), { name: graph })
    const { done } = await overColumns(columns, input)
    expect(done.result).toMatchObject({ combinations: 15, replayed: 4 })
    const rows = await rowsOf(columns)
    expect(rows.filter(({ fills }) => fills > 10).length).toBeGreaterThan(5)
    expect(rows).toEqual(await rowsOf(graph))
  })

  test('that were stopped between two chunks go on, and are what they would have been', async () => {
    const { topics } = place
    const whole = await overColumns('whole', both)
    const stop = new AbortController()
    const chunks: TrialsDone[] = []
    const onTrials = (progress: TrialsDone) => {
      chunks.push(progress)
      if (chunks.length === 2) stop.abort()
    }
    const stopped = overColumns('stopped', both, { run: { chunk: 4, signal: stop.signal, onTrials } })
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect((await trialsOf(topics, 'stopped')).length).toBe(8)
    const { done } = await overColumns('stopped', both, { run: { chunk: 6, onTrials } })
    expect(chunks.slice(2)).toEqual([
      { done: 14, total: 15, made: 6 },
      { done: 15, total: 15, made: 7 },
    ])
    expect(await rowsOf('stopped')).toEqual(await rowsOf('whole'))
    expect(done.result).toEqual(whole.done.result)
  })

  /** Trials of a study, without its name and how they were computed. */
  async function rowsOf(study: string) {
    return (await trialsOf(place.topics, study)).map(({ study: _, how: _how, ...row }) => row)
  }

  test.for([
    ['one', topology],
    ['two', both],
  ] as const)(
    'of %s that are not what the graph says are refused, with the first bar that differs',
    async ([name, input]) => {
      const opened = (await firstCandles())[1_000]!
      const planted = overColumns(`planted-${name}`, input, { spoiltFrom: opened + 60e6 })
      await expect(planted).rejects.toMatchObject({
        code: 'SWEEP_DIFFERS',
        message: expect.stringContaining(`the first bar that differs is ${new Date(opened / 1000).toISOString()}`),
        fix: expect.stringContaining('--replay'),
      })
    },
  )

  async function firstCandles() {
    return (await study('opened', topology)).market.candles![0]!.time
  }

  function study(name: string, input: TopologyInput): Promise<Study> {
    const search = { name: 'grid', axes: crossings, seed: 1 }
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
