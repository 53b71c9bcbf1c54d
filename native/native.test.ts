import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cos, crc32c, exp, expEach, ln, lnEach, load, pow, sin, tanh } from './index.ts'
import { readBlock } from './segment.ts'

const bits = (x: number): bigint => new BigUint64Array(new Float64Array([x]).buffer)[0]!

describe('crc32c', () => {
  test('gives the checksum of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(0))).toBe(0)
  })

  test('reads a view at its own offset and continues from a seed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
        const cut = Math.min(at, bytes.length)
        return crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))) === crc32c(bytes.slice())
      }),
    )
  })
})

describe('the functions with the same bits on every machine', () => {
  test('give the bits that `cargo test` fixes', () => {
    expect(bits(exp(1))).toBe(0x4005bf0a8b14576an)
    expect(bits(ln(10))).toBe(0x40026bb1bbb55516n)
    expect(bits(pow(10, -8))).toBe(0x3e45798ee2308c3an)
    expect(bits(sin(1e5))).toBe(0x3fa24daa9c527e96n)
    expect(bits(cos(0.5))).toBe(0x3fec1528065b7d50n)
    expect(bits(tanh(0.3))).toBe(0x3fd2a4dda7d914f9n)
  })

  test('give the same for a column as value by value', () => {
    fc.assert(
      fc.property(fc.float64Array({ maxLength: 50 }), (values) => {
        expect(expEach(values)).toEqual(values.map(exp))
        expect(lnEach(values)).toEqual(values.map(ln))
      }),
    )
  })
})

test('a block is read beside this thread as far as its file goes, also when the descriptor is closed meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-native-'))
  const file = join(folder, 'segment')
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251)
  writeFileSync(file, bytes)
  const fd = openSync(file, 'r')
  const read = [
    readBlock(fd, { position: 8, length: 90_000 }),
    readBlock(fd, { position: 99_000, length: 5000 }),
    readBlock(fd, { position: 200_000, length: 64 }),
  ]
  closeSync(fd)
  const [whole, cut, none] = await Promise.all(read)
  expect(Buffer.compare(whole!.bytes, bytes.subarray(8, 90_008))).toBe(0)
  expect(whole!.crc).toBe(crc32c(bytes.subarray(16, 90_008)))
  expect(Buffer.compare(cut!.bytes, bytes.subarray(99_000))).toBe(0)
  expect(none!.bytes.length).toBe(0)
  const notFile = openSync(folder, 'r')
  await expect(readBlock(notFile, { position: 0, length: 8 })).rejects.toThrow('Is a directory')
  closeSync(notFile)
  rmSync(folder, { recursive: true })
})

test('an addon that was not built is named, with the command that builds it', () => {
  expect(() => load('/no/such/folder/smartspeed.node')).toThrow(
    expect.objectContaining({ code: 'NATIVE_MISSING', fix: expect.stringContaining('npm start') }),
  )
})
