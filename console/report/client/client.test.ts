import { describe, expect, test } from 'vitest'
import { csvOf, drawdownOf } from './charts.ts'
import { marksOf } from './markers.ts'
import { type Column, filterOf, sorted } from './rows.ts'
import { logTicks, numberLabels, numberTicks, timeLabels, timeTicks } from './ticks.ts'

const at = (iso: string): number => Date.parse(iso) * 1e3

describe('ticks', () => {
  test('of time are round moments in UTC, the date under the first of each day', () => {
    const ticks = timeTicks(at('2024-08-08T23:54:15Z'), at('2024-08-09T00:00:00Z'), 6)
    expect(timeLabels(ticks)).toEqual(['23:55\n2024-08-08', '23:56', '23:57', '23:58', '23:59', '00:00\n2024-08-09'])
  })

  test('of years are firsts of months', () => {
    const ticks = timeTicks(at('2023-11-05T00:00:00Z'), at('2024-11-05T00:00:00Z'), 5)
    expect(timeLabels(ticks)).toEqual(['2024-01-01', '2024-04-01', '2024-07-01', '2024-10-01'])
  })

  test('of milliseconds say them', () => {
    const ticks = timeTicks(at('2024-01-01T00:00:00Z'), at('2024-01-01T00:00:00.020Z'), 3)
    expect(timeLabels(ticks)).toEqual(['00:00:00.000\n2024-01-01', '00:00:00.010', '00:00:00.020'])
  })

  test('of numbers are round, with as many decimals as their distance asks', () => {
    expect(numberLabels(numberTicks(0.98, 1.021, 5))).toEqual(['0.98', '0.99', '1.00', '1.01', '1.02'])
    expect(numberLabels(numberTicks(999_989, 1_000_001, 5))).toContain('999\u2009992.5')
    expect(numberLabels(numberTicks(0, 0.1, 5))).toEqual(['0.00', '0.02', '0.04', '0.06', '0.08', '0.10'])
    expect(numberLabels(numberTicks(-1100, 900, 4))).toEqual(['\u22121\u2009000', '\u2212500', '0', '500'])
  })

  test('of a logarithm are 1, 2, 5 of each power of ten, or round numbers of a narrow range', () => {
    expect(logTicks(900, 11_000, 5)).toEqual([1000, 2000, 5000, 10_000])
    expect(logTicks(990, 1012, 3)).toEqual([990, 1000, 1010])
  })
})

test('marks of one cell are one, at their mean time and mean price by size', () => {
  const fills = {
    times: Float64Array.of(0, 10, 90),
    prices: Float64Array.of(100, 200, 50),
    sizes: Float64Array.of(3, 1, 2),
    counts: Uint32Array.of(1, 1, 4),
  }
  expect(marksOf(fills, 0, 100, 2)).toEqual([
    { time: 5, price: 125, size: 4, count: 2 },
    { time: 90, price: 50, size: 2, count: 4 },
  ])
})

test('the drawdown is measured from the highest equity so far, the start included', () => {
  const series = { times: Float64Array.of(1, 2, 3, 4), values: Float64Array.of(90, 120, 60, 120), of: 4 }
  expect([...drawdownOf(series, 100).values]).toEqual([-10, 0, -50, 0])
})

test('the CSV of a price chart has its points and its fills in the order of time', () => {
  const none = {
    times: new Float64Array(0),
    prices: new Float64Array(0),
    sizes: new Float64Array(0),
    counts: new Uint32Array(0),
  }
  const buys = {
    times: Float64Array.of(1.5e6),
    prices: Float64Array.of(7.25),
    sizes: Float64Array.of(2),
    counts: Uint32Array.of(1),
  }
  const series = { times: Float64Array.of(1e6, 2e6), values: Float64Array.of(7, 0.1), of: 2 }
  const lines = csvOf({
    id: 'price-0',
    unit: 'USDT',
    series,
    gaps: [],
    form: 'line',
    height: 1,
    timeAxis: true,
    fills: { where: 'price', buys, sells: none },
  })
  expect(lines).toEqual([
    'time,price,side,fills,size,mean_price',
    '1970-01-01T00:00:01Z,7,,,,',
    '1970-01-01T00:00:01.5Z,,buy,1,2,7.25',
    '1970-01-01T00:00:02Z,0.1,,,,',
  ])
})

describe('a table', () => {
  const net = [5, -3, 5, 0]
  const side = ['long', 'short', 'short', 'long']
  const columns: Column[] = [
    {
      name: 'Side',
      key: 'side',
      numeric: false,
      value: (row) => side[row]!,
      text: (row) => side[row]!,
      csv: (row) => side[row]!,
    },
    {
      name: 'Net',
      key: 'net',
      numeric: true,
      value: (row) => net[row]!,
      text: (row) => String(net[row]),
      csv: (row) => net[row]!,
    },
  ]
  const rows = Uint32Array.of(0, 1, 2, 3)

  test('is filtered by words and by comparisons, all of which must fit', () => {
    const passing = (text: string) => [...rows.filter(filterOf(text, columns))]
    expect(passing('')).toEqual([0, 1, 2, 3])
    expect(passing('SHORT')).toEqual([1, 2])
    expect(passing('net<0')).toEqual([1])
    expect(passing('net>=0 long')).toEqual([0, 3])
    expect(passing('net>\u22123 short')).toEqual([2])
    expect(passing('net=5')).toEqual([0, 2])
    expect(passing('size<3')).toEqual([])
  })

  test('is sorted by a column, equal rows in their order both ways', () => {
    expect([...sorted(rows, columns[1]!, false)]).toEqual([1, 3, 0, 2])
    expect([...sorted(rows, columns[1]!, true)]).toEqual([0, 2, 3, 1])
  })
})
