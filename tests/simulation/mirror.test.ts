// A mirror holds what its source holds, under the same numbers; killed at any instant and started again it adds nothing twice.
// Short here; SMARTSPEED_KILLS=200 for the long one, SMARTSPEED_SEED for other instants.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { random } from '../../operators/random.ts'
import { aboutOf } from '../../pipelines/about.ts'
import { backtest } from '../../pipelines/backtest.ts'
import { parseTopology } from '../../pipelines/config.ts'
import { type MirrorOptions, mirror } from '../../pipelines/mirror.ts'
import { parity } from '../../pipelines/parity.ts'
import { runPipeline } from '../../pipelines/run.ts'
import { openEmbedded } from '../../topics/embedded/embedded.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { runTopology, seatsOf, tickTopologies } from '../backtests.ts'
import { tradesOf } from '../conformance/rows.ts'
import { describeWith, testWith } from '../data.ts'
import { importInto, importMarket, simulateTo } from '../market.ts'
import { ledgerOf, topicsIn } from '../places.ts'
import type { MirrorOrder } from './mirror-child.ts'
import { type Kill, readMarks } from './mortal.ts'

// Machines are busy at times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const kills = Number(process.env.SMARTSPEED_KILLS ?? 7)
const seed = process.env.SMARTSPEED_SEED ?? '1'
const most = 6
const root = mkdtempSync(join(tmpdir(), 'smartspeed-mirror-'))
let made = 0
const fresh = () => join(root, `log-${made++}`)
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Opens both, mirrors, tells what `look` says of the target. */
async function mirrored<T>(
  from: string,
  to: string,
  more: Partial<MirrorOptions>,
  look: (target: Topics, source: Topics) => Promise<T>,
) {
  const source = await openTopics({ dir: from, readOnly: true })
  const target = await openTopics({ dir: to })
  try {
    const done = await mirror({ source, target, from, ...more })
    return { done, seen: await look(target, source) }
  } finally {
    await target.close()
    await source.close()
  }
}

describe('a market of two symbols in three partitions, and runs over it', () => {
  const symbols = ['BTCUSDT', 'ETHUSDT']
  const on = { exchange: 'binance-usdm', symbols }
  const market = fresh()
  const seats = seatsOf(parseTopology(tickTopologies['sma-cross']))

  beforeAll(async () => {
    const files = symbols.map((symbol) => join(root, `${symbol}.gz`))
    for (const [i, symbol] of symbols.entries()) await simulateTo(files[i]!, { seed: 20 + i, minutes: 0.8, symbol })
    await importInto(market, files, 'binance-usdm', 3)
    const topics = await openTopics({ dir: market })
    const small = { stepRows: 1500, snapshotRows: 4000, batchRows: 700 }
    await runTopology(topics, 'whole', { ...tickTopologies['sma-cross'], ...on }, small)
    const { strategy: maker, ...base } = tickTopologies['market-maker']
    const topology = parseTopology({
      ...{ ...base, ...on },
      strategies: [
        { ...maker, account: { name: 'quotes', cash: 50_000 } },
        { ...tickTopologies['sma-cross'].strategy, account: { name: 'means', cash: 500_000 } },
      ],
    })
    const clock = { nowMs: () => performance.now(), random: () => 0.5 }
    await runPipeline({
      ...{ topics, topology, seats: seatsOf(topology), codeHash: 'code', name: 'cut', clock },
      ...small,
    })
    await topics.close()
  })

  test('all of the market is the same, row for row, and a second time nothing is written', async () => {
    const to = fresh()
    const { done, seen } = await mirrored(market, to, {}, topicsIn)
    const source = await openTopics({ dir: market, readOnly: true })
    const all = await topicsIn(source)
    await source.close()
    expect(seen).toEqual(Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('market.'))))
    for (const { rows, copied } of Object.values(done.topics)) expect(copied).toBe(rows)
    const again = await mirrored(market, to, { verify: true }, topicsIn)
    expect(again.seen).toEqual(seen)
    for (const { copied } of Object.values(again.done.topics)) expect(copied).toBe(0)
  })

  test.each(['whole', 'cut'])(
    'run %s is the same there: topics, journal, snapshots, and parity proves it',
    async (run) => {
      const { done, seen } = await mirrored(market, fresh(), { run }, async (target, source) => {
        const about = (await aboutOf(target, run))!
        const topology = about.plan.topology
        return {
          topics: await topicsIn(target),
          all: await topicsIn(source),
          ledgers: [await ledgerOf(target, run), await ledgerOf(source, run)],
          parity: await parity(target, run, about, { seats: seatsOf(topology), codeHash: 'code' }),
          tasks: (await target.tasks(run)).map(({ committedMs: _, ...task }) => task),
          sourceTasks: (await source.tasks(run)).map(({ committedMs: _, ...task }) => task),
        }
      })
      expect(seen.all).toMatchObject(seen.topics)
      expect(Object.keys(seen.topics)).toContain(`${run}.orders`)
      expect(seen.ledgers[0]).toEqual(seen.ledgers[1])
      expect(seen.ledgers[0]).toMatchObject({ about: { status: 'finished' } })
      expect(seen.parity).toMatchObject({ equal: true, sameCode: true })
      expect(seen.tasks).toEqual(seen.sourceTasks)
      expect(done.steps).toBeGreaterThan(10)
    },
  )

  test('a run that is still being written is mirrored up to its last commit, and again later', async () => {
    const [from, to] = [fresh(), fresh()]
    await mirrored(market, from, {}, async () => {})
    const source = await openTopics({ dir: from })
    const target = await openTopics({ dir: to })
    const stop = new AbortController()
    const topology = parseTopology({ ...tickTopologies['sma-cross'], ...on })
    const work = { topics: source, topology, seats, codeHash: 'code', name: 'live', clock: { nowMs: () => 0 } }
    const small = { ...work, stepRows: 2000, snapshotRows: 5000, batchRows: 500 }
    let steps = 0
    const half = backtest({ ...small, signal: stop.signal, onStep: () => void (++steps === 5 && stop.abort()) })
    await expect(half).rejects.toMatchObject({ code: 'INTERRUPTED' })
    const first = await mirror({ source, target, from, run: 'live' })
    const about = (await aboutOf(target, 'live'))!
    expect(about).toMatchObject({ status: 'interrupted' })
    expect(await parity(target, 'live', about, { seats, codeHash: 'code' })).toMatchObject({ equal: true })
    await backtest(small)
    const second = await mirror({ source, target, from, run: 'live' })
    expect(await ledgerOf(target, 'live')).toEqual(await ledgerOf(source, 'live'))
    expect(await topicsIn(source)).toMatchObject(await topicsIn(target))
    expect(second.steps).toBeGreaterThan(0)
    expect(first.steps! + second.steps!).toBe((await source.tasks('live'))[0]!.step)
    await target.close()
    await source.close()
  })

  testWith(
    'time',
    `T13: killed ${kills} times at seeded instants, and started again, it adds nothing twice and loses nothing`,
    async () => {
      const dice = random(`mirror kills ${seed}`)
      const source = await openTopics({ dir: market, readOnly: true })
      const all = await topicsIn(source)
      const ledger = await ledgerOf(source, 'whole')
      await source.close()
      const usual = await start(market, fresh(), { run: 'whole', stepRows: 3000 })
      let inside = 0
      for (let died = 0; died < kills; ) {
        const to = fresh()
        for (let attempt = 0; ; attempt++) {
          const kill = attempt < most && died < kills ? instant(dice, died, usual) : undefined
          const end = await start(market, to, { run: 'whole', stepRows: [3000, 1000, 8000][attempt % 3]!, kill })
          if (end.done) break
          died++
          if (end.inside) inside++
        }
        const target = await openTopics({ dir: to, readOnly: true })
        expect(all, `seed ${seed}, death ${died}`).toMatchObject(await topicsIn(target))
        expect(await ledgerOf(target, 'whole')).toEqual(ledger)
        await target.close()
        rmSync(to, { recursive: true })
      }
      console.log(`T13: ${inside} of ${kills} deaths were inside a commit`)
      expect(inside).toBeGreaterThanOrEqual(kills / 10)
    },
    300_000 + kills * 30_000,
  )
})

describeWith('time', 'a target that holds something else', () => {
  const cases: [what: string, there: [number, number][], refused: object][] = [
    [
      'other rows',
      [
        [0, 50],
        [51, 101],
      ],
      { code: 'MIRROR_DIFFERS', message: expect.stringContaining('market.trades, partition 0, row 50') },
    ],
    ['more rows', [[0, 101]], { code: 'MIRROR_DIFFERS', message: expect.stringContaining('row 100') }],
  ]
  test.each(cases)('%s is refused with the first difference, and left as it is', async (_what, there, refused) => {
    const [source, target] = [await openTopics({ dir: fresh() }), await openTopics({ dir: fresh() })]
    await write(source, [[0, 100]])
    await write(target, there)
    const before = await topicsIn(target)
    await expect(mirror({ source, target, from: 'a' })).rejects.toMatchObject(refused)
    expect(await topicsIn(target)).toEqual(before)
    await source.close()
    await target.close()
  })

  test('rows that were the same when they were copied are found out when the source is another by now', async () => {
    const target = await openTopics({ dir: fresh() })
    const [one, two] = [await openTopics({ dir: fresh() }), await openTopics({ dir: fresh() })]
    await write(one, [[0, 100]])
    await write(two, [
      [0, 99],
      [200, 300],
    ])
    await mirror({ source: one, target, from: 'a' })
    const refused = { code: 'MIRROR_DIFFERS', message: expect.stringContaining('row 99') }
    await expect(mirror({ source: two, target, from: 'a' })).rejects.toMatchObject(refused)
    for (const topics of [one, two, target]) await topics.close()
  })

  test('another number of partitions is refused', async () => {
    const [source, target] = [await openTopics({ dir: fresh() }), await openTopics({ dir: fresh() })]
    await write(source, [[0, 10]])
    await target.create([{ record: 'trades', partitions: 2 }])
    await expect(mirror({ source, target, from: 'a' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await source.close()
    await target.close()
  })

  test('while somebody writes the market there, a mirror waits for its turn by saying who', async () => {
    const [source, target] = [await openTopics({ dir: fresh() }), await openTopics({ dir: fresh() })]
    await write(source, [[0, 10]])
    const writer = await target.writer({ run: 'import', market: true })
    await expect(mirror({ source, target, from: 'a' })).rejects.toMatchObject({ code: 'LEASE_HELD' })
    await writer.close()
    await source.close()
    await target.close()
  })
})

test('nothing is imported into a copy: it does not know what its source has seen', async () => {
  const [from, to] = [fresh(), fresh()]
  await importMarket(from, { seed: 5, minutes: 0.2 })
  await mirrored(from, to, { from: 'the log in A' }, async () => {})
  const refused = { code: 'IS_MIRROR', message: expect.stringContaining('the log in A') }
  await expect(importMarket(to, { seed: 5, minutes: 0.2 })).rejects.toMatchObject(refused)
})

describeWith('time', 'a source that retention has cut', () => {
  test('is mirrored from its first row on, which keeps its number; a hole since the last time is said', async () => {
    let now = 0

    const source = await openEmbedded(fresh(), { clock: () => now })
    const target = await openTopics({ dir: fresh() })
    await source.create([{ record: 'trades', retentionMs: 1000 }])
    await write(source, [[0, 50]])
    now = 2000
    await write(source, [[50, 100]])
    await source.retain(now)
    const first = await mirror({ source, target, from: 'a' })
    expect(first).toMatchObject({ topics: { 'market.trades': { rows: 50, copied: 50 } } })
    expect(first.warnings).toEqual([expect.stringContaining('rows 0 to 49 of market.trades')])
    expect(await topicsIn(target)).toEqual(await topicsIn(source))
    now = 4000
    await write(source, [[100, 150]])
    await source.retain(now)
    await write(source, [[150, 160]])
    now = 6000
    await write(source, [[160, 170]])
    await source.retain(now)
    const second = await mirror({ source, target, from: 'a' })
    expect(second.warnings).toEqual([expect.stringContaining('rows 100 to 159 of market.trades')])
    expect(await target.info('market.trades')).toMatchObject({ rows: 60, ends: [170] })
    await source.close()
    await target.close()
  })

  test('cannot prove a run that read what is gone, and says so', async () => {
    let now = 0

    const dir = fresh()

    await importMarket(dir, { seed: 5, minutes: 0.5 })
    const source = await openEmbedded(fresh(), { clock: () => now })
    const target = await openTopics({ dir: fresh() })
    const full = await openTopics({ dir, readOnly: true })
    const infos = (await full.list()).filter(({ run }) => run === undefined)
    await source.create(infos.map(({ record }) => ({ record, retentionMs: 1000 })))
    await mirror({ source: full, target: source, from: 'a' })
    await runTopology(source, 'old', { ...tickTopologies['sma-cross'], exchange: 'binance-usdm', symbols: ['BTCUSDT'] })
    now = 5000
    await source.retain(now)
    const refused = { code: 'HISTORY_EXPIRED', message: expect.stringContaining('run old') }
    await expect(mirror({ source, target, from: 'a', run: 'old' })).rejects.toMatchObject(refused)
    for (const topics of [full, source, target]) await topics.close()
  })
})

async function write(topics: Topics, cuts: readonly [number, number][]): Promise<void> {
  const writer = await topics.writer({ run: 'feed', market: true })
  for (const [from, to] of cuts) await writer.commit({ outputs: [tradesOf(from, to)] })
  await writer.close()
}

interface End {
  readonly done: boolean
  readonly inside: boolean
  readonly wholeUs: number
  readonly commitUs: number
}

/** In turn: in one of the first commits, at any time since the start, and somewhere behind a commit. */
function instant(dice: ReturnType<typeof random>, n: number, { wholeUs, commitUs }: End): Kill {
  const share = dice.next()
  const commit = 1 + Math.floor(dice.next() * 12)
  if (n % 3 === 0) return { commit, afterUs: share * commitUs }
  if (n % 3 === 1) return { commit: 0, afterUs: share * wholeUs }
  return { commit, afterUs: commitUs + share * 20_000 }
}

async function start(from: string, to: string, order: MirrorOrder): Promise<End> {
  const file = join(import.meta.dirname, 'mirror-child.ts')
  const marks = join(root, 'marks')
  const began = performance.now()
  const args = ['--no-warnings', file, from, to, marks, JSON.stringify(order)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  )
  const { inside, commitsMs } = readMarks(marks)
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the mirror ended with ${code ?? signal}: ${said}`)
  const median = commitsMs.sort((a, b) => a - b)[commitsMs.length >> 1] ?? 0
  return { done: code === 0, inside, wholeUs: (performance.now() - began) * 1000, commitUs: median * 1000 }
}
