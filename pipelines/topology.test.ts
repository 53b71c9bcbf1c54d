import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SmartspeedError } from '../schemas/errors.ts'
import { topologyJsonSchema } from './config.ts'
import { readTopology } from './topology.ts'

const good = `
exchange: binance-usdm
symbols: [BTCUSDT]
strategy:
  name: sma-cross
  params: { fast: 10, slow: 30 }
venue:
  fill: book
`

test('a topology gets the defaults of what it leaves out', () => {
  const topology = readTopology(good, 'a.yaml')
  expect(topology.venue).toMatchObject({
    ...{ fill: 'book', fees: { taker: 0.0004, maker: 0.0002 }, latency: 0, slippage: 'none', queue: 'conservative' },
    ...{ limits: 'off', funding: { intervalHours: 8 }, selfTrade: 'expire-maker' },
    filters: { maxOrders: 200, maxAlgoOrders: 10, percentPrice: { up: 1.05, down: 0.95 }, icebergParts: 10 },
  })
  expect(topology.account).toEqual({ name: 'main', cash: 1_000_000 })
  expect(topology.risk).toBe('default')
})

const fault = (text: string) => {
  try {
    readTopology(text, 'a.yaml')
  } catch (error) {
    if (error instanceof SmartspeedError) return { code: error.code, message: error.message, fix: error.fix }
  }
  return undefined
}

test('an unknown key is named with its line, its value, what is allowed and the nearest key', () => {
  const error = fault(good.replace('  fill: book', '  fil: book'))!
  expect(error.code).toBe('CONFIG_INVALID')
  expect(error.message).toMatch(
    /^a\.yaml:8: unknown key venue\.fil = "book"; allowed: fill, fees, latency, fills, queue, .*margin/,
  )
  expect(error.fix).toBe('did you mean "fill"?')
})

test('an unknown key of one strategy of several is told like any other', () => {
  const error = fault('strategies:\n  - name: sma-cross\n    param: {fast: 3}')!
  expect(error.message).toBe(
    'a.yaml:3: unknown key strategies.0.param = {"fast":3}; allowed: name, params, interval, account',
  )
  expect(error.fix).toBe('did you mean "params"?')
})

test('a value that is not allowed is named with its line and the nearest name', () => {
  const error = fault(good.replace('fill: book', 'fill: boook'))!
  expect(error.message).toContain('a.yaml:8: venue.fill = "boook"')
  expect(error.message).toContain('next-open')
  expect(error.fix).toBe('did you mean "book"?')
})

test('a value that may be of several kinds is told by the kind that it is nearest to', () => {
  const venue = (text: string) => fault(`strategy: {name: sma-cross}\nvenue: {${text}}`)!
  expect(venue('latency: {outMS: 5}')).toMatchObject({
    message: expect.stringMatching(
      /^a\.yaml:2: unknown key venue\.latency\.outMS = 5; allowed: outMs, backMs, jitterMs; or /,
    ),
    fix: 'did you mean "outMs"?',
  })
  expect(venue('latency: {baseMs: 50, jitterMs: -1}').message).toMatch(/^a\.yaml:2: venue\.latency\.jitterMs = -1: /)
  expect(venue('latency: hongkong')).toMatchObject({
    message: expect.stringContaining('venue.latency = "hongkong": allowed: a number of ms, a place (hong-kong), '),
    fix: 'did you mean "hong-kong"?',
  })
  expect(venue('fees: {taker: 5}').message).toContain('venue.fees.taker = 5: ')
  expect(venue('fees: {binance: {taker: 5}}').message).toContain('venue.fees.binance.taker = 5: ')
  expect(venue('fees: {takr: 0.1}')).toMatchObject({ fix: 'did you mean "taker"?' })
  expect(venue('queue: powr')).toMatchObject({ fix: 'did you mean "power"?' })
  expect(venue('limits: {ordersPer10s: 0}').message).toContain('venue.limits.ordersPer10s = 0: ')
})

test('several strategies trade accounts of their names, and of one account there is only one', () => {
  const two = 'strategies:\n  - name: sma-cross\n  - {name: ./my own.ts, account: {cash: 5}}'
  expect(readTopology(two, 'a.yaml').strategies).toMatchObject([
    { name: 'sma-cross', account: { name: 'sma-cross', cash: 1_000_000 } },
    { name: './my own.ts', account: { name: 'my-own', cash: 5 } },
  ])
  const error = fault(`${two}\n  - {name: sma-cross, params: {fast: 3}}`)!
  expect(error.message).toContain('a.yaml:4: strategies.2.account.name = "sma-cross": another strategy trades it')
  expect(error.fix).toContain('account: {name: sma-cross-2}')
  expect(fault(`strategy: {name: sma-cross}\n${two}`)!.message).toContain('both strategy and strategies are given')
})

test('text that is not YAML is named with line and column', () => {
  expect(fault('strategy: {name: x\nrisk: off')!.message).toMatch(/^a\.yaml:2:\d+: not YAML/)
})

test('aliases that would grow without end are refused, and are no bug', () => {
  const grown = [
    'a: &a [x]',
    ...[...'bcdefg'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdef'[at]}`)}]`),
  ]
  expect(fault(grown.join('\n'))).toMatchObject({ code: 'CONFIG_INVALID', fix: expect.stringContaining('schema.json') })
})

test('an empty file lacks its strategy', () => {
  expect(fault('')!.message).toContain('neither strategy nor strategies is given')
})

test('flags stand before what the file says, key by key', () => {
  const flags = { strategy: { params: { slow: '50' } }, venue: { fees: { taker: 0 } }, seed: undefined }
  const topology = readTopology(good, 'a.yaml', flags)
  expect(topology.strategies).toMatchObject([{ name: 'sma-cross', params: { fast: 10, slow: '50' } }])
  expect(topology.venue.fees).toEqual({ taker: 0, maker: 0.0002 })
  expect(topology.seed).toBe(1)
})

test('docs/topology.schema.json is what the schema says; UPDATE=1 writes it anew', () => {
  const file = join(import.meta.dirname, '..', 'docs', 'topology.schema.json')
  const now = `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`
  if (process.env.UPDATE) writeFileSync(file, now)
  expect(readFileSync(file, 'utf8')).toBe(now)
})
