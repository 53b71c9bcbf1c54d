import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perpetual } from '../operators/portfolio/samples.ts'
import { random } from '../operators/random.ts'
import { codeHash } from '../pipelines/code-hash.ts'
import { batchOf } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'

const root = join(import.meta.dirname, '..')
const text = readFileSync(join(import.meta.dirname, 'add-a-strategy.md'), 'utf8')
const block = (language: string) => text.split(`\`\`\`${language}\n`)[1]!.split('```')[0]!
const market = { exchange: 'my-exchange', symbol: 'MY-COIN' }
const minuteUs = 60_000_000
const start = 1_704_067_200_000_000
let folder: string

/** A walk of closes on ticks of 0.01; each bar opens at the close before it. */
const closes = (() => {
  const { below } = random('add-a-strategy')
  let ticks = 10_000
  return Array.from({ length: 400 }, () => {
    ticks += below(41) - 20
    return ticks / 100
  })
})()
const candles = closes.map((close, i) => {
  const open = closes[i - 1] ?? 100
  const openTime = start + i * minuteUs
  const [high, low] = [Math.max(open, close), Math.min(open, close)]
  const time = openTime + minuteUs
  return { ...market, time, received: time, openTime, interval: '1m', open, high, low, close, volume: 1000 }
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'add-a-strategy-'))
  writeFileSync(join(folder, 'breakout.ts'), block('ts'))
  const topics = await openTopics({ engine: 'embedded', dir: join(folder, 'log') })
  const writer = await topics.writer({ run: 'candles', market: true })
  const instrument = perpetual({ ...market, tickSize: 0.01, lotSize: 0.1, time: start, received: start })
  await writer.commit({ outputs: [batchOf('instruments', [instrument]), batchOf('candles', candles)] })
  await writer.close()
  await topics.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The command of the document, with `more` behind it; its JSON. */
function backtest(...more: string[]) {
  const [, , ...command] = block('sh').trim().split(' ')
  const all = [join(root, 'bin/main.ts'), ...command, ...more, '--dir', join(folder, 'log'), '--json']
  return JSON.parse(execFileSync(process.execPath, all, { cwd: folder, encoding: 'utf8' }))
}

/** What the document says in words, in a loop of its own: fills at the next bar's open, fee 0.04 %. */
function byHand(bars: number, size: number) {
  let [held, cash, fills, wanted] = [0, 1_000_000, 0, 0]
  for (const [i, { open, close }] of candles.entries()) {
    if (wanted !== held) {
      cash -= (wanted - held) * open + Math.abs(wanted - held) * open * 0.0004
      held = wanted
      fills++
    }
    if (i < bars) continue
    const range = candles.slice(i - bars, i)
    if (close > Math.max(...range.map(({ high }) => high))) wanted = size
    if (close < Math.min(...range.map(({ low }) => low))) wanted = 0
  }
  return { fills, equity: cash + held * closes.at(-1)! }
}

test('the strategy of docs/add-a-strategy.md runs from another folder, and does what it says', () => {
  const expected = byHand(5, 0.5)
  const result = backtest()
  expect(expected.fills).toBeGreaterThan(10)
  expect(result.fills).toBe(expected.fills)
  expect(result.finalEquity).toBeCloseTo(expected.equity, 6)
})

test('a strategy is shorter than 50 lines', () => {
  expect(block('ts').trim().split('\n').length).toBeLessThan(50)
})

test('its bytes enter the code hash', () => {
  const file = join(folder, 'breakout.ts')
  const before = codeHash([file])
  writeFileSync(file, `${block('ts')}// another letter\n`)
  expect(codeHash([file])).not.toBe(before)
  expect(codeHash()).not.toBe(before)
})

test('a file that is no strategy, or cannot be loaded, is refused with the way to mend it', () => {
  writeFileSync(join(folder, 'breakout.ts'), 'export const answer = 42\n')
  expect(() => backtest()).toThrow('exports no strategy')
  writeFileSync(join(folder, 'breakout.ts'), "import 'no-such-package'\n")
  expect(() => backtest()).toThrow('cannot be loaded')
})
