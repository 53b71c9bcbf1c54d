// A deployment on a real broker: other code takes over from processes that run, and what is written is what one undisturbed process writes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, root } from '../tests/data.ts'
import { ownServices } from '../tests/services.ts'
import { foundIn, supervisorsOf } from './local/found.ts'

/** Each look is a process of its own. */
const patient = { timeout: 240_000, interval: 500 }
const main = join(root, 'bin/main.ts')

describeWith(['kafka', 'time'], 'a deployment on Kafka', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smartspeed-deploy-kafka-')))
  const own = join(folder, 'deploy/desk')
  const strategy = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'docs/add-a-strategy.md'), 'utf8'))![1]!
  let flags: readonly string[] = []
  let end: (() => Promise<void>) | undefined
  let servers = ''

  const answer = (...args: string[]) => {
    const env = { ...process.env, NODE_OPTIONS: '--no-warnings', SMARTSPEED_DIR: folder }
    const options = { cwd: folder, env, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options)
    return { status, stdout, stderr }
  }
  const smartspeed = (...args: string[]) => {
    const { status, stdout, stderr } = answer(...args)
    expect(status, stderr).toBe(0)
    return stdout
  }
  const deploy = (act: string) =>
    JSON.parse(smartspeed('deploy', act, 'desk.yaml', '--json')) as Record<string, unknown>
  const pids = () => foundIn(own).map(({ pid }) => pid)
  const rows = (run: string) =>
    JSON.parse(smartspeed('hash', 'positions', '--run', run, '--json', ...flags)) as { rows: number; hash: string }

  beforeAll(async () => {
    const started = await ownServices({ names: ['kafka', 'registry'] })
    end = started.end
    servers = `{ brokers: [${started.kafka.brokers.map((one) => `"${one}"`)}], registry: "${started.registry.url}" }`
    flags = ['--engine', 'kafka', '--brokers', started.kafka.brokers.join(), '--registry', started.registry.url]
    const market = ['--exchange', 'binance-usdm', '--symbol', 'BTCUSDT']
    smartspeed('simulate', 'market', '--seed', '5', '--minutes', '1', ...market, '-o', 'market.gz')
    smartspeed('import', 'market.gz', '--exchange', 'binance-usdm', ...flags)
    writeFileSync(join(folder, 'breakout.ts'), strategy)
  }, 600_000)

  afterAll(async () => {
    for (const pid of [...supervisorsOf(own), ...pids()]) process.kill(pid, 'SIGKILL')
    await end?.()
    rmSync(folder, { recursive: true, force: true })
  })

  const traded = `
    exchange: binance-usdm
    symbols: [BTCUSDT]
    interval: 1s
    strategies:
      - { name: ${join(folder, 'breakout.ts')}, params: { bars: 5, size: 0.5 } }
      - { name: sma-cross, params: { fast: 5, slow: 20 } }
`
  const desk = () =>
    `name: desk\nengine: kafka\nkafka: ${servers}\nrestart: { firstMs: 50 }\npipelines:\n  - name: maker\n    mode: paper\n    replicas: 2${traded}`

  test('other code takes over by fencing what runs, code that computes otherwise does not, and no row differs', async () => {
    writeFileSync(join(folder, 'desk.yaml'), desk())
    deploy('apply')
    const old = pids()
    expect(old).toHaveLength(2)

    writeFileSync(join(folder, 'breakout.ts'), `${strategy}\n// Said better.\n`)
    expect(deploy('apply')).toMatchObject({ version: 2, changes: [{ action: 'take over' }] })
    const taken = pids()
    expect(taken.filter((pid) => old.includes(pid))).toEqual([])
    // One of two is killed: its tasks are the other's until it is back.
    process.kill(taken[0]!, 'SIGKILL')
    await expect.poll(() => !pids().includes(taken[0]!) && deploy('status').verdict, patient).toBe('well')
    const before = pids()

    writeFileSync(join(folder, 'breakout.ts'), strategy.replace('close > one', 'close >= 0.9 * one'))
    const { status, stderr } = answer('deploy', 'apply', 'desk.yaml')
    expect([status, stderr]).toEqual([1, expect.stringMatching(/maker@v3-\d does not get ready.*VERSION_MISMATCH/)])
    expect(pids()).toEqual(before)
    expect(deploy('status').version).toBe(2)

    writeFileSync(join(folder, 'breakout.ts'), strategy)
    writeFileSync(join(folder, 'plain.yaml'), traded.replaceAll(/^ {4}/gm, ''))
    smartspeed('run', 'plain.yaml', '--name', 'undisturbed', '--json', ...flags)
    const wanted = rows('undisturbed')
    expect(wanted.rows).toBeGreaterThan(0)
    await expect.poll(() => rows('maker').rows, patient).toBe(wanted.rows)
    expect(rows('maker').hash).toBe(wanted.hash)
    deploy('destroy')
    expect(pids()).toEqual([])
  }, 1_200_000)
})
