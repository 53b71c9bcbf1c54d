// T12: what is damaged, full or cut gives a named error or a clean tail, never garbage rows, never a death without a word.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batchOf } from '../../schemas/batch.ts'
import { idsRead, journalEntry, tradesOf } from '../../tests/conformance/rows.ts'
import { rounds } from '../../tests/data.ts'
import { openEmbedded } from './embedded.ts'
import { type Probed, probe } from './probe.ts'
import { salvage } from './salvage.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-faults-'))
/** A log that was closed in order, and what is in it. */
const sound = join(folder, 'sound')
const segment = 'market/trades/000001.seg'
let whole: Probed

beforeAll(async () => {
  const log = await openEmbedded(sound)
  const writer = await log.writer({ run: 'r', market: true })
  for (let step = 0; step < 12; step++) {
    const snapshot = step % 4 === 3 ? Buffer.alloc(30_000, step) : undefined
    await writer.commit({
      outputs: [tradesOf(step * 40, step * 40 + 40), alertsOf(step)],
      ...{ journal: journalEntry('r', 'task', step), snapshot, run: { step } },
    })
  }
  await log.close()
  whole = await probe(sound)
  expect(whole.topics['market.trades']!.rows.length).toBe(480)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('T12: a segment file', () => {
  test('that was cut at any length gives a named error behind the whole blocks before it', async () => {
    const { size } = statSync(join(sound, segment))
    for (const length of cuts(size, rounds(14, 4))) {
      const dir = copyOf(`cut-${length}`)
      truncateSync(join(dir, segment), length)
      const seen = await probe(dir)
      expect(seen.topics['market.trades'], String(length)).toMatchObject({ code: 'LOG_CORRUPT' })
      expectPrefix(seen, 40)
      expect(seen.topics['r.alerts']).toEqual(whole.topics['r.alerts'])
      if (length % 3 !== 0) continue
      await expectSalvaged(dir)
      expectPrefix(await probe(dir), 40)
    }
  })

  test('in which any bit was flipped never gives a row that was not written', async () => {
    const { size } = statSync(join(sound, segment))
    const random = randomOf(1)
    for (let i = 0; i < rounds(40, 10); i++) {
      const dir = copyOf(`flip-${i}`)
      const at = random(size)
      flip(join(dir, segment), at, random(8))
      const seen = await probe(dir)
      // Only the block that says a schema, which the index knows as well, is not read.
      if (seen.topics['market.trades']!.code === undefined) expect(seen.topics).toEqual(whole.topics)
      else expect(seen.topics['market.trades']!.code, `byte ${at}`).toBe('LOG_CORRUPT')
      expectPrefix(seen, 40)
      if (i % 8 !== 0) continue
      await expectSalvaged(dir)
      const after = (await probe(dir)).topics['market.trades']!
      expect(after.code).toBeUndefined()
      expect(after.rows.length).toBeGreaterThanOrEqual(440)
      const known = new Set(whole.topics['market.trades']!.rows)
      for (const row of after.rows) expect(known.has(row)).toBe(true)
    }
  })

  test('that is gone, or is another one, is named', async () => {
    const gone = copyOf('gone')
    rmSync(join(gone, segment))
    expect((await probe(gone)).topics['market.trades']).toEqual({ rows: [], code: 'LOG_CORRUPT' })
    const other = copyOf('other')
    cpSync(join(other, 'runs/r/000001.seg'), join(other, segment))
    expect((await probe(other)).topics['market.trades']).toEqual({ rows: [], code: 'LOG_CORRUPT' })
  })

  test('whose writer died has its tail dropped by the next writer, and readers never see it', async () => {
    const dir = copyOf('tail')
    const bytes = readFileSync(join(dir, segment))
    writeFileSync(join(dir, segment), Buffer.concat([bytes, bytes.subarray(0, 5000)]))
    expect((await probe(dir)).topics).toEqual(whole.topics)
    const log = await openEmbedded(dir)
    const writer = await log.writer({ run: 'r', market: true })
    await writer.commit({ outputs: [tradesOf(480, 500)] })
    expect(await idsRead(log, 'market.trades')).toEqual(Array.from({ length: 500 }, (_, i) => i))
    await log.close()
    expect((await salvage(dir)).lostBytes).toBe(0)
  })

  test('that is shorter than what was committed is not written to', async () => {
    const dir = copyOf('short')
    truncateSync(join(dir, 'market/trades/000001.seg'), 1000)
    const log = await openEmbedded(dir)
    const writer = await log.writer({ run: 'r', market: true })
    const commit = writer.commit({ outputs: [tradesOf(480, 500)] })
    await expect(commit).rejects.toMatchObject({ code: 'LOG_CORRUPT', fix: expect.stringContaining('salvage') })
    await log.close()
  })
})

describe('T12: the index', () => {
  const index = 'index.mdb'

  test('that was cut, emptied or deleted is named before it is mapped, and salvage loses no row', async () => {
    const { size } = statSync(join(sound, index))
    const dirs = cuts(size, rounds(7, 2)).map((length) => {
      const dir = copyOf(`index-cut-${length}`)
      truncateSync(join(dir, index), length)
      return dir
    })
    const gone = copyOf('index-gone')
    rmSync(join(gone, index))
    for (const { dir, seen, after } of await probeInChild([...dirs, gone])) {
      expect(seen, dir).toMatchObject({
        code: 'LOG_CORRUPT',
        fix: `npx smartspeed salvage --dir ${dir}   (keeps every block whose checksum is right)`,
      })
      expect(after.topics).toEqual(whole.topics)
    }
  })

  test('in which any bit was flipped since it was closed is named, and salvage loses no row', async () => {
    const { size } = statSync(join(sound, index))
    const random = randomOf(2)
    const dirs = Array.from({ length: rounds(8, 4) }, (_, i) => {
      const dir = copyOf(`index-flip-${i}`)
      flip(join(dir, index), i < 3 ? random(8192) : random(size), random(8))
      return dir
    })
    for (const { seen, after, dir } of await probeInChild(dirs)) {
      expect(seen.code, dir).toBe('LOG_CORRUPT')
      expect(after.topics).toEqual(whole.topics)
    }
  })

  test('in which any bit was flipped after an unclean stop gives an error, or rows as they were committed', async () => {
    const { size } = statSync(join(sound, index))
    const random = randomOf(3)
    const dirs = Array.from({ length: rounds(10, 6) }, (_, i) => {
      const dir = copyOf(`index-unclean-${i}`)
      rmSync(join(dir, 'clean'))
      flip(join(dir, index), i < 4 ? random(400) + (i % 2) * 4096 : random(size), random(8))
      return dir
    })
    const results = await probeInChild(dirs)
    for (const { seen, after, dir } of results) {
      if (seen.code !== undefined) expect(seen.code, dir).toBe('LOG_CORRUPT')
      else expectPrefix(seen, 40)
      expect(after.topics).toEqual(whole.topics)
    }
    expect(results.filter(({ seen }) => seen.code !== undefined).length).toBeGreaterThan(0)
  }, 120_000)

  test('that was not closed in order and is sound is opened', async () => {
    const dir = copyOf('unclean')
    rmSync(join(dir, 'clean'))
    expect(await probe(dir)).toEqual(whole)
    expect(existsSync(join(dir, 'clean'))).toBe(true)
  })

  test('is rebuilt with runs whose rows are all there, journal and snapshots with them', async () => {
    const dir = copyOf('rebuilt')
    const report = await salvage(dir)
    expect(report).toEqual({
      topics: { 'market.trades': { rows: 480, missing: 0 }, 'r.alerts': { rows: 12, missing: 0 } },
      ...{ lostBytes: 0, droppedRows: 0, runs: { r: { journal: true } } },
    })
    const log = await openEmbedded(dir)
    expect(await log.runs()).toEqual([{ run: 'r', about: { step: 11 } }])
    expect((await log.snapshot('r', 'task'))!.step).toBe(11)
    await log.close()
    const cut = copyOf('rebuilt-cut')
    truncateSync(join(cut, 'runs/r/000001.seg'), 2000)
    expect((await salvage(cut)).runs).toEqual({ r: { journal: false } })
  })

  test('is not rebuilt while another handle has the log open', async () => {
    const dir = copyOf('busy')
    const log = await openEmbedded(dir, { readOnly: true })
    await expect(salvage(dir)).rejects.toMatchObject({ code: 'LEASE_HELD' })
    await log.close()
    await salvage(dir)
  })
})

describe('a commit that did not end', () => {
  test('is not brought back by salvage, whichever of its files it reached', async () => {
    const dir = copyOf('unfinished')
    const log = await openEmbedded(dir)
    const writer = await log.writer({ run: 'r', market: true })
    await writer.commit({ outputs: [tradesOf(480, 500), alertsOf(12)] })
    await log.close()
    // As if the process had died before the run's own file was written, and the index had gone with it.
    rmSync(join(dir, 'index.mdb'))
    truncateSync(join(dir, 'runs/r/000001.seg'), statSync(join(sound, 'runs/r/000001.seg')).size)
    const report = await salvage(dir)
    expect(report.droppedRows).toBe(20)
    expect((await probe(dir)).topics).toEqual(whole.topics)
  })
})

function copyOf(name: string): string {
  const dir = join(folder, name)
  cpSync(sound, dir, { recursive: true })
  return dir
}

function alertsOf(step: number) {
  const words = { exchange: 'b', symbol: 's', account: 'a', component: 'c', code: 'C', message: `step ${step}` }
  return batchOf('alerts', [{ time: step, received: step, ...words, severity: 'info' }])
}

/** Each topic gives the first of its rows, cut where a commit ends. */
function expectPrefix(seen: Probed, rowsPerCommit: number): void {
  for (const [topic, { rows }] of Object.entries(seen.topics)) {
    expect(rows).toEqual(whole.topics[topic]!.rows.slice(0, rows.length))
    if (topic === 'market.trades') expect(rows.length % rowsPerCommit).toBe(0)
  }
}

async function expectSalvaged(dir: string): Promise<void> {
  await salvage(dir)
  const { topics, code } = await probe(dir)
  expect(code).toBeUndefined()
  expect(topics['r.alerts']).toEqual(whole.topics['r.alerts'])
}

interface ChildProbe {
  readonly dir: string
  readonly seen: Probed
  readonly after: Probed
}

/** Probes, salvages and probes again in another process, which must not die. */
async function probeInChild(dirs: readonly string[]): Promise<ChildProbe[]> {
  const script = fileURLToPath(new URL('./probe.ts', import.meta.url))
  const child = spawn(process.execPath, [script, ...dirs], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes) => {
    out += bytes
  })
  child.stderr.on('data', (bytes) => {
    err += bytes
  })
  const ended = await new Promise<string>((resolve) =>
    child.on('close', (code, signal) => resolve(`${code} ${signal}`)),
  )
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Partial<ChildProbe>)
  expect(`${ended} at ${lines.at(-1)?.dir}\n${err}`).toBe(`0 null at ${dirs.at(-1)}\n`)
  return lines.filter((line): line is ChildProbe => line.seen !== undefined)
}

/** Lengths from 0 to less than all, the ends among them. */
function cuts(size: number, count: number): number[] {
  const random = randomOf(size)
  return [0, 7, size - 1, size - 8, ...Array.from({ length: count - 4 }, () => random(size))]
}

function flip(path: string, at: number, bit: number): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 1 << bit
  writeFileSync(path, bytes)
}

/** Whole numbers below a limit, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed | 1
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
