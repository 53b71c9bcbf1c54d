import { expect, test } from 'vitest'
import { curvesCsv } from './curves.ts'
import { mapCsv } from './map.ts'

test('the CSV of curves has a line a step, and nothing where a curve has no value', () => {
  const curve = (name: string, ...values: number[]) => ({
    ...{ name, values: Float64Array.from(values), stroke: 'ink', dash: [] },
  })
  const chart = {
    id: 'fan',
    unit: 'USDT',
    bands: [],
    curves: [curve('5 %', 1, Number.NaN), curve('as it was', 3, 4.5)],
  }
  expect(curvesCsv({ ...chart, steps: 'trades', at: Float64Array.of(1, 2) })).toEqual([
    'trades,5_%,as_it_was',
    '1,1,3',
    '2,,4.5',
  ])
  expect(curvesCsv({ ...chart, steps: 'time', at: Float64Array.of(0, 1e6) })[2]).toBe('1970-01-01T00:00:01Z,,4.5')
})

test('the CSV of a map has a line a point that was tried', () => {
  const axes = [
    { name: 'fast', values: [2, 3] },
    { name: 'mode', values: ['a,b', 'c'] },
  ]
  const metric = { name: 'Sharpe ratio', unit: '', better: 'larger' as const }
  expect(mapCsv({ id: 'map', axes, values: Float64Array.of(1, Number.NaN, 2, 3), metric })).toEqual([
    'fast,mode,Sharpe_ratio',
    '2,"a,b",1',
    '3,"a,b",2',
    '3,c,3',
  ])
})
