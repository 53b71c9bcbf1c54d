// Imports as tests run them: a log of its own for each, captures written line by line, and what came of them.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { exchangeOf } from '../connectors/exchanges/index.ts'
import { type ImportOptions, importFiles } from '../pipelines/ingest.ts'
import { rowsOf } from '../schemas/batch.ts'
import type { RecordName, Rows } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { scratch } from './scratch.ts'

let made = 0
export const fresh = (name = 'log') => join(scratch(), `${name}-${made++}`)

export function file(lines: readonly string[] | string, name = 'capture.txt'): string {
  const folder = fresh('files')
  mkdirSync(folder)
  const path = join(folder, name)
  const text = typeof lines === 'string' ? lines : lines.map((line) => `${line}\n`).join('')
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

export async function withLog<T>(dir: string, work: (topics: Topics) => Promise<T>): Promise<T> {
  const topics = await openTopics({ dir })
  try {
    return await work(topics)
  } finally {
    await topics.close()
  }
}

export type More = Partial<Omit<ImportOptions, 'topics' | 'files' | 'exchange'>>

export function load(dir: string, files: readonly string[], more: More = {}, exchange = 'binance-usdm') {
  return withLog(dir, (topics) =>
    importFiles({ topics, files, exchange: exchangeOf(exchange), seconds: () => 0, ...more }),
  )
}

/** All rows of a market topic, in the order of receiving. */
export function rowsIn<T extends RecordName>(dir: string, topic: T): Promise<Rows[T][]> {
  return withLog(dir, async (topics) => {
    const name = `market.${topic}`
    if (!(await topics.list()).some((info) => info.name === name)) return []
    const rows: Rows[T][] = []
    for await (const { batch } of topics.read<T>(name, { order: 'received' })) rows.push(...rowsOf(batch))
    return rows
  })
}

export function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

export async function waitFor(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Every row of the market as text, whatever the order of what was received at once. */
export async function everything(dir: string, topics: readonly RecordName[] = marketTopics): Promise<string> {
  const texts: string[] = []
  for (const topic of topics) {
    for (const row of await rowsIn(dir, topic)) texts.push(`${topic} ${JSON.stringify(plain(row))}\n`)
  }
  const hash = createHash('sha256')
  for (const text of texts.sort()) hash.update(text)
  return `${texts.length} rows ${hash.digest('hex')}`
}

/** A row that JSON can say; much faster than the canonical form. */
function plain(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? String(value) : value]),
  )
}

export const dataTopics: readonly RecordName[] = [
  'trades',
  'quotes',
  'books',
  'funding',
  'marks',
  'candles',
  'dead-letters',
]
export const marketTopics: readonly RecordName[] = [...dataTopics, 'instruments', 'clocks', 'heartbeats']

// A little session of BTCUSDT: times in ms from 1,700,000,000,000, the recorder exactly 5 ms behind the exchange.
export const start = 1_700_000_000_000
export const stamp = (ms: number, nanos = 0) => String(BigInt(start + ms) * 1_000_000n + BigInt(nanos))
export const wrap = (ms: number, stream: string, data: object) =>
  `${stamp(ms)} ${JSON.stringify({ stream: `btcusdt@${stream}`, data })}`
export const trade = (ms: number, id: number | string, price = '60000.10', more: object = {}) =>
  wrap(ms, 'trade', {
    e: 'trade',
    E: start + ms - 5,
    T: start + ms - 5,
    s: 'BTCUSDT',
    t: id,
    p: price,
    q: '0.010',
    m: false,
    ...more,
  })
export const depth = (ms: number, pu: number, u: number, bids: string[][] = [], asks: string[][] = []) =>
  wrap(ms, 'depth@0ms', {
    e: 'depthUpdate',
    E: start + ms - 5,
    T: start + ms - 5,
    s: 'BTCUSDT',
    U: pu + 1,
    u,
    pu,
    b: bids,
    a: asks,
  })
export const snapshot = (ms: number, id: number, bids = [['60000.0', '1']], asks = [['60000.1', '1']]) =>
  `${stamp(ms)} ${JSON.stringify({ lastUpdateId: id, E: start + ms - 5, T: start + ms - 5, bids, asks })}`
