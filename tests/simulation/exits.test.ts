// Exits over a month of real minutes: each closes what a strategy holds where a loop of its own says so.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { type Month, month, openMonth, trueRanges } from '../month.ts'

const cash = 100_000

describeWith('data', 'over a month of minutes', () => {
  const market = month
  let topics: Month['topics']
  let candles: Month['candles']
  let close: Month['close'] | undefined

  beforeAll(async () => {
    ;({ topics, candles, close } = await openMonth())
  })
  afterAll(() => close?.())

  const topology = (exits: NonNullable<TopologyInput['exits']>): TopologyInput => ({
    ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off', exits, account: { cash } },
    strategy: { name: 'sma-cross', params: { fast: 120, slow: 480, mode: 'long-short' } },
    venue: { fill: 'close', fees: { taker: 0, maker: 0 } },
  })

  interface Now {
    readonly i: number
    readonly side: number
    readonly entry: number
    readonly since: number
    readonly best: number
    readonly close: number
    readonly equity: number
    readonly highest: number
  }

  /** Fills and equity when a rule may close what the strategy's targets hold, before the strategy is heard. */
  async function byHand(run: string, leaves: (now: Now) => boolean) {
    const targets = new Map<number, number>()
    for (const { time, target, reason } of await rowsIn(topics, 'signals', run))
      if (!reason.startsWith('exit:')) targets.set(time, target!)
    let [held, money, fills, exits, entry, since, best, highest] = [0, cash, 0, 0, 0, 0, 0, cash]
    const to = (wanted: number, { close, time }: Candle) => {
      money -= (wanted - held) * close
      if (wanted !== held) fills++
      if (Math.sign(wanted) !== Math.sign(held)) [entry, since, best] = [close, time, Number.NaN]
      held = wanted
    }
    for (const [i, candle] of candles.entries()) {
      const { close, time } = candle
      const equity = money + held * close
      if (held === 0 || equity > highest) highest = equity
      const side = Math.sign(held)
      if (side !== 0) {
        if (!(side * (best - close) >= 0)) best = close
        if (leaves({ i, side, entry, since: (time - since) / 1e6, best, close, equity, highest })) {
          to(0, candle)
          exits++
        }
      }
      if (targets.has(time)) to(targets.get(time)!, candle)
    }
    return { fills, exits, equity: money + held * candles.at(-1)!.close }
  }

  async function agrees(exits: NonNullable<TopologyInput['exits']>, leaves: (now: Now) => boolean) {
    const run = exits.map(({ name }) => name).join('-')
    const result = await runTopology(topics, run, topology(exits))
    const expected = await byHand(run, leaves)
    expect(expected.exits).toBeGreaterThan(10)
    expect(result.fills).toBe(expected.fills)
    expect(result.finalEquity).toBeCloseTo(expected.equity, 4)
  }

  test('a clock closes what was held for an hour', async () => {
    await agrees([{ name: 'time', seconds: 3600 }], ({ since }) => since >= 3600)
  })

  test('a stop closes at its loss, at its target, and at the entry after a gain', async () => {
    await agrees([{ name: 'stop', share: 0.01, breakEvenAt: 0.008, target: 0.03 }], ({ side, close, entry, best }) => {
      const gain = side * (close / entry - 1)
      return gain <= -0.01 || gain >= 0.03 || (gain <= 0 && side * (best / entry - 1) >= 0.008)
    })
  })

  test('a trailing stop follows at a distance of true ranges', async () => {
    const known = trueRanges(candles, 22)
    await agrees([{ name: 'trailing', multiplier: 8 }], ({ i, side, best, close }) => {
      return side * (best - close) >= known[i - 1]! * 8
    })
  })

  test('a portfolio stop closes when equity fell from its highest since nothing was held', async () => {
    await agrees([{ name: 'portfolio', share: 0.005 }], ({ equity, highest }) => equity <= highest * 0.995)
  })

  test('in a moderate flash crash a stop closes at half its distance, until it is calm', async () => {
    const share = 0.006
    await runTopology(topics, 'crash', {
      ...topology([{ name: 'stop', share }]),
      flashCrash: { '5m': { moderate: 0.008, severe: 0.5, extreme: 0.9 }, calmMinutes: 30 },
    })
    const executions = await rowsIn(topics, 'executions', 'crash')
    const events = await rowsIn(topics, 'risk-events', 'crash')
    const signals = await rowsIn(topics, 'signals', 'crash')
    let [held, entry, heard, said, restless, nearer] = [0, 0, 0, 0, false, 0]
    const expected: number[] = []
    for (const { close, received } of candles) {
      // At the row of the alarm the order that takes half is on its way, and nothing more is asked for.
      let busy = false
      for (; events[said] !== undefined && events[said]!.received <= received; said++) {
        const { check, action } = events[said]!
        busy ||= action === 'reduced'
        if (check === 'emergency' && (action === 'reduced' || action === 'resumed')) restless = action === 'reduced'
      }
      const loss = held === 0 ? 0 : -Math.sign(held) * (close / entry - 1)
      if (!busy && loss >= share * (restless ? 0.5 : 1)) {
        expected.push(received)
        if (loss < share) nearer++
      }
      for (; executions[heard] !== undefined && executions[heard]!.received <= received; heard++) {
        const { kind, side, lots, ticks, tickSize } = executions[heard]!
        if (kind !== 'fill') continue
        const change = side === 'buy' ? lots! : -lots!
        const after = held + change
        if (Math.sign(after) !== Math.sign(held)) entry = ticks! * tickSize
        else if (Math.abs(after) > Math.abs(held)) entry += (ticks! * tickSize - entry) * (change / after)
        held = after
      }
    }
    const asked = signals.filter(({ reason }) => reason === 'exit: stopped').map(({ received }) => received)
    expect(asked).toEqual(expected)
    expect(nearer).toBeGreaterThan(5)
    expect(asked.length).toBeGreaterThan(nearer)
  })

  test('of several exits the first that says so closes, and what they remember is in the snapshots', async () => {
    const exits = [
      { name: 'trailing', multiplier: 10 },
      { name: 'stop', share: 0.01 },
      { name: 'time', seconds: 7200 },
    ]
    await runTopology(topics, 'whole', topology(exits))
    await runTopology(topics, 'cut', topology(exits), { stepRows: 3000, snapshotRows: 3000 })
    expect(await outputsOf(topics, 'cut')).toEqual(await outputsOf(topics, 'whole'))
    const reasons = new Set((await rowsIn(topics, 'signals', 'whole')).map(({ reason }) => reason.split(' ')[1]))
    for (const reason of ['10', 'stopped', 'held']) expect(reasons).toContain(reason)
  })
})
