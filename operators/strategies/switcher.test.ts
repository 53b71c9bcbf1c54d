import { beforeEach, describe, expect, test } from 'vitest'
import type { SmartspeedError } from '../../schemas/errors.ts'
import type { Execution } from '../../schemas/records.generated.ts'
import type { BarView, Trader } from '../desk.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { parseParameters, strategies } from './index.ts'
import { type SampleDesk, sampleDesk } from './sample-desk.ts'
import { switcher } from './switcher.ts'

type Params = Parameters<typeof switcher.create>[0]

const second = 1_000_000
const bar = (close: number, instrument = 0): BarView => ({
  ...{ instrument, time: 0, openTime: 0, interval: '1m', open: close, high: close, low: close, close, volume: 1 },
})
const cross = (size: number) => ({ name: 'sma-cross', params: { fast: 1, slow: 2, size, mode: 'long-short' } })
const maker = { name: 'market-maker', params: { spread: 10, spreadUnit: 'ticks', size: 0.01, refreshMs: 0 } }

let desk: SampleDesk
let trader: Trader
let given: Record<string, unknown>
let saves = false

const paramsOf = (all: Record<string, unknown>) => parseParameters(switcher, all) as Params

function start(changes: Record<string, unknown> = {}): void {
  desk = sampleDesk([0, 1].map((index) => instrumentOf(perpetual({ symbol: `S${index}` }), index)))
  given = { regimes: { RANGING: cross(1), BULL: cross(2), BEAR: maker }, minHoldMs: 0, ...changes }
  trader = switcher.create(paramsOf(given), desk)
}

function asked(what: () => void): string[] {
  if (saves) {
    const bytes = trader.save()
    trader = switcher.create(paramsOf(given), desk)
    trader.load(bytes)
  }
  desk.asked.length = 0
  what()
  return [...desk.asked]
}

/** A bar a minute later, in a regime: what is asked at it. */
function close(price: number, regime?: string, instrument = 0): string[] {
  desk.now += 60 * second
  if (regime !== undefined) desk.regimes.set(`${instrument} 1h`, { regime, confidence: 1, strength: 1, since: 0 })
  return asked(() => trader.bar!(bar(price, instrument)))
}

function top(bidTicks: number, askTicks: number): string[] {
  desk.now += second
  Object.assign(desk.markets[0]!, { bidTicks, askTicks, bidLots: 1, askLots: 1, synced: true })
  return asked(() => trader.top!(desk.markets[0]!))
}

function heard(kind: Execution['kind']): string[] {
  return asked(() => trader.execution!({ kind, exchange: 'binance-usdm', symbol: 'S0' } as Execution))
}

for (const restarts of [false, true]) {
  describe(restarts ? 'saved and loaded before every row' : 'in one go', () => {
    beforeEach(() => {
      saves = restarts
      start()
    })

    test('nothing is traded until the first regime is known, and then by the strategy of that regime', () => {
      expect([close(1), close(2), close(1)]).toEqual([[], [], []])
      expect(close(2, 'RANGING')).toEqual(['target 0 1'])
      expect(close(1)).toEqual(['target 0 -1'])
    })

    test('a regime that is not named has the other strategy, or none', () => {
      close(1, 'EXTREME_BEAR')
      expect(close(2)).toEqual([])
      start({ otherwise: cross(5) })
      close(1, 'EXTREME_BEAR')
      expect(close(2)).toEqual(['target 0 5'])
    })

    test('another regime: what is held is closed first, and the next one acts when it is gone', () => {
      close(1, 'RANGING')
      expect(close(2)).toEqual(['target 0 1'])
      desk.positions[0] = 1
      expect(close(1, 'BULL')).toEqual(['target 0 0'])
      desk.coming.add(0)
      // On its way: no second order, and what the next one wishes meanwhile goes nowhere.
      expect(close(2)).toEqual([])
      desk.coming.clear()
      desk.positions[0] = 0
      expect(heard('fill')).toEqual([])
      expect(close(1)).toEqual(['target 0 -2'])
    })

    test('a close that found no buyer is asked for again a second later', () => {
      close(1, 'RANGING')
      close(2)
      desk.positions[0] = 1
      expect(close(3, 'EXTREME_BULL')).toEqual(['target 0 0'])
      expect(heard('expired')).toEqual([])
      desk.now += second
      expect(heard('expired')).toEqual(['target 0 0'])
    })

    test('without a position the next one acts on the very bar', () => {
      close(1, 'RANGING')
      expect(close(2, 'BULL')).toEqual(['target 0 2'])
    })

    test('regimes with the same strategy and parameters are no switch', () => {
      start({ regimes: { RANGING: cross(1), BULL: cross(1) } })
      close(1, 'RANGING')
      close(2)
      desk.positions[0] = 1
      expect(close(3, 'BULL')).toEqual([])
      expect(close(1)).toEqual(['target 0 -1'])
    })

    test('no switch comes sooner after the last than told', () => {
      start({ minHoldMs: 120_000 })
      expect([close(1, 'RANGING'), close(2)]).toEqual([[], ['target 0 1']])
      start({ minHoldMs: 120_000 })
      close(2, 'RANGING')
      expect(close(1, 'BULL')).toEqual(['target 0 -1'])
      expect(close(2)).toEqual(['target 0 2'])
    })

    test('orders are taken back before the rest is closed, and only then the next one acts', () => {
      start({ regimes: { RANGING: cross(1), BEAR: maker } })
      desk.now = second
      top(999, 1001)
      close(100, 'BEAR')
      const quotes = [
        'market-maker.0.bid: buy 0.01 of 0 at 99.4 gtx',
        'market-maker.0.ask: sell 0.01 of 0 at 100.4 gtx',
      ]
      expect(top(998, 1000)).toEqual(quotes)
      desk.positions[0] = 0.01
      expect(close(101, 'RANGING')).toEqual(['cancel market-maker.0.bid', 'cancel market-maker.0.ask'])
      expect(top(990, 992)).toEqual([])
      desk.tags.delete('market-maker.0.bid')
      expect(heard('cancelled')).toEqual([])
      desk.tags.delete('market-maker.0.ask')
      expect(heard('cancelled')).toEqual(['target 0 0'])
      desk.positions[0] = 0
      expect(heard('fill')).toEqual([])
      expect(close(99)).toEqual(['target 0 -1'])
    })

    test('an execution is heard by the one that acts: its quotes move on', () => {
      top(999, 1001)
      close(100, 'BEAR')
      top(998, 1000)
      desk.tags.delete('market-maker.0.bid')
      desk.positions[0] = 0.01
      heard('fill')
      // Nothing of the book changed: it looks again because it heard of its fill, and leans a tenth of half its spread.
      expect(top(998, 1000)).toEqual(['market-maker.0.bid: buy 0.01 of 0 at 99.3 gtx'])
    })

    test('each instrument is switched by itself', () => {
      close(1, 'RANGING')
      close(1, 'BULL', 1)
      expect(close(2)).toEqual(['target 0 1'])
      expect(close(2, undefined, 1)).toEqual(['target 1 2'])
    })
  })
}

test('a strategy of ticks on candles is refused, in place of no trades', () => {
  start()
  const fault = () => close(1, 'BEAR')
  expect(fault).toThrow('switcher: strategy market-maker needs ticks; this run is on candles')
  start()
  top(999, 1001)
  expect(fault).not.toThrow()
})

describe('its parameters', () => {
  function fault(all: Record<string, unknown>): SmartspeedError {
    try {
      paramsOf(all)
    } catch (error) {
      return error as SmartspeedError
    }
    throw new Error('no fault')
  }

  test('have a usual strategy for the regimes of each horizon', () => {
    for (const horizon of ['1m', '1h', '24h', 'risk']) {
      const { regimes, otherwise } = paramsOf({ horizon })
      expect(Object.values(regimes).map(({ name }) => name)).toContain('momentum-breakout')
      expect(otherwise.name).toBe('none')
    }
  })

  test('may be names, or JSON text from the command line, and are the same when parsed again', () => {
    const once = paramsOf({ regimes: '{"BULL": "sma-cross"}', otherwise: 'mean-reversion' })
    expect(once.regimes.BULL).toEqual({ name: 'sma-cross', params: { fast: 10, slow: 30, size: 1, mode: 'long-flat' } })
    expect(paramsOf(once)).toEqual(once)
  })

  test('that name no regime, strategy or parameter are refused with the nearest one', () => {
    expect(fault({ regimes: { RANGNG: 'sma-cross' } })).toMatchObject({
      message: expect.stringContaining('unknown regime of horizon 1h "RANGNG"; allowed: EXTREME_BULL, STRONG_BULL'),
      fix: 'did you mean "RANGING"?',
    })
    expect(fault({ regimes: { BULL: 'sma-cros' } }).fix).toBe('did you mean "sma-cross"?')
    expect(fault({ regimes: { BULL: { name: 'sma-cross', params: { fsat: 3 } } } })).toMatchObject({
      message: expect.stringContaining('unknown parameter fsat = 3'),
      fix: 'did you mean "fast"?',
    })
    expect(fault({ otherwise: 'switcher' }).message).toContain('unknown strategy "switcher"')
    expect(fault({ regimes: { BULL: { name: 'sma-cross', parms: {} } } }).message).toContain('unknown key parms')
  })

  test('give the warm-up and the intervals of all that may trade', () => {
    expect(
      switcher.warmup(
        paramsOf({ regimes: { BULL: cross(1), BEAR: { name: 'mean-reversion', params: { bars: 77 } } } }),
      ),
    ).toBe(77)
    expect(switcher.intervals!(paramsOf({}))).toEqual([])
    expect([switcher.features, switcher.regimes]).toEqual([true, true])
  })

  test('may name one strategy twice, whose orders do not meet', () => {
    start({ regimes: { BULL: maker, BEAR: { ...maker, params: { ...maker.params, spread: 20 } } } })
    top(999, 1001)
    close(100, 'BULL')
    expect(top(998, 1000)[0]).toBe('market-maker0.0.bid: buy 0.01 of 0 at 99.4 gtx')
    close(100, 'BEAR')
    desk.tags.clear()
    heard('cancelled')
    expect(top(999, 1001)[0]).toBe('market-maker1.0.bid: buy 0.01 of 0 at 99 gtx')
  })

  test('may name every built-in strategy but the switcher, those of two legs, and the grid', () => {
    // A gate stands before one instrument, and what a grid believes to hold is closed with it.
    const barred = new Set(['switcher', 'cross-arbitrage', 'funding-carry', 'pairs', 'grid'])
    for (const { name } of strategies) {
      if (barred.has(name)) expect(() => paramsOf({ regimes: { BULL: name } }), name).toThrow(/allowed: sma-cross/)
      else expect(paramsOf({ regimes: { BULL: name } }).regimes.BULL?.name).toBe(name)
    }
  })
})
