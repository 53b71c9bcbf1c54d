import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { dataDir, describeWith, root, rounds, testWith } from '../tests/data.ts'
import { bytesIn, dataTopics, everything, file, fresh, load, rowsIn, waitFor } from '../tests/imports.ts'

describeWith('data', 'real captures', () => {
  const path = (name: string) => join(dataDir, 'captures', name)
  const usdm = path('usdm-btcusdt-20240808.gz')

  test('every message of a session is a row, the books are in sync, and a second import adds nothing', async () => {
    const dir = fresh()
    const first = await load(dir, [usdm])
    expect(first.records).toMatchObject({ trades: 21_313, quotes: 66_089, books: 6_552 })
    expect(first.streams).toEqual({
      'btcusdt@depth@0ms': 6551,
      'btcusdt@bookTicker': 66_089,
      'btcusdt@trade': 21_313,
      'REST depth snapshot': 1,
    })
    expect(first.symbols).toEqual({ BTCUSDT: { synced: true, gaps: [], crossed: 0, checksums: { ok: 0, bad: 0 } } })
    expect(first.quality).toMatchObject({
      timeBack: 0,
      eventTimeBack: 0,
      impossiblePrice: 0,
      crossed: 0,
      jump: 0,
      gaps: 0,
    })
    expect(first.clocks[0]!.offsetUs).toBe(1_271_933)
    const before = await everything(dir)
    const second = await load(dir, [usdm])
    expect(second.duplicates).toMatchObject({ trades: 21_313, quotes: 66_089, books: 6_552 })
    expect(Object.values(second.records).reduce((sum, rows) => sum + rows, 0)).toBe(0)
    expect(second.symbols.BTCUSDT).toEqual(first.symbols.BTCUSDT)
    expect(await everything(dir)).toEqual(before)
    const [instrument] = await rowsIn(dir, 'instruments')
    expect(instrument).toMatchObject({ tickSize: 0.1, lotSize: 0.001, base: 'BTC', quote: 'USDT', inferred: true })
  })

  test('spot’s session is whole as well', async () => {
    const dir = fresh()
    const { records, symbols } = await load(dir, [path('spot-btcusdt-20240808.gz')], {}, 'binance')
    expect(records).toMatchObject({ trades: 9_757, quotes: 28_040, books: 3_452 })
    expect(symbols.BTCUSDT).toMatchObject({ synced: true, gaps: [], crossed: 0 })
    expect((await rowsIn(dir, 'instruments'))[0]).toMatchObject({ tickSize: 0.01, lotSize: 0.000001, type: 'spot' })
  })

  test('sessions of many symbols are in sync for each of them', async () => {
    for (const [name, exchange, symbols] of [
      ['binance-spot-multi-20211012.gz', 'binance', 2],
      ['binance-usdm-multi-20210722.gz', 'binance-usdm', 2],
      ['binance-coinm-multi-20210722.gz', 'binance-coinm', 5],
    ] as const) {
      const result = await load(fresh(), [path(name)], {}, exchange)
      expect(Object.values(result.symbols)).toEqual(
        Array.from({ length: symbols }, () => ({ synced: true, gaps: [], crossed: 0, checksums: { ok: 0, bad: 0 } })),
      )
      expect(result.deadLetters).toBe(0)
    }
  })

  testWith(
    'time',
    'overlapping parts in any order, with a hole that is filled later, give what the whole gives',
    async () => {
      const lines = gunzipSync(readFileSync(usdm)).toString().split('\n').slice(0, 30_000)
      const whole = fresh()
      await load(whole, [file(lines)])
      const expected = await everything(whole, dataTopics)
      const part = (from: number, to: number) => file(lines.slice(from, to), 'part.gz')
      for (const parts of [
        [part(0, 12_000), part(9_000, 22_000), part(20_000, 30_000)],
        [part(14_000, 30_000), part(0, 15_000)],
        [file([...lines.slice(0, 8_000), ...lines.slice(20_000)]), part(7_000, 21_000)],
      ]) {
        const dir = fresh()
        let last = await load(dir, [parts[0]!])
        for (const one of parts.slice(1)) last = await load(dir, [one])
        expect(last.symbols.BTCUSDT!.synced).toBe(true)
        // The estimated clock of a part is its own; what the exchange said is not.
        expect(await everything(dir, dataTopics)).toEqual(expected)
      }
    },
  )

  test('killed at any moment and started again, an import adds nothing twice and loses nothing', async () => {
    const undisturbed = fresh()
    await load(undisturbed, [usdm])
    const expected = await everything(undisturbed)
    const dir = fresh('killed')
    const program = ['bin/main.ts', '--dir', dir, 'import', usdm, '--exchange', 'binance-usdm']
    let killed = 0
    // Bytes of segments are there before their commit is: these are moments before, in and after commits.
    const moments = [1, 6e6, 3e6, 1, 9e6, 10e6].slice(0, rounds(6, 2)).sort((a, b) => a - b)
    for (const bytes of moments) {
      const child = spawn(process.execPath, program, { cwd: root, stdio: 'ignore' })
      const ended = new Promise<NodeJS.Signals | null>((resolve) =>
        child.on('exit', (_code, signal) => resolve(signal)),
      )
      await waitFor(() => bytesIn(join(dir, 'market')) >= bytes || child.exitCode !== null)
      child.kill('SIGKILL')
      if ((await ended) === 'SIGKILL') killed++
    }
    expect(killed).toBeGreaterThanOrEqual(moments.length / 2)
    const { symbols } = await load(dir, [usdm])
    expect(symbols.BTCUSDT).toMatchObject({ synced: true, gaps: [] })
    expect(await everything(dir)).toEqual(expected)
  })
})
