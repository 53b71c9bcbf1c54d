// `lag` and `--http` as people start them: real processes over the embedded log, and a real Prometheus that reads them.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dashboards } from '../deploy/grafana/build.ts'
import { freePort } from '../deploy/services/ports.ts'
import { describeWith, root, testWith } from '../tests/data.ts'
import { importMarket } from '../tests/market.ts'

const main = join(root, 'bin/main.ts')
const dir = mkdtempSync(join(tmpdir(), 'smartspeed-lag-'))
const log = join(dir, 'log')
const children: Started[] = []

interface Started {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
}

beforeAll(async () => {
  await importMarket(log, { seed: 4, minutes: 1, partitions: 2 })
}, 300_000)

afterAll(async () => {
  for (const one of children) await end(one, 'SIGKILL')
  rmSync(dir, { recursive: true, force: true })
}, 300_000)

function start(program: string, args: readonly string[]): Started {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: dir })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  const started = { child, out: () => said.out, err: () => said.err }
  children.push(started)
  return started
}

const smartspeed = (...args: string[]) => start(process.execPath, [main, ...args, '--dir', log])

async function end({ child }: Started, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
  return child.exitCode
}

async function done(started: Started): Promise<Started> {
  const { child } = started
  if (child.exitCode === null) await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(started.err())
  return started
}

/** Waits for a condition, and says what the process said when the test's time is over. */
async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await sleep(100)
  }
}

const urlOf = (started: Started) => until(() => /http:\/\/[\d.]+:\d+/.exec(started.err())?.[0])

const follow = (name: string) =>
  smartspeed('run', 'trading', ...'--strategy market-maker --follow --http 0 --name'.split(' '), name)

interface Row {
  readonly run: string
  readonly task: string
  readonly state: string
  readonly topic: string
  readonly lagRows: number
}

async function lagJson(...args: string[]): Promise<Row[]> {
  const { out } = await done(smartspeed('lag', '--json', ...args))
  return JSON.parse(out()).tasks
}

describe('lag', () => {
  test('of a run that went to its end: each partition has what CLI.md promises, and no lag', async () => {
    await done(smartspeed('run', 'trading', '--strategy', 'market-maker', '--name', 'ended', '--json'))
    const tasks = await lagJson()
    expect(tasks.length).toBeGreaterThan(8)
    for (const task of tasks) {
      expect(Object.keys(task)).toEqual(
        expect.arrayContaining([
          ...['pipeline', 'task', 'topic', 'partition', 'committed', 'end', 'lagRows', 'lagSeconds'],
          ...['rowsPerSecond', 'etaSeconds', 'run', 'state'],
        ]),
      )
      expect(task).toMatchObject({
        ...{ run: 'ended', pipeline: 'trading', task: 'trading-0', state: 'finished' },
        ...{ lagRows: 0, lagSeconds: 0, rowsPerSecond: null, etaSeconds: 0, reason: 'it is finished' },
      })
    }
    const { out } = await done(smartspeed('lag'))
    expect(out()).toContain('no run is at work, and none was left unfinished')
  }, 300_000)

  test('of a run that is not there: the nearest name, and exit 1', async () => {
    const asked = smartspeed('lag', '--run', 'endet')
    await once(asked.child, 'close')
    expect([asked.child.exitCode, asked.err()]).toEqual([1, expect.stringContaining('did you mean "ended"?')])
  }, 300_000)

  test('watched without a terminal it is a line a task and look, and Ctrl-C ends it without a word', async () => {
    const watched = smartspeed('lag', '--watch', '--every', '0.1', '--run', 'ended')
    const lines = await until(() => {
      const all = watched.out().trim().split('\n')
      return all.length >= 3 && all
    })
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z ended trading-0 finished; 0 rows to go, 0 s behind$/)
    expect(watched.out()).not.toContain('\x1b')
    expect(await end(watched, 'SIGINT')).toBe(130)
    expect(watched.err()).toBe('')
  }, 300_000)
})

describe('a run that follows, with --http', () => {
  test('is live and ready, shows metrics, is seen from outside, and when it is killed it is seen to be stopped', async () => {
    const run = follow('live')
    const url = await urlOf(run)
    await until(async () => (await fetch(`${url}/health/ready`)).ok)
    const live = await fetch(`${url}/health/live`)
    expect([live.status, await live.json()]).toMatchObject([200, { ok: true }])
    // It has read what was there, and waits.
    await until(async () => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return (
        /smartspeed_task_lag_rows\{[^}]*market\.trades[^}]*\} 0$/m.test(text) &&
        /smartspeed_account_equity\{/.test(text)
      )
    })
    const outside = smartspeed('lag', '--every', '0.2', '--http', '0')
    const exporter = await urlOf(outside)
    const state = (name: string) =>
      `smartspeed_lag_state{run="live",pipeline="trading",task="trading-0",state="${name}"} 1`
    await until(async () => (await (await fetch(`${exporter}/metrics`)).text()).includes(state('running')))
    expect((await fetch(`${exporter}/health/ready`)).status).toBe(200)

    await end(run, 'SIGKILL')
    await until(async () => (await (await fetch(`${exporter}/metrics`)).text()).includes(state('stopped')))
    expect(new Set((await lagJson('--run', 'live')).map(({ state }) => state))).toEqual(new Set(['stopped']))
    expect(await end(outside, 'SIGINT')).toBe(130)
  }, 300_000)

  testWith(
    'time',
    'a port that is taken is said before the run begins',
    async () => {
      const outside = smartspeed('lag', '--http', '0')
      const { port } = new URL(await urlOf(outside))
      const refused = smartspeed('run', 'trading', '--strategy', 'market-maker', '--name', 'none', '--http', port)
      await once(refused.child, 'close')
      expect([refused.child.exitCode, refused.err()]).toEqual([1, expect.stringContaining('PORT_TAKEN')])
      const wrong = smartspeed('run', 'trading', '--strategy', 'market-maker', '--name', 'none', '--http', 'x')
      await once(wrong.child, 'close')
      expect([wrong.child.exitCode, wrong.err()]).toEqual([2, expect.stringContaining('--http: "x" is no port')])
      await end(outside, 'SIGINT')
    },
    300_000,
  )
})

describeWith(['promtool', 'time'], 'a real Prometheus with our configuration', () => {
  test('reads a run and who watches it, answers every panel, and holds the rules', async () => {
    const run = follow('seen')
    const outside = smartspeed('lag', '--every', '0.2', '--http', '0')
    const targets = [await urlOf(run), await urlOf(outside)].map((url) => new URL(url).host)
    const folder = join(dir, 'prometheus')
    cpSync(join(root, 'deploy/prometheus'), folder, { recursive: true })
    const config = readFileSync(join(folder, 'prometheus.yml'), 'utf8')
    writeFileSync(join(folder, 'prometheus.yml'), config.replaceAll(/_interval: \d+s/g, '_interval: 1s'))
    writeFileSync(join(folder, 'targets/local.yml'), JSON.stringify([{ targets, labels: { component: 'test' } }]))
    const address = `127.0.0.1:${await freePort()}`
    const prometheus = start('prometheus', [
      ...['--config.file', join(folder, 'prometheus.yml'), '--storage.tsdb.path', join(folder, 'data')],
      ...['--web.listen-address', address],
    ])
    const ask = async (expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
      const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expr)}`)
      const { status, data, error } = (await answer.json()) as { status: string; error?: string; data: { result: [] } }
      if (status !== 'success') throw new Error(`${expr}: ${error}`)
      return data.result
    }
    await until(async () => (await ask('sum(up{job="smartspeed"})').catch(() => []))[0]?.value[1] === '2')
    await until(async () => (await ask('smartspeed_account_equity')).length > 0)
    await until(async () => (await ask('smartspeed_lag_state{state="running"} == 1')).length > 0)
    await until(async () => (await ask('smartspeed:lag_rows{run="seen"}')).length > 0)

    const panels = Object.values(dashboards).flatMap(
      (board) => (board as { panels: { title: string; targets?: { expr: string }[] }[] }).panels,
    )
    // What had nothing to say in this run: no row was unreadable, nothing is behind, and the like.
    const idle = ['Dead letters in an hour', 'Caught up in', 'Snapshots', 'Refused', 'Refused in all', 'Open positions']
    const shown = panels.filter(({ title }) => !idle.includes(title))
    for (const { title, targets = [] } of shown) {
      for (const { expr } of targets) {
        const filled = expr
          .replaceAll('$__rate_interval', '30s')
          .replaceAll('$__range', '5m')
          .replaceAll(/\$\w+/g, '.*')
        // A rate takes two scrapes.
        const found = await until(async () => {
          const series = await ask(filled)
          return series.length > 0 && series
        })
        expect(found.length, title).toBeGreaterThan(0)
      }
    }

    const { data } = (await (await fetch(`http://${address}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { name: string; health: string }[] }[] }
    }
    const rules = data.groups.flatMap((group) => group.rules)
    expect(rules.length).toBeGreaterThan(15)
    await until(async () => {
      const answer = await fetch(`http://${address}/api/v1/rules`)
      const { data } = (await answer.json()) as { data: { groups: { rules: { health: string }[] }[] } }
      return data.groups.every((group) => group.rules.every(({ health }) => health === 'ok'))
    })
    expect(await ask('ALERTS{alertstate="firing"}')).toEqual([])
    await end(prometheus, 'SIGTERM')
  }, 300_000)
})
