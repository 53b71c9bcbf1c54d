// The set-up, run as a newcomer's shell runs it: as processes, in folders of their own.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { root, testWith, withSmallDisk } from '../../tests/data.ts'
import { checkCargo, checkWrite } from './needs.mjs'
import { native, packages } from './steps.mjs'
import { cargoTotals, sum, totalsLine, vitestTotals } from './totals.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smartspeed-setup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a clone holds, as far as the set-up reads it. */
function freshCheckout(): string {
  for (const path of [
    'bin',
    'package.json',
    'package-lock.json',
    '.npmrc',
    'native/Cargo.toml',
    'native/build.rs',
    'native/Cargo.lock',
    'native/core',
    'native/src',
  ]) {
    cpSync(join(root, path), join(folder, path), {
      recursive: true,
      filter: (source) => !/target$|\.test\.ts$/.test(source),
    })
  }
  return folder
}

describe('what is missing', () => {
  const bare = { PATH: '/nowhere', CARGO_HOME: '/nowhere', HOME: '/nowhere' }

  test('every lack is named at once, each with the command that gets it, and nothing is begun', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(freshCheckout(), 'bin/start.mjs')], {
      env: bare,
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/npm: not found\n {4}\S/)
    expect(stderr).toContain('cargo: not found\n    curl ')
    expect(stderr).toMatch(/linker: no cc, gcc or clang found\n {4}\S/)
    expect(stderr).not.toContain('    at ')
    expect(existsSync(join(folder, 'node_modules'))).toBe(false)
  })

  test('a cargo that is too old is told from one that is missing', () => {
    freshCheckout()
    mkdirSync(join(folder, 'tools'))
    writeFileSync(join(folder, 'tools/cargo'), '#!/bin/sh\necho cargo 1.63.0\n', { mode: 0o755 })
    const path = process.env.PATH
    process.env.PATH = `${join(folder, 'tools')}:${path}`
    try {
      expect(checkCargo(folder)).toMatchObject({
        ok: false,
        detail: '1.63.0 is older than 1.88',
        fix: 'rustup update stable',
      })
    } finally {
      process.env.PATH = path
    }
  })

  testWith('tmpfs', 'a disk that is too full is named with the folder and the space that is wanted', async () => {
    const run = (disk: string) => {
      cpSync(freshCheckout(), join(disk, 'checkout'), { recursive: true })
      return spawnSync(process.execPath, [join(disk, 'checkout/bin/start.mjs')], { encoding: 'utf8' })
    }
    const { status, stderr } = await withSmallDisk(8 << 20, async (disk) => run(disk))
    expect(status).toBe(1)
    expect(stderr).toMatch(/disk: 0\.0 GB free in .*checkout\n {4}free 1\.0 GB/)
  })

  test('a folder that cannot be written to is found by writing, also for root', () => {
    expect(checkWrite('write access', '/proc/self')).toMatchObject({ ok: false })
    expect(checkWrite('write access', join(folder, 'not/yet/there'))).toMatchObject({ ok: true })
  })
})

describe('stamps', () => {
  test('work that was done is not done again, until a source changes', () => {
    freshCheckout()
    expect(native.done(folder)).toBe(false)
    cpSync(join(root, 'native/smartspeed.node'), join(folder, 'native/smartspeed.node'))
    cpSync(join(root, '.setup/native.stamp'), join(folder, '.setup/native.stamp'))
    expect(native.done(folder)).toBe(native.done(root))
    appendFileSync(join(folder, 'native/core/src/lib.rs'), '\n// changed\n')
    expect(native.done(folder)).toBe(false)
  })

  test('packages that somebody installed by hand are taken as they are, others are not', () => {
    freshCheckout()
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    const install = (version: string) => {
      const installed = { ...lock.packages, 'node_modules/rxjs': { version } }
      mkdirSync(join(folder, 'node_modules'), { recursive: true })
      writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }))
    }
    install('0.0.1')
    expect(packages.done(folder)).toBe(false)
    install(lock.packages['node_modules/rxjs'].version)
    expect(packages.done(folder)).toBe(true)
    expect(existsSync(join(folder, '.setup/packages.stamp'))).toBe(true)
  })
})

describe('two set-ups at once', () => {
  /** A process that takes the lock, notes when it begins and ends, and works for a while. */
  function worker(name: string): Promise<unknown[]> {
    const script = `
      import { appendFileSync } from 'node:fs'
      import { withLock } from ${JSON.stringify(pathToFileURL(join(root, 'bin/setup/lock.mjs')))}
      const say = (text) => appendFileSync('events', text + '\\n')
      await withLock('.setup/lock', { waiting: () => {} }, async () => {
        say('begin ${name}')
        await new Promise((resolve) => setTimeout(resolve, 150))
        say('end ${name}')
      })`
    return once(
      spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, stdio: 'inherit' }),
      'exit',
    )
  }

  test('do not trample each other', async () => {
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(worker))).toEqual(Array(4).fill([0, null]))
    const events = readFileSync(join(folder, 'events'), 'utf8').trim().split('\n')
    for (let at = 0; at < events.length; at += 2) expect(events[at + 1]).toBe(events[at]!.replace('begin', 'end'))
    expect(events).toHaveLength(8)
    expect(existsSync(join(folder, '.setup/lock'))).toBe(false)
  })

  test('take over from one that died, and from one on another machine that stopped touching its lock', async () => {
    mkdirSync(join(folder, '.setup'))
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(join(folder, '.setup/lock'), `${dead} ${hostname()} 1`)
    expect(await worker('a')).toEqual([0, null])
    writeFileSync(join(folder, '.setup/lock'), '1 another-machine 1')
    utimesSync(join(folder, '.setup/lock'), 1, 1)
    expect(await worker('b')).toEqual([0, null])
  })
})

test('a child does not work on when the process that started it is killed', async () => {
  const file = (path: string) => JSON.stringify(pathToFileURL(join(root, path)))
  writeFileSync(
    join(folder, 'child.mjs'),
    `import { endWithParent } from ${file('bin/stop.ts')}; endWithParent(); console.log(process.pid); setInterval(() => {}, 1000)`,
  )
  const script = `import { runNode } from ${file('bin/setup/index.mjs')}; await runNode(process.execPath, ['child.mjs'])`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = await once(parent.stdout, 'data')
  parent.kill('SIGKILL')
  const alive = () => spawnSync('kill', ['-0', String(pid).trim()]).status === 0
  for (let tries = 0; alive() && tries < 1000; tries++) await sleep(20)
  expect(alive()).toBe(false)
})

describe('totals', () => {
  const assertion = (status: string, fullName = 'a test') => ({ status, fullName })

  test('count a file that did not load, and an error outside of any test', () => {
    const report = {
      testResults: [
        { status: 'passed', assertionResults: [assertion('passed'), assertion('pending', 'x [skipped: not root] y')] },
        { status: 'failed', assertionResults: [] },
      ],
    }
    expect(vitestTotals(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 1, reasons: ['not root'] })
    expect(vitestTotals({ testResults: [] }, 1)).toMatchObject({ passed: 0, failed: 1 })
    expect(vitestTotals(undefined, 0)).toMatchObject({ passed: 0, failed: 0 })
  })

  test('add up what each binary of cargo says, and a failure to compile', () => {
    const output =
      'test result: ok. 9 passed; 0 failed; 1 ignored; 0 measured\ntest result: FAILED. 2 passed; 3 failed; 0 ignored;'
    expect(cargoTotals(output, 101)).toMatchObject({ passed: 11, failed: 3, skipped: 1 })
    expect(cargoTotals('error[E0308]: mismatched types', 101)).toMatchObject({ passed: 0, failed: 1 })
  })

  test('end as a line that says skips only where there are some', () => {
    expect(totalsLine(sum([cargoTotals('', 0), cargoTotals('', 1)]))).toBe('0 passed, 1 failed')
    expect(totalsLine({ passed: 5, failed: 0, skipped: 2, reasons: [] })).toBe('5 passed, 0 failed, 2 skipped')
  })
})
