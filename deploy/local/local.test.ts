import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tryLock } from '../../native/index.ts'
import { root, testWith } from '../../tests/data.ts'
import type { Behaviours } from '../../tests/deploy/stand-in.ts'
import { apply, destroy, type How, heal, plan, rollback } from '../acts.ts'
import { statusOf } from '../status.ts'
import { readDeployment } from '../topology/read.ts'
import type { Deployment } from '../topology/schema.ts'
import { isSupervised } from './alone.ts'
import { foundIn, supervisorsOf } from './found.ts'
import { readState } from './state.ts'

const patient = { timeout: 240_000 }
let dir = ''
let folder = ''
let notes: string[] = []

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'smartspeed-deploy-')))
  folder = join(dir, 'deploy', 'desk')
  mkdirSync(folder, { recursive: true })
  notes = []
})
afterEach(() => {
  for (const pid of [...supervisorsOf(folder), ...foundIn(folder).map((one) => one.pid)]) process.kill(pid, 'SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

const how = (): How => ({
  ...{ dir, target: 'local', program: [process.execPath, join(root, 'tests/deploy/stand-in.ts')] },
  note: (line) => notes.push(line),
})

const behave = (behaviours: Behaviours) => writeFileSync(join(folder, 'behaviour.json'), JSON.stringify(behaviours))

/** One pipeline `maker`, on brokers that nobody asks; `more` are lines of it, `top` of the deployment. */
function desk({ more = '', top = '' } = {}): Promise<Deployment> {
  return readDeployment(
    `
name: desk
engine: kafka
kafka: { brokers: ["127.0.0.1:1"], registry: "http://127.0.0.1:1" }
restart: { firstMs: 10, mostMs: 40, loopAfter: 3, stopMs: 500 }
${top}
pipelines:
  - name: maker
    mode: paper
    ${more}
    strategies: [{ name: sma-cross }, { name: mean-reversion }, { name: momentum-breakout }]
`,
    'desk.yaml',
  )
}

const pids = () => foundIn(folder).map(({ pid }) => pid)
const started = () =>
  existsSync(join(folder, 'started.log')) ? readFileSync(join(folder, 'started.log'), 'utf8').trim().split('\n') : []
const starts = () => started().filter((line) => / v\d+ /.test(line))
const kill = (pid: number) => process.kill(pid, 'SIGKILL')
const startOf = (pid: number) => starts().find((line) => line.startsWith(`${pid} `))
const isGone = (pid: number) =>
  !existsSync(`/proc/${pid}/cmdline`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8') === ''

describe('a deployment on this machine', { timeout: 600_000 }, () => {
  test('runs as many processes as it says, each told its run, tasks and where topics are; the same again changes nothing', async () => {
    const two = await desk({ more: 'replicas: 2' })
    const planned = await plan(two, how())
    expect(planned).toMatchObject({ version: 1, changes: [{ action: 'create', kind: 'pipeline', name: 'maker' }] })
    expect(pids()).toEqual([])

    expect(await apply(two, how())).toEqual(planned)
    const before = pids()
    expect(before).toHaveLength(2)
    for (const line of starts()) {
      expect(line).toMatch(
        / v1 --name maker --tasks 3 --follow --http --dir \S+ --engine kafka --brokers 127\.0\.0\.1:1 --registry/,
      )
    }
    expect(await statusOf('desk', dir)).toMatchObject({
      verdict: 'well',
      version: 1,
      members: [{ status: 'ready' }, { status: 'ready' }],
    })

    expect(await apply(two, how())).toEqual({ changes: [], version: 1 })
    expect(pids()).toEqual(before)
    expect(starts()).toHaveLength(2)
  })

  test('a process that is killed is started again, and the others are not touched', async () => {
    await apply(await desk({ more: 'replicas: 2' }), how())
    const [first, second] = pids()
    kill(first!)
    await expect.poll(() => pids().length === 2 && !pids().includes(first!), patient).toBe(true)
    expect(pids()).toContain(second!)
    await expect.poll(async () => (await statusOf('desk', dir)).verdict, patient).toBe('well')
    const { members } = await statusOf('desk', dir)
    expect(members.map(({ restarts }) => restarts).sort()).toEqual([0, 1])
    expect(members.find(({ restarts }) => restarts === 1)!.lastEnd).toMatchObject({ how: 'SIGKILL' })
  })

  testWith(
    'time',
    'processes go on when their supervisor is killed; the next one finds them and starts none twice',
    async () => {
      const two = await desk({ more: 'replicas: 2' })
      await apply(two, how())
      const before = pids()
      kill(supervisorsOf(folder)[0]!)
      await expect.poll(() => isSupervised(folder), patient).toBe(false)
      expect(pids()).toEqual(before)
      expect((await statusOf('desk', dir)).verdict).toBe('not well')
      expect((await plan(two, how())).changes).toMatchObject([{ action: 'start', kind: 'process', name: 'supervisor' }])

      expect((await heal('desk', how())).changes).toHaveLength(1)
      await expect.poll(async () => (await statusOf('desk', dir)).verdict, patient).toBe('well')
      expect(pids()).toEqual(before)
      expect(starts()).toHaveLength(2)
      // A process that it did not start itself is kept all the same.
      kill(before[0]!)
      await expect.poll(() => pids().filter((pid) => pid !== before[0]).length, patient).toBe(2)
    },
  )

  test('when the supervisor and a process are killed, the same apply starts the one that is missing', async () => {
    const two = await desk({ more: 'replicas: 2' })
    await apply(two, how())
    const [first, second] = pids()
    kill(supervisorsOf(folder)[0]!)
    kill(first!)
    await expect.poll(() => [isSupervised(folder), ...pids()], patient).toEqual([false, second])
    const { changes, version } = await apply(two, how())
    expect(version).toBe(1)
    expect(changes).toMatchObject([
      { name: 'supervisor' },
      { action: 'start', detail: expect.stringContaining('gone') },
    ])
    await expect.poll(() => pids().length, patient).toBe(2)
    expect(pids()).toContain(second)
    await expect.poll(() => starts().length, patient).toBe(3)
  })

  testWith('time', 'of two applies at once the second waits, and finds nothing to do', async () => {
    const one = await desk()
    const both = await Promise.all([apply(one, how()), apply(one, how())])
    expect(both.map(({ version }) => version)).toEqual([1, 1])
    expect(both.map(({ changes }) => changes.length).sort()).toEqual([0, 1])
    expect(starts()).toHaveLength(1)
    expect(supervisorsOf(folder)).toHaveLength(1)
  })

  testWith('time', 'a supervisor that finds the lock held by somebody who only looks is started again', async () => {
    const lock = openSync(join(folder, 'supervisor.lock'), 'a')
    expect(tryLock(lock, { shared: true })).toBe(true)
    const applied = apply(await desk(), how())
    const log = join(folder, 'logs', 'supervisor.log')
    const begun = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0)
    await expect.poll(begun, patient).toBeGreaterThan(1)
    closeSync(lock)
    expect(await applied).toMatchObject({ version: 1 })
    expect(supervisorsOf(folder)).toHaveLength(1)
  })

  testWith('time', 'more replicas start beside those that run, fewer end cleanly', async () => {
    await apply(await desk(), how())
    const [first] = pids()
    const { changes } = await apply(await desk({ more: 'replicas: 3' }), how())
    expect(changes).toMatchObject([{ action: 'scale', detail: 'replicas 1 → 3' }])
    expect(pids()).toHaveLength(3)
    expect(pids()).toContain(first)
    await apply(await desk({ more: 'replicas: 2' }), how())
    expect(pids()).toHaveLength(2)
    expect(started().filter((line) => line.endsWith('ended cleanly'))).toHaveLength(1)
  })

  test('destroy asks each process to end, kills who does not, and leaves no supervisor', async () => {
    behave({ '*': { stubborn: true } })
    const one = await desk()
    await apply(one, how())
    const [pid] = pids()
    expect(await destroy('desk', how())).toMatchObject({
      version: null,
      changes: [{ action: 'remove', name: 'maker' }],
    })
    expect(isGone(pid!)).toBe(true)
    expect(isSupervised(folder)).toBe(false)
    // It lets go of its lock, and then it ends.
    await expect.poll(() => supervisorsOf(folder), patient).toEqual([])
    expect(await statusOf('desk', dir)).toMatchObject({ verdict: 'not deployed', version: null, members: [] })
    expect(await destroy('desk', how())).toEqual({ changes: [], version: null })
    // The next apply is a version after it, and the run goes on.
    behave({})
    expect(await apply(one, how())).toMatchObject({ version: 2 })
    expect(starts().at(-1)).toContain('v2 --name maker')
  })

  test('a crash loop fails the apply with what the process said, and is not hammered', async () => {
    behave({ '*': { exit: 1, says: 'SERVICE_LOST: no broker answers' } })
    await expect(apply(await desk(), how())).rejects.toMatchObject({
      ...{
        code: 'SERVICE_FAILED',
        message: expect.stringMatching(/maker@v1-0.*crash loop.*exit 1, SERVICE_LOST: no broker answers/),
      },
    })
    expect(starts()).toHaveLength(3)
    expect(pids()).toEqual([])
    expect(await statusOf('desk', dir)).toMatchObject({
      verdict: 'not deployed',
      versions: [{ number: 1, outcome: 'failed' }],
    })
  })

  testWith(
    'time',
    'a process that falls into a crash loop later is said so, and tried again after the longest wait',
    async () => {
      await apply(await desk(), how())
      behave({ '*': { exit: 1 } })
      kill(pids()[0]!)
      await expect.poll(() => readState(folder)?.members[0]?.status, patient).toBe('crash loop')
      expect((await statusOf('desk', dir)).verdict).toBe('not well')
      behave({})
      await expect.poll(() => pids().length, patient).toBe(1)
    },
  )

  testWith('time', 'a process whose config is wrong is not started again', async () => {
    behave({ '*': { exit: 2, says: 'CONFIG_INVALID: no such symbol' } })
    await expect(apply(await desk(), how())).rejects.toThrow(/failed.*exit 2, CONFIG_INVALID: no such symbol/)
    expect(starts()).toHaveLength(1)
  })

  test('secrets reach the process, and no file of the deployment holds them', async () => {
    process.env.DESK_TOKEN = 'hunter2-of-the-desk'
    behave({ '*': { tells: 'TOKEN' } })
    await apply(await desk({ top: 'secrets: { TOKEN: { env: DESK_TOKEN } }' }), how())
    expect(starts()[0]).toContain('hunter2-of-the-desk')
    rmSync(join(folder, 'started.log'))
    for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
      const path = join(dir, name)
      if (statSync(path).isFile()) expect(readFileSync(path).includes('hunter2-of-the-desk'), path).toBe(false)
    }
    delete process.env.DESK_TOKEN
    await expect(
      apply(await desk({ top: 'secrets: { TOKEN: { env: DESK_TOKEN } }\nimage: other' }), how()),
    ).rejects.toThrow('secrets.TOKEN: the variable DESK_TOKEN is not set')
  })
})

describe('a new version', { timeout: 600_000 }, () => {
  test('takes the run over in new processes beside the old ones, which end by themselves', async () => {
    behave({ '*': { yields: true } })
    await apply(await desk(), how())
    const [old] = pids()
    const { changes, version } = await apply(await desk({ more: 'resources: { memory: 1Gi }' }), how())
    expect(version).toBe(2)
    expect(changes).toMatchObject([
      { action: 'take over', detail: 'resources.memory 512Mi → 1Gi; run maker goes on in new processes' },
    ])
    expect(starts().at(-1)).toMatch(/ v2 --name maker .*--takeover/)
    expect(isGone(old!)).toBe(true)
    // Not asked to: it was taken over from.
    expect(started().some((line) => line.startsWith(`${old} ended cleanly`))).toBe(false)
    // Who is started again later is a member like others.
    kill(pids()[0]!)
    await expect.poll(() => starts().length, patient).toBe(3)
    expect(starts().at(-1)).not.toContain('--takeover')
  })

  test('that computes something else is refused with its reason, and the old one goes on undisturbed', async () => {
    await apply(await desk(), how())
    const before = pids()
    behave({ v2: { exit: 1, says: 'NOT_DETERMINISTIC: step 7 of maker gave other bytes' } })
    const next = await desk({ more: 'resources: { memory: 1Gi }' })
    await expect(apply(next, how())).rejects.toThrow(/maker@v2-0.*NOT_DETERMINISTIC: step 7/)
    expect(pids()).toEqual(before)
    expect(await statusOf('desk', dir)).toMatchObject({ verdict: 'well', version: 1 })
    expect(starts()).toHaveLength(2)
    expect(notes.at(-1)).toBe('going back to version 1')
  })

  testWith('time', 'that never gets ready is given up, and the old one goes on undisturbed', async () => {
    await apply(await desk({ top: '' }), how())
    const before = pids()
    behave({ v2: { unready: true } })
    const next = await desk({ more: 'resources: { memory: 1Gi }' })
    await expect(apply({ ...next, restart: { ...next.restart, readyMs: 1000 } }, how())).rejects.toThrow(
      'not ready after 1 s',
    )
    expect(pids()).toEqual(before)
  })

  testWith('time', 'that changes what is computed begins a new run, and says so; the old run is kept', async () => {
    await apply(await desk(), how())
    const [old] = pids()
    const next = await desk({ more: 'seed: 7' })
    expect((await plan(next, how())).changes).toMatchObject([
      { action: 'new run', detail: 'seed 1 → 7; seed changes what it computes: run maker.v2 begins, maker is kept' },
    ])
    await apply(next, how())
    expect(starts().at(-1)).toContain('v2 --name maker.v2')
    expect(starts().at(-1)).not.toContain('--takeover')
    expect(pids()).not.toContain(old)
  })

  testWith('time', 'is brought back by rollback, with the run that it had', async () => {
    await apply(await desk(), how())
    await apply(await desk({ more: 'seed: 7' }), how())
    await apply(await desk({ more: 'seed: 8' }), how())
    expect(starts().at(-1)).toContain('--name maker.v3')
    expect(await rollback('desk', how())).toMatchObject({ version: 4, changes: [{ action: 'new run' }] })
    expect(starts().at(-1)).toContain('v4 --name maker.v2')
    expect(await rollback('desk', how(), 1)).toMatchObject({ version: 5 })
    expect(starts().at(-1)).toContain('v5 --name maker ')
    await expect(rollback('desk', how(), 9)).rejects.toThrow('there is no version 9; there are: 1, 2, 3, 4, 5')
  })

  testWith('time', 'that was not reached, because its apply was killed, is ended by the next apply', async () => {
    await apply(await desk(), how())
    const before = pids()
    behave({ v2: { unready: true } })
    const stop = new AbortController()
    const cut = apply(await desk({ more: 'resources: { memory: 1Gi }' }), { ...how(), signal: stop.signal })
    await expect.poll(() => pids().length, patient).toBe(2)
    // As if it were gone: its wish stays as it is.
    const wish = readFileSync(join(folder, 'desired.json'))
    stop.abort()
    await expect(cut).rejects.toThrow()
    writeFileSync(join(folder, 'desired.json'), wish)
    await expect.poll(() => pids().length, patient).toBe(2)
    expect((await apply(await desk(), how())).version).toBe(1)
    await expect.poll(() => pids(), patient).toEqual(before)
  })

  testWith(
    'time',
    'of the embedded log starts when the old process has ended, because one alone may write a run',
    async () => {
      const embedded = async (more: string) => {
        const { kafka: _, ...one } = await desk({ more })
        return readDeployment(JSON.stringify({ ...one, engine: 'embedded' }), 'desk.yaml')
      }
      await apply(await embedded(''), how())
      const [old] = pids()
      await apply(await embedded('resources: { memory: 1Gi }'), how())
      const lines = started()
      expect(lines[1]).toBe(`${old} ended cleanly`)
      expect(lines[2]).toMatch(/ v2 --name maker /)
      expect(lines[2]).not.toContain('--takeover')
      // When the new one is no good, the old one is started again.
      behave({ v3: { exit: 2, says: 'CONFIG_INVALID: no' } })
      await expect(apply(await embedded('resources: { memory: 2Gi }'), how())).rejects.toThrow('CONFIG_INVALID: no')
      await expect.poll(() => startOf(pids()[0]!), patient).toContain(' v2 ')
    },
  )
})
