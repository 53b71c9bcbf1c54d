import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runningIn } from '../../deploy/services/processes.ts'
import { describeWith, root } from '../../tests/data.ts'

const main = join(root, 'bin/main.ts')
let folder = ''

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'smartspeed-services-')))
})
afterEach(() => {
  if (existsSync(join(folder, '.smartspeed'))) services('down', '--kill')
  rmSync(folder, { recursive: true, force: true })
})

/** The command line in the test's folder; `env` goes over the usual. */
function services(...args: string[]) {
  return servicesWith({}, ...args)
}

function servicesWith(env: Record<string, string | undefined>, ...args: string[]) {
  const result = spawnSync(process.execPath, [main, 'services', ...args], {
    cwd: folder,
    env: { ...process.env, SMARTSPEED_DIR: '.smartspeed', ...env },
    encoding: 'utf8',
  })
  return { code: result.status, stdout: result.stdout, stderr: result.stderr }
}

describe('services', () => {
  test('of a folder where none was started are named so, without Java', () => {
    const { code, stdout } = servicesWith({ PATH: folder, JAVA_HOME: undefined }, 'status', '--json')
    expect(code).toBe(0)
    const seen = JSON.parse(stdout) as { services: object[] }
    const none = { pid: null, endpoint: null, ready: false, seconds: null, condition: 'never started' }
    expect(seen.services).toMatchObject([
      { name: 'kafka', version: '4.3.1', ...none },
      { name: 'registry', version: '3.0.9', ...none },
    ])
    expect(services('down').code).toBe(0)
  })

  test.each([
    [['up', 'kafak'], 'UNKNOWN_NAME', 'did you mean "kafka"?'],
    [['up', '--port', '9092'], 'CONFIG_INVALID', '--port kafka=9092'],
    [['up', 'kafka', '--port', 'registry=1'], 'CONFIG_INVALID', 'smartspeed services up kafka registry'],
    [['up', 'kafka', '--port', '65536'], 'CONFIG_INVALID', 'from 0 to 65535'],
    [['up', 'kafka', '--port', '1', '--port', 'kafka=2'], 'CONFIG_INVALID', 'given twice'],
    [['start'], 'USAGE', ''],
  ])('%j is refused before anything starts, and told what is right', (args, code, advice) => {
    const answer = services(...args)
    expect(answer.code).toBe(2)
    expect(answer.stderr).toMatch(new RegExp(`^${code}: `))
    expect(answer.stderr).toContain(advice)
    expect(readdirSync(folder)).toEqual([])
  })

  test('without Java, say the command that gets it', () => {
    const { code, stderr } = servicesWith({ PATH: folder, JAVA_HOME: undefined }, 'up')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^PROGRAM_MISSING: no Java found \(17 or later\).*\n {2}.*(install|add|-S).*maven/)
  })

  test('with a Java that is too old, say its version', () => {
    program('java', `echo 'openjdk version "11.0.2" 2019-01-15' >&2`)
    const { code, stderr } = servicesWith({ PATH: folder, JAVA_HOME: undefined }, 'up')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/PROGRAM_MISSING: .*java is Java 11\.0\.2; 17 or later/)])
  })

  test('without Maven, say the command that gets it, when there is nothing in the cache', () => {
    program('java', `echo 'openjdk version "17.0.2" 2022-01-18' >&2`)
    const { code, stderr } = servicesWith({ ...onlyHere() }, 'up', 'kafka')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/PROGRAM_MISSING: no Maven \(mvn\) found.*\n {2}.*maven/)])
  })

  test('when Maven fails, say why, and leave nothing that a later start could take for whole', () => {
    program('java', `echo 'openjdk version "17.0.2" 2022-01-18' >&2`)
    program('mvn', `echo '[ERROR] Could not transfer artifact'; echo '[ERROR] more'; exit 1`)
    const { code, stderr } = servicesWith({ ...onlyHere() }, 'up', 'kafka')
    expect(code).toBe(1)
    expect(stderr).toMatch('SERVICE_FAILED: Maven could not get Apache Kafka: Could not transfer artifact')
    expect(stderr).toMatch('dependency:copy-dependencies@kafka')
    expect(readdirSync(join(folder, 'cache/services')).filter((name) => !/^lock$|\.new$/.test(name))).toEqual([])
  })
})

describeWith(['kafka', 'time'], 'services that are real', () => {
  test('start, are seen, and stop', () => {
    const up = services('up', 'kafka', 'registry', '--port', 'kafka=0', '--port', 'registry=0', '--json')
    expect(up.code, up.stderr).toBe(0)
    const started = JSON.parse(up.stdout).services
    const shape = { pid: expect.any(Number), ready: true, seconds: expect.any(Number) }
    expect(started).toMatchObject([
      { name: 'kafka', version: '4.3.1', endpoint: expect.stringMatching(/^127\.0\.0\.1:\d+$/), ...shape },
      {
        name: 'registry',
        version: '3.0.9',
        endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/apis\/ccompat\/v7$/),
        ...shape,
      },
    ])
    const seen = JSON.parse(services('status', '--json').stdout).services
    expect(seen.map(({ pid, ready }: { pid: number; ready: boolean }) => [pid, ready])).toEqual(
      started.map(({ pid }: { pid: number }) => [pid, true]),
    )
    const down = services('down')
    expect(down.stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^service +version +condition +endpoint +pid +seconds$/),
      expect.stringMatching(/^kafka +4\.3\.1 +stopped +–/),
      expect.stringMatching(/^registry +3\.0\.9 +stopped +–/),
    ])
    expect(running('kafka')).toEqual([])
    expect(running('registry')).toEqual([])
  })

  test('end when Ctrl-C is pressed while one starts', async () => {
    const child = spawn(process.execPath, [main, 'services', 'up', 'registry', '--port', '0'], {
      cwd: folder,
      env: { ...process.env, SMARTSPEED_DIR: '.smartspeed' },
      stdio: 'ignore',
    })
    const code = new Promise((done) => child.once('exit', done))
    await expect.poll(() => running('registry').length, { timeout: 20_000 }).toBe(1)
    child.kill('SIGINT')
    expect(await code).toBe(130)
    expect(running('registry')).toEqual([])
  })

  test('left by a killed start are named by status, and become whole by the next start', async () => {
    const child = spawn(process.execPath, [main, 'services', 'up', 'registry', '--port', '0'], {
      cwd: folder,
      env: { ...process.env, SMARTSPEED_DIR: '.smartspeed' },
      stdio: 'ignore',
    })
    await expect.poll(() => running('registry').length, { timeout: 20_000 }).toBe(1)
    child.kill('SIGKILL')
    const [left] = running('registry')
    const [seen] = JSON.parse(services('status', 'registry', '--json').stdout).services
    expect(seen.pid).toBe(left)
    const up = services('up', 'registry', '--json')
    expect(JSON.parse(up.stdout).services).toMatchObject([{ name: 'registry', ready: true }])
    expect(running('registry')).toHaveLength(1)
  })
})

/** A program of the machine that the test stands in for. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

/** Nothing in PATH but what `program` made, and an empty cache. */
function onlyHere(): Record<string, string | undefined> {
  mkdirSync(join(folder, 'cache'))
  return { PATH: folder, JAVA_HOME: undefined, SMARTSPEED_CACHE: join(folder, 'cache') }
}

function running(name: string): number[] {
  return runningIn(join(folder, '.smartspeed/services', name)).map(({ pid }) => pid)
}
