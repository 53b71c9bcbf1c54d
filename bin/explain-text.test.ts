import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minus } from '../console/report/format.ts'
import { aboutOf } from '../pipelines/about.ts'
import { type Explanation, explain } from '../pipelines/explain.ts'
import { runTopology, seatsOf } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { explanationText } from './explain-text.ts'
import { wrapped } from './paragraph.ts'
import { table } from './table.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-explain-text-'))
const on = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s' }
const cross = { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.5, mode: 'long-short' } }
let topics: Topics

beforeAll(async () => {
  await importMarket(dir, { seed: 5, minutes: 1 })
  topics = await openTopics({ dir })
  await runTopology(topics, 'cross', { ...on, strategy: cross, risk: 'default' })
  await runTopology(topics, 'small', { ...on, strategy: cross, risk: { 'position-size': { share: 0.001 } } })
  await runTopology(topics, 'maker', { ...on, strategy: { name: 'market-maker' }, risk: 'off' })
  await runTopology(topics, 'scalper', { ...on, strategy: { name: 'scalper' }, risk: 'off' })
}, 60_000)

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true, force: true })
})

async function explained(run: string, what: string): Promise<Explanation> {
  const about = (await aboutOf(topics, run))!
  return explain(topics, { run, about, what }, async () => ({ seats: seatsOf(about.plan.topology) }))
}

test('the answer comes first, then each step, within the width', async () => {
  const found = await explained('cross', '2')
  for (const width of [80, 120]) {
    const text = explanationText(found, width)
    expect(text).toMatch(/^cross: sma-cross\.main\.2, a (buy|sell) of 1 BTCUSDT, was filled/)
    const heads = text.split('\n').filter((line) => /^[A-Z][a-z ]+$/.test(line))
    expect(heads).toEqual([
      'Why',
      'What the strategy saw',
      'Risk',
      'At the exchange',
      'What the venue said',
      'Round trip',
    ])
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(width)
    expect(text).toMatch(/It closed round\s+trip 1: [+\u2212]/)
    expect(text).toContain('the same signal and order')
    expect(text).not.toMatch(/NaN|undefined|null|\[object/)
  }
})

test('prices and sizes have no noise of binary fractions', async () => {
  const noisy = (value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value)
      ? value * (1 + Number.EPSILON)
      : Array.isArray(value)
        ? value.map(noisy)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, noisy(one)]))
          : value
  for (const run of ['cross', 'maker', 'scalper']) {
    const text = explanationText(noisy(await explained(run, '2')) as Explanation, 120)
    expect(text.replace(/^.*\b(because)\b.*$/gm, '')).not.toMatch(/\d\.[\d\u2009]{12,}/)
  }
})

test('a refused signal says in its first line which check said no, and why', async () => {
  const text = explanationText(await explained('small', 'signal:1'), 80)
  const [first] = text.split('\n\n')
  expect(first!.replace(/\s+/g, ' ')).toMatch(
    /^small: signal 1 of sma-cross for BTCUSDT became no order, for position-size said MAX_POSITION: /,
  )
  expect(text).toMatch(/position-size +no/)
})

test('an order that rested shows its queue; one that was taken back, when that was asked', async () => {
  const found = await Promise.all(Array.from({ length: 8 }, (_, i) => explained('maker', `${i + 1}`)))
  const texts = found.map((one) => explanationText(one, 80))
  expect(texts.some((text) => /after +by +ahead of it +others at its price +left of it/.test(text))).toBe(true)
  expect(texts.some((text) => text.includes('asked to take it back'))).toBe(true)
  for (const text of texts) expect(text).not.toMatch(/NaN|undefined|\[object/)
})

test('features stand two by two, and one before its warm-up is a dash', async () => {
  const { saw } = await explained('scalper', '1')
  expect(Object.keys(saw!.market.features!)).toHaveLength(25)
  expect(saw!.market.features!.bid).toBe(saw!.market.bid)
  const text = explanationText(await explained('scalper', '1'), 80)
  expect(text).toMatch(/feature +value +feature +value/)
  expect(text).toMatch(/price_change +\S+ +ask_size/)
})

test('text is cut between words, and goes on under itself', () => {
  expect(wrapped('  one two three', 9)).toBe('  one two\n    three')
  expect(wrapped('a-word-that-is-too-long for it', 10)).toBe('a-word-that-is-too-long\n  for it')
})

test('a column of numbers as people write them stands to the right', () => {
  const rows = [
    ['a', `${minus}1.5`],
    ['b', '+12\u2009345'],
    ['c', '–'],
    ['d', ''],
  ]
  expect(table(['name', 'value'], rows).split('\n')).toEqual([
    'name    value',
    `a        ${minus}1.5`,
    'b     +12\u2009345',
    'c           –',
    'd',
  ])
})
