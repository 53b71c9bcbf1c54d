import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fillModels } from '../operators/execution/fills/index.ts'
import { queueModels } from '../operators/execution/queue/index.ts'
import { venueAssumptions } from './assumptions.ts'
import { parseTopology, type TopologyInput } from './config.ts'
import type { Plan } from './plan.ts'

const root = join(import.meta.dirname, '..')

function assumed(venue: TopologyInput['venue'], more: Partial<Plan> = {}) {
  const topology = parseTopology({ strategy: { name: 'sma-cross' }, venue })
  const plan = { topology, exchange: 'x', symbols: ['Y'], fill: 'book', instruments: [], inputs: [] } as const
  return venueAssumptions({ ...plan, from: undefined, to: undefined, interval: undefined, ...more })
}

const recorded = { outUs: [1], backUs: [1] }
const venues: readonly (readonly [TopologyInput['venue'], Partial<Plan>?])[] = [
  ...queueModels.map((queue) => [{ queue }] as const),
  ...fillModels.map((fills) => [{ fills }] as const),
  ...[0, { outMs: 1, jitterMs: 1 }, { baseMs: 50 }, 'hong-kong' as const].map((latency) => [{ latency }] as const),
  [{ latency: { file: 'a.csv' } }, { recorded }],
  ...(['none', 'square-root', 'volume-based'] as const).map((slippage) => [{ slippage }] as const),
  [{ slippage: { ticks: 1 } }],
  [{ limits: 'default' }],
  [{ fees: 'vip0' }, { fees: { binance: { maker: 0.001, taker: 0.001, seen: '2019-08-17' } } }],
  ...(['next-open', 'close'] as const).map((fill) => [{}, { fill }] as const),
]

test('every assumption says in one sentence what follows from it, and names the file that cites the same source', () => {
  for (const [venue, more] of venues) {
    for (const { kind, meaning, source, file } of assumed(venue, more)) {
      expect(meaning.length, file).toBeGreaterThan(20)
      expect(existsSync(join(root, file)), file).toBe(true)
      if (kind === 'matching' || kind === 'fees') continue
      expect(readFileSync(join(root, file), 'utf8'), file).toContain(source)
    }
  }
})

test('every model has a file that some venue names', () => {
  const named = new Set(venues.flatMap(([venue, more]) => assumed(venue, more)).map(({ file }) => file))
  const noModels = ['index', 'ways', 'profiles', 'place', 'probability', 'binance']
  for (const kind of ['fills', 'queue', 'latency', 'slippage', 'limits']) {
    const files = readdirSync(join(root, 'operators/execution', kind)).filter((name) => !name.endsWith('.test.ts'))
    const models = files.filter((name) => !noModels.includes(name.replace('.ts', '')))
    expect(models.filter((name) => !named.has(`operators/execution/${kind}/${name}`))).toEqual([])
  }
})

test('the assumptions are those that were chosen, and how they are set', () => {
  const venue = {
    latency: { baseMs: 50 },
    slippage: 'volume-based',
    queue: { model: 'power', exponent: 2 },
    limits: 'default',
  } as const
  expect(assumed(venue).map(({ kind, name, value }) => `${kind} ${name} ${value}`.trim())).toEqual([
    'matching book',
    'fills queue',
    'queue power exponent 2',
    'latency spikes baseMs 50, jitterMs 20, spikeProbability 0.01, spikeMultiplier 10, leastMs 1',
    'slippage spread volume-based',
    'slippage square-root volume-based',
    'slippage noise volume-based',
    'limits windows default',
    'fees x taker 4 bp, maker 2 bp',
  ])
  expect(assumed({}, { fill: 'next-open' }).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    ...['matching next-open', 'fills through', 'latency constant', 'slippage none', 'fees x'],
  ])
  expect(assumed({ fills: 'touch' }).map(({ kind }) => kind)).not.toContain('queue')
})
