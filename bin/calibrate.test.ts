import { describe, expect, test } from 'vitest'
import { type Calibrated, calibrationText, shareFrom } from './calibrate.ts'

const interval = { count: 9, mean: -1.25, low: -2, high: -0.5 }
const group: Calibrated['groups'][number] = {
  ...{ by: 'all', name: 'all', orders: 9, reasons: {} },
  ...{ fillRate: { simulated: 0.5, real: 0.75, error: interval }, priceErrorBps: interval, timeErrorMs: null },
}
const found: Calibrated = {
  ...{ run: 'a', real: { kind: 'run', name: 'b' }, method: 'percentile bootstrap', groups: [group], again: 'requests' },
  orders: { simulated: 10, real: 12, matched: 9, matchedById: 8 },
}
const fit = { fillError: 0.1, timeErrorMs: Number.NaN, priceErrorBps: 0.5, score: 1.234, nearest: 0.97, reasons: {} }

describe('what calibrate tells a person', () => {
  test('is how far off the run was, with intervals, and a dash for what nobody can say', () => {
    expect(calibrationText(found)).toBe(
      [
        'a against b: 9 of 12 real orders matched, 8 by name',
        '',
        '     orders  filled  really  worse, bp              later, ms',
        'all       9  50.0 %  75.0 %  −1.25 (−2.00 … −0.50)          –',
        '',
        'percentile bootstrap',
      ].join('\n'),
    )
  })

  test('is the nearest of the settings, marked', () => {
    const settings = [
      { settings: { queue: 'power', latency: { outMs: 5 } }, ...fit, orders: 9, fills: 5 },
      { settings: { queue: 'front', latency: 0 }, ...fit, orders: 9, fills: 5 },
    ]
    const text = calibrationText({ ...found, settings, best: settings[0]!.settings })
    expect(text).toContain('* queue=power latency={"outMs":5}  10.0 %')
    expect(text).toContain('  queue=front latency=0 ')
    expect(text).toContain('\nnearest: queue=power latency={"outMs":5}\n')
  })
})

test('a confidence lies between 0 and 1', () => {
  expect(shareFrom('--confidence', '0.9')).toBe(0.9)
  for (const wrong of ['0', '1', 'x', '']) expect(() => shareFrom('--confidence', wrong)).toThrow(/--confidence: /)
})
