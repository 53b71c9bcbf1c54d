// B8: bars lie on the exchange's UTC grid in every mode: in a run, in a run from the middle, beside another interval, and from
// the command line. Three days of sparse trades, so that there are 45 minutes 96 times.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { barsOf } from '../../bin/commands/bars.ts'
import { perpetual } from '../../operators/portfolio/samples.ts'
import { random } from '../../operators/random.ts'
import { batchOf, rowAt } from '../../schemas/batch.ts'
import type { Bar, Trade } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology } from '../backtests.ts'

const minute = 60_000_000
const symbols = ['BTCUSDT', 'ETHUSDT']
/** Nowhere near a boundary of 45 minutes or of an hour. */
const start = Date.UTC(2024, 4, 7, 3, 17, 11) * 1000
const end = start + 3 * 1440 * minute
const dir = mkdtempSync(join(tmpdir(), 'smartspeed-grid-'))
let topics: Topics
let trades: Trade[]

beforeAll(async () => {
  topics = await openTopics({ dir })
  const writer = await topics.writer({ run: 'import', market: true })
  trades = symbols.flatMap(walk).sort((a, b) => a.received - b.received)
  const instruments = symbols.map((symbol) => perpetual({ symbol, time: start, received: start }))
  await writer.commit({ outputs: [batchOf('instruments', instruments), batchOf('trades', trades)] })
  await writer.close()
})

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

/** A trade every minute or so, seen a little later. */
function walk(symbol: string): Trade[] {
  const dice = random(`grid ${symbol}`)
  const found: Trade[] = []
  let price = 600_000
  for (let time = start; ; ) {
    time += Math.floor(dice.exponential() * minute)
    if (time >= end) return found
    price += Math.floor(dice.next() * 21) - 10
    const common = { exchange: 'binance-usdm', symbol, id: String(found.length), side: 'buy' as const }
    found.push({
      ...common,
      time,
      received: time + 2000,
      price: price / 10,
      size: (1 + Math.floor(dice.next() * 9)) / 10,
    })
  }
}

const on = { exchange: 'binance-usdm', symbols, keep: ['bars' as const], risk: 'off' as const }
const strategy = { name: 'sma-cross', params: { fast: 2, slow: 4, size: 1 } }

/** The bars that a run kept, by symbol and start. */
async function kept(name: string, more: object, how: object = {}): Promise<Map<string, Bar>> {
  await runTopology(topics, name, { ...on, strategy, ...more }, how)
  return keyed(await rowsIn(topics, 'bars', name))
}

function keyed(bars: readonly Bar[]): Map<string, Bar> {
  return new Map(bars.map((bar) => [`${bar.symbol} ${bar.openTime}`, bar]))
}

describe.each([
  ['45m', 45, 32],
  ['1h', 60, 24],
])('bars of %s', (interval, minutes, aDay) => {
  let whole: Map<string, Bar>
  beforeAll(async () => {
    whole = await kept(`whole-${interval}`, { interval })
  })

  test(`B8: begin at a whole number of them since midnight UTC, ${aDay} a day, and none is missing`, () => {
    const us = minutes * minute
    for (const symbol of symbols) {
      const opens = [...whole.values()].filter((bar) => bar.symbol === symbol).map((bar) => bar.openTime)
      expect(opens[0]).toBe(Math.floor(start / us) * us)
      for (const [i, open] of opens.entries()) expect(open).toBe(opens[0]! + i * us)
      for (const open of opens) expect((open % (1440 * minute)) % us).toBe(0)
      expect(opens).toHaveLength(3 * aDay)
    }
    for (const { time, openTime } of whole.values()) expect(time).toBe(openTime + us)
  })

  test('B8: hold exactly the trades of their time, counted in another way', () => {
    const us = minutes * minute
    for (const bar of whole.values()) {
      const its = trades.filter(
        ({ symbol, time }) => symbol === bar.symbol && Math.floor(time / us) * us === bar.openTime,
      )
      const prices = its.map(({ price }) => price)
      expect(bar).toMatchObject({
        ...{ open: prices[0], close: prices.at(-1), high: Math.max(...prices), low: Math.min(...prices) },
        trades: its.length,
      })
    }
  })

  test('B8: are the same from any later start, but for the one that was open then', async () => {
    for (const [n, share] of [0.1, 0.333, 0.71].entries()) {
      const from = Math.floor(start + share * (end - start))
      const part = await kept(`from-${interval}-${n}`, { interval, from })
      expect(part.size).toBeGreaterThan(20)
      for (const [key, bar] of part) {
        if (bar.openTime >= from) expect(bar).toEqual(whole.get(key))
        else expect(bar.time).toBe(whole.get(key)!.time)
      }
      const missing = [...whole.values()].filter(
        ({ openTime, symbol }) => openTime >= from && !part.has(`${symbol} ${openTime}`),
      )
      expect(missing).toEqual([])
    }
  })

  test('B8: are the same at any speed, in any batches, and of one symbol alone', async () => {
    expect(await kept(`cut-${interval}`, { interval }, { batchRows: 17 })).toEqual(whole)
    expect(await kept(`fast-${interval}`, { interval }, { speed: 1e9, batchRows: 500 })).toEqual(whole)
    const [symbol] = symbols
    const alone = await kept(`alone-${interval}`, { interval, symbols: [symbol] })
    const its = [...whole].filter(([, bar]) => bar.symbol === symbol)
    // Without the other's rows nothing else says what time it is; trades of its own do.
    expect([...alone]).toEqual(its)
  })

  test('B8: are those of the command `bars`', async () => {
    for (const symbol of symbols) {
      const said: Bar[] = []
      for await (const merged of await barsOf(topics, {
        exchange: 'binance-usdm',
        symbol,
        interval,
        fill: false,
        range: {},
      })) {
        for (let at = 0; at < merged.rows; at++) {
          said.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Bar)
        }
      }
      expect(said).toEqual([...whole.values()].filter((bar) => bar.symbol === symbol))
    }
  })
})
