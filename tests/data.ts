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

/** `time` is there where it is required, and for suites that are named on the command line: see tests/named.ts. */
export type Need = 'data' | 'root' | 'tmpfs' | 'chromium' | 'kafka' | 'promtool' | 'validators' | 'notebooks' | 'time'

/** `describe`, for tests that cannot run without some needs: skipped with the reason, or failed where one that lacks is required. */
export function describeWith(needs: Need | readonly Need[], name: string, body: () => void): void {
  const lack = lackOf(needs)
  if (lack === undefined) describe(name, body)
  // Not `describe.skip(name, body)`: that runs the body to find the tests in it, and the body may read what is missing.
  else describe(name, () => lacking(needs, 'all of it', lack))
}

/** `test`, for one that cannot run without some needs. */
export function testWith(
  needs: Need | readonly Need[],
  name: string,
  body: () => void | Promise<void>,
  timeoutMs?: number,
): void {
  const lack = lackOf(needs)
  if (lack === undefined) test(name, body, timeoutMs)
  else lacking(needs, name, lack)
}

function lacking(needs: Need | readonly Need[], name: string, lack: string): void {
  if ([needs].flat().some((need) => isRequired(need) && lackOf(need) !== undefined)) {
    test(name, () => {
      throw new Error(`${lack}, and SMARTSPEED_REQUIRE asks for it`)
    })
  } else test.skip(`${name} [skipped: ${lack}]`, () => {})
}

/** The first that is missing, and how to get it; undefined when nothing is. */
export function lackOf(needs: Need | readonly Need[]): string | undefined {
  for (const need of [needs].flat()) {
    const lack = lackOfOne(need)
    if (lack !== undefined) return lack
  }
  return undefined
}

function lackOfOne(need: Need): string | undefined {
  if (need === 'data')
    return existsSync(join(dataDir, 'captures')) ? undefined : `no real data at ${dataDir}: set SMARTSPEED_DATA`
  if (need === 'root') return process.getuid?.() === 0 ? undefined : 'not root'
  if (need === 'chromium')
    return chromiumPath() !== undefined
      ? undefined
      : 'no Chromium: apt-get install chromium, or set SMARTSPEED_CHROMIUM'
  if (need === 'kafka') return lackOfServices()
  if (need === 'time') return isRequired('time') ? undefined : takesTime
  if (need === 'validators') {
    const missing = [kubernetesValidate, dockerCheck].find((path) => !existsSync(path))
    return missing === undefined ? undefined : `no ${missing}: bash deploy/check/install.sh (needs python3 and go)`
  }
  if (need === 'notebooks')
    return existsSync(notebookPython)
      ? undefined
      : `no ${notebookPython}: bash tests/notebooks/install.sh (needs python3 with venv)`
  if (need === 'promtool')
    return inPath(['promtool']) !== undefined ? undefined : 'no promtool: apt-get install prometheus'
  return canMountTmpfs() ? undefined : 'no tmpfs can be mounted here (needs root on Linux)'
}

/** How often a test repeats what a seed varies: `all` where there is time, as in CI; `few` in a plain `npm test`. */
export function rounds(all: number, few: number): number {
  return lackOf('time') === undefined ? all : few
}

/** What manifests are checked by: deploy/check/install.sh gets them. */
export const kubernetesValidate = join(root, '.setup/kubernetes-validate/bin/kubernetes-validate')
export const dockerCheck = join(root, '.setup/docker-check')

/** What notebooks are run by: tests/notebooks/install.sh gets it, with its libraries. */
export const notebookPython = join(root, '.setup/notebooks/bin/python')

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
  return (process.env.SMARTSPEED_REQUIRE ?? '').split(',').includes(need)
}

/** What takes minutes, or says again what another test says: CI runs it, and who works on what it tests. */
const takesTime =
  'takes long: SMARTSPEED_REQUIRE=time npm test runs all that does, npm test -- NAME what is in files of that name'

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
