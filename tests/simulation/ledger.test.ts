// The money of whole runs, counted again from their executions in another way: linear, inverse and spot, several symbols.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Execution, Instrument, Order } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { churn } from '../churn.ts'
import { describeWith } from '../data.ts'
import { importCapture, importInto, simulateTo } from '../market.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-ledger-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const fees = { maker: 0.0002, taker: 0.0004 }

interface Market {
  readonly exchange: string
  readonly symbols: readonly string[]
  readonly cash: number
  readonly params?: { every?: number; lots?: number }
}

describe('two perpetuals in one account', () => {
  const symbols = ['BTCUSDT', 'ETHUSDT']
  ledger({ exchange: 'binance-usdm', symbols, cash: 100_000 }, async (dir) => {
    const files = symbols.map((symbol) => join(root, `${symbol}.gz`))
    for (const [i, symbol] of symbols.entries()) await simulateTo(files[i]!, { seed: 50 + i, minutes: 1.5, symbol })
    await importInto(dir, files, 'binance-usdm')
  })
})

describeWith('data', 'a real capture of a spot market, with little cash', () => {
  ledger({ exchange: 'binance', symbols: ['BTCUSDT'], cash: 2000, params: { lots: 3000 } }, (dir) => {
    return importCapture(dir, 'spot-btcusdt-20240808.gz', 'binance')
  })
})

describeWith('data', 'a real capture of an inverse perpetual', () => {
  ledger({ exchange: 'binance-coinm', symbols: ['ETCUSD_PERP'], cash: 50, params: { every: 1 } }, (dir) => {
    return importCapture(dir, 'binance-coinm-multi-20210722.gz', 'binance-coinm')
  })
})

function ledger(market: Market, fill: (dir: string) => Promise<unknown>): void {
  const { exchange, symbols, cash, params = {} } = market
  let topics: Topics
  let executions: Execution[]
  let orders: Order[]
  let instruments: Map<string, Instrument>
  const run = (name: string, how: object = {}) => {
    const topology = { exchange, symbols: [...symbols], account: { cash }, risk: 'off' as const }
    const more = {
      strategy: { name: 'market-maker', params },
      venue: { fees, latency: { outMs: 3, backMs: 3, jitterMs: 2 } },
    }
    return runTopology(topics, name, { ...topology, ...more }, { strategy: churn, ...how })
  }

  beforeAll(async () => {
    const dir = mkdtempSync(join(root, 'log-'))
    await fill(dir)
    topics = await openTopics({ dir })
    await run('once')
    executions = await rowsIn(topics, 'executions', 'once')
    orders = await rowsIn(topics, 'orders', 'once')
    instruments = new Map((await rowsIn(topics, 'instruments')).map((row) => [row.symbol, row]))
  })
  afterAll(() => topics?.close())
  const fills = () => executions.filter(({ kind }) => kind === 'fill')

  test('anything at all was done', () => {
    expect(fills().length).toBeGreaterThan(5)
    const kinds = new Set(executions.map(({ kind }) => kind))
    for (const kind of ['accepted', 'fill', 'cancelled', 'expired', 'cancel-rejected'] as const) {
      if (exchange !== 'binance-coinm') expect(kinds, kind).toContain(kind)
    }
  })

  test('every order’s life is whole: one answer, no more than was asked for, one end, nothing after it', () => {
    const lives = Map.groupBy(executions, ({ clientId }) => clientId)
    for (const { clientId, lots, ticks: limit, side } of orders.filter(({ kind }) => kind === 'new')) {
      const life = (lives.get(clientId) ?? []).filter(
        ({ kind }) => kind !== 'cancel-rejected' && kind !== 'amend-rejected',
      )
      if (life.length === 0) continue // still on its way when the data ended
      expect(life[0]!.kind).toMatch(/accepted|rejected|expired/)
      let left = lots ?? Number.NaN
      let ticks = limit
      for (const [i, { kind, lots: part, leftLots, ticks: price }] of life.entries()) {
        // What shrank, was changed, or works for a part of its parent, says so.
        if (kind === 'accepted' || kind === 'amended' || kind === 'triggered') left = leftLots ?? left
        if (kind === 'amended' && ticks !== undefined) ticks = price
        if (kind === 'fill') {
          left -= part!
          expect(leftLots).toBe(left)
          if (ticks !== undefined) expect(side === 'buy' ? price! <= ticks : price! >= ticks).toBe(true)
        }
        const ended =
          kind === 'cancelled' || kind === 'expired' || kind === 'rejected' || (kind === 'fill' && left === 0)
        expect(ended && i < life.length - 1, `${clientId} goes on after its end`).toBe(false)
      }
      expect(left).not.toBeLessThan(0)
    }
    expect(new Set(executions.map(({ number }) => number)).size).toBe(executions.length)
  })

  test('fees are their rate of each fill’s value, to the nearest 10⁻⁸', () => {
    for (const fill of fills()) {
      const exact = Number(valueOfFill(instruments.get(fill.symbol)!, fill)) * fees[fill.liquidity!]
      expect(Math.abs(Number(fill.fee) - exact)).toBeLessThanOrEqual(0.5001 + Math.abs(exact) * 1e-12)
    }
  })

  test('positions are the sum of fills, and cash and equity what was paid and received', async () => {
    const positions = await rowsIn(topics, 'positions', 'once')
    const accounts = (await rowsIn(topics, 'accounts', 'once')).filter(({ event }) => event === 'execution')
    expect(positions.length).toBe(fills().length)
    expect(accounts.length).toBe(fills().length)
    const lots = new Map<string, number>()
    const marks = new Map<string, number>()
    const opening = BigInt(Math.round(cash * 1e8))
    /** What all trades together paid (−) and received (+), fees apart. */
    let paid = 0n
    let spent = 0n
    for (const [i, fill] of fills().entries()) {
      const { symbol, side, fee } = fill
      const instrument = instruments.get(symbol)!
      const value = valueOfFill(instrument, fill)
      const buys = (side === 'buy') !== instrument.inverse
      paid += buys ? -value : value
      spent += fee
      lots.set(symbol, (lots.get(symbol) ?? 0) + (side === 'buy' ? fill.lots! : -fill.lots!))
      const position = positions[i]!
      const account = accounts[i]!
      expect(position).toMatchObject({ symbol, lots: lots.get(symbol) })
      marks.set(symbol, position.mark!)
      expect(account.fees).toBe(spent)
      if (instrument.type === 'spot') {
        // Exactly what was paid, and never more than there was of the asset.
        expect(account.cash).toBe(opening + paid - spent)
        expect(lots.get(symbol)).toBeGreaterThanOrEqual(0)
      } else {
        expect(account.cash).toBe(opening + account.realized - spent)
      }
      // Equity of one symbol: everything paid and received, and what is held at its mark.
      if (symbols.length > 1) continue
      const held = valueAt(instrument, lots.get(symbol)!, position.mark!)
      const equity = Number(opening + paid - spent) + held
      // Inverse values are rounded at each fill.
      const slack = instrument.inverse ? i + 2 : 2
      expect(Math.abs(Number(account.equity) - equity)).toBeLessThanOrEqual(slack)
    }
  })

  test('cut in other ways it is the same to the last byte', async () => {
    await run('cut', { batchRows: 333, stepRows: 1500, snapshotRows: 4000 })
    expect(await outputsOf(topics, 'cut')).toEqual(await outputsOf(topics, 'once'))
  })
}

const steps = (size: number) => BigInt(Math.round(size * 1e10))

/** Value of a fill in 10⁻⁸, rounded half away from zero: from the decimal steps, with BigInt alone. */
function valueOfFill({ tickSize, lotSize, contractSize, inverse }: Instrument, { ticks, lots }: Execution): bigint {
  const price = BigInt(ticks!) * steps(tickSize) // 10⁻¹⁰
  const size = BigInt(lots!) * steps(lotSize) * BigInt(contractSize) // 10⁻¹⁰
  if (inverse) return half(size * 10n ** 8n, price)
  return half(price * size, 10n ** 12n)
}

function half(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor)
}

/** What a position adds to what was paid for it, at a mark: a double, in 10⁻⁸. */
function valueAt({ lotSize, contractSize, inverse }: Instrument, lots: number, mark: number): number {
  const size = lots * lotSize * contractSize
  return (inverse ? -size / mark : size * mark) * 1e8
}
