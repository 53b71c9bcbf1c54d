// Funding over real candles and the rates that were really paid, held against a loop of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import { loadCandles } from '../../pipelines/load-candles.ts'
import { loadFunding } from '../../pipelines/load-funding.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'

const market = { exchange: 'binance-usdm', symbol: 'XRPUSDT' }
const hour = 3_600_000_000

describeWith('data', 'a month of XRPUSDT', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-funding-'))
  let topics: Topics

  beforeAll(async () => {
    topics = await openTopics({ dir })
    const file = join(dataDir, 'bars/xrp-usdt-perp-8h-mark.csv.gz')
    await loadCandles(topics, { ...market, file, interval: { name: '8h', us: 8 * hour } })
    const rates = join(dataDir, 'bars/xrp-usdt-perp-8h-funding-rate.csv.gz')
    const loaded = await loadFunding(topics, { ...market, file: rates })
    expect(loaded).toMatchObject({ rows: 91, deadLetters: 0, complete: true })
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const topology = (venue: TopologyInput['venue'] = {}): TopologyInput => ({
    ...{ ...{ exchange: market.exchange, symbols: [market.symbol] }, risk: 'off' },
    strategy: { name: 'sma-cross', params: { fast: 2, slow: 5, size: 1000, mode: 'long-short' } },
    venue: { fill: 'next-open', ...venue },
  })

  test('FR-203: each rate that was paid is paid on what was held then, at the close of the candle that ended then', async () => {
    const result = await runTopology(topics, 'funded', topology())
    const candles = await rowsIn(topics, 'candles')
    const closes = new Map(candles.map(({ time, close }) => [time, close]))
    const executions = await rowsIn(topics, 'executions', 'funded')
    const fills = executions.filter(({ kind }) => kind === 'fill')
    const expected = (await rowsIn(topics, 'funding')).flatMap(({ time, rate }) => {
      const lots = fills
        .filter((fill) => fill.time < time)
        .reduce((sum, { side, lots }) => sum + (side === 'buy' ? lots! : -lots!), 0)
      const close = closes.get(time)
      return lots === 0 || close === undefined
        ? []
        : [{ time, fee: Math.round(lots * fills[0]!.lotSize * close * rate * 1e8) }]
    })
    expect(expected.length).toBeGreaterThan(60)
    const funding = executions.filter(({ kind }) => kind === 'funding')
    expect(funding.map(({ time }) => time)).toEqual(expected.map(({ time }) => time))
    for (const [at, { fee }] of funding.entries()) expect(Math.abs(Number(fee) - expected[at]!.fee)).toBeLessThan(2)
    const sum = funding.reduce((total, { fee }) => total - Number(fee), 0) / 1e8
    expect(result.funding).toBeCloseTo(sum, 8)
    expect(result.funding).not.toBe(0)
    // Both sides of the market were held.
    expect(new Set(funding.map(({ fee }) => fee > 0n)).size).toBe(2)
    expect(result.warnings.map(({ code }) => code)).not.toContain('FUNDING_UNKNOWN')
    // Money is conserved: what was made is trading less fees plus funding.
    const last = (await rowsIn(topics, 'accounts', 'funded')).at(-1)!
    expect(last.equity).toBe(100_000_000_000_000n + last.realized + last.unrealized - last.fees + last.funding)
  })

  test('a run over rates that nobody knows says how often none was paid', async () => {
    const other = mkdtempSync(join(tmpdir(), 'smartspeed-funding-'))
    const empty = await openTopics({ dir: other })
    try {
      const file = join(dataDir, 'bars/xrp-usdt-perp-8h-mark.csv.gz')
      await loadCandles(empty, { ...market, file, interval: { name: '8h', us: 8 * hour } })
      const unknown = await runTopology(empty, 'unknown', topology())
      expect([unknown.funding, unknown.warnings.map(({ code }) => code)]).toEqual([
        0,
        expect.arrayContaining(['FUNDING_UNKNOWN']),
      ])
      const told = await runTopology(empty, 'told', topology({ funding: { rate: 0.0001 } }))
      expect(told.funding).not.toBe(0)
      expect(told.warnings.map(({ code }) => code)).not.toContain('FUNDING_UNKNOWN')
    } finally {
      await empty.close()
      rmSync(other, { recursive: true, force: true })
    }
  })
})
