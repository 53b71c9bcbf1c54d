import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { followers, isOver, type OrderState } from '../operators/execution/life.ts'
import { perpetual } from '../operators/portfolio/samples.ts'
import { random } from '../operators/random.ts'
import { parseTopology } from '../pipelines/config.ts'
import { findStrategy } from '../pipelines/strategy-file.ts'
import { readYaml } from '../pipelines/topology.ts'
import { batchOf } from '../schemas/batch.ts'
import { rowsIn, runTopology } from '../tests/backtests.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'

const text = readFileSync(join(import.meta.dirname, 'orders.md'), 'utf8')
const block = (language: string) => text.split(`\`\`\`${language}\n`)[1]!.split('```')[0]!
const table = (name: string) => text.split(`<!-- ${name} -->`)[1]!.split('<!-- /')[0]!.trim().split('\n').slice(2)
const minuteUs = 60_000_000
const authoring = join(import.meta.dirname, '../operators/strategies/authoring.ts')

describe('docs/orders.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orders-doc-'))
  let topics: Topics

  beforeAll(async () => {
    const market = { exchange: 'binance-usdm', symbol: 'SOLUSDT' }
    const { below } = random('orders')
    let [ticks, start] = [10_000, 1_704_067_200_000_000]
    const candles = Array.from({ length: 6000 }, (_, i) => {
      const open = ticks
      ticks += below(41) - 20
      const [high, low] = [Math.max(open, ticks) + below(10), Math.min(open, ticks) - below(10)]
      const openTime = start + i * minuteUs
      const prices = { open: open / 100, high: high / 100, low: low / 100, close: ticks / 100, volume: 1000 }
      return {
        ...market,
        time: openTime + minuteUs,
        received: openTime + minuteUs,
        openTime,
        interval: '1m',
        ...prices,
      }
    })
    topics = await openTopics({ engine: 'embedded', dir: join(folder, 'log') })
    const writer = await topics.writer({ run: 'candles', market: true })
    const instrument = perpetual({ ...market, tickSize: 0.01, lotSize: 0.1, time: start, received: start })
    await writer.commit({ outputs: [batchOf('instruments', [instrument]), batchOf('candles', candles)] })
    await writer.close()
    start = 0
  })
  afterAll(async () => {
    await topics.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('has a strategy that runs, enters by its stop, moves it, and leaves by its exits', async () => {
    const file = join(folder, 'channel.ts')
    // As in docs/add-a-strategy.md, where a program of its own loads it by its name.
    writeFileSync(file, block('ts').replace("'smartspeed'", JSON.stringify(authoring)))
    const { strategy } = await findStrategy(file)
    const topology = { strategy: { name: 'channel' }, venue: { fill: 'next-open' }, risk: 'off' } as const
    await runTopology(topics, 'channel', topology, { strategy })
    const executions = await rowsIn(topics, 'executions', 'channel')
    const tags = new Map((await rowsIn(topics, 'orders', 'channel')).map(({ clientId, tag }) => [clientId, tag]))
    const told = new Map<string, number>()
    for (const { clientId, kind } of executions) {
      const what = `${tags.get(clientId)} ${kind}`
      told.set(what, (told.get(what) ?? 0) + 1)
    }
    for (const what of ['entry accepted', 'entry amended', 'entry triggered', 'entry fill', 'entry expired'])
      expect(told.get(what), what).toBeGreaterThan(0)
    for (const exit of ['entry.stop', 'entry.target', 'trail'])
      expect(told.get(`${exit} fill`), exit).toBeGreaterThan(0)
    let position = 0
    for (const { kind, side, lots } of executions) {
      if (kind !== 'fill') continue
      position += side === 'buy' ? lots! : -lots!
      expect([0, 10]).toContain(position)
    }
  })

  test('has the life of an order as the code has it', () => {
    const states = (Object.keys(followers) as OrderState[]).filter((state) => !isOver(state))
    expect(table('life')).toEqual(states.map((state) => `| ${state} | ${followers[state].join(', ')} |`))
  })

  test('has every reason, and what the code says of it', () => {
    const code = readFileSync(join(import.meta.dirname, '../operators/execution/orders.ts'), 'utf8')
    const reasons = [
      ...code
        .split('export type Reason =')[1]!
        .split('\n\n')[0]!
        .matchAll(/'(\w+)'(?: \/\/ (.*))?/g),
    ]
    expect(reasons.length).toBeGreaterThan(20)
    expect(table('reasons')).toEqual(
      reasons.map(([, name, meaning]) => `| ${name} | ${meaning === undefined ? '' : `${meaning} `}|`),
    )
  })

  test('has the defaults of a topology', () => {
    const { value } = readYaml(block('yaml'), 'orders.yaml', '')
    const { selfTrade, filters } = parseTopology(value).venue
    expect({ selfTrade, filters }).toEqual(
      (({ selfTrade, filters }) => ({ selfTrade, filters }))(parseTopology({ strategy: { name: 'sma-cross' } }).venue),
    )
  })
})
