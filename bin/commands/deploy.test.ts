// Deployments through the program that a shell starts, with the real pipelines on the embedded log.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foundIn, supervisorsOf } from '../../deploy/local/found.ts'
import { root, testWith } from '../../tests/data.ts'

const main = join(root, 'bin/main.ts')
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'smartspeed-deploy-cli-')))
const env = {
  ...process.env,
  ...{ SMARTSPEED_DIR: '.smartspeed', NODE_OPTIONS: '--no-warnings', NO_COLOR: '1', COLUMNS: '200' },
}
const own = join(folder, '.smartspeed/deploy/desk')
const patient = { timeout: 120_000 }

interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function smartspeed(...args: string[]): Promise<Answer> {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await smartspeed(...args, '--json')
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as Record<string, unknown>
}

const write = (text: string) => writeFileSync(join(folder, 'desk.yaml'), text)
const pids = () => foundIn(own).map(({ pid }) => pid)
const topology = `
    exchange: binance-usdm
    symbols: [BTCUSDT]
    interval: 1s
    strategy: { name: sma-cross, params: { fast: 5, slow: 20 } }
`
const desk = (more = '') => `name: desk
restart: { firstMs: 50 }
pipelines:
  - name: maker
    mode: paper${more}${topology}`

/** The capture in two, as it would be recorded. */
beforeAll(async () => {
  const market = ['--seed', '3', '--minutes', '2', '--exchange', 'binance-usdm', '--symbol', 'BTCUSDT']
  expect((await smartspeed('simulate', 'market', ...market, '-o', 'market.gz')).code).toBe(0)
  const lines = gunzipSync(readFileSync(join(folder, 'market.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n')
  const half = Math.floor(lines.length / 2)
  writeFileSync(join(folder, 'first.txt'), `${lines.slice(0, half).join('\n')}\n`)
  writeFileSync(join(folder, 'second.txt'), `${lines.slice(half).join('\n')}\n`)
  await load('first.txt')
}, 600_000)

afterAll(() => {
  for (const pid of [...supervisorsOf(own), ...pids()]) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function load(file: string): Promise<void> {
  const { code, stderr } = await smartspeed('import', file, '--exchange', 'binance-usdm')
  expect(code, stderr).toBe(0)
}

const rowsOf = async (topic: string, run: string) => {
  const { code, stdout } = await smartspeed('hash', topic, '--run', run, '--json')
  return code === 0 ? (JSON.parse(stdout) as { rows: number; hash: string }) : { rows: 0, hash: '' }
}

describe('deploy', () => {
  test('a file that is wrong is refused before anything starts, with line, key and what is allowed', async () => {
    write(desk().replace('mode: paper', 'mode: papre'))
    const { code, stderr } = await smartspeed('deploy', 'apply', 'desk.yaml')
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^CONFIG_INVALID: desk\.yaml:5: pipelines\.0\.mode = "papre".*paper.*\n {2}did you mean "paper"\?/,
    )
    expect((await smartspeed('deploy', 'plan', 'none.yaml')).stderr).toContain('FILE_MISSING: cannot read none.yaml')
    write(desk())
    const { code: usage, stderr: said } = await smartspeed('deploy', 'plan', 'desk.yaml', '--target', 'compose')
    expect([usage, said]).toEqual([2, expect.stringContaining('say where with -o DIR')])
  })

  testWith(
    'time',
    'a run that is killed, and deployed over by a new version, writes what one that nobody disturbs writes',
    async () => {
      write(desk())
      const changes = [{ action: 'create', kind: 'pipeline', name: 'maker' }]
      expect(await json('deploy', 'plan', 'desk.yaml')).toMatchObject({ version: 1, changes })
      expect(await json('deploy', 'apply', 'desk.yaml')).toMatchObject({ version: 1, changes })
      expect(await json('deploy', 'apply', 'desk.yaml')).toEqual({ version: 1, changes: [] })
      const { stdout } = await smartspeed('deploy', 'status', 'desk.yaml')
      expect(stdout).toMatch(
        /^desk: well, version 1 on local\nprocess +state +pid +port +restarts +since\nmaker@v1-0 +ready +\d+ +\d+/,
      )

      // The process, then process and supervisor.
      const [first] = pids()
      process.kill(first!, 'SIGKILL')
      await expect.poll(() => pids().some((pid) => pid !== first), patient).toBe(true)
      for (const pid of [...supervisorsOf(own), ...pids()]) process.kill(pid, 'SIGKILL')
      await expect.poll(() => [...supervisorsOf(own), ...pids()], patient).toEqual([])
      expect(await json('deploy', 'status', 'desk.yaml', '--heal')).toMatchObject({
        changes: [{ name: 'supervisor' }, { action: 'start', kind: 'process', name: 'maker@v1-0' }],
      })
      await expect.poll(async () => (await json('deploy', 'status', 'desk.yaml')).verdict, patient).toBe('well')

      write(desk('\n    resources: { memory: 1Gi }'))
      const { stdout: said } = await smartspeed('deploy', 'apply', 'desk.yaml', '--why', 'more room')
      expect(said).toBe(
        'version 2: 1 change made\n  ~ take over pipeline maker: run maker goes on in new processes\n      resources.memory: 512Mi → 1Gi\n',
      )
      await load('second.txt')
      writeFileSync(join(folder, 'plain.yaml'), topology.replaceAll(/^ {4}/gm, ''))
      const undisturbed = await smartspeed('run', 'plain.yaml', '--name', 'undisturbed', '--json')
      expect(undisturbed.code, undisturbed.stderr).toBe(0)
      for (const topic of ['signals', 'orders', 'executions', 'positions']) {
        const { rows, hash } = await rowsOf(topic, 'undisturbed')
        expect(rows).toBeGreaterThan(0)
        await expect.poll(async () => (await rowsOf(topic, 'maker')).rows, patient).toBe(rows)
        expect(await rowsOf(topic, 'maker')).toMatchObject({ hash })
      }
    },
    600_000,
  )

  testWith(
    'time',
    'another parameter begins a new run, rollback brings the old one back, and every act is in the audit topic',
    async () => {
      write(desk('\n    resources: { memory: 1Gi }').replace('fast: 5', 'fast: 6'))
      const { stdout } = await smartspeed('deploy', 'plan', 'desk.yaml')
      expect(stdout).toContain('strategy.params.fast changes what it computes: run maker.v3 begins, maker is kept')
      expect(stdout).toContain('      strategy.params.fast: 5 → 6')
      expect(await json('deploy', 'apply', 'desk.yaml')).toMatchObject({ version: 3 })
      expect(await json('deploy', 'rollback', 'desk.yaml', '--to', '1', '--why', 'worse')).toMatchObject({ version: 4 })
      const status = await json('deploy', 'status', 'desk.yaml')
      expect(status).toMatchObject({ version: 4, members: [{ run: 'maker', status: 'ready' }] })
      expect(await json('deploy', 'destroy', 'desk.yaml')).toMatchObject({ version: null })
      expect([...supervisorsOf(own), ...pids()]).toEqual([])

      const { stdout: acts } = await smartspeed('cat', 'audit', '--run', 'deploy-desk')
      const rows = acts
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(
        rows.map(({ action, outcome, version, why }) => `${action} ${version} ${outcome}${why ? `: ${why}` : ''}`),
      ).toEqual([
        ...['apply 1 begun', 'apply 1 done', 'heal 1 begun', 'heal 1 done'],
        ...['apply 2 begun: more room', 'apply 2 done: more room', 'apply 3 begun', 'apply 3 done'],
        ...['rollback 4 begun: worse', 'rollback 4 done: worse', 'destroy 4 begun', 'destroy 4 done'],
      ])
      expect(await json('deploy', 'status', 'desk.yaml')).toMatchObject({ audit: { acts: 12, brokenAt: null } })
    },
    600_000,
  )

  testWith(
    'time',
    'other code takes over when it is seen to compute the same, and where it does not the old process goes on undisturbed',
    async () => {
      const guide = readFileSync(join(root, 'docs/add-a-strategy.md'), 'utf8')
      const strategy = /```ts\n(.*?)```/s.exec(guide)![1]!
      const file = join(folder, 'breakout.ts')
      writeFileSync(file, strategy)
      write(
        desk()
          .replace(/strategy: .*/, 'strategy: { name: ./breakout.ts, params: { bars: 5, size: 0.5 } }')
          .replace('name: maker', 'name: own'),
      )
      expect((await smartspeed('deploy', 'apply', 'desk.yaml')).stderr).toBe('')
      const [first] = pids()
      writeFileSync(file, `${strategy}\n// Said better.\n`)
      const { changes } = await json('deploy', 'apply', 'desk.yaml')
      expect(changes).toMatchObject([
        { action: 'take over', detail: expect.stringMatching(/^code \w{8} → \w{8}; run own goes on/) },
      ])
      const [second] = pids()
      expect(second).not.toBe(first)

      writeFileSync(file, strategy.replace('close > one', 'close >= 0.9 * one'))
      const { code, stderr } = await smartspeed('deploy', 'apply', 'desk.yaml')
      expect([code, pids()]).toEqual([1, [second]])
      expect(stderr).toMatch(
        /SERVICE_FAILED: own@v\d+-0 does not get ready.*VERSION_MISMATCH: this version gives other rows/,
      )
      // Said to mean something else, it begins a run of its own.
      const renewed = await json('deploy', 'apply', 'desk.yaml', '--new-run', 'own')
      expect(renewed.changes).toMatchObject([{ action: 'new run', detail: expect.stringContaining('run own.v') }])
      await json('deploy', 'destroy', 'desk.yaml')
    },
    600_000,
  )

  test('manifests are written, and what to do with them is said', async () => {
    writeFileSync(join(folder, 'lone.yaml'), `mode: paper\n${topology.replaceAll(/^ {4}/gm, '')}`)
    const { code, stdout, stderr } = await smartspeed(
      'deploy',
      'apply',
      'lone.yaml',
      '--target',
      'compose',
      '-o',
      'out',
    )
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'version 1: 3 changes made'])
    expect(stderr).toContain('start it: sh out/up.sh')
    expect(spawnSync('sh', ['-n', join(folder, 'out/up.sh')]).status).toBe(0)
  })
})
