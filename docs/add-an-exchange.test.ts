// The guide is executed: its exchange is written to a file, its capture imported, its promises looked at.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { Exchange } from '../connectors/exchanges/exchange.ts'
import { importFiles } from '../pipelines/ingest.ts'
import { exchangeConformance } from '../tests/conformance/exchanges.ts'
import { root } from '../tests/data.ts'
import { openTopics } from '../topics/index.ts'

const guide = readFileSync(join(root, 'docs/add-an-exchange.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'smartspeed-exchange-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function block(language: string, number = 0): string {
  return [...guide.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))][number]![1]!
}

/** The guide's file, with its imports pointing at this repository from wherever it lies. */
async function exampleOf(): Promise<Exchange> {
  const here = join(root, 'connectors/exchanges/example/')
  const text = block('ts').replace(
    /from '(\.[^']+)'/g,
    (_, path: string) => `from '${pathToFileURL(join(here, path))}'`,
  )
  const file = join(folder, 'example.ts')
  writeFileSync(file, text)
  return ((await import(file)) as { example: Exchange }).example
}

const example = await exampleOf()
const capture = block('text')

test('the guide’s exchange imports the guide’s capture', async () => {
  mkdirSync(join(folder, 'files'))
  const file = join(folder, 'files', 'session.txt')
  writeFileSync(file, capture)
  const topics = await openTopics({ dir: join(folder, 'log') })
  try {
    const result = await importFiles({ topics, files: [file], exchange: example, seconds: () => 0 })
    expect(result.records).toMatchObject({ trades: 1, books: 2, instruments: 1 })
    expect(result.symbols['A-USD']).toMatchObject({ synced: true, gaps: [], crossed: 0 })
    expect([result.deadLetters, result.files[0]!.unreadable]).toEqual([0, 0])
  } finally {
    await topics.close()
  }
})

describe('the guide’s exchange keeps to the suite', () => {
  exchangeConformance(
    example,
    capture
      .trim()
      .split('\n')
      .map((line) => ({ name: line.slice(20, 45), text: line.slice(20), silent: /subscribed|heartbeat/.test(line) })),
  )
})
