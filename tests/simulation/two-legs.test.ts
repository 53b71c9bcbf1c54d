// Strategies that hold one instrument against another, over real data, each held against its rules in a loop of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { aboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import { loadFunding } from '../../pipelines/load-funding.ts'
import { parity } from '../../pipelines/parity.ts'
import { rowAt } from '../../schemas/batch.ts'
import type { Execution, Quote } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputsOf, rowsIn, runTopology, seatsOf } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'

function withTopics(fill: (topics: Topics, dir: string) => Promise<unknown>): () => Topics {
  let topics: Topics
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-two-legs-'))
  beforeAll(async () => {
    topics = await openTopics({ dir: join(dir, 'log') })
    await fill(topics, dir)
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return () => topics
}

/** All quotes as a run reads them. */
async function inOrder(topics: Topics): Promise<Quote[]> {
  const quotes: Quote[] = []
  for await (const { merged } of replay(topics, { inputs: [{ topic: 'market.quotes' }] })) {
    for (let at = 0; at < merged.rows; at++) {
      quotes.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Quote)
    }
  }
  return quotes
}

const isEnd = ({ kind, leftLots }: Execution) => kind !== 'accepted' && !(kind === 'fill' && leftLots !== 0)

describeWith('data', 'cross-arbitrage over the best prices of a spot and a perpetual market, recorded at once', () => {
  const venues = { binance: 'spot', 'binance-usdm': 'usdm' }
  const topics = withTopics(async (into, dir) => {
    for (const [exchange, name] of Object.entries(venues)) {
      const all = gunzipSync(readFileSync(join(dataDir, `captures/${name}-btcusdt-20240808.gz`))).toString()
      const file = join(dir, `${name}.txt`)
      // Best prices alone: what the market is can then be said in two lines.
      writeFileSync(
        file,
        all
          .split('\n')
          .flatMap((line) => (line.includes('bookTicker') ? [`${line}\n`] : []))
          .join(''),
      )
      await importFiles({ topics: into, files: [file], exchange: exchangeOf(exchange), seconds: () => 0 })
    }
  })
  const params = {
    minSpread: -0.000_42,
    closeSpread: 0.000_28,
    buffer: 0.0001,
    size: 0.01,
    maxInventory: 0.03,
    maxAgeMs: 500,
  }
  const fees = { binance: { taker: 0.00002 }, 'binance-usdm': { taker: 0.00001 } }
  const topology: TopologyInput = {
    ...{ exchange: 'binance,binance-usdm', symbols: ['BTCUSDT'], risk: 'off', account: { cash: 10_000 } },
    ...{ strategy: { name: 'cross-arbitrage', params }, venue: { latency: 3, fees } },
  }

  test('it takes both legs at each row at which the spread pays, and at no other', async () => {
    const result = await runTopology(topics(), 'arb', topology)
    const executions = await rowsIn(topics(), 'executions', 'arb')
    const signals = await rowsIn(topics(), 'signals', 'arb')
    // What it holds, and whether an order is on its way, as executions tell it: its own rules decide the rest.
    const held = { binance: 0, 'binance-usdm': 0 }
    const best = new Map<string, { bid: number; ask: number; bidSize: number; askSize: number; received: number }>()
    const expected: string[] = []
    const costs = 0.00003 + params.buffer
    let [working, heard, again] = [0, 0, 0]
    const look = (now: number): void => {
      const [spot, perp] = [best.get('binance'), best.get('binance-usdm')]
      if (spot === undefined || perp === undefined || working > 0) return
      if (Math.abs(held.binance + held['binance-usdm']) > 0.000_999_999) {
        if (now < again) return
        expected.push(`${now} unwind`)
        working = 1
        again = now + 1_000_000
        return
      }
      again = 0
      if (Math.min(spot.received, perp.received) < now - params.maxAgeMs * 1000) return
      const offered = { long: Math.min(spot.askSize, perp.bidSize), back: Math.min(perp.askSize, spot.bidSize) }
      const room = Math.min(params.maxInventory - held.binance, held['binance-usdm'] + params.maxInventory)
      const lots = (amount: number) => Math.floor(Math.min(params.size, amount) * 1000 + 1e-9)
      const long = lots(Math.min(offered.long, room))
      const back = lots(Math.min(offered.back, held.binance, -held['binance-usdm']))
      if (perp.bid / spot.ask - 1 - costs >= params.minSpread && long > 0) {
        expected.push(`${now} binance buy ${long}`, `${now} binance-usdm sell ${long}`)
        working = 2
      } else if (spot.bid / perp.ask - 1 - costs >= params.closeSpread && back > 0) {
        expected.push(`${now} binance-usdm buy ${back}`, `${now} binance sell ${back}`)
        working = 2
      }
    }
    const hearUntil = (time: number): void => {
      for (; heard < executions.length && executions[heard]!.received <= time; heard++) {
        const one = executions[heard]!
        const { exchange, side, lots, lotSize, kind, received } = one
        if (kind === 'fill') held[exchange as keyof typeof held] += (side === 'buy' ? 1 : -1) * lots! * lotSize
        if (isEnd(one)) working--
        look(received)
      }
    }
    for (const { exchange, received, bid, ask, bidSize, askSize } of await inOrder(topics())) {
      // What is seen at the moment of a row came of that row.
      hearUntil(received - 1)
      best.set(exchange, { bid, ask, bidSize, askSize, received })
      hearUntil(received)
      look(received)
    }
    const asked = signals.map(({ received, exchange, side, size, tag }) => {
      return tag === 'unwind' ? `${received} unwind` : `${received} ${exchange} ${side} ${Math.round(size! * 1000)}`
    })
    expect(asked).toEqual(expected)
    const count = (word: string) => asked.filter((one) => one.includes(word)).length
    expect(count('binance-usdm sell')).toBeGreaterThan(20)
    expect(count('binance-usdm buy')).toBeGreaterThan(20)
    // At 3 ms of latency some prices are gone: the other leg was taken back each time.
    expect(count('unwind')).toBeGreaterThan(0)
    expect(Math.abs(held.binance + held['binance-usdm'])).toBeLessThan(0.011)
    expect(
      Math.max(...(await rowsIn(topics(), 'positions', 'arb')).map(({ lots, lotSize }) => Math.abs(lots * lotSize))),
    ).toBeLessThanOrEqual(0.03 + 1e-9)
    expect(Math.abs(result.finalEquity - 10_000)).toBeLessThan(20)
  })

  test('each leg pays the fee of its exchange', async () => {
    const fills = (await rowsIn(topics(), 'executions', 'arb')).filter(({ kind }) => kind === 'fill')
    for (const { exchange, ticks, tickSize, lots, lotSize, fee } of fills) {
      const rate = exchange === 'binance' ? 0.00002 : 0.00001
      expect(Number(fee) / 1e8).toBeCloseTo(ticks! * tickSize * lots! * lotSize * rate, 7)
    }
    expect(new Set(fills.map(({ exchange }) => exchange)).size).toBe(2)
  })

  test('how rows were cut does not show, and parity holds', async () => {
    await runTopology(topics(), 'arb-cut', topology, { batchRows: 97, stepRows: 4000, snapshotRows: 4000 })
    expect(await outputsOf(topics(), 'arb-cut')).toEqual(await outputsOf(topics(), 'arb'))
    const about = (await aboutOf(topics(), 'arb'))!
    const { equal } = await parity(topics(), 'arb', about, { seats: seatsOf(about.plan.topology), codeHash: 'code' })
    expect(equal).toBe(true)
  })
})

describeWith('data', 'funding-carry over the rates that were paid on XRPUSDT', () => {
  const hour = 3_600_000_000
  // There are no candles of its spot market: the mark price, which follows it, stands for both, so that only funding is left to earn.
  const topics = withTopics(async (into) => {
    const file = join(dataDir, 'bars/xrp-usdt-perp-8h-mark.csv.gz')
    for (const exchange of ['binance', 'binance-usdm']) {
      await loadCandles(into, { exchange, symbol: 'XRPUSDT', file, interval: { name: '8h', us: 8 * hour } })
    }
    const rates = join(dataDir, 'bars/xrp-usdt-perp-8h-funding-rate.csv.gz')
    await loadFunding(into, { exchange: 'binance-usdm', symbol: 'XRPUSDT', file: rates })
  })

  test('it earns what a loop of its rules earns', async () => {
    const [size, fee, horizon, exit, cash] = [1000, 0.0004, 240, 0.00008, 10_000]
    const result = await runTopology(topics(), 'carry', {
      ...{ exchange: 'binance, binance-usdm', symbols: ['XRPUSDT'], risk: 'off', account: { cash } },
      strategy: { name: 'funding-carry', params: { size, horizonHours: horizon, exitRate: exit, slippage: 0 } },
      venue: { fees: { taker: fee } },
    })
    const candles = (await rowsIn(topics(), 'candles')).filter(({ exchange }) => exchange === 'binance')
    const rates = new Map((await rowsIn(topics(), 'funding')).map(({ time, rate }) => [time, rate]))
    let [held, wanted, money, funding, fills, rate] = [0, 0, cash, 0, 0, Number.NaN]
    let phase: 'flat' | 'holding' | 'leaving' = 'flat'
    for (const { open, close, time } of candles) {
      if (wanted !== held) {
        // Both legs are filled at the open: what the one pays the other gets, but for fees.
        money -= 2 * size * open * fee
        fills += 2
        held = wanted
      }
      rate = rates.get(time) ?? rate
      const paid = rates.get(time)
      if (paid !== undefined && held > 0) funding += size * close * paid
      const pays = rate > exit && (rate * horizon) / 8 - 4 * fee > 0
      if (phase === 'flat' && pays) [phase, wanted] = ['holding', size]
      else if (phase === 'holding' && rate < exit) [phase, wanted] = ['leaving', 0]
      else if (phase === 'leaving' && held === 0) phase = 'flat'
    }
    expect(fills).toBeGreaterThan(10)
    expect(result.fills).toBe(fills)
    expect(funding).toBeGreaterThan(1)
    expect(result.funding).toBeCloseTo(funding, 4)
    expect(result.finalEquity).toBeCloseTo(money + funding, 3)
  })
})

describeWith('data', 'pairs over three weeks of ETH and LTC in BTC', () => {
  const topics = withTopics(async (into) => {
    for (const name of ['eth', 'ltc']) {
      const file = join(dataDir, `bars/${name}-btc-5m.csv.gz`)
      const symbol = `${name.toUpperCase()}BTC`
      await loadCandles(into, { exchange: 'bybit', symbol, file, interval: { name: '5m', us: 300e6 }, settle: 'BTC' })
    }
  })

  test('it trades as its rules say', async () => {
    const [bars, entry, exit, stop, size, fee, cash] = [120, 2, 0.5, 3.5, 10, 0.0004, 100]
    const params = { first: 'ETHBTC', second: 'LTCBTC', bars, entry, exit, stop, size }
    const result = await runTopology(topics(), 'pairs', {
      ...{ exchange: 'bybit', symbols: ['ETHBTC', 'LTCBTC'], risk: 'off', account: { cash } },
      ...{ strategy: { name: 'pairs', params }, venue: { fees: { taker: fee } } },
    })
    const all = await rowsIn(topics(), 'candles')
    const of = (symbol: string) => new Map(all.filter((one) => one.symbol === symbol).map((one) => [one.openTime, one]))
    const [first, second] = [of('ETHBTC'), of('LTCBTC')]
    const lot = (await rowsIn(topics(), 'instruments')).find(({ symbol }) => symbol === 'LTCBTC')!.lotSize
    const both = [...first.keys()].filter((time) => second.has(time))
    const times = [...new Set(all.map(({ openTime }) => openTime))].sort((a, b) => a - b)
    const points: (readonly [number, number])[] = []
    const wanted = { first: 0, second: 0 }
    const held = { first: 0, second: 0 }
    let [money, fills, side, spent] = [cash, 0, 0, 0]
    const isBoth = new Set(both)
    for (const time of times) {
      for (const [name, candles] of [
        ['first', first],
        ['second', second],
      ] as const) {
        const candle = candles.get(time)
        if (candle === undefined || wanted[name] === held[name]) continue
        const change = wanted[name] - held[name]
        money -= change * candle.open + Math.abs(change) * candle.open * fee
        held[name] = wanted[name]
        fills++
      }
      if (!isBoth.has(time)) continue
      const [y, x] = [first.get(time)!.close, second.get(time)!.close]
      points.push([Math.log(x), Math.log(y)])
      if (points.length < bars) continue
      const window = points.slice(-bars)
      const mean = [0, 1].map((i) => window.reduce((sum, point) => sum + point[i]!, 0) / bars) as [number, number]
      const sum = (f: (a: number, b: number) => number) =>
        window.reduce((s, [a, b]) => s + f(a - mean[0], b - mean[1]), 0)
      const beta = sum((a, b) => a * b) / sum((a) => a * a)
      const z =
        (Math.log(y) - mean[1] - beta * (Math.log(x) - mean[0])) / Math.sqrt(sum((a, b) => (b - beta * a) ** 2) / bars)
      if (spent !== 0 && -spent * z <= exit) spent = 0
      const flat = () => Object.assign(wanted, { first: 0, second: 0 })
      if (side !== 0) {
        if (-side * z <= exit) {
          side = 0
          flat()
        } else if (-side * z >= stop) {
          spent = side
          side = 0
          flat()
        }
      } else if (Math.abs(z) >= entry && Math.abs(z) < stop && Math.sign(-z) !== spent && beta > 0) {
        side = Math.sign(-z)
        const hedge = Math.floor((beta * size * y) / x / lot + 1e-9) * lot
        Object.assign(wanted, { first: side * size, second: -side * hedge })
      }
    }
    const last = (candles: typeof first) => [...candles.values()].at(-1)!.close
    expect(fills).toBeGreaterThan(100)
    expect(result.fills).toBe(fills)
    expect(result.finalEquity).toBeCloseTo(money + held.first * last(first) + held.second * last(second), 4)
  })
})
