// Loads as tests run them: a log of its own for each, files written line by line, and what came of them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fileFormat } from '../connectors/files/formats.ts'
import { type LoadedTicks, type LoadTicks, loadTicks } from '../pipelines/load-ticks.ts'
import { rowAt } from '../schemas/batch.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import { hashTopic } from '../topics/hash.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { scratch } from './scratch.ts'

let logs = 0
let files = 0

export async function withLog<T>(work: (topics: Topics) => Promise<T>): Promise<T> {
  const topics = await openEmbedded(join(scratch(), `log${logs++}`))
  try {
    return await work(topics)
  } finally {
    await topics.close()
  }
}

export function fileOf(lines: readonly string[], name = `file${files++}.csv`): string {
  const file = join(scratch(), name)
  const text = `${lines.join('\n')}\n`
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text)
  return file
}

export async function rows<T>(topics: Topics, topic: string): Promise<T[]> {
  const list: T[] = []
  if (!(await topics.list()).some(({ name }) => name === topic)) return list
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) list.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as T)
  }
  return list
}

export async function hashes(topics: Topics): Promise<Record<string, string>> {
  const known = await topics.list()
  const pairs = await Promise.all(known.map(async ({ name }) => [name, (await hashTopic(topics, name)).hash]))
  return Object.fromEntries(pairs)
}

export type Order = Omit<Partial<LoadTicks>, 'format' | 'file' | 'record'> & {
  readonly record: LoadTicks['record']
  readonly format: string
}

export function load(topics: Topics, file: string, { format, ...order }: Order): Promise<LoadedTicks> {
  const known = fileFormat(format, order.record)
  return loadTicks(topics, { exchange: 'binance', symbol: 'BTCUSDT', ...order, format: known, file })
}

/** How the shared archives of Kraken are read. */
export const kraken = {
  record: 'trades',
  format: 'kraken-archive',
  exchange: 'kraken',
  symbol: 'BCHEUR',
  side: 'tick-rule',
} as const
