// Whatever orders, marks and funding come: no money is made or lost, nothing that is short stays, and a saved account goes on the same.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rounds } from '../../tests/data.ts'
import { inverse, linear, MarginExchange, marginTerms } from '../../tests/margin-exchange.ts'
import type { Instrument } from '../instrument.ts'
import type { MarginTerms } from '../margin/terms.ts'
import { maintenanceMargin } from '../margin/tiers.ts'
import { bigValue, scaleOf } from '../portfolio/money.ts'
import { unpack } from '../stage.ts'

const step = fc.record({
  index: fc.nat(1),
  /** Of the mark, from one to the next. */
  move: fc.integer({ min: -500, max: 500 }),
  kind: fc.constantFrom('mark', 'mark', 'mark', 'order', 'order', 'limit', 'funding'),
  /** Half a percent below to half above, in the direction that takes; a gap now and then. */
  buy: fc.boolean(),
  /** Of what the cash allows, in percent. */
  size: fc.integer({ min: 10, max: 110 }),
  depth: fc.constantFrom(10, 1000, 100_000),
  rate: fc.integer({ min: -30, max: 30 }),
})
const stream = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 12 }),
  isolated: fc.boolean(),
  hedge: fc.boolean(),
  coin: fc.boolean(),
  leverage: fc.constantFrom(2, 20, 50, 125),
  cash: fc.integer({ min: 1, max: 50 }),
})

type Stream = typeof stream extends fc.Arbitrary<infer T> ? T : never

interface Played {
  readonly exchange: MarginExchange
  readonly terms: MarginTerms
  readonly cash: bigint
  /** What the market made of its trades with the account and with the insurance fund, 10⁻⁸, all at the last marks. */
  readonly market: bigint
  readonly liquidations: number
}

/** Plays a stream; `saveAt` goes on with a new exchange from saved state there. */
function play({ steps, isolated, hedge, coin, leverage, cash: part }: Stream, saveAt?: number): Played {
  const instruments = coin ? inverse : linear
  const terms = marginTerms(instruments, {
    ...{
      mode: isolated ? 'isolated' : 'cross',
      positions: hedge ? 'hedge' : 'one-way',
      insuranceFund: coin ? 1 : 1000,
    },
    leverage: instruments.map(() => leverage),
  })
  // A lot of 0.001 BTC is some 10, one of 0.01 ETH too; one of 100 USD is 0.01 BTC.
  const cash = BigInt(part) * (coin ? 1_000_000n : 1_000_000_000n)
  let exchange = new MarginExchange(instruments, terms, cash)
  const marks = instruments.map(({ tickSize }) => Math.round(10_000 / tickSize / (tickSize === 0.01 ? 10 : 1)))
  const money = new Market(instruments, marks)
  let at = 0
  const quote = (index: number, depth: number, around = marks[index]!) => {
    const spread = Math.max(1, Math.round(around / 2000))
    exchange.quote(++at, index, [around - spread, depth], [around + spread, depth])
  }
  for (const index of marks.keys()) {
    quote(index, 100_000)
    exchange.mark(++at, index, marks[index]!)
  }
  for (const [n, { index: any, move, buy, size, depth, rate }] of steps.entries()) {
    const index = any % instruments.length
    // The first of each opens something.
    const kind = n === 0 ? 'order' : steps[n]!.kind
    let before = exchange.executions.length
    if (kind === 'mark') {
      const next = Math.max(100, Math.round(marks[index]! * (1 + move / 10_000)))
      // The book goes there first, and may fill what rests.
      quote(index, depth, next)
      money.met(exchange.executions.slice(before), marks)
      before = exchange.executions.length
      marks[index] = next
      const short = shortAt(exchange, terms, marks)
      exchange.mark(++at, index, next)
      const closed = exchange.executions.slice(before).filter((one) => one.kind === 'liquidation')
      // When, and only when, something is short by the formulas alone.
      if (closed.length > 0 !== short)
        throw new Error(`${short ? 'short and not' : 'not short and'} liquidated, step ${n}`)
    } else if (kind === 'funding') {
      exchange.funding(++at, index, rate / 10_000)
    } else {
      const side = buy ? 'buy' : 'sell'
      const limit =
        kind === 'limit' ? ({ type: 'limit', ticks: Math.round(marks[index]! * (buy ? 0.99 : 1.01)) } as const) : {}
      const lots = Math.max(1, Math.floor((part * leverage * size) / 100))
      exchange.order(at, index, {
        side,
        lots,
        ...limit,
        ...(hedge ? { positionSide: buy === rate > -10 ? 'long' : 'short' } : {}),
      })
      quote(index, depth)
    }
    if (shortAt(exchange, terms, marks)) throw new Error(`what is short stays after step ${n}`)
    money.met(exchange.executions.slice(before), marks)
    if (n !== saveAt) continue
    const next = new MarginExchange(instruments, terms, cash)
    next.load(exchange.save())
    expect(unpack(next.venue.save())).toEqual(unpack(exchange.venue.save()))
    next.portfolio.load(exchange.portfolio.save())
    next.executions.push(...exchange.executions)
    next.orders = exchange.orders
    exchange = next
  }
  const liquidations = exchange.executions.filter(({ kind }) => kind === 'liquidation').length
  return { exchange, terms, cash, market: money.atLast(marks), liquidations }
}

/** What the market made, by what it was told of trades alone. */
class Market {
  private readonly lots: number[]
  private readonly instruments: readonly Instrument[]
  private made = 0n

  constructor(instruments: readonly Instrument[], marks: readonly number[]) {
    this.instruments = instruments
    this.lots = [...marks, ...marks].map(() => 0)
  }

  met(executions: MarginExchange['executions'], marks: readonly number[]): void {
    for (const { kind, symbol, side, positionSide, ticks, lots, reason } of executions) {
      if (kind !== 'fill' && kind !== 'liquidation') continue
      const index = this.instruments.findIndex((one) => one.symbol === symbol)
      const signed = side === 'buy' ? -lots! : lots!
      // What the insurance fund took over it sells to the market at the mark.
      this.trade(
        index + (positionSide === 'short' ? marks.length : 0),
        reason === 'BANKRUPT' ? marks[index]! : ticks!,
        signed,
      )
    }
  }

  atLast(marks: readonly number[]): bigint {
    for (const [at, lots] of this.lots.entries()) if (lots !== 0) this.trade(at, marks[at % marks.length]!, -lots)
    return this.made
  }

  /** Two sides are two positions, each worth whole 10⁻⁸. */
  private trade(at: number, ticks: number, lots: number): void {
    this.lots[at]! += lots
    this.made -= worth(this.instruments[at % this.instruments.length]!, ticks, lots)
  }
}

const scales = new Map([...linear, ...inverse].map((one) => [one, scaleOf(one)]))

/** What signed lots are worth, 10⁻⁸: of inverse contracts less the more there are. */
function worth(instrument: Instrument, ticks: number, lots: number): bigint {
  const value = bigValue(scales.get(instrument)!, ticks, lots)
  return instrument.inverse ? -value : value
}

/** Whether any position is short at marks, reckoned anew from what was told. */
function shortAt({ portfolio, markets }: MarginExchange, terms: MarginTerms, marks: readonly number[]): boolean {
  const { balance, holdings } = portfolio.ledger.save()
  let [together, covers, open] = [Number(balance) / 1e8, 0, 0]
  let alone = false
  for (const [at, { lots, cost, margin }] of holdings.entries()) {
    if (lots === 0) continue
    const index = at % markets.length
    const now = Number(worth(markets[index]!.instrument, marks[index]!, lots)) / 1e8
    const cover = maintenanceMargin(Math.abs(now), terms.tiers[index]!).margin
    const pnl = Number(BigInt(Math.round(now * 1e8)) - BigInt(cost)) / 1e8
    if (Number(BigInt(margin) + BigInt(Math.round(pnl * 1e8))) / 1e8 <= cover) alone = true
    together += pnl
    covers += cover
    open += 1
  }
  return terms.mode === 'isolated' ? alone : open > 0 && together <= covers
}

const runs = { numRuns: rounds(10_000, 2000) }

describe('FR-204, FR-205: a margin account, whatever orders, marks and funding come', () => {
  test('conserves money to the last 10⁻⁸: account, insurance fund, fees, funding and market add up to nothing', () => {
    let liquidations = 0
    fc.assert(
      fc.property(stream, (one) => {
        const { exchange, terms, cash, market, liquidations: own } = play(one)
        liquidations += own
        const { equity, unrealized } = exchange.portfolio.state()
        const sum = (kind: (one: (typeof exchange.executions)[number]) => boolean) =>
          exchange.executions.filter(kind).reduce((total, { fee }) => total + fee, 0n)
        const fund = exchange.venue.counts.margin!.insuranceFundE8 - BigInt(terms.insuranceFund) * 100_000_000n
        const paid = sum(({ kind }) => kind === 'fill') + sum(({ kind }) => kind === 'funding')
        expect(equity - cash + fund + paid + market).toBe(0n)
        expect(equity).toBe(BigInt(exchange.portfolio.ledger.balance) + unrealized)
        // The exchange and we know the same, once all is told.
        const told = exchange.portfolio.ledger.save()
        const { margin } = unpack<{ margin: { ledger: typeof told } }>(exchange.venue.save())
        const plain = ({ holdings, ...rest }: typeof told) => ({
          ...rest,
          holdings: holdings.map((one) => ({ ...one, mark: 0 })),
        })
        expect(plain(margin.ledger)).toEqual(plain(told))
        // Nobody owes anything once all is liquidated.
        if (own > 0 && told.holdings.every(({ lots }) => lots === 0))
          expect(Number(told.balance)).toBeGreaterThanOrEqual(0)
      }),
      runs,
    )
    expect(liquidations).toBeGreaterThan(runs.numRuns / 10)
  }, 600_000)

  test('that is saved at any point goes on the same', () => {
    fc.assert(
      fc.property(stream, fc.nat(9), (one, cut) => {
        const [whole, parts] = [play(one), play(one, cut % one.steps.length)]
        expect(parts.exchange.executions).toEqual(whole.exchange.executions)
        expect(parts.exchange.venue.counts).toEqual(whole.exchange.venue.counts)
      }),
      { numRuns: rounds(500, 100) },
    )
  }, 300_000)
})
