import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instrumentOf } from '../instrument.ts'
import { emptyHolding, type Holding } from '../portfolio/holding.ts'
import { Ledger } from '../portfolio/ledger.ts'
import { markValue } from '../portfolio/money.ts'
import { perpetual } from '../portfolio/samples.ts'
import { affordable } from './affordable.ts'
import { type BracketsInput, bracketsSchema, tiersOf } from './brackets.ts'
import { defaultBrackets } from './default-brackets.ts'
import { edgesOf } from './edges.ts'
import { crossHealth, isolatedHealth, standingOf, surplusOf } from './health.ts'
import { liquidationPrice } from './liquidation-price.ts'
import type { MarginTerms } from './terms.ts'
import { initialMargin, leverageAt, maintenanceMargin, type Tier } from './tiers.ts'

const brackets = bracketsSchema.parse(defaultBrackets)
const tiers = tiersOf(brackets, 'BTCUSDT')
/** As the tiers, in coins. */
const coins = tiers.map(({ floor, cap, amount, ...one }) => {
  return { ...one, floor: floor / 1e4, cap: cap! / 1e4, amount: amount / 1e4 }
})
const linear = [instrumentOf(perpetual(), 0), instrumentOf(perpetual({ symbol: 'ETHUSDT', tickSize: 0.01 }), 1)]
const inverse = instrumentOf(
  perpetual({ symbol: 'BTCUSD_PERP', settle: 'BTC', lotSize: 1, contractSize: 100, inverse: true }),
  0,
)

describe('brackets', () => {
  test('those of ours leave no jump, and no maintenance margin reaches the initial one', () => {
    for (const { floor } of tiers.slice(1)) {
      const below = maintenanceMargin(floor, tiers).margin
      expect(maintenanceMargin(floor * (1 + 1e-12), tiers).margin).toBeCloseTo(below, 3)
    }
    for (const { rate, leverage } of tiers) expect(rate).toBeLessThan(1 / leverage!)
    expect(tiers.map(({ amount }) => amount)).toEqual([0, 50, 1300, 16_300, 141_300])
  })

  test('are taken as Binance answers them, in the quote asset or in coins, in any order', () => {
    const usdm = bracketsSchema.parse([
      {
        ...{ symbol: 'ETHUSDT', notionalCoef: 1.5 },
        brackets: [
          { bracket: 2, initialLeverage: 50, notionalCap: 20, notionalFloor: 10, maintMarginRatio: 0.01, cum: 0.035 },
          { bracket: 1, initialLeverage: 75, notionalCap: 10, notionalFloor: 0, maintMarginRatio: 0.0065, cum: 0 },
        ],
      },
    ])
    const [first, second] = tiersOf(usdm, 'ETHUSDT')
    expect(first).toEqual({ floor: 0, cap: 10, rate: 0.0065, amount: 0, leverage: 75 })
    expect(second).toMatchObject({ floor: 10, cap: 20, leverage: 50 })
    const coinm = [
      {
        symbol: 'BTCUSD_PERP',
        brackets: [{ initialLeverage: 125, qtyCap: 50, qtylFloor: 0, maintMarginRatio: 0.004 }],
      },
    ] satisfies BracketsInput
    expect(tiersOf(bracketsSchema.parse(coinm), 'BTCUSD_PERP')).toEqual([
      { floor: 0, cap: 50, rate: 0.004, amount: 0, leverage: 125 },
    ])
    expect(() => tiersOf(usdm, 'ETHUSDC')).toThrow('no brackets of ETHUSDC')
  })

  test('that leave a hole, or ask for more than a position is opened with, are refused', () => {
    const of = (...list: BracketsInput[number]['brackets']) =>
      tiersOf(bracketsSchema.parse([{ symbol: '*', brackets: list }]), 'X')
    const low = { initialLeverage: 50, notionalFloor: 0, notionalCap: 10, maintMarginRatio: 0.01 }
    expect(() => of(low, { ...low, notionalFloor: 11, notionalCap: 20 })).toThrow('begins at 11')
    expect(() => of({ ...low, maintMarginRatio: 0.02 })).toThrow('1 / 50')
    expect(bracketsSchema.safeParse([{ symbol: '*', brackets: [{ ...low, qtyCap: 10 }] }]).success).toBe(false)
  })
})

describe('FR-204: initial margin', () => {
  test('is notional / leverage, as far as the tier of the notional allows it, and none is enough beyond the last cap', () => {
    const chosen = { leverage: 100, tiers }
    expect([40_000, 200_000, 600_000, 2_000_000].map((notional) => leverageAt(notional, chosen))).toEqual([
      100, 100, 50, 20,
    ])
    expect(initialMargin(600_000, chosen)).toBe(12_000)
    expect(initialMargin(600_000, { leverage: 20, tiers })).toBe(30_000)
    expect(initialMargin(20_000_001, chosen)).toBe(Number.POSITIVE_INFINITY)
  })
})

/** A ledger with positions at marks: each of `held` a signed number of lots at an entry in ticks. */
function account(terms: MarginTerms, cash: number, held: readonly Held[], marks: readonly number[]): Ledger {
  const instruments = terms.tiers.length === 1 ? [inverse] : linear
  const ledger = new Ledger(cash, instruments, terms)
  for (const { index, ticks, lots } of held) {
    ledger.fill(ledger.at(index, lots < 0 ? 'short' : 'long'), { ticks, lots, fee: 0 })
  }
  for (const holding of ledger.holdings) holding.mark = marks[holding.instrument.index]!
  return ledger
}

interface Held {
  readonly index: number
  readonly ticks: number
  readonly lots: number
}

function termsOf(changes: Partial<MarginTerms>, of: readonly (readonly Tier[])[] = [tiers, tiers]): MarginTerms {
  return {
    ...{ mode: 'cross', positions: 'one-way', leverage: of.map(() => 20), tiers: of, collateral: [] },
    ...{ liquidationFee: 0.012, insuranceFund: 0, ...changes },
  }
}

/** What is left above the maintenance margin by the formulas alone, with an instrument at another mark. */
function plainSurplus(ledger: Ledger, terms: MarginTerms, index: number, ticks: number): number {
  let surplus = Number(ledger.balance) / 1e8
  for (const holding of ledger.holdings) {
    if (holding.lots === 0) continue
    const at: Holding = { ...holding, mark: holding.instrument.index === index ? ticks : holding.mark }
    const sign = holding.instrument.inverse ? -1 : 1
    const value = Number(markValue(at.scales, at.mark, at.lots)) / 1e8
    surplus += sign * value - Number(at.cost) / 1e8
    surplus -= maintenanceMargin(Math.abs(value), terms.tiers[holding.instrument.index]!).margin
  }
  for (const { amount, haircut, at } of terms.collateral) {
    if ('price' in at) surplus += amount * (1 - haircut) * at.price
    else
      surplus +=
        amount *
        (1 - haircut) *
        (at.instrument === index ? ticks : ledger.holdings[at.instrument]!.mark) *
        ledger.holdings[at.instrument]!.instrument.tickSize
  }
  return surplus
}

const lots = fc.integer({ min: -60_000, max: 60_000 }).filter((one) => one !== 0)
const price = (middle: number) => fc.integer({ min: Math.round(middle * 0.95), max: Math.round(middle * 1.05) })
const positions = fc.record({
  btc: lots,
  eth: fc.integer({ min: -200_000, max: 200_000 }),
  // In hedge mode, on the other side.
  other: fc.nat(30_000),
  entries: fc.tuple(price(500_000), price(300_000), price(500_000)),
  marks: fc.tuple(price(500_000), price(300_000)),
  share: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
})

describe('FR-205: the marks at which an account falls short', () => {
  for (const [hedge, collateral] of [
    [false, false],
    [true, false],
    [false, true],
  ] as const)
    test(`are where the margin ratio of a cross account crosses 1, with several positions${hedge ? ' in hedge mode' : ''}${collateral ? ' and collateral' : ''}`, () => {
      let found = 0
      const behind = collateral
        ? [
            { asset: 'BTC', amount: 2, haircut: 0.05, at: { instrument: 0 } },
            { asset: 'X', amount: 10, haircut: 0.5, at: { price: 3 } },
          ]
        : []
      const terms = termsOf({ positions: hedge ? 'hedge' : 'one-way', collateral: behind })
      fc.assert(
        fc.property(positions, ({ btc, eth, other, entries, marks, share }) => {
          const held = [
            { index: 0, ticks: entries[0], lots: btc },
            ...(eth === 0 ? [] : [{ index: 1, ticks: entries[1], lots: eth }]),
            ...(hedge && other > 0 ? [{ index: 0, ticks: entries[2], lots: btc > 0 ? -other : other }] : []),
          ]
          const notional = held.reduce(
            (sum, one) => sum + Math.abs(one.lots) * 0.001 * one.ticks * linear[one.index]!.tickSize,
            0,
          )
          const ledger = account(terms, Math.round(notional * share * 1e8), held, marks)
          const surplus = surplusOf(crossHealth(ledger, terms))
          expect(Math.abs(surplus - plainSurplus(ledger, terms, 0, marks[0])) / notional).toBeLessThan(1e-9)
          if (!(surplus > notional * 1e-4)) return
          for (const index of eth === 0 ? [0] : [0, 1]) {
            const { low, high } = edgesOf(index, ledger, terms)
            for (const [edge, outwards] of [
              [low, -1],
              [high, 1],
            ] as const) {
              if (!Number.isFinite(edge) || edge < 100) continue
              found++
              expect(Math.sign(edge - marks[index]!)).toBe(outwards)
              expect(Math.abs(plainSurplus(ledger, terms, index, edge)) / notional).toBeLessThan(1e-6)
              expect(plainSurplus(ledger, terms, index, edge * (1 - outwards * 1e-4))).toBeGreaterThan(0)
              expect(plainSurplus(ledger, terms, index, edge * (1 + outwards * 1e-4))).toBeLessThan(0)
            }
          }
        }),
        { numRuns: 1000 },
      )
      expect(found).toBeGreaterThan(500)
    })

  test('of an isolated position hang on what it was opened with alone, and lower leverage is never liquidated earlier', () => {
    fc.assert(
      fc.property(positions, fc.integer({ min: 1, max: 60 }), ({ btc, entries }, leverage) => {
        const size = Math.trunc(btc / 20) || 1
        const edge = (chosen: number) => {
          const terms = termsOf({ mode: 'isolated', leverage: [chosen, chosen] })
          const ledger = account(terms, 1e14, [{ index: 0, ticks: entries[0], lots: size }], [entries[0], 300_000])
          expect(surplusOf(isolatedHealth(ledger.holdings[0]!, terms))).toBeGreaterThan(0)
          const { low, high } = edgesOf(0, ledger, terms)
          const held = ledger.holdings[0]!
          const row = standingOf(held, ledger, terms)
          const told = { side: size > 0 ? 'long' : 'short', size: Math.abs(size) * 0.001, tiers } as const
          const other = { otherMaintenanceMargin: 0, otherUnrealizedPnl: 0 }
          const plain = liquidationPrice({
            ...told,
            ...other,
            entryPrice: entries[0] / 10,
            walletBalance: Number(held.margin) / 1e8,
          })
          const at = size > 0 ? low : high
          // Opened at 1× a long is covered down to nothing, give or take a double.
          if (plain.price === null || plain.price < 1e-6) expect(at).toBeLessThan(1e-3)
          else {
            expect(at / 10 / plain.price).toBeCloseTo(1, 9)
            expect(row.liquidationPrice! / plain.price).toBeCloseTo(1, 9)
          }
          return at
        }
        const [more, less] = [edge(leverage + 1), edge(leverage)]
        if (size > 0) expect(less).toBeLessThanOrEqual(more)
        else expect(less).toBeGreaterThanOrEqual(more)
      }),
      { numRuns: 500 },
    )
  })

  test('of an inverse contract lose coins: the same formulas of 1 / price', () => {
    const terms = termsOf({}, [coins])
    let found = 0
    fc.assert(
      fc.property(
        lots,
        price(500_000),
        price(500_000),
        fc.double({ min: 0.02, max: 0.5, noNaN: true }),
        (size, entry, mark, share) => {
          const notional = (Math.abs(size) * 100) / (mark / 10)
          const ledger = account(
            terms,
            Math.round(notional * share * 1e8),
            [{ index: 0, ticks: entry, lots: size }],
            [mark],
          )
          if (!(surplusOf(crossHealth(ledger, terms)) > notional * 1e-4)) return
          const { low, high } = edgesOf(0, ledger, terms)
          const edge = size > 0 ? low : high
          expect(size > 0 ? high : low).toBe(size > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
          if (!Number.isFinite(edge)) return
          found++
          // A mark between ticks is taken to 1/1024 of one, and each amount to 10⁻⁸.
          expect(Math.abs(plainSurplus(ledger, terms, 0, edge))).toBeLessThan(4e-8 + notional * 1e-8)
          expect(plainSurplus(ledger, terms, 0, edge * (size > 0 ? 0.999 : 1.001))).toBeLessThan(0)
          const { price } = liquidationPrice({
            ...{ side: size > 0 ? 'long' : 'short', size: Math.abs(size) * 100, entryPrice: entry / 10, inverse: true },
            ...{
              walletBalance: Number(ledger.balance) / 1e8,
              tiers: coins,
              otherMaintenanceMargin: 0,
              otherUnrealizedPnl: 0,
            },
          })
          if (notional > 1) expect(price! / (edge / 10)).toBeCloseTo(1, 6)
        },
      ),
      { numRuns: 1000 },
    )
    expect(found).toBeGreaterThan(500)
  })

  test('are unknown while a mark is, and then nothing can be opened', () => {
    const terms = termsOf({ collateral: [{ asset: 'ETH', amount: 1, haircut: 0, at: { instrument: 1 } }] })
    const ledger = account(terms, 1e12, [], [500_000, Number.NaN])
    const order = { instrument: 0, side: 'buy', ticks: 500_000, leftLots: 1 } as const
    const { needs, has } = affordable(ledger, terms, [], { order, price: 500_000, feeRate: 0 })
    expect(needs <= has).toBe(false)
    ledger.holdings[1]!.mark = 300_000
    expect(affordable(ledger, terms, [], { order, price: 500_000, feeRate: 0 })).toEqual({ needs: 2.5, has: 13_000 })
    expect(emptyHolding(linear[0]!).margin).toBe(0)
  })
})

describe('FR-204: what an order needs', () => {
  const terms = termsOf({ leverage: [10, 20] })
  const need = (
    ledger: Ledger,
    order: Parameters<typeof affordable>[3]['order'],
    open: Parameters<typeof affordable>[2] = [],
  ) => affordable(ledger, terms, open, { order, price: order.ticks!, feeRate: 0.001 })

  test('is margin at its leverage, its fee, and what it loses at once', () => {
    const ledger = account(terms, 1e12, [], [500_000, 300_000])
    const buy = { instrument: 0, side: 'buy', ticks: 500_000, leftLots: 1000 } as const
    expect(need(ledger, buy)).toEqual({ needs: 5000 + 50, has: 10_000 })
    const dear = { ...buy, ticks: 510_000 }
    expect(need(ledger, dear).needs).toBeCloseTo(5100 + 51 + 1000, 8)
  })

  test('counts open orders and positions: of buys and sells the larger side', () => {
    const ledger = account(terms, 1e12, [{ index: 0, ticks: 500_000, lots: 1000 }], [500_000, 300_000])
    const sell = { instrument: 0, side: 'sell', ticks: 500_000, leftLots: 1500 } as const
    expect(need(ledger, sell).needs).toBeCloseTo(5000 + 75, 8)
    const open = [
      { instrument: 0, side: 'buy', ticks: 400_000, leftLots: 1000 },
      { instrument: 1, side: 'sell', ticks: 300_000, leftLots: 2000 },
    ] as const
    expect(need(ledger, sell, open).needs).toBeCloseTo(5000 + 4000 + 300 + 75, 8)
  })

  test('of isolated positions is taken from what is not set aside', () => {
    const isolated = termsOf({ mode: 'isolated', leverage: [10, 20] })
    const ledger = account(isolated, 1e12, [{ index: 0, ticks: 500_000, lots: 1000 }], [450_000, 300_000])
    const buy = { instrument: 0, side: 'buy', ticks: 450_000, leftLots: 1000 } as const
    expect(affordable(ledger, isolated, [], { order: buy, price: 450_000, feeRate: 0 })).toEqual({
      needs: 4500,
      has: 5000,
    })
  })
})
