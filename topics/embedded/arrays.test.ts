import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packBlock } from '../../native/segment.ts'
import { type ArrayType, bytesOf, type Form, forms, partOf, restore, type Values } from './arrays.ts'

/** The only array of a block. */
async function store(values: Values): Promise<{ form: Form; bytes: Uint8Array }> {
  const block = await packBlock(new Uint8Array(16), [partOf(values)])
  const [count, said] = new Uint32Array(block.buffer, 16, 2)
  expect(count).toBe(1)
  return { form: forms[said! >>> 30]!, bytes: block.subarray(24, 24 + (said! % 2 ** 30)) }
}

/** Stores and restores; the bytes must be equal, which numbers are not for NaN and -0. */
async function roundTrip(values: Values): Promise<string> {
  const { form, bytes } = await store(values)
  const read = restore(form, bytes, values.constructor as never as ArrayType<Float64Array>, values.length)!
  expect(Buffer.compare(bytesOf(read), bytesOf(values))).toBe(0)
  return form
}

const special = fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1, 1.1, 2 ** 53, 1_704_067_200_000_000)

test('any array comes back bit by bit, in whatever form it is stored', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(special, fc.integer({ min: 1, max: 60 })), { maxLength: 8 }),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.integer({ min: -1000, max: 1000 }),
      async (runs, first, step) => {
        const values = runs.flatMap(([value, times]) => Array<number>(times).fill(value))
        seen.add(await roundTrip(Float64Array.from(values)))
        seen.add(await roundTrip(Float64Array.from(values, (_, i) => first + i * step)))
        const whole = values.map((value) => (Number.isFinite(value) ? Math.floor(value) % 2 ** 31 : 7))
        for (const Type of [Int32Array, Uint32Array, Uint16Array, Uint8Array])
          seen.add(await roundTrip(Type.from(whole)))
        seen.add(await roundTrip(BigInt64Array.from(whole, BigInt)))
        seen.add(await roundTrip(Uint32Array.from(whole, (_, i) => i * Math.abs(step))))
      },
    ),
    { numRuns: 300 },
  )
  expect([...seen].sort()).toEqual(['plain', 'runs', 'same', 'spaced'])
})

test('times of bars, balances between fills and flags that never change take little room', async () => {
  const rows = 8192
  const size = async (values: Values) => (await store(values)).bytes.length
  expect(await size(Float64Array.from({ length: rows }, (_, i) => 1_704_067_200_000_000 + i * 60_000_000))).toBe(16)
  expect(
    await size(BigInt64Array.from({ length: rows }, (_, i) => BigInt(Math.floor(i / 24)) * 1_234_567n)),
  ).toBeLessThan(4200)
  expect(await size(new Uint8Array(rows).fill(1))).toBe(1)
  expect(await size(Float64Array.from({ length: rows }, (_, i) => Math.sqrt(i)))).toBe(rows * 8)
})

test('values that only nearly stand evenly are stored as they are', async () => {
  const nearly = Float64Array.from([0.1, 0.2, 0.3, 0.4])
  expect((await store(nearly)).form).toBe('plain')
  await roundTrip(nearly)
  await roundTrip(Float64Array.from([-0, 1, 2, 3]))
  await roundTrip(Float64Array.from([-1, -0, 1, 2]))
})

test('bytes that are not what they are said to be give nothing', async () => {
  const runs = await store(Float64Array.from([...Array(40).fill(1), ...Array(40).fill(2)]))
  expect(runs.form).toBe('runs')
  expect(restore('runs', runs.bytes, Float64Array, 79)).toBeUndefined()
  expect(restore('runs', runs.bytes.slice(0, -8), Float64Array, 80)).toBeUndefined()
  expect(restore('plain', new Uint8Array(80), Float64Array, 11)).toBeUndefined()
  expect(restore('same', new Uint8Array(16), Float64Array, 2)).toBeUndefined()
  expect(restore('spaced', new Uint8Array(8), Float64Array, 2)).toBeUndefined()
})
