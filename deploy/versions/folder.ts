// What is kept of a deployment: DIR/deploy/<name>/, with each version for ever and what is to run now. Written so that a reader never sees half.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Deployment } from '../topology/schema.ts'

export const targets = ['local', 'compose', 'kubernetes'] as const
export type Target = (typeof targets)[number]

/** A pipeline as a version has it. */
export interface Deployed {
  readonly pipeline: string
  /** Its run: the pipeline's name, or `name.vN` where version N changed what it computes. */
  readonly run: string
  /** The version whose processes it runs in: that which last changed anything of them. */
  readonly since: number
  /** SHA-256 of what decides its outputs. */
  readonly outputs: string
  /** Of the code that computes it, the strategy's own file included. */
  readonly code: string
  /** SHA-256 of what else decides how its processes are started, the code included. */
  readonly process: string
}

export interface Version {
  readonly number: number
  /** SHA-256 of the deployment and the code. */
  readonly hash: string
  readonly timeMs: number
  readonly who: string
  readonly why: string
  readonly target: Target
  /** Of the code that computes. */
  readonly codeHash: string
  /** `begun` when whoever applied it was killed. */
  readonly outcome: 'begun' | 'done' | 'failed'
  /** The version that it brings back. */
  readonly rollbackOf?: number
  readonly pipelines: readonly Deployed[]
  /** As the file was read, with every default. */
  readonly deployment: Deployment
}

/** Absolute, so that a process of the deployment can be known by it. */
export function folderOf(dir: string, name: string): string {
  return resolve(dir, 'deploy', name)
}

/** Every version that was begun, from the first on. */
export function readVersions(folder: string): Version[] {
  return names(join(folder, 'versions'))
    .filter((name) => /^\d+\.json$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => readJson<Version>(join(folder, 'versions', name))!)
}

/** @throws SmartspeedError UNKNOWN_NAME, saying which there are */
export function versionOf(folder: string, number: number): Version {
  const versions = readVersions(folder)
  const found = versions.find((one) => one.number === number)
  if (found !== undefined) return found
  const there = versions.map((one) => one.number)
  throw new SmartspeedError('UNKNOWN_NAME', `there is no version ${number}; there are: ${there.join(', ') || 'none'}`, {
    fix: there.length === 0 ? 'smartspeed deploy apply makes the first' : `--to ${there.at(-1)}`,
  })
}

export function writeVersion(folder: string, version: Version): void {
  writeJson(join(folder, 'versions', `${String(version.number).padStart(4, '0')}.json`), version)
}

/** The version that runs, or whose manifests were written last; undefined before the first, and after `destroy`. */
export function currentOf(folder: string): Version | undefined {
  const number = readJson<{ version: number | null }>(join(folder, 'current.json'))?.version
  return number === undefined || number === null ? undefined : versionOf(folder, number)
}

export function setCurrent(folder: string, version: number | null): void {
  writeJson(join(folder, 'current.json'), { version })
}

/** Deployments that were ever applied in a folder of topics. */
export function deploymentsIn(dir: string): string[] {
  return names(resolve(dir, 'deploy')).sort()
}

/** In one instant, and only where it changed: an unchanged file keeps its time. */
export function writeJson(path: string, value: unknown): void {
  writeText(path, `${JSON.stringify(value, null, 2)}\n`)
}

export function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.${process.pid}.new`, text)
  renameSync(`${path}.${process.pid}.new`, path)
}

/** Undefined when there is no such file. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
