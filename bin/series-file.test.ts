import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { seriesPerformance } from '../operators/metrics/index.ts'
import { readSeries } from './series-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-series-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(lines: readonly string[], name = 'series.csv'): string {
  const path = join(folder, name)
  const text = `${lines.join('\n')}\n`
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

interface Golden {
  name: string
  dailyTimes: number[]
  dailyEquity: number[]
  figures: Record<string, number | null>
  more: Record<string, number | null>
  withRiskFree: { riskFree: number } & Record<'sharpe' | 'sortino' | 'omega', number | null>
}
const file = new URL('../tests/golden/metrics/metrics.json', import.meta.url)
const golden: Golden[] = JSON.parse(readFileSync(file, 'utf8')).cases

/** What is null there may be null or, of a flat curve, what docs/metrics.md says. */
function expectFigures(seen: object, expected: Record<string, number | null>) {
  const figures = seen as Record<string, number | null>
  for (const [name, value] of Object.entries(expected)) {
    if (value === null || figures[name] === null) continue
    expect(Math.abs(figures[name]! - value), name).toBeLessThanOrEqual(1e-10 * Math.abs(value) + 1e-15)
  }
}

describe('figures of a file equal those of empyrical and quantstats', () => {
  test.each(golden)('$name: from its equity', async ({ dailyTimes, dailyEquity, figures, more, withRiskFree }) => {
    // A row says what stood at the end of a day; stamped a microsecond before midnight it belongs to that day.
    const rows = dailyEquity.map((value, i) => `${dailyTimes[i]! - 1},${value}`)
    const { column, ...series } = await readSeries(fileOf(['time,equity', ...rows]), undefined)
    expect(column).toBe('equity')
    expectFigures(seriesPerformance(series), { ...figures, ...more })
    const { riskFree, ...expected } = withRiskFree
    expectFigures(seriesPerformance(series, { riskFree }), expected)
  })

  test('from its returns, packed', async () => {
    const { dailyEquity, figures, more } = golden[0]!
    const returns = dailyEquity.slice(1).map((value, i) => value / dailyEquity[i]! - 1)
    const path = fileOf(['returns', ...returns.map(String)], 'returns.csv.gz')
    const { column, ...series } = await readSeries(path, 'returns')
    expect(column).toBe('returns')
    const { reasons, ...seen } = seriesPerformance(series)
    const { winningMonths, bestMonth, worstMonth, gainToPainMonthly, ...others } = more
    expectFigures(seen, { ...figures, ...others })
    expect(seen.observations).toBe(400)
    for (const name of ['winningMonths', 'bestMonth', 'worstMonth', 'gainToPainMonthly'] as const) {
      expect(reasons[name]).toMatch(/^NO_TIMES: /)
    }
  })
})

describe('returns in a year', () => {
  const of = async (step: number, rows: number) => {
    const lines = Array.from({ length: rows }, (_, i) => `${new Date(i * step).toISOString()},${100 + i}`)
    return (await readSeries(fileOf(['time,close', ...lines]), 'close')).periods
  }
  const minute = 60_000

  test('follow from the median step of the times, of 365 days a year', async () => {
    expect(await of(minute, 5)).toBe(525_600)
    expect(await of(5 * minute, 5)).toBe(105_120)
    expect(await of(60 * minute, 4)).toBe(8760)
    expect(await of(24 * 60 * minute, 3)).toBe(365)
    expect(await of(7 * 24 * 60 * minute, 3)).toBeCloseTo(365 / 7, 12)
  })

  test('are not moved by a hole', async () => {
    const times = [0, 1, 2, 900, 901].map((at) => `${new Date(at * minute).toISOString()},${at + 1}`)
    expect((await readSeries(fileOf(['time,equity', ...times]), undefined)).periods).toBe(525_600)
  })

  test('are those of the calendar where rows are months, quarters or years', async () => {
    const months = (step: number) =>
      Array.from({ length: 13 }, (_, i) => `${new Date(Date.UTC(2023, i * step, 1)).toISOString()},${100 + i}`)
    for (const [step, periods] of [
      [1, 12],
      [3, 4],
      [12, 1],
    ] as const) {
      expect((await readSeries(fileOf(['date,equity', ...months(step)]), undefined)).periods).toBe(periods)
    }
  })

  test('are not known without times, nor from one row', async () => {
    expect((await readSeries(fileOf(['equity', '1', '2', '3']), undefined)).periods).toBeUndefined()
    expect((await readSeries(fileOf(['date,returns', '2024-01-01,0.1']), undefined)).periods).toBeUndefined()
  })
})

describe('the column that is meant', () => {
  const read = async (lines: readonly string[], asked?: string) => {
    const { returns, ...series } = await readSeries(fileOf(lines), asked)
    return { ...series, returns: [...returns] }
  }

  test('is the only one, with or without a name, with or without a date', async () => {
    expect((await read(['0.5', '-0.5'])).returns).toEqual([0.5, -0.5])
    expect((await read(['growth', '0.5'])).returns).toEqual([0.5])
    expect(await read(['2024-01-01,0.5', '2024-01-02,0.25'])).toMatchObject({
      returns: [0.5, 0.25],
      times: Float64Array.of(Date.UTC(2024, 0, 1) * 1_000, Date.UTC(2024, 0, 2) * 1_000),
    })
    expect((await read(['100', '150'], 'equity')).returns).toEqual([0.5])
  })

  test('is the one that was asked for, returns by that name and values by any other', async () => {
    const lines = ['date;equity;returns;close', '2024-01-01;100;;8', '2024-01-02;150;0.4;4']
    expect((await read(lines)).returns).toEqual([0.4])
    expect((await read(lines, 'equity')).returns).toEqual([0.5])
    expect((await read(lines, 'Close')).returns).toEqual([-0.5])
  })

  test('is an error where it is not there or not clear, and says what is', async () => {
    await expect(read(['a,b', '1,2'], 'c')).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      message: expect.stringContaining('a, b'),
    })
    await expect(read(['a,b', '1,2'])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(read(['1,2', '3,4'])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(read(['returns'])).rejects.toMatchObject({ code: 'NO_DATA' })
    await expect(read(['returns', '0.1', '0x10'])).rejects.toMatchObject({ code: 'MESSAGE_UNREADABLE' })
    await expect(read(['returns', '0.1', 'x'])).rejects.toMatchObject({
      code: 'MESSAGE_UNREADABLE',
      message: expect.stringContaining('line 3: "x"'),
    })
  })

  test('is refused when its rows are not in the order of time', async () => {
    const newestFirst = ['date,equity', '2024-01-02,110', '2024-01-01,100']
    await expect(read(newestFirst)).rejects.toMatchObject({
      code: 'MESSAGE_UNREADABLE',
      message: expect.stringContaining('line 3: time 2024-01-01T00:00:00Z does not come after 2024-01-02'),
    })
  })

  test('that loses more than everything has no figure of returns, and says so', async () => {
    const { reasons, ...seen } = seriesPerformance(await readSeries(fileOf(['0.1', '-1.5', '0.2', '0.1']), 'returns'))
    expect(seen.sharpe).toBeNull()
    expect(reasons.sharpe).toMatch(/^EQUITY_NOT_POSITIVE: /)
  })
})
