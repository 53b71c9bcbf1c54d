import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { exchangeOf } from '../connectors/exchanges/index.ts'
import { file, fresh, load, rowsIn, trade, withLog } from '../tests/imports.ts'
import { importFiles } from './ingest.ts'

describe('files', () => {
  const lines = Array.from({ length: 2000 }, (_, i) => trade(i, i + 1))

  test('cut off at any end give what is whole, and say so', async () => {
    const zipped = gzipSync(lines.map((line) => `${line}\n`).join(''))
    const path = file('', 'cut.gz')
    writeFileSync(path, zipped.subarray(0, zipped.length >> 1))
    const result = await load(fresh(), [path])
    expect(result.files[0]!.complete).toBe(false)
    expect(result.records.trades).toBeGreaterThan(100)
    expect(result.deadLetters).toBe(0)
    expect(result.warnings[0]).toContain('cut off')

    const plain = await load(fresh(), [file(`${lines[0]}\n${lines[1]}\n${lines[2]!.slice(0, 60)}`)])
    expect([plain.records.trades, plain.files[0]!.complete, plain.deadLetters]).toEqual([2, false, 0])
    const whole = await load(fresh(), [file(`${lines[0]}\n${lines[1]}`)])
    expect([whole.records.trades, whole.files[0]!.complete]).toEqual([2, true])
  })

  test('with a flipped bit anywhere give no row at all, however early they could have been committed', async () => {
    // A line each 100 ms, so that most of it is past the first minute; prices that do not compress away.
    const price = (i: number) => `6${String((i * 7919) % 10_000).padStart(4, '0')}.${(i * 31) % 10}0`
    const far = Array.from({ length: 12_000 }, (_, i) => `${trade(i * 100, i + 1, price(i))}\n`).join('')
    const zipped = gzipSync(far)
    for (const share of [0.2, 0.6, 0.97]) {
      const damaged = Buffer.from(zipped)
      damaged[Math.floor(zipped.length * share)]! ^= 4
      const path = file('', 'flipped.gz')
      writeFileSync(path, damaged)
      const dir = fresh()
      await expect(load(dir, [path], { stepRows: 500 })).rejects.toMatchObject({ code: 'FILE_CORRUPT' })
      expect(await rowsIn(dir, 'trades')).toEqual([])
    }
    const whole = file('', 'whole.gz')
    writeFileSync(whole, zipped)
    expect((await load(fresh(), [whole], { stepRows: 500 })).records.trades).toBe(12_000)
  })

  test('with Windows line ends are read the same', async () => {
    const result = await load(fresh(), [file(`${lines.slice(0, 3).join('\r\n')}\r\n`)])
    expect([result.records.trades, result.deadLetters]).toEqual([3, 0])
  })

  test('that are damaged, binary, no captures or not there are refused by name', async () => {
    const damaged = gzipSync(lines.map((line) => `${line}\n`).join(''))
    damaged[damaged.length >> 1]! ^= 0x55
    const path = file('', 'damaged.gz')
    writeFileSync(path, damaged)
    await expect(load(fresh(), [path])).rejects.toMatchObject({ code: 'FILE_CORRUPT' })
    writeFileSync(path, Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 1, 2]))
    await expect(load(fresh(), [path])).rejects.toMatchObject({ code: 'FILE_BINARY' })
    const table = file(Array.from({ length: 30 }, (_, i) => `${i};a;b`))
    await expect(load(fresh(), [table])).rejects.toMatchObject({ code: 'FILE_BINARY' })
    const near = file(lines.slice(0, 2), 'btcusdt.gz')
    const wrong = near.replace('btcusdt.gz', 'btcudt.gz')
    await expect(load(fresh(), [wrong])).rejects.toMatchObject({
      code: 'FILE_MISSING',
      fix: expect.stringContaining('btcusdt.gz'),
    })
    await expect(load(fresh(), [near.replace('/btcusdt.gz', '')])).rejects.toMatchObject({ code: 'FILE_BINARY' })
  })

  test('a stop in the middle keeps what was committed, and the next import goes on', async () => {
    const far = Array.from({ length: 3000 }, (_, i) => trade(i * 50, i + 1))
    const dir = fresh()
    const stop = new AbortController()
    const path = file(far, 'far.gz')
    const stopped = load(dir, [path], {
      ...{ stepRows: 100, signal: stop.signal },
      onProgress: () => stop.abort(),
    })
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
    const { records, duplicates } = await load(dir, [path])
    expect(records.trades! + duplicates.trades!).toBe(3000)
    expect((await rowsIn(dir, 'trades')).map(({ id }) => Number(id))).toEqual(far.map((_, i) => i + 1))
  })

  test('another import at work is refused', async () => {
    const dir = fresh()
    await withLog(dir, async (topics) => {
      const writer = await topics.writer({ run: 'import', market: true })
      const again = importFiles({
        topics,
        files: [file([trade(0, 1)])],
        exchange: exchangeOf('binance'),
        seconds: () => 0,
      })
      await expect(again).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await writer.close()
    })
  })
})
