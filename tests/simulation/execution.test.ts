// Orders that are sent in parts over a month of real minutes, each algorithm held against a loop of its own.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import type { Execution, Order } from '../../schemas/records.generated.ts'
import { asker } from '../asker.ts'
import { outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { dataDir, describeWith, rounds } from '../data.ts'
import { type Month, month, openMonth } from '../month.ts'

const minute = 60_000_000

describeWith('data', 'over a month of minutes', () => {
  let topics: Month['topics']
  let candles: Month['candles']
  let close: Month['close'] | undefined

  beforeAll(async () => {
    ;({ topics, candles, close } = await openMonth({ lotSize: 0.001 }))
  })
  afterAll(() => close?.())

  /** Children that rest would be filled at the close that they are sent at. */
  const fillOf = (execution: NonNullable<TopologyInput['execution']>) =>
    ['iceberg', 'adaptive-limit'].includes([execution].flat()[0]!.name) ? 'next-open' : 'close'

  async function run(
    name: string,
    execution: NonNullable<TopologyInput['execution']>,
    targets: Record<string, number>,
    {
      exchange = month.exchange,
      exits,
      fees = { taker: 0, maker: 0 },
      ...more
    }: Parameters<typeof runTopology>[3] & Pick<TopologyInput, 'exchange' | 'exits'> & { readonly fees?: object } = {},
  ) {
    const topology: TopologyInput = {
      ...{ exchange, symbols: [month.symbol], risk: 'off', execution, exits, account: { cash: 1_000_000 } },
      strategy: { name: 'asker', params: { targets } },
      venue: { fill: fillOf(execution), fees: fees as Record<string, object> },
    }
    await runTopology(topics, name, topology, { strategy: asker, ...more })
    const orders = await rowsIn(topics, 'orders', name)
    const executions = await rowsIn(topics, 'executions', name)
    const events = await rowsIn(topics, 'risk-events', name)
    return { orders, executions, events, fills: executions.filter(({ kind }) => kind === 'fill') }
  }

  const ofSignal = (orders: readonly Order[], executions: readonly Execution[], number: number) => {
    const ids = new Set(orders.filter(({ signal }) => signal === number).map(({ clientId }) => clientId))
    return executions.filter(({ kind, clientId }) => kind === 'fill' && ids.has(clientId))
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
  const lotsOf = (fills: readonly Execution[]) => sum(fills.map(({ lots }) => lots!))

  test('twap over a day pays the plain average of the closes that it traded at', async () => {
    const { orders, executions, fills } = await run(
      'twap',
      { name: 'twap', minutes: 1440, slices: 1440 },
      { 100: 1.44, 3000: 0 },
    )
    expect(orders.map(({ tag }) => tag).slice(0, 3)).toEqual(['twap.1', 'twap.2', 'twap.3'])
    for (const [number, at] of [
      [1, 100],
      [2, 3000],
    ] as const) {
      const own = ofSignal(orders, executions, number)
      const closes = candles.slice(at, at + 1440).map((candle) => candle.close)
      expect(own.map(({ received, lots }) => [received, lots])).toEqual(
        candles.slice(at, at + 1440).map(({ received }) => [received, 1]),
      )
      const paid = sum(own.map(({ ticks, tickSize }) => ticks! * tickSize)) / own.length
      expect(paid).toBeCloseTo(sum(closes) / closes.length, 6)
    }
    expect(fills).toHaveLength(2880)
  })

  test('vwap cuts by what was traded in the same minutes of the days before, and evenly while none is known', async () => {
    const [first, second] = [50, 3 * 1440 + 700]
    const { orders } = await run('vwap', { name: 'vwap', minutes: 60, slices: 6 }, { [first]: 1, [second]: 3 })
    const lots = (number: number) => orders.flatMap((one) => (one.signal === number ? [one.lots!] : []))
    expect(orders[0]!.tag).toBe('vwap-even.1')
    expect(lots(1)).toEqual([167, 167, 167, 167, 166, 166])
    expect(orders.at(-1)!.tag).toBe('vwap.6')
    const begun = candles[second]!.received
    // Mean volume of the minute of the day, over all candles that were seen by then.
    const mean = (at: number) => {
      const same = candles.filter(
        ({ openTime, received }) => received <= begun && (openTime - at) % (1440 * minute) === 0,
      )
      return sum(same.map(({ volume }) => volume)) / same.length
    }
    const weights = Array.from({ length: 6 }, (_, slice) => {
      return sum(Array.from({ length: 10 }, (_, at) => mean(begun + (slice * 10 + at) * minute)))
    })
    const exact = weights.map((weight) => (2000 * weight) / sum(weights))
    const whole = exact.map(Math.floor)
    const ranks = exact.map((_, at) => at).sort((a, b) => (exact[b]! % 1) - (exact[a]! % 1))
    for (const at of ranks.slice(0, 2000 - sum(whole))) whole[at]!++
    expect(lots(2)).toEqual(whole)
    expect(new Set(whole).size).toBeGreaterThan(3)
  })

  test('participation keeps its fills at a share of the volume, and leaves the rest at its end', async () => {
    const rate = 2e-9
    const { orders, events } = await run('pov', { name: 'participation', rate, minutes: 30 }, { 20: 1 })
    let [volume, had] = [0, 0]
    const expected: number[] = []
    // Candle 20 is the signal's own; the last that counts is the one before the end.
    for (const { volume: more } of candles.slice(21, 50)) {
      volume += more
      const lots = Math.floor((rate * volume) / 0.001 + 1e-9) - had
      had += lots
      if (lots > 0) expected.push(lots)
    }
    expect(orders.map(({ lots }) => lots)).toEqual(expected)
    expect(expected.length).toBeGreaterThan(5)
    expect(events.map(({ check, reason, value, limit }) => [check, reason, value, limit])).toEqual([
      ['execution', 'REST_LEFT', had / 1000, 1],
    ])
  })

  test('an iceberg shows a tenth, then the next tenth, and each rests until a candle opens at it or goes below', async () => {
    const { orders, executions } = await run('iceberg', { name: 'iceberg', minutes: 5000 }, { 10: 1 })
    expect(orders.map(({ lots, tag, type, timeInForce }) => [lots, tag, type, timeInForce])).toEqual(
      Array.from({ length: 10 }, (_, at) => [100, `iceberg.${at + 1}`, 'limit', 'gtc']),
    )
    // Each stands at the close of the candle it was sent at, and is filled by the first that opens at it or goes below.
    let at = 10
    for (const { received, ticks, clientId, tickSize } of orders) {
      expect([received, ticks]).toEqual([candles[at]!.received, Math.round(candles[at]!.close / tickSize)])
      at +=
        1 +
        candles.slice(at + 1).findIndex(({ low, open }) => {
          const limit = ticks! * tickSize
          return open <= limit + 1e-9 || low < limit - 1e-9
        })
      const filled = executions.find((one) => one.clientId === clientId && one.kind === 'fill')!
      expect(filled.received).toBe(candles[at]!.received)
    }
  })

  test('adaptive-limit stands at the last price, is moved with it, and crosses at its end', async () => {
    const { orders, executions } = await run(
      'adaptive',
      { name: 'adaptive-limit', minutes: 5 },
      { 10: 1, 400: 0, 900: 1 },
    )
    expect(lotsOf(ofSignal(orders, executions, 1))).toBe(1000)
    expect(new Set(orders.map(({ kind }) => kind))).toContain('amend')
    for (const { kind, ticks, received, tickSize } of orders) {
      if (kind !== 'new' && kind !== 'amend') continue
      const { close } = candles.find((candle) => candle.received === received)!
      if (ticks !== undefined) expect(ticks * tickSize).toBeCloseTo(close, 6)
    }
  })

  test('an exit closes at once what is still being opened, and what came of it is taken back', async () => {
    const exits = [{ name: 'time', seconds: 1800 }]
    const { orders, executions } = await run(
      'exits',
      { name: 'twap', minutes: 60, slices: 60 },
      { 10: 0.6, 300: -0.6 },
      { exits },
    )
    const closes = orders.filter(({ tag }) => tag === undefined)
    expect(closes.map(({ received, side, lots }) => [received, side, lots])).toEqual([
      [candles[40]!.received, 'sell', 300],
      [candles[330]!.received, 'buy', 300],
    ])
    expect(orders.filter(({ tag }) => tag !== undefined)).toHaveLength(60)
    const fills = executions.filter(({ kind }) => kind === 'fill')
    expect(sum(fills.map(({ side, lots }) => (side === 'buy' ? lots! : -lots!)))).toBe(0)
  })

  test('on candles the router sends all to the exchange where it costs least after fees', async () => {
    const [file, interval] = [join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz'), { name: '1m', us: minute }]
    await loadCandles(topics, {
      exchange: 'binance-usdm',
      symbol: month.symbol,
      file,
      interval,
      settle: 'USDT',
      lotSize: 0.01,
    })
    const { orders, fills } = await run(
      'routed',
      [{ name: 'twap', minutes: 10 }, { name: 'router' }],
      { 20: 1, 60: 0 },
      { exchange: 'binance-usdm,bybit', fees: { 'binance-usdm': { taker: 0.01 }, bybit: { taker: 0.0005 } } },
    )
    expect(new Set(orders.map(({ exchange }) => exchange))).toEqual(new Set(['bybit']))
    expect(orders.map(({ lots }) => lots)).toEqual(Array.from({ length: 20 }, () => 100))
    expect(fills).toHaveLength(20)
  })

  const all: readonly NonNullable<TopologyInput['execution']>[] = [
    { name: 'twap', minutes: 200, slices: 37, jitter: 1 },
    { name: 'vwap', minutes: 90, slices: 9 },
    { name: 'participation', rate: 1e-9, minutes: 90, rest: 'take' },
    { name: 'iceberg', minutes: 120, share: 0.3 },
    { name: 'adaptive-limit', minutes: 20 },
    [{ name: 'twap', minutes: 60 }, { name: 'router' }],
  ]
  const targets = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [String(30 + at * 97), Math.round(Math.sin(at) * 1500) / 1000]),
  )

  test.each(all.slice(0, rounds(all.length, 2)))(
    '%j fills what was asked, no more, and nothing after its end',
    async (execution) => {
      const name = `all-${Array.isArray(execution) ? 'routed' : (execution as { name: string }).name}`
      const { orders, executions, events } = await run(name, execution, targets)
      expect(orders.length).toBeGreaterThan(100)
      const signals = await rowsIn(topics, 'signals', name)
      const minutes = Number([execution].flat()[0]!.minutes)
      let held = 0
      for (const [at, { number, received, target }] of signals.entries()) {
        const own = ofSignal(orders, executions, number)
        const sides = new Set(own.map(({ side }) => side))
        expect(sides.size).toBeLessThanOrEqual(1)
        held += lotsOf(own) * (own[0]?.side === 'buy' ? 1 : -1)
        // One that had its time has what was asked for; one that was followed by another stands between.
        const isOver = received + (minutes + 1) * minute < (signals[at + 1]?.received ?? candles.at(-1)!.received)
        if (isOver) expect(held).toBe(Math.round(target! * 1000))
        for (const one of orders)
          if (one.signal === number) expect(one.received).toBeLessThanOrEqual(received + minutes * minute + minute)
      }
      expect(events).toEqual([])
      await run(`${name}-cut`, execution, targets, { stepRows: 700, snapshotRows: 700 })
      expect(await outputsOf(topics, `${name}-cut`)).toEqual(await outputsOf(topics, name))
    },
  )
})
