import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { batchOf } from '../../schemas/batch.ts'
import { layouts, type Rows, recordNames } from '../../schemas/records.generated.ts'
import { describeWith, notebookPython, root } from '../../tests/data.ts'
import { anyRow } from '../../tests/rows.ts'
import { arrowObjects } from './arrow.ts'
import { mergedOf } from './index.ts'
import { ofRecord } from './objects.ts'
import { parquetObjects } from './parquet.ts'
import { fileTarget } from './target.ts'

describeWith(['notebooks', 'time'], 'rows of every topic, as pyarrow, Polars and DuckDB read them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-python-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('are the same in Arrow and in Parquet, times in UTC and money exact', async () => {
    const rows = 40
    for (const record of recordNames) {
      const some = fc.sample(anyRow(record), rows) as Rows[typeof record][]
      for (const [format, open] of Object.entries({ arrow: arrowObjects, parquet: parquetObjects })) {
        const target = await fileTarget(join(folder, `${record}.${format}`))
        const sink = ofRecord(open)(record, target)
        await sink.write(mergedOf(batchOf(record, some)))
        await sink.end()
        await target.close()
      }
    }
    const script = join(root, 'tests/notebooks/compare.py')
    const found: Record<string, { rows: number; equal: boolean; types: Record<string, string> }> = JSON.parse(
      execFileSync(notebookPython, [script, folder], { encoding: 'utf8' }),
    )
    expect(Object.keys(found).sort()).toEqual([...recordNames].sort())
    for (const record of recordNames) {
      expect({ record, ...found[record] }).toMatchObject({ record, rows, equal: true })
      for (const { name, time, amount } of layouts[record]) {
        if (time) expect(found[record]!.types[name]).toBe('timestamp[us, tz=UTC]')
        if (amount) expect(found[record]!.types[name]).toBe('decimal128(19, 8)')
      }
    }
  })
})
