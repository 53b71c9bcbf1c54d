// The kill switch and the flash crash through whole runs: heard as inputs, acted on at once, the same in every replay.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anyAboutOf } from '../../pipelines/about.ts'
import { actsIn, brokenAt } from '../../pipelines/audit.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { controlRun } from '../../pipelines/control.ts'
import { haltsOf, sendHalt } from '../../pipelines/halts.ts'
import { parity } from '../../pipelines/parity.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics, Writer } from '../../topics/topics.ts'
import { outputsOf, rowsIn, runTopology, seatsOf } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { type KafkaPlaces, kafkaPlaces } from '../kafka.ts'
import { importInto, marketRecords, simulateTo } from '../market.ts'
import { sparseBatches, sparseInstruments, sparseMarket } from '../sparse-market.ts'
import { runTasks } from '../tasks.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-halt-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const parityOf = async (topics: Topics, name: string) => {
  const about = (await anyAboutOf(topics, name))!
  return parity(topics, name, about, { seats: seatsOf(about.plan.topology), codeHash: 'code' })
}

/** Positions after a time, of each symbol the last one before `to`. */
async function heldAt(topics: Topics, run: string, to: number): Promise<number[]> {
  const last = new Map<string, number>()
  for (const { received, symbol, lots } of await rowsIn(topics, 'positions', run))
    if (received <= to) last.set(symbol, lots)
  return [...last.values()]
}

describe('over a simulated market with a flash crash', () => {
  let topics: Topics
  let crash: { from: number; to: number }
  const minutes = 4
  const topology: TopologyInput = {
    ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off', flashCrash: 'off', seed: 7 },
    strategy: { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.5, mode: 'long-short' } },
    venue: { fill: 'book', latency: 5 },
  }
  let first = 0

  beforeAll(async () => {
    const dir = join(root, 'market')
    const file = join(root, 'market.gz')
    await simulateTo(file, { seed: 5, minutes })
    await importInto(dir, [file], 'binance-usdm')
    topics = await openTopics({ dir })
    first = (await topics.info('market.quotes')).first!
    const quotes = await rowsIn(topics, 'quotes')
    const lowest = quotes.reduce((a, b) => (b.bid < a.bid ? b : a))
    crash = { from: lowest.received - 30e6, to: lowest.received }
  }, 600_000)
  afterAll(() => topics?.close())

  test('a command stops an account at the row that follows it, closes its position, and is lifted by another', async () => {
    const at = (seconds: number) => first + seconds * 1e6
    const say = (action: 'flatten' | 'lift', seconds: number) =>
      sendHalt(topics, {
        run: 'halted',
        action,
        account: 'main',
        who: 'ann',
        why: `a test of ${action}`,
        at: at(seconds),
      })
    await say('flatten', 60)
    await say('lift', 120)
    await runTopology(topics, 'halted', topology)
    const orders = await rowsIn(topics, 'orders', 'halted')
    const own = orders.filter(({ clientId }) => clientId.startsWith('risk.main.'))
    expect(own[0]).toMatchObject({ strategy: 'sma-cross', reduceOnly: true, signal: 0, type: 'market' })
    expect(own[0]!.received).toBeLessThanOrEqual(at(60))
    expect(own[0]!.received).toBeGreaterThan(at(59))
    const between = orders.filter(({ received }) => received > at(60) && received < at(119))
    expect(between.every(({ clientId }) => clientId.startsWith('risk.'))).toBe(true)
    expect(await heldAt(topics, 'halted', at(62))).toEqual([0])
    expect(orders.some(({ received, strategy, clientId }) => received > at(120) && clientId.startsWith(strategy))).toBe(
      true,
    )
    const events = await rowsIn(topics, 'risk-events', 'halted')
    expect(events.filter(({ reason }) => reason === 'COMMAND').map(({ action, detail }) => [action, detail])).toEqual([
      ['flattened', 'ann: a test of flatten'],
      ['resumed', 'ann: a test of lift'],
    ])
    expect(events.filter(({ reason }) => reason === 'HALTED').length).toBeGreaterThan(0)
    expect(await rowsIn(topics, 'alerts', 'halted')).toMatchObject([{ code: 'COMMAND' }, { code: 'COMMAND' }])
    expect(await parityOf(topics, 'halted')).toMatchObject({ equal: true })
  }, 600_000)

  test('B3: the same run in small batches, killed and resumed between them, writes the same', async () => {
    const whole = await outputsOf(topics, 'halted')
    for (const [action, seconds] of [
      ['flatten', 60],
      ['lift', 120],
    ] as const) {
      await sendHalt(topics, {
        run: 'small',
        action,
        account: 'main',
        who: 'ann',
        why: `a test of ${action}`,
        at: first + seconds * 1e6,
      })
    }
    const stop = new AbortController()
    let steps = 0
    const onStep = () => {
      if (++steps === 8) stop.abort()
    }
    const how = { batchRows: 977, stepRows: 2000, snapshotRows: 4000 }
    await expect(runTopology(topics, 'small', topology, { ...how, onStep, signal: stop.signal })).rejects.toMatchObject(
      {
        code: 'INTERRUPTED',
      },
    )
    await runTopology(topics, 'small', topology, how)
    const again = await outputsOf(topics, 'small')
    for (const record of ['signals', 'orders', 'executions', 'positions', 'accounts', 'risk-events', 'alerts']) {
      expect(again[record], record).toEqual(whole[record])
    }
  }, 600_000)

  test('who halts and lifts, and why, is in the book of acts, each row chained to the one before', async () => {
    const acts = await actsIn(topics, controlRun('halted'))
    expect(acts).toMatchObject([
      {
        action: 'halt',
        who: 'ann',
        what: 'flatten main',
        why: 'a test of flatten',
        target: 'main',
        deployment: 'halted',
      },
      { action: 'lift', what: 'lift main', sequence: 2 },
    ])
    expect(brokenAt(acts)).toBe(undefined)
    await expect(
      sendHalt(topics, { run: 'halted', action: 'lift', account: 'main', who: 'ann', why: ' ', at: 1 }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(
      sendHalt(topics, { run: 'halted', action: 'pause', account: 'main', who: 'ann', why: 'x', at: 1 }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('is finished') })
    expect(await haltsOf(topics, 'halted')).toMatchObject({
      accounts: [{ account: 'main', halt: 'none', why: 'ann: a test of lift' }],
      commands: [{ action: 'flatten' }, { action: 'lift' }],
    })
  })

  test('the planted flash crash flattens and halts within it; without the detector the account trades on', async () => {
    const sharp = { '30s': { moderate: 0.002, severe: 0.003, extreme: 0.004 } }
    await runTopology(topics, 'crashed', { ...topology, flashCrash: sharp })
    const events = await rowsIn(topics, 'risk-events', 'crashed')
    const flattened = events.find(({ action }) => action === 'flattened')
    expect(flattened).toMatchObject({ reason: 'FLASH_CRASH_EXTREME', symbol: 'BTCUSDT', limit: 0.004 })
    expect(flattened!.received).toBeGreaterThan(crash.from)
    expect(flattened!.received).toBeLessThanOrEqual(crash.to + 1e6)
    expect(await rowsIn(topics, 'alerts', 'crashed')).toContainEqual(expect.objectContaining({ severity: 'critical' }))
    expect(await heldAt(topics, 'crashed', Number.POSITIVE_INFINITY)).toEqual([0])
    const later = (await rowsIn(topics, 'orders', 'crashed')).filter(
      ({ received }) => received > flattened!.received + 1e6,
    )
    expect(later.filter(({ clientId }) => !clientId.startsWith('risk.'))).toEqual([])
    expect(await parityOf(topics, 'crashed')).toMatchObject({ equal: true })
    await runTopology(topics, 'blind', topology)
    const last = (await rowsIn(topics, 'orders', 'blind')).at(-1)!
    expect(last.received).toBeGreaterThan(flattened!.received + 1e6)
  }, 600_000)
})

const followed =
  'a run that follows hears a halt at once, keeps it over a restart, and its journal read again gives the same'

test(followed, async () => followAndHalt(await openTopics({ dir: join(root, 'follow') })), 600_000)

describeWith('kafka', 'on Kafka', () => {
  let places: KafkaPlaces
  beforeAll(async () => {
    places = await kafkaPlaces()
  }, 600_000)
  afterAll(() => places?.end())

  test(followed, async () => followAndHalt(await openTopics(places.options())), 600_000)
})

async function followAndHalt(topics: Topics): Promise<void> {
  const symbols = ['AUSDT', 'BUSDT']
  const rows = sparseMarket({ symbols, minutes: 4 })
  const writer: Writer = await (async () => {
    await topics.create(marketRecords.map((record) => ({ record, partitions: 2 })))
    const opened = await topics.writer({ run: 'sparse', market: true })
    await opened.commit({ outputs: [sparseInstruments(symbols)] })
    await opened.commit({ outputs: sparseBatches(rows.slice(0, 600)) })
    return opened
  })()
  const topology: TopologyInput = {
    ...{ exchange: 'binance-usdm', symbols, interval: '10s', seed: 7, risk: 'off' },
    strategy: { name: 'sma-cross', params: { fast: 2, slow: 5, size: 0.3, mode: 'long-short' } },
    venue: { fill: 'book', latency: 5 },
  }
  const begin = () => {
    const stop = new AbortController()
    const run = runTasks(topics, 'live', topology, {
      follow: { commitMs: 2, maxWaitMs: 1e9 },
      signal: stop.signal,
      snapshotRows: 100,
    })
    const ended = run.catch((error: unknown) => error)
    return {
      stop: async () => {
        stop.abort()
        return ended
      },
    }
  }
  const events = async () => (await rowsIn(topics, 'risk-events', 'live')).filter(({ check }) => check === 'emergency')
  const until = async (what: () => Promise<boolean>) => {
    while (!(await what())) await sleep(50)
  }

  let live = begin()
  await until(async () => (await rowsIn(topics, 'accounts', 'live')).length > 0)
  // The market stands still, and nothing says that it is complete: a command does not wait for it.
  await sendHalt(topics, {
    run: 'live',
    action: 'flatten',
    account: '',
    who: 'ann',
    why: 'stop',
    at: Date.UTC(2030, 0) * 1000,
  })
  await expect(
    sendHalt(topics, { run: 'live', action: 'pause', account: 'mian', who: 'ann', why: 'x', at: 1 }),
  ).rejects.toMatchObject({ code: 'UNKNOWN_NAME', fix: 'did you mean "main"?' })
  await until(async () => (await events()).some(({ action }) => action === 'flattened'))
  expect(await haltsOf(topics, 'live')).toMatchObject({ accounts: [{ halt: 'flatten', why: 'ann: stop' }] })
  await live.stop()
  live = begin()
  const before = (await rowsIn(topics, 'orders', 'live')).filter(({ clientId }) => clientId.startsWith('sma')).length
  await writer.commit({ outputs: sparseBatches(rows.slice(600)) })
  await until(async () => (await events()).filter(({ reason }) => reason === 'HALTED').length > 3)
  const orders = await rowsIn(topics, 'orders', 'live')
  const opening = orders.filter(({ clientId }) => clientId.startsWith('sma')).slice(before)
  const held = await heldAt(topics, 'live', Number.POSITIVE_INFINITY)
  expect(opening).toEqual([])
  expect(held.every((lots) => lots === 0)).toBe(true)
  await live.stop()
  expect(await parityOf(topics, 'live')).toMatchObject({ equal: true })
  await writer.close()
  await topics.close()
}
