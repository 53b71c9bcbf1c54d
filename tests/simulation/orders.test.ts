// Orders that wait, over a month of real minutes: what strategies get, held against a loop that reads the same candles.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { OrderAsk } from '../../operators/desk.ts'
import { pack, unpack } from '../../operators/stage.ts'
import { defineStrategy, type Strategy } from '../../operators/strategies/strategy.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { type Month, month, openMonth } from '../month.ts'

/** Minutes between two looks for an entry. */
const every = 97

/** Buys at market when it holds nothing and waits for nothing, with what `exits` says at that close. */
function entering(exits: (close: number) => readonly OrderAsk[], entry: Partial<OrderAsk> = {}): Strategy {
  return defineStrategy({
    name: 'entering',
    summary: 'enters now and then, and leaves its exits to the exchange',
    parameters: z.strictObject({}),
    warmup: () => 0,
    needs: 'bars',
    create(_, desk) {
      let seen = 0
      return {
        bar({ close }) {
          if (seen++ % every !== 0 || desk.busy(0) || desk.position(0) !== 0) return
          desk.order(0, { tag: 'entry', side: 'buy', size: 1, ...entry }, 'now')
          for (const exit of exits(close))
            desk.order(0, { parent: 'entry', reduceOnly: true, size: 1, ...exit }, 'exit')
        },
        save: () => pack(seen),
        load: (bytes) => {
          seen = unpack<number>(bytes)
        },
      }
    },
  })
}

describeWith('data', 'over a month of minutes', () => {
  const market = month
  let topics: Month['topics']
  let candles: Month['candles']
  let close: Month['close'] | undefined
  let tick = 0

  beforeAll(async () => {
    ;({ topics, candles, close } = await openMonth())
    tick = (await rowsIn(topics, 'instruments')).at(-1)!.tickSize
  })
  afterAll(() => close?.())

  const topology = (more: TopologyInput['venue'] = {}): TopologyInput => ({
    ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off', strategy: { name: 'entering' } },
    venue: { fill: 'next-open', ...more },
  })
  const ticks = (price: number) => Math.round(price / tick)

  /** Every fill of a run: minute, side, price in ticks. */
  async function fillsOf(run: string, strategy: Strategy, venue: TopologyInput['venue'] = {}) {
    await runTopology(topics, run, topology(venue), { strategy })
    const executions = await rowsIn(topics, 'executions', run)
    return executions
      .filter(({ kind }) => kind === 'fill')
      .map((one) => `${(one.received - candles[0]!.received) / 60e6} ${one.side} ${one.ticks}`)
  }

  /** What `exit` says of each candle in which one is held, the entry's own among them; a new position begins with `begin`. */
  function byHand<S>(begin: (close: number) => S, exit: (candle: Candle, state: S) => number | undefined): string[] {
    const fills: string[] = []
    let state: S | undefined
    let isHeld = false
    for (const [i, candle] of candles.entries()) {
      if (state !== undefined && !isHeld) {
        fills.push(`${i} buy ${ticks(candle.open)}`)
        isHeld = true
      }
      const price = isHeld ? exit(candle, state!) : undefined
      if (price !== undefined) {
        fills.push(`${i} sell ${price}`)
        isHeld = false
        state = undefined
      }
      if (i % every === 0 && state === undefined) state = begin(candle.close)
    }
    return fills
  }

  test('FR-301: a market order is filled at the next price there is, and its slippage grows with the root of its size', async () => {
    const strategy = entering(() => [], { size: 1, tag: 'entry' })
    const opens = await fillsOf('at-market', strategy)
    expect(opens).toEqual([`1 buy ${ticks(candles[1]!.open)}`])
    const slips = async (size: number) => {
      const own = entering(() => [], { size })
      const late = defineStrategy({ ...own, name: 'late', create: (params, desk) => lateOf(own.create(params, desk)) })
      const [fill] = await fillsOf(`slip-${size}`, late, { slippage: 'square-root' })
      const [minute, , price] = fill!.split(' ').map(Number) as [number, number, number]
      return price - ticks(candles[minute]!.open)
    }
    // A day of minutes first, so that there is an activity to measure by.
    const lateOf = (trader: ReturnType<Strategy['create']>) => {
      let seen = 0
      const bar: typeof trader.bar = (one) => {
        if (seen++ >= 1440) trader.bar!(one)
      }
      return { ...trader, bar }
    }
    const [small, large] = [await slips(0.1), await slips(10)]
    expect(small).toBeGreaterThan(0)
    // Rounded up to whole ticks, both.
    expect(large).toBeGreaterThan(10 * (small - 1))
    expect(large).toBeLessThanOrEqual(10 * small)
  })

  test('FR-303: a stop triggers at the mark, and is filled at its trigger or where the market opened beyond it', async () => {
    const strategy = entering((close) => [{ tag: 'stop', side: 'sell', type: 'stop-market', trigger: close - 250 }])
    const expected = byHand(
      (close) => ticks(close - 250),
      ({ open, low }, stop) => (ticks(low) <= stop ? Math.min(stop, ticks(open)) : undefined),
    )
    expect(expected.length).toBeGreaterThan(100)
    expect(await fillsOf('stop', strategy)).toEqual(expected)
  })

  test('FR-304: a take-profit triggers at the mark, and is filled at its limit', async () => {
    const strategy = entering((close) => {
      const price = close + 100
      return [{ tag: 'target', side: 'sell', type: 'take-profit-limit', trigger: price, price }]
    })
    const expected = byHand(
      (close) => ticks(close + 100),
      ({ high }, target) => (ticks(high) > target ? target : undefined),
    )
    expect(expected.length).toBeGreaterThan(15)
    expect(await fillsOf('target', strategy)).toEqual(expected)
  })

  test('FR-305: a trailing stop follows the price, and is filled where it stood', async () => {
    const strategy = entering(() => [{ tag: 'trail', side: 'sell', type: 'trailing-stop', callback: 0.008 }])
    const level = (best: number) => Math.floor(best * 0.992 * (1 + 1e-12))
    const expected = byHand(
      () => ({ best: 0 }),
      ({ open, high, low, close }, state) => {
        const before = state.best
        state.best = Math.max(before, ticks(open))
        if (before > 0 && ticks(open) <= level(before)) return ticks(open)
        if (ticks(low) <= level(state.best)) return level(state.best)
        state.best = Math.max(state.best, ticks(high))
        return ticks(close) <= level(state.best) ? level(state.best) : undefined
      },
    )
    expect(expected.length).toBeGreaterThan(100)
    expect(await fillsOf('trail', strategy)).toEqual(expected)
  })

  const bracket = { stop: -160, takeProfit: 200 }
  const bracketed = (fill: 'next-open' | 'close') =>
    defineStrategy({
      ...entering(() => []),
      name: `bracketed-${fill}`,
      create(_, desk) {
        let seen = 0
        return {
          bar({ close }) {
            if (seen++ % every !== 0 || desk.busy(0) || desk.position(0) !== 0) return
            const { stop, takeProfit } = bracket
            const prices = { stop: close + stop, takeProfit: close + takeProfit }
            desk.order(0, { tag: 'entry', side: 'buy', size: 1, bracket: prices }, 'now')
          },
          save: () => pack(seen),
          load: (bytes) => {
            seen = unpack<number>(bytes)
          },
        }
      },
    })

  test('FR-306: of stop and target one is filled and cancels the other, the stop where a candle touches both', async () => {
    const expected = byHand(
      (close) => ({ stop: ticks(close + bracket.stop), target: ticks(close + bracket.takeProfit) }),
      ({ open, high, low }, { stop, target }) => {
        if (ticks(open) <= stop) return ticks(open)
        if (ticks(open) > target) return target
        if (ticks(low) <= stop) return stop
        return ticks(high) > target ? target : undefined
      },
    )
    expect(expected.length).toBeGreaterThan(200)
    expect(await fillsOf('bracket', bracketed('next-open'))).toEqual(expected)
    const executions = await rowsIn(topics, 'executions', 'bracket')
    const cancelled = executions.filter(({ reason }) => reason === 'GROUP_DONE')
    const entries = executions.filter(({ kind, side }) => kind === 'fill' && side === 'buy')
    const exits = executions.filter(({ kind, side }) => kind === 'fill' && side === 'sell')
    expect(cancelled.length).toBe(exits.length)
    expect(entries.length - exits.length).toBeLessThanOrEqual(1)
  })

  test('FR-306: how rows were cut does not show in brackets, and what waits is in the snapshots', async () => {
    for (const fill of ['next-open', 'close'] as const) {
      const strategy = bracketed(fill)
      await runTopology(topics, `whole-${fill}`, topology({ fill }), { strategy })
      await runTopology(topics, `cut-${fill}`, topology({ fill }), { strategy, stepRows: 1000, snapshotRows: 1000 })
      const whole = await outputsOf(topics, `whole-${fill}`)
      expect(whole.executions!.rows).toBeGreaterThan(500)
      expect(await outputsOf(topics, `cut-${fill}`)).toEqual(whole)
    }
  })

  test('FR-307: an order is good till cancelled, at once or not at all, only as a maker, or until its time', async () => {
    const asked = { side: 'buy', type: 'limit', size: 0.001 } as const
    /** At the close, or below it. */
    const limitAt = (minute: number, close: number) => close - ((minute / every) % 2) * 40
    const kinds = ['gtc', 'ioc', 'fok', 'gtx', 'gtd'] as const
    const strategy = defineStrategy({
      ...entering(() => []),
      name: 'in-force',
      create(_, desk) {
        let seen = 0
        return {
          bar({ close, time }) {
            const minute = seen++
            if (minute % every !== 0) return
            for (const kind of kinds) {
              desk.cancel(kind, 'again')
              const expires = kind === 'gtd' ? { expires: time + 30 * 60e6 } : {}
              desk.order(0, { ...asked, tag: kind, price: limitAt(minute, close), timeInForce: kind, ...expires }, kind)
            }
          },
          save: () => pack(seen),
          load: (bytes) => {
            seen = unpack<number>(bytes)
          },
        }
      },
    })
    await runTopology(topics, 'in-force', topology(), { strategy })
    const tags = new Map((await rowsIn(topics, 'orders', 'in-force')).map(({ clientId, tag }) => [clientId, tag]))
    const ends = new Map<string, number>()
    for (const { clientId, kind, liquidity, reason } of await rowsIn(topics, 'executions', 'in-force')) {
      if (kind === 'accepted' || kind === 'cancel-rejected') continue
      const what = `${tags.get(clientId)} ${reason ?? liquidity ?? kind}`
      ends.set(what, (ends.get(what) ?? 0) + 1)
    }
    // At each look the next open is at the limit or better, or a candle of the next 30, or of the next 97, goes through it.
    const expected = new Map<string, number>()
    const count = (what: string) => expected.set(what, (expected.get(what) ?? 0) + 1)
    for (let i = 0; i + 1 < candles.length; i += every) {
      const limit = ticks(limitAt(i, candles[i]!.close))
      const takes = ticks(candles[i + 1]!.open) <= limit
      const after = candles.slice(i + 1, i + 1 + every)
      const through = after.findIndex(({ low }) => ticks(low) < limit)
      count(
        takes ? 'gtc taker' : through >= 0 ? 'gtc maker' : i + every + 1 < candles.length ? 'gtc cancelled' : 'open',
      )
      count(takes ? 'ioc taker' : 'ioc IOC_REST')
      count(takes ? 'fok taker' : 'fok FOK_NOT_FILLABLE')
      count(
        takes
          ? 'gtx POST_ONLY_WOULD_TAKE'
          : through >= 0
            ? 'gtx maker'
            : i + every + 1 < candles.length
              ? 'gtx cancelled'
              : 'open',
      )
      count(
        takes
          ? 'gtd taker'
          : through >= 0 && through < 30
            ? 'gtd maker'
            : after.length > 30
              ? 'gtd GTD_EXPIRED'
              : 'open',
      )
    }
    expected.delete('open')
    expect(Object.fromEntries([...ends].sort())).toEqual(Object.fromEntries([...expected].sort()))
    expect(ends.size).toBeGreaterThan(10)
  })
})
