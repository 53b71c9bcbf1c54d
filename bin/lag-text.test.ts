// What a person reads of lag, on a terminal and in a log.
import { describe, expect, test } from 'vitest'
import type { PartitionReport, TaskReport } from '../pipelines/lag-history.ts'
import { openLagScreen } from './lag-screen.ts'
import { duration, lagLines, lagScreen } from './lag-text.ts'

const now = new Date('2026-11-29T10:00:00.000Z')

function part(change: Partial<PartitionReport> = {}): PartitionReport {
  return {
    ...{ topic: 'market.trades', partition: 0, committed: 1_234_567, end: 1_240_000, rows: 5433, seconds: 12.3 },
    ...{ estimated: false, rowsPerSecond: 1204, etaSeconds: 3.2, ...change },
  }
}

function report(change: Partial<TaskReport> = {}): TaskReport {
  return {
    ...{ run: 'demo', pipeline: 'trading', task: 'trading-0', mode: 'follow', step: 7, committedMs: now.getTime() },
    ...{ held: true, finished: false, state: 'running', why: '', partitions: [part()], ...change },
  }
}

const screen = (reports: readonly TaskReport[], partitions = false) =>
  lagScreen(reports, { partitions, now, columns: 80 })

const idle = part({ rows: 0, seconds: 0, committed: 9, end: 9, topic: 'market.quotes' })

describe('the screen', () => {
  test('begins with the answer: who is in trouble, the most pressing first', () => {
    const reports = [
      report({ task: 'trading-0' }),
      report({ task: 'trading-1', state: 'slow' }),
      report({ task: 'trading-2', state: 'stopped' }),
      report({ task: 'trading-3', state: 'stuck' }),
    ]
    expect(screen(reports).split('\n')[0]).toMatch(
      /^stopped: demo trading-2 · stuck: demo trading-3 · slow: demo trading-1 \(2026.*…$/,
    )
    expect(screen([report()]).split('\n')[0]).toBe('the task has rows to go, and goes on (2026-11-29T10:00:00Z)')
    expect(screen([report({ partitions: [idle] }), report({ partitions: [idle] })]).split('\n')[0]).toBe(
      'all 2 tasks have caught up (2026-11-29T10:00:00Z)',
    )
  })

  test('has a line a task, and one for each partition with lag; numbers stand below each other', () => {
    const estimated = part({ topic: 'market.books', estimated: true, rows: 12, rowsPerSecond: 96 })
    const text = screen([report({ partitions: [part(), estimated, idle] })])
    expect(text.replaceAll('\u2009', ' ').split('\n')).toEqual([
      'the task has rows to go, and goes on (2026-11-29T10:00:00Z)',
      '',
      'demo: trading, follows live rows',
      'task       state    rows to go  behind  rows/s  done in  last commit',
      'trading-0  running      ~5 445    12 s   2 504    3.2 s  11-29T10:00:00',
      '',
      'where                committed        end  rows to go  behind',
      'trading-0  trades/0  1 234 567  1 240 000       5 433    12 s',
      'trading-0  books/0   1 234 567  1 240 000         ~12    12 s',
    ])
    expect(screen([report({ partitions: [idle] })])).not.toContain('quotes')
    expect(screen([report({ partitions: [idle] })], true)).toContain('quotes/0')
  })

  test('fits 80 columns with long names and large numbers', () => {
    const long = report({
      ...{ run: 'a-run-with-a-very-long-name-indeed', task: 'features-with-a-long-name-1234', state: 'finished' },
      partitions: [
        part({
          ...{ topic: 'market.liquidations', partition: 123, committed: 123_456_789_012, end: 123_456_789_999 },
          ...{ rows: 9_999_999_999, seconds: 90_000_000, rowsPerSecond: 12_345_678, estimated: true, etaSeconds: 1e6 },
        }),
      ],
    })
    for (const line of screen([long, report()], true).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  test('without a run it says what to do', () => {
    expect(screen([])).toMatch(/no run is at work.*\n.*npx smartspeed run/)
  })
})

test('a log has a line a task, with the reason of its state', () => {
  const stuck = report({ state: 'stuck', why: 'somebody holds it, and nothing was committed for 12 s' })
  expect(lagLines([report(), stuck, report({ partitions: [idle] })], now)).toEqual([
    '2026-11-29T10:00:00.000Z demo trading-0 running; 5433 rows to go, 12 s behind, 1\u2009204 rows/s, caught up in 3.2 s',
    '2026-11-29T10:00:00.000Z demo trading-0 stuck: somebody holds it, and nothing was committed for 12 s; 5433 rows to go, 12 s behind, 1\u2009204 rows/s, caught up in 3.2 s',
    '2026-11-29T10:00:00.000Z demo trading-0 running; 0 rows to go, 0 s behind, 1\u2009204 rows/s',
  ])
})

test('lengths of time are short and exact enough', () => {
  const texts = [0, 0.01, 2.34, 59.4, 123, 7980, 100_000, 1e6].map(duration)
  expect(texts).toEqual(['0 s', '<0.1 s', '2.3 s', '59 s', '2m 3s', '2h 13m', '27h 46m', '11d 13h'])
})

describe('the watched terminal', () => {
  function terminal(more: { isTTY?: boolean; rows?: number } = {}) {
    const written: string[] = []
    const write = (text: string) => written.push(text.replaceAll('\x1b[', '<').replaceAll('\x1b', 'ESC'))
    return { written, write, columns: 80, rows: 24, isTTY: true, ...more }
  }

  test('is written over: the second look clears nothing first, and each line ends what was there', () => {
    const out = terminal()
    const shown = openLagScreen(out, {})
    shown.show([report()], now)
    shown.show([report({ partitions: [idle] })], now)
    expect(out.written[0]).toMatch(/^<2J<H/)
    expect(out.written[1]).toMatch(/^<H[^<]/)
    for (const line of out.written[1]!.split('\n').slice(0, -1)) expect(line).toMatch(/<K$/)
    expect(out.written[1]).toMatch(/<J$/)
  })

  test('is never scrolled: what does not fit is counted', () => {
    const out = terminal({ rows: 10 })
    const many = Array.from({ length: 30 }, (_, n) => report({ task: `trading-${n}` }))
    openLagScreen(out, {}).show(many, now)
    const lines = out.written[0]!.split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[8]).toMatch(/^… \d+ more lines/)
  })

  test('elsewhere there are lines, and no control characters', () => {
    const out = terminal({ isTTY: false })
    const shown = openLagScreen(out, {})
    shown.show([report()], now)
    shown.end()
    expect(out.written).toEqual([`${lagLines([report()], now)[0]}\n`])
    expect(out.written.join('')).not.toMatch(/<[HJK]|ESC/)
  })
})
