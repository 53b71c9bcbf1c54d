import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Mark, marks } from '../bench/marks.ts'

const path = join(import.meta.dirname, 'benchmark.md')
const [begin, end] = ['<!-- marks -->', '<!-- /marks -->']

function table(): string {
  return [
    '| figure | what | accepted, target, excellent | confidence | measured by | asked in |',
    '|---|---|---|---|---|---|',
    ...marks.map((mark) => `| ${cellsOf(mark).join(' | ')} |`),
  ].join('\n')
}

function cellsOf({ name, what, at, acceptable, target, excellent, unit, confidence, measure, source }: Mark): string[] {
  const levels = [acceptable, target, ...(excellent === undefined ? [] : [excellent])]
  const asked = `${at === 'most' ? '≤' : '≥'} ${[...new Set(levels)].map((one) => one.toLocaleString('en')).join(', ')} ${unit}`
  const by =
    'lack' in measure
      ? `not applicable: ${measure.lack}`
      : `\`${measure.bench}\`, ${measure.repeat} ${measure.inside ? 'rounds' : 'processes'}`
  return [`\`${name}\``, what, asked.trim(), `${confidence * 100} %`, by, source]
}

test('the table of docs/benchmark.md is that of the marks; UPDATE=1 writes it anew', () => {
  const text = readFileSync(path, 'utf8')
  const [before, rest] = text.split(begin)
  const [is, after] = rest!.split(end)
  if (process.env.UPDATE) writeFileSync(path, `${before}${begin}\n${table()}\n${end}${after}`)
  else expect(is!.trim()).toBe(table())
  expect(text).toContain('never on the mean')
})
