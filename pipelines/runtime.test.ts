import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pack, unpack } from '../operators/stage.ts'
import { batchOf, type Merged, rowsOf } from '../schemas/batch.ts'
import type { Alert, TradeColumns } from '../schemas/records.generated.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { type Graph, runTask, type TaskOptions } from './runtime.ts'

let dir: string
let topics: Topics

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-runtime-'))
  topics = await openEmbedded(dir)
  const writer = await topics.writer({ run: 'import', market: true })
  const trade = (i: number) => ({
    ...{ time: i * 1000, received: i * 1000, exchange: 'x', symbol: `S${i % 3}`, price: i + 1, size: 1, id: String(i) },
    side: 'buy' as const,
  })
  await writer.commit({
    outputs: [
      batchOf(
        'trades',
        Array.from({ length: 1000 }, (_, i) => trade(i)),
      ),
    ],
  })
  await writer.close()
})

afterEach(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

/** Says the running sum of prices at every seventh row: depends on every row before. */
function summing(disturb: (rows: number) => number = () => 0): Graph {
  let state = { rows: 0, sum: 0 }
  let alerts: Alert[] = []
  return {
    step(merged: Merged) {
      for (let i = 0; i < merged.rows; i++) {
        const columns = merged.sources[merged.source[i]!]!.columns as TradeColumns
        const row = merged.row[i]!
        state.rows++
        state.sum += columns.price[row]! + disturb(state.rows)
        if (state.rows % 7 !== 0) continue
        const common = { time: columns.time[row]!, received: columns.received[row]!, exchange: 'x', symbol: '' }
        alerts.push({
          ...common,
          account: 'a',
          component: 'sum',
          severity: 'info',
          code: 'SUM',
          message: String(state.sum),
        })
      }
    },
    take() {
      const made = alerts.length === 0 ? [] : [batchOf('alerts', alerts)]
      alerts = []
      return made
    },
    save: () => pack(state),
    load: (bytes) => {
      state = unpack(bytes)
    },
  }
}

async function run(name: string, more: Partial<TaskOptions> & { stopAfter?: number; maxRows?: number } = {}) {
  const writer = await topics.writer({ run: name })
  const stop = new AbortController()
  const { stopAfter = Number.POSITIVE_INFINITY, maxRows = 50, ...rest } = more
  try {
    return await runTask({
      ...{ topics, writer, task: 'sum', graph: summing(), codeHash: 'c', configHash: 'f', clock: { nowMs: () => 0 } },
      ...{ stepRows: 100, snapshotRows: 250, signal: stop.signal },
      source: ({ place }) => replay(topics, { inputs: [{ topic: 'market.trades' }], maxRows, ...place }),
      onStep: ({ rows }) => {
        if (rows >= stopAfter) stop.abort()
      },
      ...rest,
    })
  } finally {
    await writer.close()
  }
}

async function said(name: string): Promise<string[]> {
  const messages: string[] = []
  for await (const { batch } of topics.read<'alerts'>(`${name}.alerts`))
    messages.push(...rowsOf(batch).map((row) => row.message))
  return messages
}

async function journal(name: string) {
  const entries = []
  for await (const entry of topics.journal(name, 'sum', 1)) entries.push(entry)
  return entries
}

describe('a task', () => {
  test('gives the same rows however its batches and steps are cut', async () => {
    await run('whole')
    const whole = await said('whole')
    expect(whole).toHaveLength(142)
    for (const [maxRows, stepRows] of [
      [1, 7],
      [64, 64],
      [4096, 65_536],
    ] as const) {
      await run(`cut-${maxRows}`, { maxRows, stepRows })
      expect(await said(`cut-${maxRows}`)).toEqual(whole)
    }
  })

  test('says at its end that all was read, also when its last rows had been saved already', async () => {
    const end = [{ topic: 'market.trades', partition: 0, offset: 1000 }]
    await run('saved', {
      ...{ stepRows: 100, snapshotRows: 100 },
      async *source({ place }) {
        const short = [{ topic: 'market.trades', partition: 0, offset: 999 }]
        for await (const one of replay(topics, { inputs: [{ topic: 'market.trades' }], maxRows: 100, ...place }))
          yield one.positions[0]!.offset === 1000 ? { ...one, positions: short } : one
        const merged = { rows: 0, source: new Uint16Array(0), row: new Uint32Array(0), sources: [] }
        yield { merged, cursor: undefined, positions: end, closes: true, saves: true }
      },
    })
    expect((await journal('saved')).at(-1)).toMatchObject({ rows: 0, positions: end })
  })

  test('goes on after a stop from its last snapshot, with what it did since computed again and not written twice', async () => {
    await run('whole')
    const first = await run('stopped', { stopAfter: 400 })
    expect(first).toMatchObject({ interrupted: true })
    const second = await run('stopped', { maxRows: 33, stepRows: 70 })
    expect(second).toMatchObject({ rows: 1000, interrupted: false })
    expect(await said('stopped')).toEqual(await said('whole'))
    const rows = (await journal('stopped')).reduce((sum, entry) => sum + entry.rows, 0)
    expect(rows).toBe(1000)
  })

  test('stopped again before it is back where it was, it has lost nothing', async () => {
    await run('whole')
    await run('stopped', { stopAfter: 400, snapshotRows: 1e9 })
    for (const batches of [1, 3, 5]) {
      const stop = new AbortController()
      let given = 0
      const source: TaskOptions['source'] = async function* ({ place }) {
        for await (const replayed of replay(topics, { inputs: [{ topic: 'market.trades' }], maxRows: 50, ...place })) {
          if (++given === batches) stop.abort()
          yield replayed
        }
      }
      expect(await run('stopped', { source, signal: stop.signal })).toMatchObject({ rows: 400, interrupted: true })
    }
    expect(await run('stopped')).toMatchObject({ rows: 1000, interrupted: false })
    expect(await said('stopped')).toEqual(await said('whole'))
  })

  test('closes a step that takes long before it is full, and the rows do not show it', async () => {
    await run('quick')
    let ms = 0
    await run('slow', { clock: { nowMs: () => (ms += 600) }, stepRows: 1000 })
    expect((await journal('slow')).length).toBeGreaterThan(5)
    expect(await said('slow')).toEqual(await said('quick'))
  })

  test('journals positions that continue over a stop', async () => {
    await run('stopped', { stopAfter: 400 })
    await run('stopped')
    const ends = (await journal('stopped')).map((entry) => entry.positions[0]!.offset)
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
    expect(ends.at(-1)).toBe(1000)
  })

  test('B6: a graph that reads something else than its rows is caught when its steps are computed again', async () => {
    let clock = 0
    const planted = () => summing((rows) => (rows === 320 ? clock++ : 0))
    await run('planted', { graph: planted(), stopAfter: 400 })
    await expect(run('planted', { graph: planted() })).rejects.toMatchObject({ code: 'NOT_DETERMINISTIC' })
  })

  test('refuses to go on with other code or another config', async () => {
    await run('old', { stopAfter: 400 })
    await expect(run('old', { codeHash: 'd' })).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
    await expect(run('old', { configHash: 'g' })).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
  })
})
