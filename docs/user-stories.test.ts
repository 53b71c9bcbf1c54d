import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { runningChecks } from '../operators/risk/index.ts'
import { parseTopology, type TopologyInput } from '../pipelines/config.ts'

const text = readFileSync(join(import.meta.dirname, 'user-stories.md'), 'utf8')
const [desk, limits] = text
  .split('```yaml\n')
  .slice(1)
  .map((part) => parse(part.split('```')[0]!)) as [TopologyInput, Readonly<Record<string, unknown>>]

test('each story of docs/user-stories.md names the test that holds it', () => {
  for (const story of ['001', '002', '003', '010', '011']) {
    const [, section] = text.split(`## US-${story}: `)
    expect(section!.split('\n## ')[0]).toContain(`\`us-${story}.test.ts\``)
    expect(existsSync(join(import.meta.dirname, `../tests/stories/us-${story}.test.ts`))).toBe(true)
  }
})

test('the topology and the limits of docs/user-stories.md are taken', () => {
  expect(parseTopology(desk)).toMatchObject({ venue: { slippage: { bps: 2 }, funding: { rate: 0.0001 } } })
  const names = runningChecks(limits).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(Object.keys(limits)))
})
