import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { knownInstrument, present } from '../../bin/known-instrument.ts'
import { binanceUsdm } from '../../connectors/exchanges/binance/index.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import { MarketRows } from '../../pipelines/market-rows.ts'
import type { Batch } from '../../schemas/batch.ts'
import { dataDir, describeWith } from '../../tests/data.ts'
import { fresh, load, withLog } from '../../tests/imports.ts'
import { replay } from '../../topics/replay.ts'
import { barsStage } from '../bars/index.ts'
import { MarketState } from '../market-state.ts'
import { barFeatureNames, FeatureView, featureNames, featureSet, featureStage } from './index.ts'

interface Case {
  readonly source: string
  readonly bars: number
  readonly lateTrades: number
  readonly names: readonly string[]
  readonly rows: readonly { bar: number; openTime: number; values: (number | null)[] }[]
}

const file = new URL('../../tests/golden/features/features.json', import.meta.url)
const golden: { capture: Case; candles: Case } = JSON.parse(readFileSync(file, 'utf8'))

/** Every bar's 25 values, as of the row at which it closed. */
type Seen = { openTime: number; values: number[] }[]

describeWith('data', 'features of real data are those of a plain numpy script, to 1e-9', () => {
  test('the capture: lines to rows, rows to bars and book, bars and book to features', async () => {
    const { source, ...expected } = golden.capture
    const dir = fresh('features')
    await load(dir, [join(dataDir, source)])
    const seen: Seen = []
    const late = await withLog(dir, async (topics) => {
      const instrument = await knownInstrument(topics, 'binance-usdm', 'BTCUSDT')
      const market = new MarketState(instrument, { rule: binanceUsdm.sync })
      const rows = new MarketRows([market])
      const bars = barsStage.create({ interval: '1s', instruments: [instrument] })
      const features = featureStage.create({ instruments: [instrument] })
      const view = new FeatureView()
      const inputs = await present(
        topics,
        ['clocks', 'trades', 'quotes', 'books', 'heartbeats'].map((topic) => `market.${topic}`),
      )
      for await (const { merged } of replay(topics, { inputs })) {
        const { batch, at } = bars.step(merged)
        const values = features.step(batch)
        let next = 0
        for (let row = 0; row < merged.rows; row++) {
          rows.move(merged, row)
          rows.market?.apply(rows)
          for (; at[next] === row; next++) {
            view.bar(values, next * barFeatureNames.length)
            seen.push({ openTime: batch.columns.openTime[next]!, values: [...view.read(market)] })
          }
        }
      }
      return bars.late
    })
    expect(late).toBe(expected.lateTrades)
    expectEqual(seen, expected)
  })

  test('a month of candles: values do not drift, and there is nothing of a book', async () => {
    const { source, ...expected } = golden.candles
    const about = { exchange: 'binance-usdm', symbol: 'BTCUSD', interval: { name: '1m', us: 60e6 } }
    const seen: Seen = []
    await withLog(fresh('features'), async (topics) => {
      await loadCandles(topics, { ...about, file: join(dataDir, source), settle: 'USD' })
      const instrument = await knownInstrument(topics, about.exchange, about.symbol)
      const market = new MarketState(instrument)
      const features = featureStage.create({ instruments: [instrument] })
      const view = new FeatureView()
      for await (const { batch } of topics.read<'candles'>('market.candles', { order: 'received' })) {
        const values = features.step(batch as Batch<'candles'>)
        for (let row = 0; row < batch.rows; row++) {
          view.bar(values, row * barFeatureNames.length)
          seen.push({ openTime: batch.columns.openTime[row]!, values: [...view.read(market)] })
        }
      }
    })
    expectEqual(seen, expected)
  })
})

function expectEqual(seen: Seen, { bars, names, rows }: Omit<Case, 'source' | 'lateTrades'>): void {
  expect(names).toEqual(featureNames)
  expect(seen).toHaveLength(bars)
  const wrong = rows.flatMap(({ bar, openTime, values }) => {
    const is = seen[bar]!
    expect(is.openTime).toBe(openTime)
    return featureSet.flatMap(({ name, group }, i) => {
      const value = is.values[i]!
      const want = values[i] ?? Number.NaN
      // To 1e-9 of the value; near 0, of what is usual: 1 for indicators, 0.001 for shares.
      const scale = Math.max(Math.abs(want), group === 'technical' ? 1 : 0.001)
      const isEqual = Number.isNaN(want) ? Number.isNaN(value) : Math.abs(value - want) <= 1e-9 * scale
      return isEqual ? [] : [`bar ${bar}, ${name}: ${value}, not ${want}`]
    })
  })
  expect(wrong).toEqual([])
}
