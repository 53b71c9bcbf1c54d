// The importer against a market whose whole truth is known: every trade, and the book of each second.

import { beforeAll, describe, expect, test } from 'vitest'
import { type Simulated, simulateMarket } from '../../bin/commands/simulate.ts'
import { futuresSync } from '../../connectors/exchanges/binance/sync.ts'
import { Book } from '../../operators/quality/book.ts'
import type { Imported } from '../../pipelines/ingest-summary.ts'
import { batchOf } from '../../schemas/batch.ts'
import { fresh, load, rowsIn } from '../imports.ts'
import { wholeTruth } from '../truth.ts'

describe('an import of a simulated market', () => {
  const dir = fresh()
  let made: Simulated
  let truth: Awaited<ReturnType<typeof wholeTruth>>
  let imported: Imported

  beforeAll(async () => {
    const file = `${fresh('market')}.gz`
    const market = { exchange: 'binance-usdm', symbol: 'BTCUSDT' }
    made = await simulateMarket({ seed: 3, minutes: 4, ...market, file })
    truth = await wholeTruth(made.truth!)
    imported = await load(dir, [file])
  })

  test('counts every line as what it is', () => {
    const { lines, trades, quotes, books, marks, liquidations, pings } = truth.end
    expect(imported.files[0]).toMatchObject({ lines, unreadable: 0, complete: true })
    expect(imported.records).toMatchObject({ trades, quotes, books, marks, funding: marks, instruments: 1, clocks: 1 })
    expect(imported.records.liquidations ?? 0).toBe(liquidations)
    expect(imported.streams.ping).toBe(pings)
    expect(imported.deadLetters).toBe(0)
    expect(imported.symbols.BTCUSDT).toMatchObject({ synced: true, gaps: [], crossed: 0 })
    expect(imported.quality).toMatchObject({ timeBack: 0, impossiblePrice: 0, crossed: 0, gaps: 0 })
  })

  test('every trade is a row, with its id, time, price, size and side', async () => {
    const rows = await rowsIn(dir, 'trades')
    const said = rows.map(({ id, time, price, size, side }) => ({ id, time, price, size, side }))
    expect(said).toEqual(
      truth.trades.map(({ id, time, tick, lots, side }) => ({
        ...{ id: String(id), time, side },
        ...{ price: truth.price(tick), size: truth.size(lots) },
      })),
    )
  })

  test('the rows of `books` rebuild the book of each second, level by level', async () => {
    const [instrument] = await rowsIn(dir, 'instruments')
    expect(instrument).toMatchObject({ tickSize: 0.1, lotSize: 0.001, inferred: true })
    const book = new Book(instrument!, futuresSync)
    const side = (of: 'bid' | 'ask') => book.levels(of).flatMap(({ ticks, lots }) => [ticks, lots])
    const expected = truth.books.values()
    let next = expected.next().value
    let checked = 0
    for (const row of await rowsIn(dir, 'books')) {
      book.apply(batchOf('books', [row]).columns, 0)
      if (row.snapshot || row.sequence !== BigInt(next?.sequence ?? -1)) continue
      expect([row.time, side('bid'), side('ask')]).toEqual([next!.time, next!.bids, next!.asks])
      next = expected.next().value
      checked += 1
    }
    expect(checked).toBe(truth.books.length)
    expect(checked).toBeGreaterThan(200)
  })

  test('heartbeats are there for each second of it', async () => {
    const beats = (await rowsIn(dir, 'heartbeats')).map(({ watermark }) => watermark / 1e6)
    const first = Math.floor(made.from / 1e6) + 1
    expect(beats).toEqual(Array.from({ length: Math.floor(made.to / 1e6) - first + 1 }, (_, i) => first + i))
  })
})
