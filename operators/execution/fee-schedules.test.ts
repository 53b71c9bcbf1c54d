import { describe, expect, test } from 'vitest'
import { feeSchedules, lowestTier } from './fee-schedules.ts'

const on = (day: string) => Date.parse(day) * 1000

describe('fees of the lowest tier', () => {
  test('are those that were seen last by then, else the first that were', () => {
    expect(lowestTier('binance-usdm', on('2020-01-01'))).toMatchObject({ maker: 0.0002, taker: 0.0004 })
    expect(lowestTier('binance-usdm', on('2024-04-27'))).toMatchObject({ taker: 0.0004 })
    expect(lowestTier('binance-usdm', on('2024-04-28'))).toMatchObject({ taker: 0.0005 })
    expect(lowestTier('binance', on('2026-01-01'))).toMatchObject({ maker: 0.001, taker: 0.001 })
    expect(lowestTier('binance-coinm', on('2026-01-01'))).toMatchObject({ maker: 0.0001, taker: 0.0005 })
  })

  test('stand in the order of their days', () => {
    for (const schedules of Object.values(feeSchedules)) {
      const days = schedules.map(({ seen }) => seen)
      expect(days).toEqual(days.toSorted())
    }
  })

  test('of an exchange that is not known have to be said', () => {
    expect(() => lowestTier('okx', 0)).toThrow(/rates of okx are not known/)
  })
})
