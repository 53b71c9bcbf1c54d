// The checks of `smartspeed doctor`. Those of the set-up are the set-up's own; here are the ones that need what it made.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { freemem, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { findJava, javaFix, lackOfJava } from '../deploy/services/java.ts'
import { root } from './setup/index.mjs'
import * as needs from './setup/needs.mjs'

export interface Check {
  name: string
  ok: boolean
  /** What was seen. */
  detail: string
  /** The command that mends it; also for what is only worth having. */
  fix?: string
}

const MEMORY_BYTES_MIN = 1_000_000_000

/** Every check of the machine, and of the embedded log in `dir`. What only some work needs is never `ok: false`. */
export async function checkMachine(dir: string): Promise<Check[]> {
  return [
    needs.checkPlatform(),
    checkNode(),
    needs.checkNpm(),
    needs.checkCargo(root),
    needs.checkLinker(),
    needs.checkDisk(resolve(dir)),
    checkMemory(),
    needs.checkWrite('write access', resolve(dir)),
    await checkNative(),
    await checkLmdb(),
    await checkFormat(dir),
    checkData(),
    checkJava(),
  ]
}

function checkNode(): Check {
  const ok = Number(process.versions.node.split('.')[0]) >= 24
  return {
    name: 'node',
    ok,
    detail: `${process.version} at ${process.execPath}`,
    ...(ok ? {} : { fix: 'npx smartspeed doctor   (it finds the right Node)' }),
  }
}

function checkMemory(): Check {
  const detail = `${(freemem() / 1e9).toFixed(1)} GB free of ${(totalmem() / 1e9).toFixed(1)}`
  if (totalmem() >= MEMORY_BYTES_MIN) return { name: 'memory', ok: true, detail }
  return { name: 'memory', ok: false, detail, fix: 'a machine with 1 GB: a replay takes up to 0.5 GB' }
}

async function checkNative(): Promise<Check> {
  try {
    const { crc32c } = await import('../native/index.ts')
    const ok = crc32c(Buffer.from('123456789')) === 0xe3069283
    return {
      name: 'native',
      ok,
      detail: ok ? 'loads and computes' : 'computes a wrong checksum',
      ...(ok ? {} : { fix: 'rm native/smartspeed.node && npm start' }),
    }
  } catch (error) {
    return {
      name: 'native',
      ok: false,
      detail: (error as Error).message,
      fix: 'rm -f native/smartspeed.node && npm start',
    }
  }
}

/** Opens an environment, writes, reads back: a disk or a kernel that cannot map files shows here. */
async function checkLmdb(): Promise<Check> {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-doctor-'))
  try {
    const { open } = await import('lmdb')
    const store = open<string, string>({ path: join(folder, 'lmdb'), encoding: 'string' })
    await store.put('key', 'value')
    const ok = store.get('key') === 'value'
    await store.close()
    return {
      name: 'lmdb',
      ok,
      detail: ok ? 'opens, writes and reads' : 'gives back another value',
      ...(ok ? {} : { fix: 'npm ci' }),
    }
  } catch (error) {
    return { name: 'lmdb', ok: false, detail: (error as Error).message, fix: 'npm ci   (after: rm -rf node_modules)' }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The log's own file says which version of the format wrote it. */
async function checkFormat(dir: string): Promise<Check> {
  const path = join(dir, 'format')
  if (!existsSync(path)) {
    return { name: 'log', ok: true, detail: `none in ${dir} yet`, fix: 'npx smartspeed import FILE --exchange ID' }
  }
  const { formatVersion } = await import('../topics/embedded/folder.ts')
  const seen = readFileSync(path, 'utf8').trim()
  if (seen === `smartspeed log ${formatVersion}`)
    return { name: 'log', ok: true, detail: `${dir}: format ${formatVersion}` }
  const fix = 'use the version that wrote it, or another folder: --dir PATH'
  return {
    name: 'log',
    ok: false,
    detail: `${dir} says "${seen.slice(0, 60)}", this version reads format ${formatVersion}`,
    fix,
  }
}

function checkData(): Check {
  const folder = resolve(root, process.env.SMARTSPEED_DATA ?? '../shared/data')
  if (existsSync(join(folder, 'captures'))) {
    return {
      name: 'real data',
      ok: true,
      detail: `${folder}: ${readdirSync(join(folder, 'captures')).length} captures`,
    }
  }
  return {
    name: 'real data',
    ok: true,
    detail: 'not here; only tests read it',
    fix: 'SMARTSPEED_DATA=/path/to/data npm test',
  }
}

/** Only `smartspeed services` needs it, and Maven with it. */
function checkJava(): Check {
  const java = findJava()
  const lack = lackOfJava()
  const detail = 'path' in java ? `${java.version} at ${java.path}` : ''
  if (lack === undefined) return { name: 'java', ok: true, detail }
  return { name: 'java', ok: true, detail: `${lack}; only local Kafka needs it`, fix: javaFix() }
}
