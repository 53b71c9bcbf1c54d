// Against tests/golden/regime/regime.py, which computes the same rules the plain way.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { candleLines } from '../../connectors/files/candles.ts'
import { dataDir, describeWith, testWith } from '../../tests/data.ts'
import { RegimeEngine, type RegimeRow, regimeRowsOf } from './engine.ts'
import { ladders } from './ladders.ts'

interface Case {
  readonly file: string
  readonly barUs: number
  readonly power: number
  readonly funding: string | null
  /** By horizon: from which candle on, which regime. */
  readonly changes: Readonly<Record<string, readonly (readonly [number, string])[]>>
  readonly sums: Readonly<Record<string, { rows: number; confidence: number; strength: number }>>
  /** Candle, horizon, confidence, strength, since, probabilities. */
  readonly samples: readonly (readonly [number, string, number, number, number, number[]])[]
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../tests/golden/regime/regime.json', import.meta.url), 'utf8'),
) as { cases: readonly Case[] }

describeWith('data', 'regimes of real candles are those of the plain Python script', () => {
  test.each(cases)('$file, power $power', ({ changes, sums, samples, ...one }) => {
    const rows = regimesOf(one)
    const found: Record<string, [number, string][]> = {}
    const totals: Record<string, { rows: number; confidence: number; strength: number }> = {}
    const last: Record<string, string> = {}
    for (const [candle, { horizon, regime, confidence, strength }] of rows) {
      if (last[horizon] !== regime) {
        found[horizon] = [...(found[horizon] ?? []), [candle, regime]]
        last[horizon] = regime
      }
      totals[horizon] ??= { rows: 0, confidence: 0, strength: 0 }
      const total = totals[horizon]
      total.rows++
      total.confidence += confidence
      total.strength += strength
    }
    expect(found).toEqual(changes)
    expect(Object.keys(totals)).toEqual(Object.keys(sums))
    for (const [horizon, { rows: count, confidence, strength }] of Object.entries(sums)) {
      expect(totals[horizon]!.rows).toBe(count)
      expect(Math.abs(totals[horizon]!.confidence / confidence - 1)).toBeLessThan(1e-9)
      expect(Math.abs(totals[horizon]!.strength / strength - 1)).toBeLessThan(1e-9)
    }
    const byKey = new Map(rows.map(([candle, row]) => [`${candle} ${row.horizon}`, row]))
    for (const [candle, horizon, confidence, strength, since, probabilities] of samples) {
      const row = byKey.get(`${candle} ${horizon}`)!
      expect(row.since).toBe(since)
      expect(Math.abs(row.confidence - confidence)).toBeLessThan(1e-9)
      expect(Math.abs(row.strength - strength)).toBeLessThan(1e-9)
      for (const [at, probability] of probabilities.entries()) {
        expect(Math.abs(row.probabilities[at]! - probability)).toBeLessThan(1e-12)
      }
    }
    expect(samples.length).toBeGreaterThan(0)
  })

  test('see every regime of every ladder', () => {
    const seen = (horizon: string) =>
      new Set(cases.flatMap(({ changes }) => (changes[horizon] ?? []).map(([, regime]) => regime)))
    for (const [horizon, names] of Object.entries(ladders)) expect(seen(horizon)).toEqual(new Set(names))
  })
})

describeWith('data', 'a run that begins later', () => {
  testWith('time', 'has the same regimes from a hundred bars after its warm-up on', () => {
    const barUs = 60e6
    const { time, close, volume } = candlesOf('btc-perp-1m-2022-01.csv.gz', barUs)
    const funding = time.map(() => Number.NaN)
    const labels = (from: number) => {
      const [some, ...columns] = [time, close, volume, funding].map((column) => column.subarray(from))
      const [closes, volumes, rates] = columns
      const instrument = new Uint32Array(some!.length)
      const engine = new RegimeEngine(1, barUs)
      const out = engine.run({ instrument, time: some!, close: closes!, volume: volumes!, funding: rates! })
      const bars = Array.from(instrument, (_, bar) => regimeRowsOf(out, bar).map(({ regime }) => regime))
      return bars.slice(-(time.length - from - 1541))
    }
    const whole = labels(0)
    for (const from of [777, 12_345, 30_001]) {
      const late = labels(from)
      expect(late.length).toBeGreaterThan(10_000)
      expect(late).toEqual(whole.slice(-late.length))
    }
  })
})

function regimesOf({ file, barUs, power, funding }: Pick<Case, 'file' | 'barUs' | 'power' | 'funding'>) {
  const { time, close, volume } = candlesOf(file, barUs)
  const first = close[0]!
  const prices = power === 1 ? close : close.map((price) => first * (price / first) ** power)
  const rates = funding === null ? [] : fundingOf(funding)
  const known = time.map((now) => rates.findLast((rate) => rate.time <= now)?.rate ?? Number.NaN)
  const engine = new RegimeEngine(1, barUs)
  const out = engine.run({ instrument: new Uint32Array(time.length), time, close: prices, volume, funding: known })
  return Array.from(time).flatMap((_, candle) =>
    regimeRowsOf(out, candle).map((row): [number, RegimeRow] => [candle, row]),
  )
}

function candlesOf(file: string, barUs: number) {
  const [header, ...lines] = linesOf(file)
  const { parse } = candleLines(header!, { exchange: 'x', symbol: 'X', interval: { name: 'x', us: barUs } })
  const candles = lines.map(parse)
  return {
    time: Float64Array.from(candles, (candle) => candle.time),
    close: Float64Array.from(candles, (candle) => candle.close),
    volume: Float64Array.from(candles, (candle) => candle.volume),
  }
}

function fundingOf(file: string) {
  return linesOf(file)
    .slice(1)
    .map((line) => line.split(','))
    .map(([time, rate]) => ({ time: Number(time) * 1000, rate: Number(rate) }))
}

function linesOf(file: string): string[] {
  const text = gunzipSync(readFileSync(join(dataDir, 'bars', file))).toString()
  return text.split('\n').filter((line) => line !== '')
}
