// A stretch of a run in a folder of its own gives the same again, and what hangs on more than its rows does not (B6).
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { anyAboutOf } from '../../pipelines/about.ts'
import { backtest } from '../../pipelines/backtest.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import { type Incident, readIncident } from '../../pipelines/incident.ts'
import { type CutOptions, cutIncident } from '../../pipelines/incident-cut.ts'
import { runIncident } from '../../pipelines/incident-run.ts'
import { parity } from '../../pipelines/parity.ts'
import { runPipeline } from '../../pipelines/run.ts'
import { findSeats, seatsAgain } from '../../pipelines/seats.ts'
import type { Signal } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, tickTopologies } from '../backtests.ts'
import { rowsRead } from '../conformance/rows.ts'
import { describeWith, rounds } from '../data.ts'
import { importInto, simulateTo } from '../market.ts'

// Machines are busy at times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const root = mkdtempSync(join(tmpdir(), 'smartspeed-incident-'))
let made = 0
const fresh = (name = 'incident') => join(root, `${name}-${made++}`)
const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']
const small = { stepRows: 3000, snapshotRows: 9000, batchRows: 700 }
let topics: Topics
let span: { from: number; to: number }
/** Receive time at a share of the market. */
const at = (share: number) => Math.floor(span.from + share * (span.to - span.from))

beforeAll(async () => {
  const files = []
  for (const [i, symbol] of symbols.entries()) {
    files.push(
      (await simulateTo(join(root, `${symbol}.gz`), { seed: 20 + i, minutes: 0.7, symbol, crash: false })).file,
    )
  }
  const dir = join(root, 'log')
  await importInto(dir, files, 'binance-usdm', 2)
  topics = await openTopics({ dir })
  const { first, last } = await topics.info('market.quotes')
  span = { from: first!, to: last! }
})

afterAll(async () => {
  await topics?.close()
  rmSync(root, { recursive: true, force: true })
})

/** A run by the real code, whose files the incident names. */
async function run(name: string, topology: TopologyInput, more: object = small): Promise<void> {
  const parsed = parseTopology({ exchange: 'binance-usdm', symbols: ['BTCUSDT'], ...topology } as TopologyInput)
  const { seats, codeHash } = await findSeats(parsed)
  const clock = { nowMs: () => 0, random: () => 0.5 }
  const options = { topics, topology: parsed, seats, codeHash, name, clock, ...more }
  if (parsed.pipeline === 'trading' && parsed.strategies.length === 1) await backtest(options)
  else await runPipeline(options)
}

async function cut(
  name: string,
  from: number,
  to: number,
  more: Partial<CutOptions> = {},
): Promise<{ dir: string; incident: Incident }> {
  const about = (await anyAboutOf(topics, name))!
  const { seats } = await seatsAgain(about.seats)
  const dir = fresh()
  return { dir, incident: await cutIncident({ topics, run: name, about, seats, from, to, dir, ...more }) }
}

async function parityOf(name: string) {
  const about = (await anyAboutOf(topics, name))!
  const { seats, codeHash } = await seatsAgain(about.seats)
  return parity(topics, name, about, { seats, codeHash })
}

describe.each((['market-maker', 'sma-cross'] as const).slice(0, rounds(2, 1)))('a stretch of %s', (model) => {
  beforeAll(() => run(model, tickTopologies[model]))

  test.each([
    ['from the beginning', -0.1, 0.2, 'start'],
    ['in the midst of a step', 0.413, 0.587, 'computed'],
    ['of less than a step', 0.61, 0.615, 'computed'],
    ['up to the end', 0.9, 1.1, 'computed'],
  ])('%s gives the same rows again, under the numbers of the run', async (_where, from, to, begins) => {
    const { dir, incident } = await cut(model, at(from), at(to))
    expect(incident.tasks).toMatchObject([{ task: 'trading', begins, account: 'main' }])
    const verdict = await runIncident(dir)
    expect(verdict).toMatchObject({ equal: true, sameCode: true, run: model })
    const folder = await openTopics({ dir, readOnly: true })
    let outputs = 0
    for (const { name, record, run } of await topics.list()) {
      if (run !== model) continue
      const all = await rowsRead(topics, name)
      const own = await rowsRead(folder, name)
      const start = incident.tasks[0]!.outputs[record] ?? 0
      expect(own).toEqual(all.slice(start, start + own.length))
      outputs += own.length
    }
    expect(verdict.outputs).toBe(outputs)
    // Inputs are those of the stretch, and of its symbol; a row at its beginning is the one before it.
    const trades = await rowsRead(folder, 'market.trades')
    const all = (await rowsRead(topics, 'market.trades')).filter(({ row }) => row.symbol === 'BTCUSDT')
    const lane = (rows: typeof trades) => new Map(rows.map((one) => [`${one.partition}/${one.offset}`, one.row]))
    const [whole, part] = [lane(all), lane(trades)]
    for (const [place, row] of part) expect(row).toEqual(whole.get(place))
    const inside = lane(all.filter(({ row }) => row.received >= at(from) && row.received < at(to)))
    for (const place of inside.keys()) expect(part.has(place)).toBe(true)
    expect(part.size).toBeLessThanOrEqual(inside.size + 5)
    await folder.close()
  })

  test('as whole steps, nothing computed, begins behind a snapshot of the run, or with the run', async () => {
    const late = await cut(model, at(0.99), at(1), { whole: true })
    expect(late.incident.tasks[0]).toMatchObject({ begins: 'snapshot' })
    const early = await cut(model, at(0.3), at(0.31), { whole: true })
    expect(early.incident.tasks[0]).toMatchObject({ begins: 'start', afterStep: 0 })
    for (const { dir } of [late, early]) expect(await runIncident(dir)).toMatchObject({ equal: true })
  })
})

describe('an incident', () => {
  beforeAll(() => run('own', tickTopologies['sma-cross']))

  test('needs nothing but its folder, wherever that is, and is not changed by being computed', async () => {
    const { dir } = await cut('own', at(0.5), at(0.6))
    const elsewhere = join(root, 'elsewhere', 'deep')
    mkdirSync(join(root, 'elsewhere'))
    renameSync(dir, elsewhere)
    // As a repository keeps it: without empty folders and locks.
    for (const name of readFileSync(join(elsewhere, '.gitignore'), 'utf8').split('\n')) {
      for (const path of name === '' ? [] : readdirSync(elsewhere, { recursive: true, encoding: 'utf8' }))
        if (path.endsWith(name.slice(1))) rmSync(join(elsewhere, path))
    }
    rmSync(join(elsewhere, 'leases'), { recursive: true, force: true })
    const before = filesIn(elsewhere)
    expect(await runIncident(elsewhere)).toMatchObject({ equal: true })
    expect(filesIn(elsewhere)).toEqual(before)
  })

  test('of nothing, over something, or of nobody is refused, and leaves no folder', async () => {
    const nothing = cut('own', at(2), at(3))
    await expect(nothing).rejects.toMatchObject({ code: 'NO_DATA', fix: expect.stringContaining('from 20') })
    const full = fresh()
    mkdirSync(full)
    writeFileSync(join(full, 'file'), '')
    await expect(cut('own', at(0.5), at(0.6), { dir: full })).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    await expect(cut('own', at(0.5), at(0.6), { only: 'mian' })).rejects.toMatchObject({ code: 'UNKNOWN_NAME' })
    const stopped = fresh()
    const signal = AbortSignal.abort()
    await expect(cut('own', at(0.5), at(0.6), { dir: stopped, signal })).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect([stopped, `${stopped}.new`].map(existsSync)).toEqual([false, false])
    await expect(runIncident(full)).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })

  test('that lost a file of its log is not taken for one that differs', async () => {
    const { dir } = await cut('own', at(0.5), at(0.6))
    rmSync(join(dir, 'market/trades'), { recursive: true })
    await expect(runIncident(dir)).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
    const { dir: other } = await cut('own', at(0.5), at(0.6))
    writeFileSync(join(other, 'incident.json'), JSON.stringify({ ...readIncident(other), format: 2 }))
    await expect(runIncident(other)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describeWith('time', 'runs of several tasks', () => {
  beforeAll(async () => {
    const { strategy: maker, ...base } = tickTopologies['market-maker']
    await run('accounts', {
      ...{ ...base, symbols: symbols.slice(0, 2) },
      strategies: [
        { ...maker, account: { name: 'quotes', cash: 50_000 } },
        { ...tickTopologies['sma-cross'].strategy, account: { name: 'means', cash: 500_000 } },
      ],
    })
    await run('by-instrument', { pipeline: 'features', symbols }, { ...small, tasks: 2 })
  })

  test('are compared task by task, and cut whole or by account', async () => {
    expect(await parityOf('accounts')).toMatchObject({ equal: true })
    const both = await cut('accounts', at(0.5), at(0.6))
    expect(both.incident.tasks).toMatchObject([
      { account: 'quotes', number: 0 },
      { account: 'means', number: 1 },
    ])
    const one = await cut('accounts', at(0.5), at(0.6), { only: 'means' })
    expect(one.incident.tasks).toMatchObject([{ task: 'trading-1', account: 'means', number: 1 }])
    const verdicts = [await runIncident(both.dir), await runIncident(one.dir)]
    expect(verdicts).toMatchObject([{ equal: true }, { equal: true }])
    expect(verdicts[1]!.outputs).toBeLessThan(verdicts[0]!.outputs)
  })

  test('by instrument, too', async () => {
    expect(await parityOf('by-instrument')).toMatchObject({ equal: true })
    const { dir, incident } = await cut('by-instrument', at(0.3), at(0.8))
    expect(incident.tasks.map(({ task }) => task)).toEqual(['features-0', 'features-1'])
    expect(await runIncident(dir)).toMatchObject({ equal: true })
  })

  test('differ where their second task does, in its partition', async () => {
    const about = (await anyAboutOf(topics, 'accounts'))!
    const { seats, codeHash } = await seatsAgain(about.seats)
    const [quotes, means] = seats as [(typeof seats)[0], (typeof seats)[0]]
    const other = [quotes, { ...means, params: { ...means.params, size: 0.31 } }]
    const found = await parity(topics, 'accounts', about, { seats: other, codeHash })
    expect(found).toMatchObject({ equal: false, first: { topic: 'signals', offset: 0, task: 'trading-1' } })
    const [first] = (await rowsRead(topics, 'accounts.signals', { partitions: [1] })) as unknown as { row: Signal }[]
    expect(JSON.parse(found.first!.was!)).toMatchObject({ account: 'means', number: first!.row.number })
  })
})

/** What strategies import as 'smartspeed'; the test's own loader does not know that name. */
const authoring = join(import.meta.dirname, '../../operators/strategies/authoring.ts')

/** A strategy from outside that signals at each bar, and says in its reason what it was led by. */
function strategyFile(led: string, before = ''): string {
  const folder = fresh('strategy')
  mkdirSync(folder)
  const file = join(folder, 'planted.ts')
  writeFileSync(
    join(folder, 'side.ts'),
    'export const side = (bars: number): number => (bars % 2 === 0 ? 0.01 : -0.01)\n',
  )
  writeFileSync(
    file,
    `import { defineStrategy, pack, unpack, z } from ${JSON.stringify(authoring)}
import { readFileSync } from 'node:fs'
import { side } from './side.ts'
${before}
export default defineStrategy({
  name: 'planted', summary: 'led by what it should not see', parameters: z.strictObject({}), warmup: () => 0, needs: 'bars',
  create(_, desk) {
    let bars = 0
    return {
      bar({ instrument, openTime }) {
        const led = ${led}
        desk.target(instrument, side(bars), \`bar \${bars}, led by \${led}\`)
        bars++
      },
      save: () => pack(bars),
      load: (bytes) => { bars = unpack(bytes) },
    }
  },
})
void readFileSync
`,
  )
  return file
}

async function planted(name: string, file: string): Promise<void> {
  const { strategy: _, ...base } = tickTopologies['sma-cross']
  await run(name, { ...base, strategy: { name: file, params: {} } } as TopologyInput)
}

describe('B6: what is planted in a strategy', () => {
  test('nothing: its files travel with the incident, and the outputs are the same', async () => {
    await planted('honest', strategyFile('openTime'))
    expect(await parityOf('honest')).toMatchObject({ equal: true })
    const { dir } = await cut('honest', at(0.5), at(0.8))
    expect(existsSync(join(dir, 'strategies/0/planted.ts')) && existsSync(join(dir, 'strategies/0/side.ts'))).toBe(true)
    expect(await runIncident(dir)).toMatchObject({ equal: true, sameCode: true })
  })

  test('a wall-clock read turns parity and the incident red, at the first row that it led', async () => {
    await planted('clock', strategyFile("bars < 6 ? 'nothing' : process.hrtime.bigint()"))
    const rows = await rowsIn(topics, 'signals', 'clock')
    expect(rows.length).toBeGreaterThan(20)
    const found = await parityOf('clock')
    expect(found).toMatchObject({ equal: false, sameCode: true, first: { topic: 'signals', offset: 6 } })
    expect(JSON.parse(found.first!.was!)).toMatchObject({ number: rows[6]!.number, reason: rows[6]!.reason })
    expect(JSON.parse(found.first!.is!).reason).toMatch(/^bar 6, led by \d+$/)
    // The state before the stretch cannot be computed: it begins where the run kept one, or with the run.
    const { dir, incident } = await cut('clock', at(0.5), at(0.6))
    const [task] = incident.tasks
    expect(task!.begins).not.toBe('computed')
    const verdict = await runIncident(dir)
    const offset = Math.max(6, task!.outputs.signals ?? 0)
    expect(verdict).toMatchObject({ equal: false, sameCode: true, first: { topic: 'signals', offset } })
    expect(JSON.parse(verdict.first!.was!)).toMatchObject({ number: rows[offset]!.number })
  })

  test('a map that hangs on who came before turns both red', async () => {
    const map = 'arrivals.delete(openTime - 5_000_000), arrivals.set(openTime, bars), [...arrivals.keys()][0]'
    await planted('map', strategyFile(`(${map})`, 'const arrivals = new Map<number, number>()'))
    const rows = await rowsIn(topics, 'signals', 'map')
    const found = await parityOf('map')
    expect(found).toMatchObject({ equal: false, first: { topic: 'signals', offset: 0, step: expect.any(Number) } })
    expect(JSON.parse(found.first!.was!).reason).toBe(rows[0]!.reason)
    // A state that the map is not in.
    const { dir, incident } = await cut('map', at(0.99), at(1))
    const [task] = incident.tasks
    expect(task).toMatchObject({ begins: 'snapshot' })
    expect(await runIncident(dir)).toMatchObject({
      ...{ equal: false, first: { topic: 'signals', offset: task!.outputs.signals, step: task!.steps[0] } },
    })
  })

  test('a look at what came later turns both red once there is more of it', async () => {
    const table = join(root, 'closes.json')
    writeFileSync(table, JSON.stringify([1, 2, 3]))
    const last = `JSON.parse(readFileSync(${JSON.stringify(table)}, 'utf8')).at(-1)`
    await planted('ahead', strategyFile(`bars < 8 ? 0 : ${last}`))
    expect(await parityOf('ahead')).toMatchObject({ equal: true })
    const { dir, incident } = await cut('ahead', at(0.5), at(0.6))
    expect(await runIncident(dir)).toMatchObject({ equal: true })
    // A day later the series has another end, and with it all that was known before.
    writeFileSync(table, JSON.stringify([1, 2, 3, 4]))
    expect(await parityOf('ahead')).toMatchObject({ equal: false, first: { topic: 'signals', offset: 8 } })
    const verdict = await runIncident(dir)
    const offset = incident.tasks[0]!.outputs.signals!
    expect(offset).toBeGreaterThan(8)
    expect(verdict).toMatchObject({ equal: false, first: { topic: 'signals', offset } })
    expect(verdict.first!.was).toContain('led by 3')
    expect(verdict.first!.is).toContain('led by 4')
  })

  test('another version: the incident says that the code differs, and whether the outputs do', async () => {
    await planted('version', strategyFile("'the first version'"))
    const [same, other] = [await cut('version', at(0.5), at(0.7)), await cut('version', at(0.5), at(0.7))]
    const change = (dir: string, from: string, to: string) => {
      const file = join(dir, 'strategies/0/planted.ts')
      writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
    }
    change(same.dir, 'void readFileSync', 'void readFileSync // and no word else')
    change(other.dir, 'the first version', 'another version')
    expect(await runIncident(same.dir)).toMatchObject({ equal: true, sameCode: false })
    const verdict = await runIncident(other.dir)
    const offset = other.incident.tasks[0]!.outputs.signals!
    expect(verdict).toMatchObject({ equal: false, sameCode: false, first: { topic: 'signals', offset } })
  })
})

function filesIn(folder: string): Record<string, number> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = entries.filter((path) => statSync(join(folder, path)).isFile() && !/lock$/.test(path))
  return Object.fromEntries(files.map((path) => [path, statSync(join(folder, path)).mtimeMs]))
}
