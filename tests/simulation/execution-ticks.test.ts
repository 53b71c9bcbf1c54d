// Orders that are sent in parts over a real capture: by the clock, behind the best price, and over the books of two exchanges.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { aboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { sendHalt } from '../../pipelines/halts.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { importWriter } from '../../pipelines/market-writer.ts'
import { parity } from '../../pipelines/parity.ts'
import { type Batch, batchOf } from '../../schemas/batch.ts'
import type { Quote, RecordName, Rows } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { asker } from '../asker.ts'
import { outputsOf, rowsIn, runTopology, seatsOf } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'

const second = 1_000_000
const records = ['instruments', 'clocks', 'trades', 'quotes', 'heartbeats'] satisfies readonly RecordName[]
/** The second market is the first one so much later. */
const lateUs = 70_000

/** The same market at another exchange, whose lots are finer. */
function elsewhere(row: Rows[(typeof records)[number]]) {
  const later = { exchange: 'bybit', time: row.time + lateUs, received: row.received + lateUs }
  const watermark = 'watermark' in row ? { watermark: row.watermark + lateUs } : {}
  return { ...row, ...later, ...watermark, ...('lotSize' in row && { lotSize: 0.0001 }) }
}

async function addElsewhere(topics: Topics): Promise<void> {
  const writer = await importWriter(topics)
  for (const record of records) {
    const rows = (await rowsIn(topics, record)).map(elsewhere)
    for (let at = 0; at < rows.length; at += 8192)
      await writer.commit({ outputs: [batchOf(record, rows.slice(at, at + 8192) as Rows[typeof record][]) as Batch] })
  }
  await writer.close()
}

describeWith('data', 'over the best prices of a real capture', () => {
  let topics: Topics
  let quotes: Quote[]
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-parts-'))

  beforeAll(async () => {
    topics = await openTopics({ dir: join(dir, 'log') })
    const all = gunzipSync(readFileSync(join(dataDir, 'captures/usdm-btcusdt-20240808.gz'))).toString()
    const file = join(dir, 'usdm.txt')
    // Best prices and trades alone: what the market is can then be said in two lines.
    writeFileSync(
      file,
      all
        .split('\n')
        .flatMap((line) => (/bookTicker|@trade|aggTrade/.test(line) ? [`${line}\n`] : []))
        .join(''),
    )
    await importFiles({ topics, files: [file], exchange: exchangeOf('binance-usdm'), seconds: () => 0 })
    quotes = await rowsIn(topics, 'quotes')
    await addElsewhere(topics)
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const topology = (
    execution: NonNullable<TopologyInput['execution']>,
    targets: Record<string, number>,
    exchange = 'binance-usdm',
  ): TopologyInput => ({
    ...{ exchange, symbols: ['BTCUSDT'], risk: 'off', flashCrash: 'off', interval: '1s', seed: 7, execution },
    ...{ strategy: { name: 'asker', params: { targets } }, account: { cash: 1_000_000 } },
    venue: { latency: { outMs: 3, backMs: 2, jitterMs: 2 }, fees: { taker: 0.0004, maker: 0.0002 } },
  })
  const run = async (name: string, input: TopologyInput, more: Parameters<typeof runTopology>[3] = {}) => {
    await runTopology(topics, name, input, { strategy: asker, ...more })
    return {
      orders: await rowsIn(topics, 'orders', name),
      fills: (await rowsIn(topics, 'executions', name)).filter(({ kind }) => kind === 'fill'),
      signals: await rowsIn(topics, 'signals', name),
      events: await rowsIn(topics, 'risk-events', name),
    }
  }
  const quoteAt = (received: number, exchange = 'binance-usdm') => {
    const shift = exchange === 'bybit' ? lateUs : 0
    return quotes.findLast((quote) => quote.received + shift <= received)!
  }
  const targets = { 5: 1, 60: -0.5, 75: 1.2, 140: 0, 200: 2, 290: -1 }

  test('twap slices are spread over its time, each at the first row at or after its own', async () => {
    const { orders, signals } = await run(
      'twap',
      topology({ name: 'twap', minutes: 0.5, slices: 6 }, { 5: 0.06, 60: 0 }),
    )
    for (const { number, received } of signals) {
      const own = orders.filter(({ signal }) => signal === number)
      expect(own.map(({ lots }) => lots)).toEqual([10, 10, 10, 10, 10, 10])
      for (const [at, order] of own.entries()) {
        const due = received + at * 5 * second
        const first = quotes.find((quote) => quote.received >= due)!
        expect(order.received).toBeGreaterThanOrEqual(due)
        expect(order.received).toBeLessThanOrEqual(first.received)
      }
    }
  })

  test('adaptive-limit stands at its side’s best price, goes to the middle, and never crosses before its end', async () => {
    const execution = { name: 'adaptive-limit', minutes: 0.5, patience: 0.5, everyMs: 500 }
    const { orders, signals, fills } = await run(
      'adaptive',
      topology(execution, { 5: 30, 100: 0, 150: -40, 220: 20, 280: 0 }),
    )
    let moved = 0
    for (const { number, received, side: _ } of signals) {
      for (const { kind, ticks, received: now, side, tickSize } of orders.filter(({ signal }) => signal === number)) {
        if (ticks === undefined) continue
        const { bid, ask } = quoteAt(now)
        const given = Math.max(0, (now - received - 15 * second) / (15 * second))
        const steps = Math.floor(((ask - bid) / 2 / tickSize) * given + 1e-6)
        expect(ticks).toBe(Math.round((side === 'buy' ? bid : ask) / tickSize) + (side === 'buy' ? steps : -steps))
        if (kind === 'amend') moved++
      }
    }
    expect(moved).toBeGreaterThan(5)
    expect(fills.some(({ liquidity }) => liquidity === 'maker')).toBe(true)
    const crossed = orders.filter(({ type }) => type === 'market')
    for (const { signal, received } of crossed)
      expect(received).toBeGreaterThanOrEqual(signals.find(({ number }) => number === signal)!.received + 30 * second)
    const held = (number: number) => {
      const ids = new Set(orders.flatMap((one) => (one.signal === number ? [one.clientId] : [])))
      return fills.reduce((sum, one) => sum + (ids.has(one.clientId) ? one.lots! : 0), 0)
    }
    // Market orders take no more than the best price shows: what that did not offer is left, and said.
    expect(held(1)).toBeGreaterThan(0)
    expect(held(1)).toBeLessThanOrEqual(30_000)
  })

  test('the router’s parts are what the two books offer at the best prices after fees', async () => {
    const buys = { 5: 3, 40: 8, 80: 14, 120: 22, 170: 40 }
    const both = topology({ name: 'router', seconds: 0.5 }, { ...buys, 230: 0 }, 'binance-usdm,bybit')
    const { orders, signals, fills } = await run('routed', both)
    let split = 0
    // All that was filled by a time, in ten-thousandths: what lots of both exchanges are whole numbers of.
    const unit = (lotSize: number) => Math.round(lotSize * 10_000)
    const heldAt = (time: number) =>
      fills.reduce((sum, { received, side, lots, lotSize }) => {
        return sum + (received <= time ? (side === 'buy' ? 1 : -1) * lots! * unit(lotSize) : 0)
      }, 0)
    for (const { number, received, target } of signals.slice(0, -1)) {
      const own = orders.filter((one) => one.signal === number && one.received === received)
      let left = Math.floor((Math.round(target! * 10_000) - heldAt(received)) / 10) * 10
      const books = ['binance-usdm', 'bybit'].map((exchange) => {
        const { ask, askSize } = quoteAt(received, exchange)
        const lotSize = exchange === 'bybit' ? 0.0001 : 0.001
        return { exchange, ask, size: Math.round(askSize / lotSize) * unit(lotSize), lot: unit(lotSize) }
      })
      const expected: (readonly [string, number])[] = []
      for (const { exchange, size, lot } of books.sort((a, b) => a.ask - b.ask)) {
        const lots = Math.floor(Math.min(size, left) / lot)
        left -= lots * lot
        if (lots > 0) expected.push([exchange, lots])
      }
      const found = own.map(({ exchange, lots }) => [exchange, lots] as const)
      expect(found.sort()).toEqual(expected.sort())
      if (found.length === 2) split++
    }
    expect(split).toBeGreaterThan(2)
    // What is held is closed where it is held: no exchange is turned round.
    const places = new Map<string, number>()
    for (const { exchange, side, lots } of fills) {
      places.set(exchange, (places.get(exchange) ?? 0) + (side === 'buy' ? lots! : -lots!))
      expect(places.get(exchange)).toBeGreaterThanOrEqual(0)
    }
    expect(places.size).toBe(2)
  })

  test('a book that stands still is passed over, and who finds no place says why', async () => {
    const execution = [
      { name: 'twap', minutes: 0.2, slices: 4 },
      { name: 'router', maxAgeMs: 0.001 },
    ]
    const { orders, events } = await run('stale', topology(execution, { 5: 80 }, 'binance-usdm,bybit'))
    expect(events.length).toBeGreaterThan(2)
    expect(new Set(events.map(({ check, reason }) => `${check} ${reason}`))).toEqual(
      new Set(['execution NO_PLACE', 'execution REST_LEFT']),
    )
    expect(events[0]!.detail).toMatch(/ go to no exchange: .*stale/)
    // Rows of both are never so near each other: each time one of them is too old.
    const places = new Map<number, string>()
    for (const { received, exchange } of orders) {
      expect(exchange).toBe(places.get(received) ?? exchange)
      places.set(received, exchange)
    }
    expect(new Set(orders.map(({ exchange }) => exchange)).size).toBe(2)
  })

  const all: readonly [string, NonNullable<TopologyInput['execution']>, string?][] = [
    ['twap-jitter', { name: 'twap', minutes: 0.6, slices: 9, jitter: 0.8 }],
    ['participation', { name: 'participation', rate: 0.2, everyMs: 300, minutes: 0.5, rest: 'take' }],
    ['iceberg', { name: 'iceberg', share: 0.15, minutes: 0.4 }],
    ['adaptive-limit', { name: 'adaptive-limit', minutes: 0.4, everyMs: 250 }],
    [
      'both',
      [
        { name: 'twap', minutes: 0.5 },
        { name: 'router', maxAgeMs: 400 },
      ],
      'binance-usdm,bybit',
    ],
  ]
  test.each(all)(
    '%s: how rows were cut does not show, nor that it was resumed within a parent',
    async (name, execution, exchange) => {
      const input = topology(execution, targets, exchange)
      const { orders, fills, signals } = await run(name, { ...input, risk: 'default' })
      expect(signals).toHaveLength(6)
      expect(fills.length).toBeGreaterThan(20)
      const whole = await outputsOf(topics, name)
      await run(`${name}-cut`, { ...input, risk: 'default' }, { batchRows: 97, stepRows: 4000, snapshotRows: 4000 })
      expect(await outputsOf(topics, `${name}-cut`)).toEqual(whole)
      const about = (await aboutOf(topics, `${name}-cut`))!
      const again = await parity(topics, `${name}-cut`, about, {
        seats: seatsOf(about.plan.topology, asker),
        codeHash: 'code',
      })
      expect(again.equal).toBe(true)
      const ids = new Set(orders.map(({ clientId }) => clientId))
      for (const { clientId } of fills) expect(ids).toContain(clientId)
    },
  )

  test('a halt that cancels ends what is sent in parts, and says what was not filled', async () => {
    const first = (await topics.info('market.quotes')).first!
    const at = first + 70 * second
    const said = { run: 'halted', account: 'main', who: 'ann', why: 'a test' }
    await sendHalt(topics, { ...said, action: 'cancel', at })
    await sendHalt(topics, { ...said, action: 'lift', at: first + 80 * second })
    const { orders, events } = await run('halted', topology({ name: 'twap', minutes: 1, slices: 60 }, { 40: 0.6 }))
    expect(orders.length).toBeGreaterThan(10)
    expect(orders.length).toBeLessThan(60)
    for (const { received } of orders) expect(received).toBeLessThanOrEqual(at)
    expect(events.map(({ reason }) => reason).filter((reason) => reason !== 'COMMAND')).toEqual(['HALTED'])
  })
})
