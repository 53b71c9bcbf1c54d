import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { SmartspeedError } from '../../schemas/errors.ts'
import { readDeployment } from './read.ts'
import { deploymentJsonSchema, durationMs } from './schema.ts'

const good = `
name: desk
engine: kafka
services: [kafka, registry]
secrets:
  SMARTSPEED_SASL_PASSWORD: { env: DESK_PASSWORD }
retention: { trades: 48h }
pipelines:
  - name: maker
    exchange: binance-usdm
    symbols: [BTCUSDT]
    strategy: { name: market-maker }
  - name: pair
    mode: paper
    interval: 1m
    replicas: 2
    resources: { cpu: 1, memory: 1Gi }
    strategies:
      - name: sma-cross
        params: { fast: 10 }
      - name: mean-reversion
`

/** What is refused, and where. */
async function fault(text: string) {
  try {
    await readDeployment(text, 'desk.yaml')
  } catch (error) {
    if (error instanceof SmartspeedError) return { code: error.code, message: error.message, fix: error.fix }
    throw error
  }
  throw new Error('it was taken')
}

test('a deployment gets the defaults of what it leaves out', async () => {
  const desk = await readDeployment(good, 'desk.yaml')
  expect(desk.pipelines).toMatchObject([
    { name: 'maker', pipeline: 'trading', mode: 'backtest', replicas: 1, risk: 'default' },
    { name: 'pair', mode: 'paper', replicas: 2, resources: { cpu: 1, memory: '1Gi' } },
  ])
  expect(desk.restart).toMatchObject({ firstMs: 1000, mostMs: 60_000, loopAfter: 5 })
})

test('a plain topology is a deployment of one pipeline, called as its file is', async () => {
  const text = 'exchange: binance\nsymbols: [BTCUSDT]\ndir: data\nstrategy: {name: sma-cross}'
  const one = await readDeployment(text, 'topologies/My maker.yaml')
  expect(one).toMatchObject({ name: 'my-maker', engine: 'embedded', dir: 'data' })
  expect(one.pipelines).toMatchObject([{ name: 'my-maker', exchange: 'binance', strategy: { name: 'sma-cross' } }])
  const error = await fault(text.replace('sma-cross', 'sma-corss'))
  expect(error).toMatchObject({ code: 'UNKNOWN_NAME', fix: 'did you mean "sma-cross"?' })
  expect(error.message).toMatch(/^desk\.yaml:4: unknown strategy "sma-corss"; allowed: /)
})

test.each([
  [
    'an unknown key',
    ['symbols:', 'symbol:'],
    /^desk\.yaml:11: unknown key pipelines\.0\.symbol = \["BTCUSDT"\]; allowed: name, pipeline/,
    'symbols',
  ],
  ['an unknown value', ['engine: kafka', 'engine: kafak'], /^desk\.yaml:3: engine = "kafak".*embedded.*kafka/, 'kafka'],
  ['an unknown mode', ['mode: paper', 'mode: papre'], /^desk\.yaml:14: pipelines\.1\.mode = "papre"/, 'paper'],
  ['a wrong number', ['replicas: 2', 'replicas: 0'], /^desk\.yaml:16: pipelines\.1\.replicas = 0/, undefined],
  [
    'an unknown strategy',
    ['name: mean-reversion', 'name: mean-revresion'],
    /^desk\.yaml:21: unknown strategy "mean-revresion"/,
    'mean-reversion',
  ],
  ['an unknown parameter', ['fast: 10', 'fsat: 10'], /^desk\.yaml:20: strategy sma-cross: unknown/, 'fast'],
  [
    'an unknown exchange',
    ['binance-usdm', 'binance-usmd'],
    /^desk\.yaml:10: unknown exchange "binance-usmd"/,
    'binance-usdm',
  ],
  [
    'an unknown check',
    ['interval: 1m', 'interval: 1m\n    risk: { drawdwon: {} }'],
    /^desk\.yaml:16: risk: unknown check drawdwon/,
    'drawdown',
  ],
  ['an unknown topic', ['trades: 48h', 'trade: 48h'], /^desk\.yaml:7: .*retention/, undefined],
  ['a duration that is none', ['48h', 'two days'], /^desk\.yaml:7: retention\.trades = "two days".*48h/, undefined],
  [
    'a secret with its value',
    ['{ env: DESK_PASSWORD }', 'hunter2'],
    /^desk\.yaml:6: secrets\.SMARTSPEED_SASL_PASSWORD/,
    undefined,
  ],
] as const)('%s is named with its line, what is allowed and the nearest name', async (_, [was, is], message, near) => {
  const error = await fault(good.replace(was, is))
  expect(error.message).toMatch(message)
  if (near !== undefined) expect(error.fix).toContain(`"${near}"`)
})

test.each([
  [
    'two pipelines of one name',
    ['name: pair', 'name: maker'],
    /^desk\.yaml:13: pipelines\.1\.name = "maker": another pipeline is called so/,
    'maker-2',
  ],
  [
    'more processes than tasks',
    ['replicas: 2', 'replicas: 3'],
    /^desk\.yaml:16: .*replicas = 3 is above its 2 tasks/,
    'replicas: 2',
  ],
  ['other tasks than accounts', ['interval: 1m', 'tasks: 3'], /^desk\.yaml:15: .*there are 2 accounts/, 'leave it out'],
  [
    'paper without risk',
    ['mode: paper', 'mode: paper\n    risk: off'],
    /^desk\.yaml:15: .*risk = "off": a paper account never trades without/,
    'risk: default',
  ],
  [
    'paper with an end',
    ['mode: paper', 'mode: paper\n    to: 2024-01-01'],
    /^desk\.yaml:15: .*mode = "paper" has no end/,
    'backtest',
  ],
  [
    'kafka from nowhere',
    ['services: [kafka, registry]', 'services: [registry]'],
    /^desk\.yaml:3: .*neither kafka\.brokers nor the service kafka/,
    'brokers',
  ],
  [
    'a server that nobody uses',
    ['engine: kafka', 'engine: embedded'],
    /^desk\.yaml:4: services\.0 = "kafka": engine = "embedded" does not use it/,
    'engine: kafka',
  ],
  ['a name that is ours', ['name: pair', 'name: import'], /^desk\.yaml:13: .*the product's own/, 'taken'],
  [
    'no strategy at all',
    ['    strategy: { name: market-maker }\n', ''],
    /^desk\.yaml:9: .*neither strategy nor strategies/,
    'sma-cross',
  ],
] as const)('%s is refused with its line and what to write instead', async (_, [was, is], message, fix) => {
  const error = await fault(good.replace(was, is))
  expect(error.message).toMatch(message)
  expect(error.fix).toContain(fix)
})

test('several processes on the embedded log are refused: one of them would own all', async () => {
  const text = good.replace('engine: kafka', 'engine: embedded').replace('services: [kafka, registry]', 'services: []')
  const error = await fault(text)
  expect(error.message).toMatch(
    /^desk\.yaml:16: pipelines\.1\.replicas = 2: on engine = "embedded" one process works on all/,
  )
})

test('files that it names are found beside it, whatever folder its processes run in', async () => {
  const text = 'secrets: {TOKEN: {file: token.txt}}\nstrategy: {name: sma-cross}'
  expect((await readDeployment(text, 'sub/a.yaml')).secrets).toEqual({ TOKEN: { file: resolve('sub/token.txt') } })
})

test('durations are read with their unit', () => {
  expect([durationMs('1500ms'), durationMs('48h'), durationMs('7d'), durationMs('forever')]).toEqual([
    ...[1500, 172_800_000, 604_800_000, undefined],
  ])
})

test('docs/deployment.schema.json is what the schema says; UPDATE=1 writes it anew', () => {
  const file = join(import.meta.dirname, '../../docs/deployment.schema.json')
  const now = `${JSON.stringify(deploymentJsonSchema(), null, 2)}\n`
  if (process.env.UPDATE) writeFileSync(file, now)
  expect(readFileSync(file, 'utf8')).toBe(now)
})
