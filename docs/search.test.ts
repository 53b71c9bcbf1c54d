import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAxis, searches } from '../operators/research/search/index.ts'

const text = readFileSync(join(import.meta.dirname, 'search.md'), 'utf8')
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../tests/golden/search/search.json'), 'utf8'))

describe('docs/search.md', () => {
  test('has every search', () => {
    for (const { name } of searches) expect(text).toContain(`\n| \`${name}\` | `)
  })

  test('has axes that are taken as they are written', () => {
    const axes = [...text.split('## Which one')[0]!.matchAll(/^\| `(\S+)` \|/gm)].map(([, axis]) => axis!)
    expect(axes.length).toBeGreaterThan(5)
    for (const axis of axes) expect(parseAxis(axis).name).toBe(axis.split('=')[0])
  })

  test('has the figures of Optuna that the golden file has', () => {
    const cells = (line: string) => text.split(`| ${line} | `)[1]!.split('\n')[0]!.split(' | ').map(Number.parseFloat)
    for (const [line, name] of [
      ["Optuna's TPE", 'tpe'],
      ["Optuna's TPE, each axis by itself", 'univariate tpe'],
    ] as const) {
      const expected = ['branin', 'sphere', 'ridge'].map((known) => golden.reached[`${known} ${name}`])
      const written = cells(line)
      for (const [at, value] of expected.entries()) expect(written[at]).toBeCloseTo(value, 3)
    }
    expect(text).toContain(`NSGA-II covers ${golden.reached['zdt1 nsga-ii'].toFixed(3)} `)
  })
})
