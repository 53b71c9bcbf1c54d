// US-002: "As a strategy developer, I want to validate my strategy against realistic market conditions so that I can trust the backtest
// results before risking capital."
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import { describeWith } from '../data.ts'
import { type Candle, type Desk, hourUs, market, minuteUs, openDesk, realMinutes, tick, until } from './desk.ts'

/** What a backtest prints, as far as it is looked at. */
interface Result {
  readonly fills: number
  readonly trades: number
  readonly fees: number
  readonly funding: number
  readonly finalEquity: number
  readonly warnings: readonly { code: string }[]
}

interface Execution {
  readonly kind: string
  readonly time: number
  readonly ticks: number
  readonly tickSize: number
}

interface Account {
  readonly time: number
  readonly equity: string
  readonly event: string
}

const cash = 100_000
const terms = { taker: 0.0004, slippageBps: 2, rate: 0.0001, size: 0.5, fast: 30, slow: 120 }

describeWith('data', 'US-002: a backtest under the conditions of a real perpetual', () => {
  let desk: Desk
  let candles: Candle[]
  /** What `sma-cross` does in three days of January 2022, with everything that costs something. */
  const topology: TopologyInput = {
    ...{ exchange: market.exchange, symbols: [market.symbol], interval: '1m', account: { cash }, risk: 'off' },
    strategy: {
      name: 'sma-cross',
      params: { fast: terms.fast, slow: terms.slow, size: terms.size, mode: 'long-short' },
    },
    venue: {
      ...{ fill: 'next-open', fees: { taker: terms.taker }, slippage: { bps: terms.slippageBps } },
      funding: { rate: terms.rate, intervalHours: 8 },
    },
  }
  let file: string

  beforeAll(async () => {
    desk = openDesk()
    candles = realMinutes(0, 3 * 1440)
    await desk.load(candles)
    file = desk.topology('desk.yaml', topology)
  })
  afterAll(() => desk?.close())

  test('US-002: a backtest includes fees, slippage and funding, each to the last digit of a plain loop', async () => {
    const result = await desk.json<Result>('backtest', file, '--name', 'backtest')
    const hand = byHand(candles)
    expect(hand.fills).toBeGreaterThan(20)
    expect(hand.paid).toBe(8)
    expect(result.fills).toBe(hand.fills)
    expect(result.fees).toBeCloseTo(hand.fees, 6)
    expect(result.funding).toBeCloseTo(hand.funding, 6)
    expect(result.finalEquity).toBeCloseTo(hand.equity, 6)
    expect([hand.fees > 0, hand.slippage > 0, hand.funding !== 0]).toEqual([true, true, true])
    // The report shows what slippage took, though candles know no bid and ask.
    const page = join(desk.folder, 'backtest.html')
    await desk.json('report', 'backtest', '-o', page)
    const shown = /Slippage when taking<\/th><td class="number loss">.*?<\/span>([^<]*)<\/td>/.exec(
      readFileSync(page, 'utf8'),
    )
    expect(Number(shown![1]!.replaceAll('\u2009', '').replace('\u2212', '-'))).toBeCloseTo(-hand.slippage, 6)
    // Without them the same trades come to what they cost more.
    const free = await desk.json<Result>('backtest', desk.topology('free.yaml', { ...topology, venue: freeOfCharge }))
    const costs = hand.fees + hand.slippage - hand.funding
    expect(free.fills).toBe(hand.fills)
    expect(free.finalEquity - result.finalEquity).toBeCloseTo(costs, 6)
  })

  test('US-002: funding that was really paid is loaded from a file, and goes before an assumed rate', async () => {
    const times = candles.filter(({ openTime }) => openTime % (8 * hourUs) === 0).map(({ openTime }) => openTime)
    const rates = times.map((time, at) => `${time / 1000},${at % 2 === 0 ? 0.0003 : -0.0002}`)
    const own = openDesk()
    try {
      await own.load(candles)
      const paid = own.write('funding.csv', `calc_time,last_funding_rate\n${rates.join('\n')}\n`)
      const loaded = await own.json<{ rows: number }>(
        ...['load', 'funding', paid, '--exchange', market.exchange, '--symbol', market.symbol],
      )
      expect(loaded.rows).toBe(times.length)
      const result = await own.json<Result>('backtest', own.topology('desk.yaml', topology))
      const hand = byHand(candles, (time) => (times.indexOf(time) % 2 === 0 ? 0.0003 : -0.0002))
      expect(result.funding).toBeCloseTo(hand.funding, 6)
      expect(result.finalEquity).toBeCloseTo(hand.equity, 6)
    } finally {
      await own.close()
    }
  })

  test('US-002: a position of a margin account is liquidated where smartspeed calc liquidation-price says', async () => {
    // On the 5th of January the market fell by 7 %: a long of 20 times goes.
    const own = openDesk()
    try {
      const fall = realMinutes(5900, 1400)
      await own.load(fall)
      const brackets = [{ initialLeverage: 125, notionalFloor: 0, notionalCap: 1e9, maintMarginRatio: 0.004, cum: 0 }]
      const margin = { mode: 'isolated' as const, leverage: 20, brackets: [{ symbol: '*', brackets }] }
      const held = own.topology('held.yaml', {
        ...{ ...topology, strategy: { name: holder(own), params: { size: 1 } }, account: { cash: 3000 } },
        venue: { fill: 'next-open', fees: { taker: terms.taker }, margin },
      })
      const result = own.shell<Result>(['backtest', held, '--name', 'held'])
      expect(result.warnings.map(({ code }) => code)).toContain('LIQUIDATED')
      const executions = await own.json<Execution[]>('cat', 'executions', '--run', 'held')
      const [entry] = executions.filter(({ kind }) => kind === 'fill')
      const [end, ...more] = executions.filter(({ kind }) => kind === 'liquidation')
      expect(more).toEqual([])
      const entryPrice = entry!.ticks * tick
      const asked = {
        ...{ side: 'long', size: 1, entryPrice, walletBalance: entryPrice / 20 },
        tiers: [{ floor: 0, cap: null, rate: 0.004, amount: 0 }],
      }
      const { price } = own.shell<{ price: number }>(['calc', 'liquidation-price'], JSON.stringify(asked))
      // The first candle after it that went there, and the price that it had there.
      const there = fall.find(({ openTime, low }) => openTime >= entry!.time && low <= price)!
      expect([end!.time, end!.ticks]).toEqual([
        there.openTime + minuteUs,
        Math.floor(Math.min(there.open, price) / tick),
      ])
    } finally {
      await own.close()
    }
  })

  test('US-002: paper trading over the same rows, as they come, gives the backtest: within 5 %, and in fact equal', async () => {
    const own = openDesk()
    try {
      const pieces = [0, 1, 2].map((day) => candles.slice(day * 1440, (day + 1) * 1440))
      await own.load(pieces[0]!)
      const paper = own.start(
        'run',
        own.topology('desk.yaml', topology),
        '--follow',
        '--name',
        'paper',
        '--commit-ms',
        '5',
      )
      let last: Account | undefined
      for (const [at, piece] of pieces.entries()) {
        if (at > 0) await own.load(piece)
        const end = piece.at(-1)!.openTime + minuteUs
        last = await until(paper, async () => {
          const from = String(end - minuteUs)
          const { code, out } = await own.run('cat', 'accounts', '--run', 'paper', '--from', from, '--json')
          return code === 0 && (JSON.parse(out) as Account[]).findLast(({ time }) => time === end)
        })
      }
      expect(await paper.stop()).toBe(130)
      // Both of the accounts at the last minute: of the backtest the row before the one that ends it.
      const backtest = await desk.json<Account[]>('cat', 'accounts', '--run', 'backtest')
      const same = backtest.findLast(({ time, event }) => time === last!.time && event !== 'end')!
      const [profit, hoped] = [last, same].map((row) => Number(row!.equity) / 1e8 - cash) as [number, number]
      expect(Math.abs(profit - hoped) / Math.abs(hoped)).toBeLessThanOrEqual(0.05)
      expect(profit).toBe(hoped)
      // Trade by trade.
      const trades = await own.json<object[]>('trades', 'paper')
      expect(trades.length).toBeGreaterThan(10)
      expect(trades).toEqual(await desk.json<object[]>('trades', 'backtest'))
    } finally {
      await own.close()
    }
  })
})

const freeOfCharge: TopologyInput['venue'] = {
  ...{ fill: 'next-open', fees: { taker: 0 }, funding: { rate: 0, intervalHours: 8 } },
}

/** A strategy of its own that buys once and holds. */
function holder(desk: Desk): string {
  return desk.write(
    'holder.ts',
    `import { defineStrategy, pack, unpack, z } from 'smartspeed'

export default defineStrategy({
  name: 'holder',
  summary: 'buys once, and holds',
  parameters: z.strictObject({ size: z.number().positive() }),
  warmup: () => 0,
  needs: 'bars',
  create({ size }, desk) {
    let done = false
    return {
      bar({ instrument }) {
        if (!done) desk.target(instrument, size, 'and holds')
        done = true
      },
      save: () => pack(done),
      load: (bytes) => {
        done = unpack(bytes)
      },
    }
  },
})
`,
  )
}

/**
 * The rule of `sma-cross` and what it costs: filled at the next open, worse by 2 basis points (rounded up to a tick), a fee on the value,
 * and every 8 hours a rate on what is held, at the close of the minute that ended then.
 */
function byHand(candles: readonly Candle[], rateAt: (time: number) => number = () => terms.rate) {
  const { taker, slippageBps, size, fast, slow } = terms
  const sums = [0]
  for (const { close } of candles) sums.push(sums.at(-1)! + close / tick)
  let [held, wanted, money, fees, slippage, funding, fills, paid, before] = [0, 0, cash, 0, 0, 0, 0, 0, 0]
  for (const [i, { openTime, open, close }] of candles.entries()) {
    if (wanted !== held) {
      const worse = Math.ceil(((open / tick) * slippageBps) / 10_000) * tick * Math.sign(wanted - held)
      const fee = Math.abs(wanted - held) * (open + worse) * taker
      money -= (wanted - held) * (open + worse) + fee
      fees += fee
      slippage += (wanted - held) * worse
      fills++
      held = wanted
    }
    const end = openTime + minuteUs
    if (end % (8 * hourUs) === 0 && held !== 0) {
      const received = -held * close * rateAt(end)
      money += received
      funding += received
      paid++
    }
    if (i + 1 < slow) continue
    const sign = Math.sign((sums[i + 1]! - sums[i + 1 - fast]!) * slow - (sums[i + 1]! - sums[i + 1 - slow]!) * fast)
    if (sign > 0 && before <= 0) wanted = size
    if (sign < 0 && before >= 0) wanted = -size
    before = sign
  }
  return { equity: money + held * candles.at(-1)!.close, fees, slippage, funding, fills, paid }
}
