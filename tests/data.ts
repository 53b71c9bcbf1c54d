// What a test may need of the machine. Where it is missing the test is skipped and says why; SMARTSPEED_REQUIRE=data,root,…
// turns such a skip into a failure.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'
import { javaFix, lackOfJava } from '../deploy/services/java.ts'

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The folder of real data; it may be missing: use `describeWith('data', …)`. */
export const dataDir = resolve(root, process.env.SMARTSPEED_DATA ?? '../shared/data')

/** `kafka-quick` is for the few suites on a real broker that every `npm test` runs; `kafka` for all others, which CI runs. */
export type Need = 'data' | 'root' | 'tmpfs' | 'chromium' | 'kafka' | 'kafka-quick' | 'promtool' | 'validators'

/** `describe`, for tests that cannot run without a need: skipped with the reason, or failed where it is required. */
export function describeWith(need: Need, name: string, body: () => void): void {
  const lack = lackOf(need)
  if (lack === undefined) describe(name, body)
  else if (isRequired(need)) {
    describe(name, () => {
      test(`${need} is here, as SMARTSPEED_REQUIRE asks`, () => {
        throw new Error(lack)
      })
    })
  } else {
    // Not `describe.skip(name, body)`: that runs the body to find the tests in it, and the body may read what is missing.
    describe(name, () => {
      test.skip(`all of it [skipped: ${lack}]`, () => {})
    })
  }
}

/** `test`, for one that cannot run without a need. */
export function testWith(need: Need, name: string, body: () => void | Promise<void>, timeoutMs?: number): void {
  const lack = lackOf(need)
  if (lack === undefined) test(name, body, timeoutMs)
  else if (isRequired(need)) {
    test(name, () => {
      throw new Error(`${lack}, and SMARTSPEED_REQUIRE asks for it`)
    })
  } else test.skip(`${name} [skipped: ${lack}]`, body)
}

/** What is missing and how to get it; undefined when nothing is. */
export function lackOf(need: Need): string | undefined {
  if (need === 'data')
    return existsSync(join(dataDir, 'captures')) ? undefined : `no real data at ${dataDir}: set SMARTSPEED_DATA`
  if (need === 'root') return process.getuid?.() === 0 ? undefined : 'not root'
  if (need === 'chromium')
    return chromiumPath() !== undefined
      ? undefined
      : 'no Chromium: apt-get install chromium, or set SMARTSPEED_CHROMIUM'
  if (need === 'kafka-quick') return lackOfServices()
  if (need === 'kafka') return isRequired('kafka') ? lackOfServices() : restOfKafka
  if (need === 'validators') {
    const missing = [kubernetesValidate, dockerCheck].find((path) => !existsSync(path))
    return missing === undefined ? undefined : `no ${missing}: bash deploy/check/install.sh (needs python3 and go)`
  }
  if (need === 'promtool')
    return inPath(['promtool']) !== undefined ? undefined : 'no promtool: apt-get install prometheus'
  return canMountTmpfs() ? undefined : 'no tmpfs can be mounted here (needs root on Linux)'
}

/** What manifests are checked by: deploy/check/install.sh gets them. */
export const kubernetesValidate = join(root, '.setup/kubernetes-validate/bin/kubernetes-validate')
export const dockerCheck = join(root, '.setup/docker-check')

/** The browser that pages are looked at in: SMARTSPEED_CHROMIUM, or one of the usual names in PATH. */
export function chromiumPath(): string | undefined {
  const told = process.env.SMARTSPEED_CHROMIUM
  if (told !== undefined && existsSync(told)) return told
  return inPath(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'])
}

/** The first of these programs that PATH leads to. */
function inPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((place) => existsSync(place))
}

/** Runs `work` in a new folder on a small disk of its own, so that it can be filled up; needs 'tmpfs'. */
export async function withSmallDisk<T>(bytes: number, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { encoding: 'utf8' })
  try {
    if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`)
    return await work(folder)
  } finally {
    // Lazy: a file still open in a killed child must not keep the test from ending.
    if (mounted.status === 0) spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  }
}

function isRequired(need: Need): boolean {
  const name = need === 'kafka-quick' ? 'kafka' : need
  return (process.env.SMARTSPEED_REQUIRE ?? '').split(',').includes(name)
}

/** All suites on real servers take longer than all others together: they run where they are asked for, as CI does. */
const restOfKafka = 'all suites on real Kafka take minutes; run them with SMARTSPEED_REQUIRE=kafka npm test'

/** Real services run on Java, and come by Maven; tests/services.ts says when they could not be had. */
function lackOfServices(): string | undefined {
  const lack = lackOfJava()
  return lack === undefined ? process.env.SMARTSPEED_TEST_SERVICES_LACK : `${lack}: ${javaFix()}`
}

let mountable: boolean | undefined

function canMountTmpfs(): boolean {
  if (mountable !== undefined) return mountable
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-disk-'))
  mountable = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0
  if (mountable) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
  return mountable
}
