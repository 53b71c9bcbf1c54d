import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ArrayType, bytesOf, restore, store, type Values } from './arrays.ts'

/** Stores and restores; the bytes must be equal, which numbers are not for NaN and -0. */
function roundTrip(values: Values): string {
  const { form, bytes } = store(values)
  const aligned = new Uint8Array(bytes)
  const read = restore(form, aligned, values.constructor as never as ArrayType<Float64Array>, values.length)!
  expect(Buffer.compare(bytesOf(read), bytesOf(values))).toBe(0)
  return form
}

const special = fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1, 1.1, 2 ** 53, 1_704_067_200_000_000)

test('any array comes back bit by bit, in whatever form it is stored', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      fc.array(fc.tuple(special, fc.integer({ min: 1, max: 60 })), { maxLength: 8 }),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.integer({ min: -1000, max: 1000 }),
      (runs, first, step) => {
        const values = runs.flatMap(([value, times]) => Array<number>(times).fill(value))
        seen.add(roundTrip(Float64Array.from(values)))
        seen.add(roundTrip(Float64Array.from(values, (_, i) => first + i * step)))
        const whole = values.map((value) => (Number.isFinite(value) ? Math.floor(value) % 2 ** 31 : 7))
        for (const Type of [Int32Array, Uint32Array, Uint16Array, Uint8Array]) seen.add(roundTrip(Type.from(whole)))
        seen.add(roundTrip(BigInt64Array.from(whole, BigInt)))
        seen.add(roundTrip(Uint32Array.from(whole, (_, i) => i * Math.abs(step))))
      },
    ),
    { numRuns: 300 },
  )
  expect([...seen].sort()).toEqual(['plain', 'runs', 'same', 'spaced'])
})

test('times of bars, balances between fills and flags that never change take little room', () => {
  const rows = 8192
  const size = (values: Values) => store(values).bytes.length
  expect(size(Float64Array.from({ length: rows }, (_, i) => 1_704_067_200_000_000 + i * 60_000_000))).toBe(16)
  expect(size(BigInt64Array.from({ length: rows }, (_, i) => BigInt(Math.floor(i / 24)) * 1_234_567n))).toBeLessThan(
    4200,
  )
  expect(size(new Uint8Array(rows).fill(1))).toBe(1)
  expect(size(Float64Array.from({ length: rows }, (_, i) => Math.sqrt(i)))).toBe(rows * 8)
})

test('values that only nearly stand evenly are stored as they are', () => {
  const nearly = Float64Array.from([0.1, 0.2, 0.3, 0.4])
  expect(store(nearly).form).toBe('plain')
  roundTrip(nearly)
  roundTrip(Float64Array.from([-0, 1, 2, 3]))
  roundTrip(Float64Array.from([-1, -0, 1, 2]))
})

test('bytes that are not what they are said to be give nothing', () => {
  const runs = store(Float64Array.from([...Array(40).fill(1), ...Array(40).fill(2)]))
  expect(runs.form).toBe('runs')
  expect(restore('runs', runs.bytes, Float64Array, 79)).toBeUndefined()
  expect(restore('runs', runs.bytes.slice(0, -8), Float64Array, 80)).toBeUndefined()
  expect(restore('plain', new Uint8Array(80), Float64Array, 11)).toBeUndefined()
  expect(restore('same', new Uint8Array(16), Float64Array, 2)).toBeUndefined()
  expect(restore('spaced', new Uint8Array(8), Float64Array, 2)).toBeUndefined()
})
