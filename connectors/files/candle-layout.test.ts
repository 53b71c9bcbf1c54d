import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { decimalOfDouble, layoutFile, layoutFiles, narrow, readMetadata, seriesFolder, wide } from './candle-layout.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-layout-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('decimals of doubles', () => {
  test('read back as the same double, or are refused', () => {
    const doubles = fc.oneof(
      fc.double({ noNaN: true, min: -1e15, max: 1e15 }).filter((value) => !Object.is(value, -0)),
      fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 12 })).map(([a, b]) => Number(`${a}e-${b}`)),
    )
    for (const digits of [narrow, wide]) {
      fc.assert(
        fc.property(doubles, (value) => {
          const whole = decimalOfDouble(value, digits)
          if (whole !== undefined) expect(Number(`${whole}e-${digits.scale}`)).toBe(value)
          else expect(decimalPlaces(value) > digits.scale || Math.abs(value) >= 1e10).toBe(true)
        }),
        { numRuns: 2000 },
      )
    }
  })

  test('hold 18 digits with 8 behind the point, wide ones 38 with 18', () => {
    expect(decimalOfDouble(46319.5, narrow)).toBe(4_631_950_000_000n)
    expect(decimalOfDouble(1e-8, narrow)).toBe(1n)
    expect(decimalOfDouble(1e-9, narrow)).toBe(undefined)
    expect(decimalOfDouble(9_999_999_999, narrow)).toBe(999_999_999_900_000_000n)
    expect(decimalOfDouble(1e10, narrow)).toBe(undefined)
    expect(decimalOfDouble(218102.59507500002, narrow)).toBe(undefined)
    expect(decimalOfDouble(218102.59507500002, wide)).toBe(218_102_595_075_000_020_000_000n)
    expect(decimalOfDouble(Number.NaN, wide)).toBe(undefined)
    expect(decimalOfDouble(Number.POSITIVE_INFINITY, wide)).toBe(undefined)
  })
})

describe('paths of the layout', () => {
  test('say whose candles a file holds, whatever the symbol', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (exchange, symbol) => {
        const name = { exchange, symbol, interval: '1m' }
        const path = join(seriesFolder('candles', name), '2024.parquet')
        expect(path.split('/')).toHaveLength(5)
        expect(layoutFile(path)).toEqual({ ...name, file: path, year: 2024 })
      }),
    )
    expect(seriesFolder('d', { exchange: 'kraken', symbol: 'ADA/XBT', interval: '1h' })).toBe('d/kraken/ADA%2FXBT/1h')
    expect(seriesFolder('d', { exchange: '..', symbol: '.', interval: '1h' })).toBe('d/%2E%2E/%2E/1h')
  })

  test('of other files say nothing', () => {
    for (const path of ['2024.parquet', 'a/b/2024.parquet', 'a/b/1m/all.parquet', 'a/%/1m/2024.parquet']) {
      expect(layoutFile(path), path).toBe(undefined)
    }
  })

  test('are found in the order of exchange, symbol, interval and year, others passed over', async () => {
    for (const path of ['b/X/1m/2024', 'a/Y/1h/2024', 'a/X/1h/2025', 'a/X/1h/2024', 'a/X/1h/notes']) {
      mkdirSync(join(dir, path, '..'), { recursive: true })
      writeFileSync(join(dir, `${path}.parquet`), '')
    }
    writeFileSync(join(dir, 'metadata.json'), '{"series": "many"}')
    const found = (await layoutFiles(dir)).map(({ file }) => file.slice(dir.length + 1, -'.parquet'.length))
    expect(found).toEqual(['a/X/1h/2024', 'a/X/1h/2025', 'a/Y/1h/2024', 'b/X/1m/2024'])
    await expect(readMetadata(dir)).rejects.toThrow(expect.objectContaining({ code: 'FILE_CORRUPT' }))
    expect(await readMetadata(join(dir, 'nowhere'))).toMatchObject({ version: 1, series: [] })
  })
})

function decimalPlaces(value: number): number {
  const [digits, exponent = '0'] = String(value).split('e')
  return (digits!.split('.')[1]?.length ?? 0) - Number(exponent)
}
