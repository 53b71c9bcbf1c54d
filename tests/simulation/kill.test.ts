// T13: what is killed at any instant, and started again each time, writes what an undisturbed process writes.
// Short here; SMARTSPEED_KILLS=200 for the long one, SMARTSPEED_SEED for other instants.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../operators/random.ts'
import { hashTopic } from '../../topics/hash.ts'
import { openTopics } from '../../topics/index.ts'
import { describeWith, rounds } from '../data.ts'
import { importMarket, simulateTo } from '../market.ts'
import type { BacktestOrder } from './backtest-child.ts'
import type { ImportOrder } from './import-child.ts'
import { type Kill, readMarks } from './mortal.ts'

const kills = Number(process.env.SMARTSPEED_KILLS ?? rounds(7, 3))
const seed = process.env.SMARTSPEED_SEED ?? '1'
/** What was killed is started again until it has died so often; then it may end. */
const most = 6
const timeout = 50_000 + kills * 5000

const root = mkdtempSync(join(tmpdir(), 'smartspeed-kill-'))
const marks = join(root, 'marks')
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What deaths there were: in the midst of a commit by the dead process's own marks, or elsewhere. */
const deaths = { inside: 0, elsewhere: 0 }

describe('a backtest', () => {
  const common = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], seed: 7, interval: '1s', keep: ['bars'] }
  const topologies = {
    maker: {
      ...{ ...common, strategy: { name: 'market-maker', params: {} }, risk: 'default' },
      venue: { fill: 'book', latency: { outMs: 2, backMs: 2, jitterMs: 3 }, queue: 'power' },
    },
    taker: {
      ...{ ...common, strategy: { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.5 } }, risk: 'default' },
      venue: { fill: 'book', latency: 4, slippage: 'square-root' },
    },
  }
  const dir = join(root, 'runs')
  const undisturbed: Record<string, Awaited<ReturnType<typeof outputsOf>>> = {}
  let usual: Usual

  beforeAll(async () => {
    await importMarket(dir, { seed: 5, minutes: 3 })
    for (const [name, topology] of Object.entries(topologies)) {
      usual = await start('backtest', [dir, name], { topology, batchRows: 4096 })
      undisturbed[name] = await outputsOf(dir, name)
    }
  }, 120_000)

  test.each(Object.keys(topologies))('of the %s trades: its hashes are not those of nothing', (name) => {
    expect(undisturbed[name]!.executions!.rows).toBeGreaterThan(30)
  })

  test(
    `T13: killed ${kills} times at seeded instants, it leaves every output topic as it was`,
    async () => {
      const dice = random(`kills ${seed}`)
      for (let run = 0, died = 0; died < kills; run++) {
        const [model, topology] = Object.entries(topologies)[run % 2]!
        const name = `${model}-${run}`
        for (let attempt = 0; ; attempt++) {
          const kill = attempt < most && died < kills ? instant(dice, died, usual) : undefined
          // Another batch size each time: how rows are cut must not show either.
          const batchRows = [4096, 1000, 64][attempt % 3]!
          const end = await start('backtest', [dir, name], { topology, kill, batchRows })
          if (end.done) break
          died++
        }
        expect(await outputsOf(dir, name), `run ${name}, seed ${seed}`).toEqual(undisturbed[model])
      }
    },
    timeout,
  )
})

// In a plain `npm test` imports die in their own process: pipelines/ingest-real.test.ts.
describeWith('time', 'an import', () => {
  const file = join(root, 'market.gz')
  const order = { files: [file], exchange: 'binance-usdm', stepRows: 2000 }
  let undisturbed: Awaited<ReturnType<typeof outputsOf>>
  let usual: Usual

  beforeAll(async () => {
    await simulateTo(file, { seed: 6, minutes: 1.2 })
    const dir = join(root, 'undisturbed')
    usual = await start('import', [dir], order)
    undisturbed = await outputsOf(dir)
    expect(undisturbed.trades!.rows).toBeGreaterThan(3000)
  }, 120_000)

  test(
    `T13: killed ${kills} times at seeded instants, and started again, it loses nothing and adds nothing twice`,
    async () => {
      const dice = random(`import kills ${seed}`)
      for (let log = 0, died = 0; died < kills; log++) {
        const dir = join(root, `import-${log}`)
        for (let attempt = 0; ; attempt++) {
          const kill = attempt < most && died < kills ? instant(dice, died, usual) : undefined
          const end = await start('import', [dir], { ...order, kill, stepRows: [2000, 1000, 7000][attempt % 3]! })
          if (end.done) break
          died++
        }
        expect(await outputsOf(dir), `log ${log}, seed ${seed}`).toEqual(undisturbed)
        rmSync(dir, { recursive: true })
      }
    },
    timeout,
  )
})

test('at least a tenth of the deaths were inside a commit', () => {
  console.log(`T13: ${deaths.inside} of ${deaths.inside + deaths.elsewhere} deaths were inside a commit`)
  expect(deaths.inside).toBeGreaterThanOrEqual((deaths.inside + deaths.elsewhere) / 10)
})

/** How long an undisturbed process took, and one of its commits, µs. */
interface Usual {
  readonly wholeUs: number
  readonly commitUs: number
}

/** In turn: at any time since the start, in one of the first commits, and somewhere behind one. */
function instant(dice: ReturnType<typeof random>, n: number, { wholeUs, commitUs }: Usual): Kill {
  const share = dice.next()
  const commit = 1 + Math.floor(dice.next() * 6)
  if (n % 3 === 0) return { commit, afterUs: share * commitUs }
  if (n % 3 === 1) return { commit: 0, afterUs: share * wholeUs }
  return { commit, afterUs: commitUs + share * 30_000 }
}

async function start(
  what: 'backtest' | 'import',
  place: readonly string[],
  order: BacktestOrder | ImportOrder,
): Promise<Usual & { done: boolean }> {
  const file = join(import.meta.dirname, `${what}-child.ts`)
  const began = performance.now()
  const child = spawn(process.execPath, ['--no-warnings', file, ...place, marks, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  )
  const { inside, commitsMs } = readMarks(marks)
  if (code !== 0 && signal !== 'SIGKILL')
    throw new Error(`${what} ${place.at(-1)} ended with ${code ?? signal}: ${said}`)
  if (signal === 'SIGKILL') deaths[inside ? 'inside' : 'elsewhere']++
  const median = commitsMs.sort((a, b) => a - b)[commitsMs.length >> 1] ?? 0
  return { done: code === 0, wholeUs: (performance.now() - began) * 1000, commitUs: median * 1000 }
}

/** Rows and hash of every topic that a run wrote, or that is the market's. */
async function outputsOf(dir: string, run?: string): Promise<Record<string, { rows: number; hash: string }>> {
  const topics = await openTopics({ engine: 'embedded', dir })
  try {
    const infos = (await topics.list()).filter((info) => info.run === run)
    const found = await Promise.all(
      infos.map(async ({ name, record }) => [record, await hashTopic(topics, name)] as const),
    )
    return Object.fromEntries(found.map(([record, { rows, hash }]) => [record, { rows, hash }]))
  } finally {
    await topics.close()
  }
}
