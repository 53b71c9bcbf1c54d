// Foreign files from the command line to bars, a book and a backtest.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataDir, describeWith, root, testWith } from '../../tests/data.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-load-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const log = join(folder, 'log')

function smartspeed(...words: string[]): Promise<{ code: number | null; out: string; said: string }> {
  const env = { ...process.env, SMARTSPEED_DIR: log }
  const child = spawn(process.execPath, ['--no-warnings', join(root, 'bin/main.ts'), ...words], { cwd: folder, env })
  const text = { out: '', said: '' }
  child.stdout.on('data', (bytes) => {
    text.out += bytes
  })
  child.stderr.on('data', (bytes) => {
    text.said += bytes
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...text })))
}

const json = async (...words: string[]) => JSON.parse((await smartspeed(...words, '--json')).out)

describeWith('data', 'what was loaded', () => {
  const csv = (name: string) => join(dataDir, 'csv', name)
  const kraken = '--format kraken-archive --exchange kraken --symbol BCHEUR'.split(' ')

  beforeAll(async () => {
    for (const part of ['a', 'b']) {
      const file = csv(`kraken-archive-trades-bcheur-${part}.csv`)
      expect(await json('load', 'trades', file, ...kraken, '--side', 'tick-rule')).toMatchObject({ deadLetters: 0 })
    }
    const deribit = '--format tardis --exchange deribit --symbol BTC-PERPETUAL'.split(' ')
    await json('load', 'books', csv('tardis-deribit-incremental-book-l2.csv'), ...deribit)
  }, 60_000)

  test('is there once, however often it is loaded', async () => {
    const file = csv('kraken-archive-trades-bcheur-a.csv')
    const again = await json('load', 'trades', file, ...kraken, '--side', 'tick-rule')
    expect(again).toMatchObject({ rows: 0, duplicates: 148, from: 1672531436000000, to: 1672615187000000 })
  })

  test('makes bars that close in silence too, and dollar bars', async () => {
    const of = ['bars', '--exchange', 'kraken', '--symbol', 'BCHEUR', '--interval']
    const hours: { volume: number; received: number; time: number }[] = await json(...of, '1h')
    // 47 hours from 00:03 of one day to 23:17 of the next, of which the last is open: hours with trades, by Python.
    expect(hours.length).toBe(43)
    // Within a minute, but for the hour that was open at the end of the first file: nobody says when it was over.
    expect(hours.filter(({ received, time }) => received - time > 60e6).map(({ time }) => time / 1e6)).toEqual([
      1672617600,
    ])
    const dollars: { quoteVolume: number }[] = await json(...of, '10000 dollars')
    expect(dollars.length).toBeGreaterThan(8)
    for (const { quoteVolume } of dollars) expect(quoteVolume).toBeGreaterThanOrEqual(10_000)
  })

  test('makes a book', async () => {
    const at = ['--exchange', 'deribit', '--symbol', 'BTC-PERPETUAL', '--at', '2020-04-02']
    expect(await json('book', ...at)).toMatchObject({
      synced: true,
      levels: { bids: 0, asks: 15 },
      received: 1585699200355684,
    })
  })

  test('can be traded on', async () => {
    const cross = '--strategy sma-cross --set fast=3 --set slow=8 --set size=1 --interval 5m'.split(' ')
    const run = await json('backtest', '--exchange', 'kraken', '--symbol', 'BCHEUR', ...cross)
    expect(run.fills).toBeGreaterThan(10)
    expect(run.hashes.executions).toMatch(/^[0-9a-f]{64}$/)
  })

  testWith(
    'time',
    'ends where its own rows end, though another symbol of the exchange goes on for years',
    async () => {
      const of = ['--exchange', 'binance', '--symbol']
      await json(
        'load',
        'trades',
        csv('binance-spot-btcusdt-trades-20210108.parquet'),
        '--format',
        'columns',
        ...of,
        'BTCUSDT',
      )
      await json('load', 'quotes', csv('btcusdt-quotes-20210108.parquet'), '--format', 'columns', ...of, 'BTCUSDT')
      await json('load', 'trades', csv('ccxt-trades-ethusdt-20230202.csv'), '--format', 'ccxt', ...of, 'ETHUSDT')
      const report = join(folder, 'years.html')
      const run = await json('backtest', ...of, 'BTCUSDT', '--strategy', 'market-maker', '--report', report)
      expect(readFileSync(report, 'utf8')).toContain('market-maker')
      expect(run.fills).toBeGreaterThan(10)
      // µs from the first row to the last, both of 2021-01-08.
      expect(run.metrics.days).toBeLessThan(0.001)
    },
    30_000,
  )

  test('what is wrong is said before anything is written', async () => {
    const file = csv('kraken-archive-trades-bcheur-a.csv')
    for (const [words, code, said] of [
      [['load', 'trades', file, ...kraken], 2, /which side took[\s\S]*--side tick-rule/],
      [['load', 'trades', file, ...kraken, '--side', 'guess'], 2, /allowed is tick-rule/],
      [['load', 'trades', file, ...kraken, '--tick', '0.01'], 2, /--tick and --lot go together/],
      [['load', 'books', file, ...kraken], 2, /kraken-archive has trades, no books[\s\S]*tardis, binance-archive/],
      [
        ['load', 'trades', file, '--format', 'tardi', '--exchange', 'kraken', '--symbol', 'X'],
        2,
        /did you mean "tardis"/,
      ],
      [['load', 'trades', `${file}x`, ...kraken, '--side', 'tick-rule'], 1, /kraken-archive-trades-bcheur-a\.csv/],
    ] as const) {
      const ended = await smartspeed(...words)
      expect(ended, words.join(' ')).toMatchObject({ code, said: expect.stringMatching(said), out: '' })
    }
  }, 30_000)
})
