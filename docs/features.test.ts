import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { featureSet, featureSetName } from '../operators/features/index.ts'

const path = join(import.meta.dirname, 'features.md')
const [begin, end] = ['<!-- features -->', '<!-- /features -->']

/** The table of docs/features.md from the features themselves. */
function table(): string {
  const lines = featureSet.map(({ name, group, formula, unit, warmup, settled, source }) => {
    return `| ${name} | ${group} | ${formula} | ${unit} | ${warmup} | ${settled} | ${source} |`
  })
  return [
    '| feature | group | formula | unit | bars | settled | source |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}

test('the table of docs/features.md is that of the features; UPDATE=1 writes it anew', () => {
  const text = readFileSync(path, 'utf8')
  const [before, rest] = text.split(begin)
  const [is, after] = rest!.split(end)
  if (process.env.UPDATE) writeFileSync(path, `${before}${begin}\n${table()}\n${end}${after}`)
  else expect(is!.trim()).toBe(table())
  expect(text).toContain(`set: ${featureSetName}`)
})
