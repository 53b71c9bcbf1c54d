// T13: a run killed at any instant, and started again each time, writes what an undisturbed run writes.
// Short here; SMARTSPEED_KILLS=200 for the long one.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { random } from '../../operators/random.ts'
import { hashTopic } from '../../topics/hash.ts'
import { openTopics } from '../../topics/index.ts'
import { importMarket } from '../market.ts'
import type { Kill, Order } from './child.ts'

const kills = Number(process.env.SMARTSPEED_KILLS ?? 12)
const seed = process.env.SMARTSPEED_SEED ?? '1'
/** A killed run is started again until it has died so often; then it may end. */
const killsARun = 6

const topology = {
  ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], seed: 7, interval: '1s', keep: ['bars'], risk: 'default' },
  strategy: { name: 'market-maker', params: {} },
  venue: { fill: 'book', latency: { outMs: 2, backMs: 2, jitterMs: 3 }, queue: 'power' },
}

let dir: string
let undisturbed: Record<string, string>

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-kill-'))
  await importMarket(dir, { seed: 5, minutes: 4 })
  await start('undisturbed', { topology, kill: undefined, batchRows: 4096 })
  undisturbed = await hashes('undisturbed')
}, 120_000)

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test(
  `T13: ${kills} SIGKILLs at seeded instants, every third inside a commit, leave every output topic as it was`,
  async () => {
    const dice = random(`kills ${seed}`)
    let died = 0
    let inside = 0
    for (let run = 0; died < kills; run++) {
      const name = `killed-${run}`
      for (let attempt = 0; ; attempt++) {
        const kill = attempt < killsARun && died < kills ? moment(dice, died) : undefined
        // Another batch size each time: how rows are cut must not show either.
        const batchRows = [4096, 1000, 64][attempt % 3]!
        const end = await start(name, { topology, kill, batchRows })
        if (end === 'done') break
        died++
        if (kill !== undefined && 'inCommit' in kill) inside++
      }
      expect(await hashes(name), `run ${name}, seed ${seed}`).toEqual(undisturbed)
    }
    expect(inside).toBeGreaterThanOrEqual(Math.floor(kills / 10))
  },
  30_000 + kills * 5000,
)

test('the undisturbed run traded: the hashes are not those of nothing', async () => {
  const topics = await openTopics({ engine: 'embedded', dir })
  expect((await topics.info('undisturbed.executions')).rows).toBeGreaterThan(50)
  await topics.close()
})

function moment(dice: ReturnType<typeof random>, n: number): Kill {
  if (n % 3 === 0) return { inCommit: 2 + Math.floor(dice.next() * 6), spins: Math.floor(dice.next() * 12) }
  return { afterMs: Math.floor(dice.next() * 150) }
}

async function start(run: string, order: Order): Promise<'done' | 'killed'> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, 'child.ts'), dir, run, JSON.stringify(order)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('exit', (...end) => resolve(end)),
  )
  if (signal === 'SIGKILL') return 'killed'
  if (code !== 0) throw new Error(`run ${run} ended with ${code ?? signal}: ${said}`)
  return 'done'
}

/** The hash of every topic that a run wrote. */
async function hashes(run: string): Promise<Record<string, string>> {
  const topics = await openTopics({ engine: 'embedded', dir })
  const found: Record<string, string> = {}
  for (const info of await topics.list()) {
    if (info.run === run) found[info.record] = (await hashTopic(topics, info.name)).hash
  }
  await topics.close()
  return found
}
