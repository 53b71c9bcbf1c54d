// Margin and liquidation over real candles and a real capture, held against loops of plain formulas.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { instrumentOf } from '../../operators/instrument.ts'
import { MarketState } from '../../operators/market-state.ts'
import { defineStrategy } from '../../operators/strategies/strategy.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import { rowAt } from '../../schemas/batch.ts'
import type { Execution, Instrument } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'
import { importCapture } from '../market.ts'

const hour = 3_600_000_000
const minute = 60_000_000

/** Buys or sells once, as soon as it can, and holds. */
const holder = defineStrategy({
  name: 'holder',
  summary: 'once, and for all',
  parameters: z.strictObject({ size: z.number(), after: z.number().default(0) }),
  warmup: () => 0,
  needs: 'bars',
  create({ size, after }, desk) {
    let done = false
    const act = () => {
      if (done || desk.now < after || !(desk.market(0).markTicks > 0)) return
      done = true
      desk.target(0, size, 'and holds')
    }
    return {
      bar: act,
      top: act,
      save: () => new Uint8Array([done ? 1 : 0]),
      load: ([saved]) => {
        done = saved === 1
      },
    }
  },
})

/** In hedge mode: a long with the first bar, a short with the tenth, and the long is sold with the hundredth. */
const hedger = defineStrategy({
  name: 'hedger',
  summary: 'both ways at once',
  parameters: z.strictObject({ size: z.number() }),
  warmup: () => 0,
  needs: 'bars',
  create({ size }, desk) {
    let bars = 0
    const acts = new Map([
      [1, ['buy', 'long']],
      [10, ['sell', 'short']],
      [100, ['sell', 'long']],
    ] as const)
    return {
      bar() {
        const [side, positionSide] = acts.get(++bars as 1 | 10 | 100) ?? []
        if (side !== undefined)
          desk.order(0, { tag: `${bars}`, side, size, ...(positionSide && { positionSide }) }, side)
      },
      save: () => new Uint8Array([bars]),
      load: ([saved]) => {
        bars = saved!
      },
    }
  },
})

const liquidated = (executions: readonly Execution[]) => executions.filter(({ kind }) => kind === 'liquidation')

describeWith('data', 'a BTC perpetual in January 2022', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-margin-'))
  const market = { exchange: 'binance-usdm', symbol: 'BTCUSDT' }
  let topics: Topics

  beforeAll(async () => {
    topics = await openTopics({ dir })
    const file = join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz')
    await loadCandles(topics, { ...market, file, interval: { name: '1m', us: minute } })
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const topology = (size: number, cash: number, venue: TopologyInput['venue'], to?: string): TopologyInput => ({
    ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off', account: { cash }, ...(to ? { to } : {}) },
    ...{
      strategy: { name: 'holder', params: { size } },
      venue: { fill: 'next-open', fees: { taker: 0.0004 }, ...venue },
    },
  })

  /** The first candle, after the one that the position was opened at, that went through a price; and the price it had there. */
  async function firstThrough(entry: Execution, price: number) {
    for (const candle of await rowsIn(topics, 'candles')) {
      if (candle.openTime < entry.time) continue
      if (candle.low <= price) return { time: candle.time, at: Math.min(candle.open, price) }
    }
    return undefined
  }

  test('FR-204, FR-205: a 20× long is liquidated in the very candle, and at the price, that plain formulas say', async () => {
    const result = await runTopology(
      topics,
      'long',
      topology(1, 3000, { margin: { mode: 'isolated', leverage: 20 } }),
      { strategy: holder },
    )
    const executions = await rowsIn(topics, 'executions', 'long')
    const [entry] = executions
    const price = entry!.ticks! * entry!.tickSize
    // Isolated at 20×, below 50,000: what is set aside is a twentieth, and 0.4 % has to be kept.
    const end = (price - price / 20) / (1 - 0.004)
    const expected = (await firstThrough(entry!, end))!
    const [one, ...more] = liquidated(executions)
    expect(more).toEqual([])
    expect(one).toMatchObject({ time: expected.time, side: 'sell', lots: entry!.lots, leftLots: 0 })
    expect(one!.ticks).toBe(Math.floor(expected.at / one!.tickSize))
    const [held, closed] = await rowsIn(topics, 'positions', 'long')
    expect(held!.liquidationPrice! / end).toBeCloseTo(1, 9)
    expect([held!.leverage, held!.margin! / (price / 20)]).toEqual([20, expect.closeTo(1, 9)])
    expect(closed).toMatchObject({ lots: 0, liquidationPrice: undefined, margin: undefined })
    // What is left is what was not set aside, less the fee: 3,000 − 2,316 − 18.5.
    expect(result.finalEquity).toBeGreaterThan(0)
    expect(result.finalEquity).toBeLessThan(3000 - price / 20 - price * 0.0004 + price * 0.004)
    expect(result.summary.margin!.liquidations).toBe(1)
    expect(result.warnings.map(({ code }) => code)).toContain('LIQUIDATED')
    expect(result.trades).toBe(1)
    // At 10× the same series never takes it, and at 50× it takes it earlier.
    const ten = await runTopology(
      topics,
      'ten',
      topology(1, 6000, { margin: { mode: 'isolated', leverage: 10 } }, '2022-01-07'),
      { strategy: holder },
    )
    expect([ten.summary.margin!.liquidations, ten.openPositions[0]!.leverage]).toEqual([0, 10])
    await runTopology(topics, 'fifty', topology(1, 3000, { margin: { mode: 'isolated', leverage: 50 } }), {
      strategy: holder,
    })
    const [sooner] = liquidated(await rowsIn(topics, 'executions', 'fifty'))
    expect(sooner!.time).toBeLessThan(one!.time)
  })

  test('FR-203, FR-205: hourly funding is paid from the margin of a cross account, and brings its liquidation nearer', async () => {
    const venue = { margin: { leverage: 20 }, funding: { rate: 0.0002, intervalHours: 1 } }
    await runTopology(topics, 'funded', topology(1, 3000, venue), { strategy: holder })
    const executions = await rowsIn(topics, 'executions', 'funded')
    const entry = executions[0]!
    const lots = entry.lots!
    const price = entry.ticks! * entry.tickSize
    // The whole wallet stands behind it, and gets less each hour: by 0.02 % of the value at the close of the candle that ended.
    let wallet = 3000 - Number(entry.fee) / 1e8
    let paid = 0
    let expected: { time: number; at: number } | undefined
    for (const candle of await rowsIn(topics, 'candles')) {
      if (candle.openTime < entry.time) continue
      const end = (price * lots * entry.lotSize - wallet) / (1 - 0.004) / (lots * entry.lotSize)
      if (candle.low <= end) {
        expected = { time: candle.time, at: Math.min(candle.open, end) }
        break
      }
      if (candle.time % hour !== 0) continue
      wallet -= candle.close * lots * entry.lotSize * 0.0002
      paid += 1
    }
    const funding = executions.filter(({ kind }) => kind === 'funding')
    expect([funding.length, paid > 24]).toEqual([paid, true])
    const [one] = liquidated(executions)
    expect([one!.time, one!.ticks]).toEqual([expected!.time, Math.floor(expected!.at / one!.tickSize)])
    expect(3000 - funding.reduce((sum, { fee }) => sum + Number(fee) / 1e8, Number(entry.fee) / 1e8)).toBeCloseTo(
      wallet,
      6,
    )
    await runTopology(topics, 'free', topology(1, 3000, { margin: { leverage: 20 } }), { strategy: holder })
    const [later] = liquidated(await rowsIn(topics, 'executions', 'free'))
    expect(one!.time).toBeLessThan(later?.time ?? Number.POSITIVE_INFINITY)
  })

  test('FR-204: an order beyond the leverage is not sent: risk reckons as the exchange does', async () => {
    const result = await runTopology(topics, 'much', topology(2, 3000, { margin: { leverage: 20 } }, '2022-01-02'), {
      strategy: holder,
    })
    expect(result.summary.rejections).toEqual({ 'funds: NOT_ENOUGH_MARGIN': 1 })
    const at5 = await runTopology(
      topics,
      'five',
      topology(1, 3000, { margin: { leverage: { BTCUSDT: 5 } } }, '2022-01-02'),
      { strategy: holder },
    )
    expect(at5.fills).toBe(0)
  })

  test('in hedge mode a long and a short of one instrument are two positions and two trips; one pays the funding that the other receives', async () => {
    const venue = { margin: { positions: 'hedge' as const }, funding: { rate: 0.0001, intervalHours: 1 } }
    const hedged = topology(0.5, 10_000, venue, '2022-01-01T03:30:00Z')
    const result = await runTopology(topics, 'hedged', hedged, { strategy: hedger })
    const rows = await rowsIn(topics, 'positions', 'hedged')
    const trades = rows.filter(
      (row, at) =>
        row.funding === (rows.slice(0, at).findLast((one) => one.positionSide === row.positionSide)?.funding ?? 0n),
    )
    expect(trades.map(({ positionSide, lots, lotSize }) => [positionSide, lots * lotSize])).toEqual([
      ...[
        ['long', 0.5],
        ['short', -0.5],
        ['long', 0],
      ],
    ])
    const paid = (await rowsIn(topics, 'executions', 'hedged')).filter(({ kind }) => kind === 'funding')
    expect(paid.map(({ positionSide, fee }) => [positionSide, fee > 0n])).toEqual([
      ...[['long', true], ...Array.from({ length: 4 }, () => ['short', false])],
    ])
    expect([result.fills, result.trades]).toEqual([3, 1])
    expect(result.openPositions).toMatchObject([{ positionSide: 'short', size: -0.5, leverage: 20 }])
    // Without a side such orders are none.
    const one = await runTopology(
      topics,
      'sideless',
      { ...hedged, strategy: { name: 'holder', params: { size: 0.5 } } },
      { strategy: holder },
    )
    expect(one.fills).toBe(0)
  })

  test('brackets are read from a file, are part of what the run is, and are refused with what is wrong in them', async () => {
    const file = join(dir, 'brackets.json')
    const bracket = {
      bracket: 1,
      initialLeverage: 20,
      notionalFloor: 0,
      notionalCap: 1e9,
      maintMarginRatio: 0.02,
      cum: 0,
    }
    const run = (name: string) =>
      runTopology(topics, name, topology(1, 3000, { margin: { mode: 'isolated', brackets: file } }, '2022-01-10'), {
        strategy: holder,
      })
    writeFileSync(file, JSON.stringify([{ symbol: 'BTCUSDT', brackets: [bracket] }]))
    await run('read')
    const executions = await rowsIn(topics, 'executions', 'read')
    const price = executions[0]!.ticks! * executions[0]!.tickSize
    const expected = (await firstThrough(executions[0]!, (price - price / 20) / (1 - 0.02)))!
    expect(liquidated(executions)[0]!.time).toBe(expected.time)
    await expect(run('read')).resolves.toMatchObject({ run: 'read' })
    writeFileSync(file, JSON.stringify({ symbol: 'BTCUSDT', brackets: [{ ...bracket, maintMarginRatio: 0.03 }] }))
    await expect(run('read')).rejects.toMatchObject({ code: 'RUN_EXISTS' })
    writeFileSync(file, JSON.stringify([{ symbol: 'ETHUSDT', brackets: [bracket] }]))
    await expect(run('other')).rejects.toThrow(`${file}: there are no brackets of BTCUSDT`)
    writeFileSync(file, JSON.stringify([{ symbol: 'BTCUSDT', brackets: [{ ...bracket, initialLeverage: 200 }] }]))
    await expect(run('other')).rejects.toThrow('0.brackets.0.initialLeverage = 200')
    writeFileSync(file, '{')
    await expect(run('other')).rejects.toThrow('is not JSON')
    rmSync(file)
    await expect(run('other')).rejects.toMatchObject({ code: 'FILE_MISSING' })
    const wrong = topology(1, 3000, { margin: { leverage: { BTCUSD: 5 } } })
    await expect(runTopology(topics, 'other', wrong, { strategy: holder })).rejects.toThrow(
      'BTCUSD is not traded in this run; allowed: BTCUSDT',
    )
    const covered = {
      ...topology(1, 3000, {}),
      account: { cash: 3000, collateral: [{ asset: 'BTC', amount: 1, symbol: 'BTCUSDT' }] },
    }
    await expect(runTopology(topics, 'other', covered, { strategy: holder })).rejects.toThrow(
      'venue.margin is left out',
    )
    const margined = { ...covered, venue: { fill: 'next-open' as const, margin: {} } }
    expect((await runTopology(topics, 'covered', { ...margined, to: '2022-01-10' }, { strategy: holder })).fills).toBe(
      1,
    )
    const eth = { ...margined, account: { collateral: [{ asset: 'ETH', amount: 1, symbol: 'BTCUSDT' }] } }
    await expect(runTopology(topics, 'other', eth, { strategy: holder })).rejects.toThrow('what BTC is worth, not ETH')
  })
})

describeWith('data', 'BTCUSDT on 2024-08-08, tick by tick', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-margin-ticks-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  test('FR-205: a 125× position is liquidated at the very row whose middle plain formulas say, long or short', async () => {
    await importCapture(dir, 'usdm-btcusdt-20240808.gz', 'binance-usdm')
    const topics = await openTopics({ dir })
    try {
      const file = join(dir, 'brackets.json')
      const rate = 0.0078
      const bracket = { initialLeverage: 125, notionalFloor: 0, notionalCap: 1e9, maintMarginRatio: rate, cum: 0 }
      writeFileSync(file, JSON.stringify([{ symbol: 'BTCUSDT', brackets: [bracket] }]))
      for (const size of [0.5, -0.5]) {
        const name = size > 0 ? 'long' : 'short'
        await runTopology(
          topics,
          name,
          {
            ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], risk: 'off', account: { cash: 1000 }, interval: '1s' },
            strategy: { name: 'holder', params: { size, after: Date.UTC(2024, 7, 8, 23, 55) * 1000 } },
            venue: { latency: 5, margin: { mode: 'isolated', leverage: 125, brackets: file } },
          },
          { strategy: holder },
        )
        const executions = await rowsIn(topics, 'executions', name)
        const fills = executions.filter(({ kind }) => kind === 'fill')
        const lots = fills.reduce((sum, one) => sum + one.lots!, 0)
        const entry = fills.reduce((sum, one) => sum + one.ticks! * one.tickSize * one.lots!, 0) / lots
        // Set aside a 125th, short at 0.78 %.
        const end = size > 0 ? (entry - entry / 125) / (1 - rate) : (entry + entry / 125) / (1 + rate)
        const expected = await firstMiddle(topics, fills.at(-1)!.time, (middle) =>
          size > 0 ? middle <= end : middle >= end,
        )
        const [one] = liquidated(executions)
        expect(one, name).toMatchObject({ side: size > 0 ? 'sell' : 'buy' })
        expect(one!.time, name).toBe(expected)
        expect(liquidated(executions).reduce((sum, { lots }) => sum + lots!, 0)).toBe(lots)
        // The way to us takes 5 ms by our clock, which is behind the exchange's.
        expect(one!.received).toBeLessThan(one!.time)
      }
    } finally {
      await topics.close()
    }
  })
})

/** Exchange time of the first row, of those after a fill, whose middle passes a test. */
async function firstMiddle(topics: Topics, after: number, isThere: (middle: number) => boolean) {
  const [row] = await rowsIn(topics, 'instruments')
  const market = new MarketState(instrumentOf(row as Instrument, 0), { rule: exchangeOf('binance-usdm').sync! })
  const inputs = ['clocks', 'trades', 'quotes', 'books'].map((record) => ({ topic: `market.${record}` }))
  let offset = 0
  let filled = false
  for await (const { merged } of replay(topics, { inputs })) {
    for (let at = 0; at < merged.rows; at++) {
      const batch = merged.sources[merged.source[at]!]!
      const index = merged.row[at]!
      const { time, received } = rowAt(batch, index) as { time: number; received: number }
      if (batch.topic === 'clocks') {
        offset = (rowAt(batch, index) as { offset: number }).offset
        continue
      }
      const happened = Math.min(time, received + offset)
      market.apply({ topic: batch.topic, batch, row: index, received })
      // The fill happened lazily, before this row: from it on the position is held.
      filled ||= happened > after
      if (filled && market.synced && isThere(market.markTicks * row!.tickSize)) return happened
    }
  }
  return undefined
}
