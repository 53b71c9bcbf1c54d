import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf } from '../schemas/batch.ts'
import { murmur2, partitionOf, spread } from './partition.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

// The table of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of "%s" is what Kafka computes', (text, hash) => {
  expect(murmur2(bytes(text))).toBe(hash)
})

test('a partition is one of those that there are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 100 }), (key, partitions) => {
      const partition = partitionOf(key, partitions)
      expect(partition).toBeGreaterThanOrEqual(0)
      expect(partition).toBeLessThan(partitions)
      expect(Number.isInteger(partition)).toBe(true)
    }),
  )
})

test('rows of several keys are spread, rows of one key are not cut', () => {
  const row = (symbol: string) => ({
    time: 1,
    received: 1,
    exchange: 'binance',
    symbol,
    side: 'buy' as const,
    price: 1,
    size: 1,
    id: '',
  })
  const one = spread(batchOf('trades', [row('A'), row('A')]), 5)
  expect(one).toEqual({ all: partitionOf('binance:A', 5) })
  const symbols = ['A', 'B', 'C', 'D', 'A', 'B']
  const spreads = spread(batchOf('trades', symbols.map(row)), 5)
  for (const [i, symbol] of symbols.entries()) {
    expect(spreads.all === undefined && spreads.rows[partitionOf(`binance:${symbol}`, 5)]).toContain(i)
  }
})
