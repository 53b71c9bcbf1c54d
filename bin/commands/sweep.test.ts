import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentOf } from '../../tests/commands.ts'
import { importSparse } from '../../tests/tasks.ts'
import { openTopics } from '../../topics/index.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-sweep-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

beforeAll(async () => {
  const topics = await openTopics({ dir })
  await importSparse(topics, { symbols: ['AUSDT'], minutes: 5, partitions: 1 })
  await topics.close()
})

test('the trials of a sweep are a table in Arrow and in Parquet, a row each', async () => {
  const of = ['--exchange', 'binance-usdm', '--symbol', 'AUSDT', '--interval', '10s']
  const grid = ['--grid', 'fast=1:3', '--grid', 'slow=4,6', '--workers', '1']
  await documentOf('sweep', '--strategy', 'sma-cross', ...grid, ...of, '--name', 'few', '--dir', dir)
  const trials = await documentOf<Record<string, unknown>[]>('cat', 'trials', '--run', 'few', '--dir', dir)
  expect(trials.map(({ trial }) => trial)).toEqual([0, 1, 2, 3, 4, 5])
  const file = (format: string) => join(dir, `trials.${format}`)
  for (const format of ['arrow', 'parquet']) {
    const said = await documentOf('cat', 'trials', '--run', 'few', '-o', file(format), '--dir', dir)
    expect(said).toEqual({ rows: 6, file: file(format) })
  }
  const arrow = tableFromIPC(readFileSync(file('arrow'))).toArray()
  const parquet = await parquetReadObjects({ file: new Uint8Array(readFileSync(file('parquet'))).buffer })
  for (const rows of [arrow, parquet] as Record<string, unknown>[][]) {
    expect(rows.map(({ trial, params, fills }) => [Number(trial), params, Number(fills)])).toEqual(
      trials.map(({ trial, params, fills }) => [trial, params, fills]),
    )
    expect(rows.map(({ dayEquity }) => Array.from(dayEquity as Iterable<number>))).toEqual(
      trials.map(({ dayEquity }) => dayEquity),
    )
  }
})
