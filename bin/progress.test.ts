import { expect, test } from 'vitest'
import { progress, progressLine } from './progress.ts'

function terminal(isTTY: boolean) {
  const written: string[] = []
  return { written, out: { isTTY, columns: 60, write: (text: string) => written.push(text) } }
}

test('a line says how far, how fast, and how long it still takes', () => {
  expect(progressLine('import', { done: 500_000, total: 2_000_000, seconds: 0.5, bytes: 120e6 })).toBe(
    'import █████░░░░░░░░░░░░░░░ 25 %  500,000 rows  1.0 M/s  2 s left  120 MB',
  )
})

test('the time left follows from what this process did, not from what was there when it began', () => {
  expect(progressLine('study', { done: 900, total: 1_000, made: 100, seconds: 10, bytes: 5e6, unit: 'trials' })).toBe(
    'study ██████████████████░░ 90 %  900 trials  10/s  10 s left  5 MB',
  )
})

test('without a total there is no bar and no guess', () => {
  expect(progressLine('import', { done: 1_500, total: undefined, seconds: 1, bytes: 5e6 })).toBe(
    'import 1,500 rows  2 k/s  5 MB',
  )
})

test('on a terminal the line is written over, never wider than it, and taken away at the end', () => {
  const { written, out } = terminal(true)
  const bar = progress('backtest', { total: 10 }, out)
  bar.update(1)
  bar.update(2)
  bar.note('one thing to know')
  bar.stop()
  expect(written).toEqual([expect.stringContaining('\x1b[Kbacktest '), '\r\x1b[K', 'one thing to know\n'])
  expect(written[0]!.length - '\r\x1b[K'.length).toBeLessThan(60)
})

test('where there is no terminal only notes are written', () => {
  const { written, out } = terminal(false)
  const bar = progress('backtest', {}, out)
  bar.update(1, 10)
  bar.note('one thing to know')
  bar.stop()
  expect(written).toEqual(['one thing to know\n'])
})
