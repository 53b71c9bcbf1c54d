// US-011: "As a trader, I want to set risk limits so that I never lose more than I can afford."
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import { describeWith } from '../data.ts'
import { type Candle, type Desk, dayUs, hourUs, market, minuteUs, openDesk, realMinutes } from './desk.ts'

interface Account {
  readonly time: number
  readonly equity: string
  readonly exposure: string
  readonly event: string
}

interface Fill {
  readonly time: number
  readonly kind: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly lots: number
  readonly lotSize: number
  readonly ticks: number
  readonly tickSize: number
}

interface RiskEvent {
  readonly time: number
  readonly symbol: string
  readonly check: string
  readonly action: string
  readonly reason: string
  readonly value: number
  readonly limit: number
}

/** What a file of limits may say; checks of which nothing is said stand aside, so that one limit alone is seen. */
const others = Object.fromEntries(
  [
    ...['stale-data', 'confidence', 'position-size', 'trade-risk', 'total-exposure', 'asset-exposure', 'leverage'],
    ...['value-at-risk', 'drawdown', 'hourly-loss', 'daily-loss', 'weekly-loss', 'losing-streak', 'volatility'],
    ...['correlation', 'liquidity', 'funding-rate', 'slippage'],
  ].map((check) => [check, false]),
)
const symbols = [market.symbol, 'ETHUSDT', 'SOLUSDT']
const day = (time: number) => Math.floor(time / dayUs)
const amount = (e8: string) => Number(e8) / 1e8

describeWith('data', 'US-011: limits that a trader sets', () => {
  let desk: Desk
  const base: TopologyInput = {
    ...{ exchange: market.exchange, symbols: [market.symbol], interval: '1m', flashCrash: 'off' },
    ...{ venue: { fill: 'close', fees: { taker: 0.0004 } } },
  }

  beforeAll(async () => {
    desk = openDesk()
    const first = realMinutes(0, 8 * 1440)
    await desk.load(first)
    // Other markets of the same days: those of later days of the month, at the times of the first.
    for (const [at, symbol] of symbols.slice(1).entries()) {
      const later = realMinutes((at + 1) * 10 * 1440, 8 * 1440)
      await desk.load(
        later.map((candle, minute): Candle => ({ ...candle, openTime: first[minute]!.openTime })),
        { symbol },
      )
    }
  })
  afterAll(() => desk?.close())

  /** A run under some limits. */
  async function traded(run: string, topology: TopologyInput) {
    await desk.json('backtest', desk.topology(`${run}.yaml`, { ...base, ...topology }), '--name', run)
    const accounts = await rows<Account>('accounts', run)
    const fills = (await rows<Fill>('executions', run)).filter(({ kind }) => kind === 'fill')
    return { accounts, fills: withPositions(fills), events: await rows<RiskEvent>('risk-events', run) }
  }

  /** Rows that a run wrote; none where it never wrote any. */
  async function rows<Row>(topic: string, run: string): Promise<Row[]> {
    const { code, out, err } = await desk.run('cat', topic, '--run', run, '--json')
    if (code !== 0) expect(err).toContain(`run ${run} wrote no ${topic}`)
    return code === 0 ? (JSON.parse(out) as Row[]) : []
  }

  test('US-011: a daily loss limit halts trading by itself, until the next UTC day, and no sooner', async () => {
    const share = 0.01
    const { accounts, fills, events } = await traded('daily', {
      ...{ account: { cash: 100_000 }, risk: { ...others, 'daily-loss': { share } } },
      strategy: { name: 'sma-cross', params: { fast: 20, slow: 60, size: 1, mode: 'long-flat' } },
    })
    // By hand: the first minute of each day at which 1 % of what there was at midnight is lost.
    const starts = new Map<number, number>()
    const halts = new Map<number, number>()
    for (const { time, equity } of accounts) {
      if (!starts.has(day(time))) starts.set(day(time), amount(equity))
      const lost = 1 - amount(equity) / starts.get(day(time))!
      if (lost >= share && !halts.has(day(time))) halts.set(day(time), time)
    }
    expect(halts.size).toBeGreaterThan(2)
    const said = (action: string) => events.filter((one) => one.check === 'daily-loss' && one.action === action)
    expect(said('halted').map(({ time }) => day(time))).toEqual([...halts.keys()])
    for (const { time, value } of said('halted')) {
      expect(Math.abs(time - halts.get(day(time))!)).toBeLessThanOrEqual(minuteUs)
      expect(value).toBeGreaterThanOrEqual(share)
    }
    // Each ends with the first minute of the day after it; the one of the last day does not.
    const nextDays = [...halts.keys()].map((one) => (one + 1) * dayUs).filter((time) => time <= accounts.at(-1)!.time)
    expect(said('resumed').map(({ time }) => time)).toEqual(nextDays)
    // In the rest of such a day nothing is opened or made larger, although the strategy asks; the day after it is again.
    const grown = fills.filter(({ before, after }) => Math.abs(after) > Math.abs(before))
    for (const { time } of said('halted')) {
      expect(grown.filter((fill) => day(fill.time) === day(time) && fill.time > time)).toEqual([])
      const refused = said('rejected').filter((event) => day(event.time) === day(time))
      if (time % dayUs < 20 * hourUs) expect(refused.map(({ reason }) => reason)).toContain('DAILY_LOSS')
    }
    expect(nextDays.some((next) => grown.some((fill) => day(fill.time) === day(next)))).toBe(true)
  })

  test('US-011: the size of a position respects the risk per trade, by the rule that sizes and by the check that refuses', async () => {
    const [risk, stop] = [0.01, 0.02]
    const limited = (sized: number): TopologyInput => ({
      ...{ account: { cash: 50_000 }, risk: { ...others, 'trade-risk': { share: risk } } },
      strategy: { name: 'mean-reversion', params: { bars: 60, entry: 2.5, stop, mode: 'long-flat' } },
      sizing: { name: 'fixed-fractional', risk: sized },
    })
    const { accounts, fills, events } = await traded('sized', limited(risk))
    const entries = fills.filter(({ before }) => before === 0)
    expect(entries.length).toBeGreaterThan(20)
    for (const { time, after, ticks, tickSize } of entries) {
      // What it loses at its stop, of the equity before it.
      const equity = amount(accounts.findLast((row) => row.time < time)!.equity)
      const loss = Math.abs(after) * ticks * tickSize * stop
      expect(loss).toBeLessThanOrEqual(equity * risk)
      // And no lot less than that.
      expect(loss + 0.001 * ticks * tickSize * stop).toBeGreaterThan(equity * risk * 0.999)
    }
    expect(events.filter(({ check }) => check === 'trade-risk')).toEqual([])
    // Whoever sizes for more is refused, each time.
    const greedy = await traded('greedy', limited(2 * risk))
    expect(greedy.fills).toEqual([])
    const refused = greedy.events.filter(({ reason }) => reason === 'MAX_TRADE_LOSS')
    expect(refused.length).toBeGreaterThan(20)
    for (const { value, limit } of refused) expect([value > risk, limit]).toEqual([true, risk])
  })

  test('US-011: the exposure of the whole portfolio stays within its limit: nothing that is opened leads beyond it', async () => {
    const share = 0.5
    const limited = (risk: Exclude<TopologyInput['risk'], string>): TopologyInput => ({
      ...{ symbols, account: { cash: 200_000 }, risk: { ...others, ...risk } },
      strategy: { name: 'sma-cross', params: { fast: 20, slow: 60, size: 1, mode: 'long-flat' } },
    })
    // Each is worth about a fifth of equity: three are too many.
    const ratios = (accounts: readonly Account[]) =>
      accounts.map(({ exposure, equity }) => amount(exposure) / amount(equity))
    const free = await traded('free', limited({}))
    expect(Math.max(...ratios(free.accounts))).toBeGreaterThan(share * 1.2)
    const { accounts, fills, events } = await traded('exposed', limited({ 'total-exposure': { share } }))
    // At each fill, and at each minute between.
    expect(accounts.filter(({ event }) => event === 'execution').length).toBeGreaterThan(100)
    expect(accounts.filter(({ event }) => event === 'minute').length).toBeGreaterThan(10_000)
    expect(Math.max(...ratios(accounts))).toBeLessThanOrEqual(share)
    // So it did what its strategy asked for as far as there was room, in every market.
    expect(new Set(fills.map(({ symbol }) => symbol))).toEqual(new Set(symbols))
    expect(Math.max(...ratios(accounts))).toBeGreaterThan(share * 0.8)
    const refused = events.filter(({ check, action }) => check === 'total-exposure' && action === 'rejected')
    expect(refused.length).toBeGreaterThan(10)
    for (const { value, limit } of refused) expect([value > share, limit]).toEqual([true, share])
  })
})

/** Fills with the signed size that was held before and after each. */
function withPositions(fills: readonly Fill[]) {
  const held = new Map<string, number>()
  return fills.map((fill) => {
    const before = held.get(fill.symbol) ?? 0
    const lots = before + (fill.side === 'buy' ? fill.lots : -fill.lots)
    held.set(fill.symbol, lots)
    return { ...fill, before: before * fill.lotSize, after: lots * fill.lotSize }
  })
}
