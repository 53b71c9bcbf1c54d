import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCapture } from '../../connectors/capture.ts'
import { candleColumns } from '../../connectors/files/candle-columns.ts'
import { type IndicatorBars, indicatorCodes, indicatorColumns } from '../../native/indicators.ts'
import { dataDir, describeWith, root } from '../../tests/data.ts'
import { IndicatorEngine, programOf } from './engine.ts'
import { indicators } from './list.ts'
import { exampleOf, parseIndicator, parseIndicators } from './parse.ts'

interface Golden {
  readonly first: number
  readonly files: Record<
    string,
    { rows: number; every: number; columns: Record<string, { none: number; values: number[] }> }
  >
}

const golden = JSON.parse(readFileSync(join(root, 'tests/golden/indicators/indicators.json'), 'utf8')) as Golden

describeWith('data', 'the values are those of TA-Lib to 1e-8, absolute below 1 and relative above', () => {
  test.each(Object.entries(golden.files))('over %s', async (name, { rows, every, columns }) => {
    const texts = new Set(Object.keys(columns).map((column) => column.split('.macd')[0]!.replace(/\.[a-z]+$/, '')))
    const engine = new IndicatorEngine(parseIndicators([...texts].join(',')))
    expect(engine.columns.toSorted()).toEqual(Object.keys(columns).toSorted())
    const found = engine.columns.map(() => new Float64Array(rows))
    let at = 0
    for await (const chunk of candleColumns(await openCapture(join(dataDir, 'bars', name)), { needs: [] })) {
      const values = engine.run(chunk)
      for (const [column, all] of found.entries()) {
        all.set(values.subarray(column * chunk.rows, (column + 1) * chunk.rows), at)
      }
      at += chunk.rows
    }
    expect(at).toBe(rows)
    for (const [column, all] of found.entries()) {
      const { none, values } = columns[engine.columns[column]!]!
      expect(all.findIndex((value) => !Number.isNaN(value))).toBe(none)
      const places = values.map((_, i) => (i < golden.first ? none + i : none + (i - golden.first + 1) * every))
      const worst = places.map((row, i) => Math.abs(all[row]! - values[i]!) / Math.max(1, Math.abs(values[i]!)))
      expect(Math.max(...worst), engine.columns[column]).toBeLessThanOrEqual(1e-8)
    }
  })
})

/** One of each with its usual parameters, and one with short ones. */
const each = indicators.map((indicator) => parseIndicator(exampleOf(indicator)))
const short = parseIndicators(
  'sma:1,ema:2,wma:3,macd:2:3:1,rsi:2,roc:1,stoch:1:1:1,stoch:4:2:2,willr:2,cci:3,aroon:2,stddev:2,bbands:3:1,atr:1,adx:2,mfi:2,obv',
)

/** Bars whose prices move by whole ticks, so that equal prices and flat windows are common. */
const bars = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(3), fc.nat(3), fc.nat(4)), { minLength: 1, maxLength: 150 })
  .map((moves): IndicatorBars => {
    let price = 1000
    const rows = moves.map(([move, above, below, volume]) => {
      price += move
      return { high: (price + above) * 0.01, low: (price - below) * 0.01, close: price * 0.01, volume: volume * 1.1 }
    })
    const column = (name: 'high' | 'low' | 'close' | 'volume') => Float64Array.from(rows, (row) => row[name])
    return { high: column('high'), low: column('low'), close: column('close'), volume: column('volume') }
  })

/** Bars in parts, as columns. */
function inParts(
  chosen: typeof each,
  all: IndicatorBars,
  cuts: readonly number[],
  between = (engine: IndicatorEngine) => engine,
) {
  let engine = new IndicatorEngine(chosen)
  const rows = all.close.length
  const out = engine.columns.map(() => new Float64Array(rows))
  const ends = [...cuts.filter((cut) => cut < rows), rows].sort((a, b) => a - b)
  let from = 0
  for (const to of ends) {
    const part = (column: Float64Array) => column.slice(from, to)
    const { high, low, close, volume } = all
    const values = engine.run({ high: part(high), low: part(low), close: part(close), volume: part(volume) })
    for (const [at, column] of out.entries())
      column.set(values.subarray(at * (to - from), (at + 1) * (to - from)), from)
    engine = between(engine)
    from = to
  }
  return out
}

const cuts = fc.array(fc.nat(149), { maxLength: 8 })

test.each([
  ['usual', each],
  ['short', short],
])('how bars are cut into calls does not show, and a loaded state goes on the same: %s parameters', (_, chosen) => {
  const reloaded = (engine: IndicatorEngine) => {
    const fresh = new IndicatorEngine(chosen)
    fresh.load(engine.save())
    return fresh
  }
  fc.assert(
    fc.property(bars, cuts, (all, at) => {
      const whole = inParts(chosen, all, [])
      expect(inParts(chosen, all, at)).toEqual(whole)
      expect(inParts(chosen, all, at, reloaded)).toEqual(whole)
    }),
    { numRuns: 60 },
  )
})

test('every indicator begins at its warm-up and has a finite value from then on, in flat and silent markets too', () => {
  const chosen = [...each, ...short]
  fc.assert(
    fc.property(bars, (all) => {
      const columns = inParts(chosen, all, [])
      let at = 0
      for (const { columns: names, warmup } of chosen) {
        for (const name of names) {
          for (const [row, value] of columns[at]!.entries()) {
            expect(Number.isFinite(value), `${name} at ${row}`).toBe(row + 1 >= warmup)
          }
          at++
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('a flat and silent market has no strength, no range and no flow, as TA-Lib has it', () => {
  const flat = new Float64Array(60).fill(40_000.1)
  const engine = new IndicatorEngine(parseIndicators('rsi,stoch,willr,cci,stddev,bbands,atr,adx,mfi,obv,roc,aroon'))
  const values = engine.run({ high: flat, low: flat, close: flat, volume: new Float64Array(60) })
  const last = Object.fromEntries(engine.columns.map((name, at) => [name, values[at * 60 + 59]]))
  expect(last).toMatchObject({ rsi: 0, willr: 0, cci: 0, stddev: 0, atr: 0, adx: 0, mfi: 0, obv: 0, roc: 0 })
  expect(last).toMatchObject({ 'stoch.slowk': 0, 'stoch.slowd': 0, 'aroon.up': 100, 'aroon.down': 100 })
  expect(last['bbands.upper']).toBe(last['bbands.lower'])
})

test('one impossible price is forgotten two windows later', () => {
  const chosen = parseIndicators('sma:10,wma:10,stddev:10,bbands:10,cci:10,mfi:10,stoch:10,willr:10,roc:10,aroon:10')
  const close = Float64Array.from({ length: 90 }, (_, i) => 100 + (i % 7) * 0.1)
  const spoilt = close.with(40, 1e15)
  const of = (column: Float64Array) => ({ high: column, low: column, close: column, volume: close })
  const [clean, after] = [close, spoilt].map((column) => inParts(chosen, of(column), []))
  for (const [at, column] of clean!.entries()) {
    for (let row = 75; row < 90; row++) expect(after![at]![row]!).toBeCloseTo(column[row]!, 9)
  }
})

test('names and codes are those of the native code', () => {
  expect(indicators.map(({ name }) => name)).toEqual(Object.keys(indicatorCodes))
  for (const one of each) expect(indicatorColumns(programOf([one]))).toBe(one.columns.length)
})

test('what is left out is what TA-Lib takes, and the columns are called as the indicator was written', () => {
  expect(parseIndicator('macd').parameters).toEqual([12, 26, 9])
  expect(parseIndicator('macd:5').parameters).toEqual([5, 26, 9])
  expect(parseIndicator('bbands:20:2').parameters).toEqual([20, 2, 2])
  expect(parseIndicator('macd:12:26:9').columns).toEqual([
    'macd:12:26:9.macd',
    'macd:12:26:9.signal',
    'macd:12:26:9.hist',
  ])
  expect(parseIndicator('obv').columns).toEqual(['obv'])
})

test.each([
  ['rsii:14', { code: 'UNKNOWN_NAME', fix: 'did you mean "rsi"?' }],
  ['rsi:14:3', { code: 'CONFIG_INVALID', message: expect.stringContaining('one parameter (period), 2 were given') }],
  ['obv:3', { code: 'CONFIG_INVALID', message: expect.stringContaining('no parameter') }],
  ['rsi:1', { code: 'CONFIG_INVALID', message: expect.stringContaining('a whole number from 2 to 100000') }],
  ['sma:2.5', { code: 'CONFIG_INVALID', fix: 'write sma:30' }],
  ['sma:', { code: 'CONFIG_INVALID' }],
  ['bbands:20:x', { code: 'CONFIG_INVALID', message: expect.stringContaining('up is "x", which is not a number') }],
  ['sma:3,sma:3', { code: 'CONFIG_INVALID', message: expect.stringContaining('twice') }],
])('%s is refused with what is allowed', (text, error) => {
  expect(() => parseIndicators(text)).toThrow(expect.objectContaining(error))
})

test('a state of other indicators is refused', () => {
  const engine = new IndicatorEngine(parseIndicators('sma:10'))
  const bytes = new IndicatorEngine(parseIndicators('sma:11')).save()
  expect(() => engine.load(bytes)).toThrow(expect.objectContaining({ code: 'VERSION_MISMATCH' }))
})

test('docs/indicators.md has a line of each indicator as the list has it', () => {
  const docs = readFileSync(join(root, 'docs/indicators.md'), 'utf8')
  for (const { name, formula, meaning, warmupText } of indicators) {
    const line = docs.split('\n').find((one) => one.startsWith(`| \`${name}\``))
    expect(line, name).toBeDefined()
    for (const part of [meaning, formula, warmupText, exampleOf(indicators.find((one) => one.name === name)!)]) {
      expect(line).toContain(part.replaceAll('|', '\\|'))
    }
  }
})
