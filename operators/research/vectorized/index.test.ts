import { describe, expect, test } from 'vitest'
import type { SmartspeedError } from '../../../schemas/errors.ts'
import { instrumentOf } from '../../instrument.ts'
import { perpetual } from '../../portfolio/samples.ts'
import { random } from '../../random.ts'
import { type Strategy, strategyOf } from '../../strategies/index.ts'
import { type CandleColumns, prepareSweep, type SweepMarket, type SweepTerms, sweepTrials, whyNot } from './index.ts'

const minuteUs = 60_000_000
const startUs = Date.UTC(2024, 0, 1) * 1000
const smaCross = strategyOf('sma-cross')
const terms: SweepTerms = { fill: 'close', cashE8: 10n ** 14n }
const costs = { instrument: instrumentOf(perpetual(), 0), takerFee: 0.0004 }

/** A random walk in tenths, a candle a minute. */
function walk(bars: number, seed = 3): CandleColumns {
  const dice = random(seed)
  let price = 10_000
  const close = Float64Array.from({ length: bars }, () => {
    price = Math.max(500, price + Math.floor(dice.next() * 41) - 20)
    return price / 10
  })
  const open = Float64Array.from(close, (_, bar) => close[Math.max(0, bar - 1)]!)
  return {
    time: Float64Array.from(close, (_, bar) => startUs + bar * minuteUs),
    ...{ open, close, volume: new Float64Array(bars).fill(1) },
    high: Float64Array.from(close, (one, bar) => Math.max(one, open[bar]!)),
    low: Float64Array.from(close, (one, bar) => Math.min(one, open[bar]!)),
  }
}

function marketOf(candles: CandleColumns): SweepMarket {
  return { ...costs, candles }
}

const candles = walk(5000)
const markets = [marketOf(candles)]
/** More than two chunks, in no order. */
const grid = Array.from({ length: 600 }, (_, at) => {
  const fast = 1 + ((at * 37) % 50)
  return { fast, slow: fast + 1 + ((at * 11) % 300), size: 1 + (at % 3), mode: at % 2 ? 'long-short' : 'long-flat' }
})

async function fault(work: Promise<unknown>): Promise<SmartspeedError> {
  try {
    await work
  } catch (error) {
    return error as SmartspeedError
  }
  throw new Error('no fault')
}

describe('a sweep', () => {
  test('is the same on any number of threads, and each trial is what it is alone', async () => {
    const whole = await sweepTrials(smaCross, markets, grid, terms)
    for (const threads of [1, 2, 7]) {
      expect(await sweepTrials(smaCross, markets, grid, terms, { threads })).toEqual(whole)
    }
    const width = whole.ends.length
    for (const at of [0, 255, 256, 599]) {
      const alone = await sweepTrials(smaCross, markets, [grid[at]!], terms)
      expect(alone.finalEquityE8[0]).toBe(whole.finalEquityE8[at])
      expect(alone.fills[0]).toBe(whole.fills[at])
      expect(alone.endEquity).toEqual(whole.endEquity.slice(at * width, (at + 1) * width))
    }
    expect(Math.min(...whole.fills)).toBeGreaterThan(0)
  })

  test('says how far it is after each chunk, and stops when asked to', async () => {
    const told: number[] = []
    await sweepTrials(smaCross, markets, grid, terms, { onProgress: (done) => told.push(done) })
    expect(told).toEqual([256, 512, 600])
    const stop = new AbortController()
    const onProgress = () => stop.abort()
    const stopped = await fault(sweepTrials(smaCross, markets, grid, terms, { signal: stop.signal, onProgress }))
    expect(stopped).toMatchObject({ code: 'INTERRUPTED', message: 'the sweep stopped after 256 of 600 trials' })
  })

  test('leaves the event loop to others meanwhile', async () => {
    let turns = 0
    const turn = setInterval(() => turns++, 0)
    await sweepTrials(smaCross, [marketOf(walk(100_000))], grid, terms)
    clearInterval(turn)
    expect(turns).toBeGreaterThan(2)
  })

  test('can be made ready once and run often; what becomes of the candles meanwhile does not show', async () => {
    const own = { ...candles, close: candles.close.slice(), open: candles.open.slice() }
    const sweep = prepareSweep(smaCross, [marketOf(own)], { ...terms, fill: 'next-open' })
    own.close.fill(1)
    own.open.fill(1)
    const whole = await sweepTrials(smaCross, markets, grid, { ...terms, fill: 'next-open' })
    expect(await sweep.run(grid)).toEqual(whole)
    expect((await sweep.run(grid.slice(0, 3))).finalEquityE8).toEqual(whole.finalEquityE8.slice(0, 3))
  })

  test('ends with its last day, whose equity is the final one; where none are asked for there are none', async () => {
    const { ends, endEquity, finalEquityE8 } = await sweepTrials(smaCross, markets, [{}], terms)
    expect([...ends]).toEqual([1440, 2880, 4320, 5000].map((minute) => startUs + minute * minuteUs))
    expect(endEquity.at(-1)).toBe(Number(finalEquityE8[0]) / 1e8)
    const without = await sweepTrials(smaCross, markets, [{}], terms, { ends: new Float64Array(0) })
    expect([without.ends.length, without.endEquity.length]).toEqual([0, 0])
    expect(without.finalEquityE8).toEqual(finalEquityE8)
  })

  test('of no trials, and of no bars, is nothing, and the cash', async () => {
    expect((await sweepTrials(smaCross, markets, [], terms)).fills.length).toBe(0)
    const { finalEquityE8, ends } = await sweepTrials(smaCross, [marketOf(walk(0))], [{}], terms)
    expect([finalEquityE8[0], ends.length]).toEqual([terms.cashE8, 0])
    const short = await sweepTrials(smaCross, markets, [{ fast: 10, slow: 99_999 }], terms)
    expect([short.finalEquityE8[0], short.fills[0]]).toEqual([terms.cashE8, 0])
  })
})

describe('what cannot be swept is refused', () => {
  test('a strategy without a vectorized form, and one that only has the name of such a strategy', async () => {
    expect(whyNot(smaCross, markets, terms)).toBeUndefined()
    expect(whyNot(strategyOf('grid'), markets, terms)).toContain('grid has no vectorized form')
    expect(whyNot({ ...smaCross }, markets, terms)).toContain('sma-cross has no vectorized form')
    const { code, fix } = await fault(sweepTrials(strategyOf('grid'), markets, [{}], terms))
    expect([code, fix]).toEqual(['CONFIG_INVALID', expect.stringContaining('docs/sweeps.md')])
  })

  test.each<[Partial<SweepTerms>, string]>([
    [{ slippageBps: -1 }, 'slippage is 0 to 10,000 basis points, not -1'],
    [{ stopLoss: 0 }, 'a stop is a share above 0 and at most 10, not 0'],
    [{ takeProfit: Number.NaN }, 'a target is a share above 0 and at most 10, not NaN'],
    [{ cashE8: 2n ** 63n }, 'does not fit 64 bits'],
  ])('terms such as %o', (some, reason) => {
    expect(whyNot(smaCross, markets, { ...terms, ...some })).toContain(reason)
  })

  test('markets of which nothing can be reckoned, none, and one twice', () => {
    const fine = { ...costs.instrument, lotNumerator: 2 ** 53, contractSize: 1e9 }
    expect(whyNot(smaCross, [{ ...costs, instrument: fine }], terms)).toContain('too fine')
    expect(whyNot(smaCross, [{ ...costs, takerFee: 2 }], terms)).toBe('a fee is a share within ±1, not 2')
    expect(whyNot(smaCross, [], terms)).toBe('there is no market')
    expect(whyNot(smaCross, [costs, costs], terms)).toContain('is there twice')
  })

  test('parameters that the strategy would not take, by their names', async () => {
    expect(await fault(sweepTrials(smaCross, markets, [{ fast: 9, slow: 3 }], terms))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'strategy sma-cross: fast = 9; fast must be below slow',
    })
  })

  test('candles without a price, out of order, or of columns that differ', async () => {
    const close = candles.close.slice()
    close[7] = 0
    expect(await fault(sweepTrials(smaCross, [marketOf({ ...candles, close })], [{}], terms))).toMatchObject({
      code: 'VALUE_IMPOSSIBLE',
      message: expect.stringContaining('close 0 at bar 7'),
    })
    const time = candles.time.slice().fill(5, 9)
    expect((await fault(sweepTrials(smaCross, [marketOf({ ...candles, time })], [{}], terms))).message).toContain(
      'bar 9',
    )
    const short = { ...candles, volume: new Float64Array(3) }
    expect((await fault(sweepTrials(smaCross, [marketOf(short)], [{}], terms))).message).toContain('several lengths')
  })

  test('targets of no size that an order can have: nothing is sent', async () => {
    const bars = candles.close.length
    const targets = Float64Array.from(
      { length: bars },
      (_, bar) => [1, Infinity, -Infinity, 1e300, Number.NaN][bar % 5]!,
    )
    const { fills } = await sweepTrials({ ...smaCross, vectorized: () => targets }, markets, [{}], terms)
    expect(fills[0]).toBe(1)
  })

  test('targets that are not one a bar, a form that throws, and money that no account can hold', async () => {
    const strategy: Strategy = { ...smaCross, vectorized: () => new Float64Array(2) }
    expect(await fault(sweepTrials(strategy, markets, [{}], terms))).toMatchObject({
      code: 'STRATEGY_FAILED',
      message: 'strategy sma-cross: 2 targets for 5000 bars',
    })
    const broken: Strategy = {
      ...smaCross,
      vectorized: () => {
        throw new Error('no such column')
      },
    }
    expect(await fault(sweepTrials(broken, markets, [{}], terms))).toMatchObject({
      code: 'STRATEGY_FAILED',
      message: 'strategy sma-cross: its vectorized form failed: no such column',
    })
    const rich = { ...terms, cashE8: 2n ** 63n - 1n }
    const paid = [{ ...markets[0]!, takerFee: -0.5 }]
    expect((await fault(sweepTrials(smaCross, paid, [{ size: 1000 }], rich))).code).toBe('ACCOUNT_OVERFLOW')
  })
})
