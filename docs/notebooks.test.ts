import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describeWith, notebookPython, root } from '../tests/data.ts'

const page = readFileSync(join(import.meta.dirname, 'notebooks.md'), 'utf8')
const blocks = [...page.matchAll(/^```(sh|python)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
  language,
  code: code!,
}))

describeWith(['notebooks', 'time'], 'docs/notebooks.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-notebooks-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('runs as it is written, in an empty folder', () => {
    const said: string[] = []
    for (const { language, code } of blocks) {
      if (language === 'python') said.push(run(notebookPython, ['-W', 'error', '-c', code]))
      else for (const line of code.trim().split('\n')) said.push(run(process.execPath, commandOf(line)))
    }
    expect(said.filter((text) => text.includes('exchange') && text.includes('BTCUSDT')).length).toBeGreaterThan(0)
    // The last command reads back what Python wrote.
    const candles = said.at(-1)!.trim().split('\n')
    expect(candles.map((line) => JSON.parse(line))).toMatchObject(
      Array(3).fill({ exchange: 'kraken', symbol: 'XBT/USD', interval: '1s' }),
    )
    // Every candle that Python wrote is the one that was exported, to the eighth decimal.
    const [ours, theirs] = ['binance-usdm', 'kraken'].map((exchange) => candlesOf(exchange))
    expect(theirs!.length).toBeGreaterThan(100)
    expect(theirs).toEqual(ours)
  }, 120_000)

  /** The candles of a second of an exchange, without its name. */
  function candlesOf(exchange: string): unknown[] {
    const lines = run(process.execPath, commandOf(`npx smartspeed cat candles --exchange ${exchange}`))
      .trim()
      .split('\n')
    const rounded = (value: unknown) => (typeof value === 'number' ? Number(value.toFixed(8)) : value)
    return lines
      .map((line): Record<string, unknown> => JSON.parse(line))
      .filter(({ interval }) => interval === '1s')
      .map(({ exchange: _exchange, symbol: _symbol, ...rest }) =>
        Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, rounded(value)])),
      )
  }

  function run(program: string, args: readonly string[]): string {
    return execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }
})

test('the page has commands and Python', () => {
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['sh', 'python']))
  expect(blocks.filter(({ language }) => language === 'python').length).toBeGreaterThan(5)
})

/** `npx smartspeed …` as this checkout's own program. */
function commandOf(line: string): string[] {
  const [npx, name, ...args] = line.split(' ')
  expect([npx, name]).toEqual(['npx', 'smartspeed'])
  return ['--no-warnings', join(root, 'bin/main.ts'), ...args]
}
