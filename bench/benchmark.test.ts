import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { root, testWith } from '../tests/data.ts'
import { medianOf } from './bench.ts'
import { addToHistory, pastOf } from './history.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-benchmark-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function benchmark(...args: string[]): Promise<Ran> {
  const all = ['--no-warnings', join(root, 'bin/main.ts'), 'benchmark', ...args]
  return promisify(execFile)(process.execPath, all, { cwd: folder })
    .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
    .catch((error: Ran) => error)
}

testWith(
  'time',
  'a quick run of some figures checks their results, says why others are absent, and writes a page',
  async () => {
    const only = ['--only', 'regime_detection_latency', 'regime_detection', 'live_data_latency']
    const { code, stdout, stderr } = await benchmark('--quick', ...only, '--json', '-o', 'page.html')
    expect([code, stderr.trim()]).toEqual([0, 'regime-latency, 2 repetitions'])
    const { figures, verdicts, score, quick } = JSON.parse(stdout)
    expect({ verdicts, score, quick }).toMatchObject({ verdicts: { checked: 2, absent: 1 }, score: null, quick: true })
    expect(figures).toMatchObject([
      { name: 'regime_detection_latency', bench: 'regime-latency', verdict: 'checked', acceptable: 15, excellent: 5 },
      { name: 'regime_detection', verdict: 'checked', calls: { count: 1000 } },
      { name: 'live_data_latency', bench: null, verdict: 'absent', values: [] },
    ])
    // Both rest on one bench, which ran once.
    expect(figures[0].values).toHaveLength(2)
    expect(figures[1].values).toEqual(figures[0].values)
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('Results checked')
  },
)

test('an unknown figure and a wrong number of repetitions are refused before anything runs', async () => {
  const unknown = await benchmark('--only', 'regime_detection_latencies', '-o', 'none.html')
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('did you mean "regime_detection_latency"'),
  ])
  expect((await benchmark('--repeat', '0')).code).toBe(2)
  expect(existsSync(join(folder, 'none.html'))).toBe(false)
})

test('a history keeps medians, and is asked for those of the same machine', async () => {
  const file = join(folder, 'history.jsonl')
  const machine = { cpu: 'x', cores: 2, memoryGb: 8, node: '24', platform: 'linux x64' }
  expect(await pastOf(file, machine)).toEqual({})
  const run = (median: number, cores: number) => {
    const assessed = [
      { mark: { name: 'a' }, statistics: { median } },
      { mark: { name: 'b' }, statistics: null },
    ]
    return addToHistory(file, { startedMs: 1, machine: { ...machine, cores }, assessed } as never)
  }
  for (const [median, cores] of [
    [1, 2],
    [4, 2],
    [3, 2],
    [100, 64],
  ] as const)
    await run(median, cores)
  expect(await pastOf(file, machine)).toEqual({ a: { count: 3, median: 3 } })
  expect(medianOf([4, 1, 3, 2])).toBe(2.5)
})
