// Before LMDB maps a file it is looked at: a truncated or damaged one would kill the process without a word.
import { execFile } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { crc32c, tryLock } from '../../native/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { corrupt, faultOf } from './faults.ts'
import { indexPath } from './names.ts'
import { syncFolder } from './segments.ts'
import { lockFileBytes } from './table.ts'

/** What a process that closed the log last, and alone, says of the index. */
interface Mark {
  /** Number of the last transaction. */
  readonly transaction: number
  readonly length: number
  readonly crc: number
}

/** A process that has the log open. */
export interface Guard {
  /** Before the first write: from now on the log is not in order until it is closed. */
  writing(): void
  /** After LMDB is closed: marks the log as in order, if no other process has it open. */
  leave(): Promise<void>
}

/**
 * Lets this process in. The first one in checks the index: against the mark of the last one out, or, after an unclean stop, by
 * having a child process read all of it.
 *
 * @throws SmartspeedError LOG_CORRUPT, with the command that salvages
 */
export async function enter(dir: string, { readOnly }: { readOnly: boolean }): Promise<Guard> {
  const path = indexPath(dir)
  let door: number | undefined
  let users: number | undefined
  try {
    door = await lockedDoor(dir, readOnly)
    users = openLock(join(dir, 'users.lock'), readOnly)
    const alone = users === undefined || tryLock(users, { shared: false })
    checkLength(dir, path)
    if (alone && existsSync(path)) await checkIndex(dir, path)
    // LMDB maps this file and writes into it: a disk without room for all of it would be a SIGBUS.
    if (alone && !readOnly) writeFileSync(`${path}-lock`, new Uint8Array(lockFileBytes))
    if (users !== undefined) tryLock(users, { shared: true })
  } catch (cause) {
    if (users !== undefined) closeSync(users)
    throw faultOf(dir, `opening ${dir}`, cause)
  } finally {
    if (door !== undefined) closeSync(door)
  }
  let marked = existsSync(markPath(dir))
  return {
    writing() {
      if (!marked) return
      rmSync(markPath(dir), { force: true })
      syncFolder(dir)
      marked = false
    },
    async leave() {
      if (users === undefined) return
      const door = await lockedDoor(dir, readOnly)
      try {
        const last = tryLock(users, { shared: false })
        if (last && !readOnly && existsSync(path) && !existsSync(markPath(dir))) writeMark(dir, path)
      } catch {
        // Without a mark the next one in checks the whole index.
      } finally {
        closeSync(users)
        if (door !== undefined) closeSync(door)
      }
    },
  }
}

/** One process at a time goes in or out. */
async function lockedDoor(dir: string, readOnly: boolean): Promise<number | undefined> {
  const door = openLock(join(dir, 'door.lock'), readOnly)
  if (door === undefined) return undefined
  for (let ms = 1; !tryLock(door, { shared: false }); ms = Math.min(2 * ms, 20)) await sleep(ms)
  return door
}

/** Undefined where a reader may not make the file: then nobody writes there either. */
function openLock(path: string, readOnly: boolean): number | undefined {
  try {
    return openSync(path, 'a+')
  } catch (cause) {
    if (!readOnly) throw cause
    return existsSync(path) ? openSync(path, 'r') : undefined
  }
}

// Of LMDB's two meta pages, behind a page head of 24 bytes: magic, version, address, size of the map, two roots of 48 bytes
// (the first begins with the page size), number of the last page, number of the transaction.
const magicAt = 24
const pageSizeAt = 48
const lastPageAt = 144
const transactionAt = 152
const magic = 0xbeefc0de

interface Meta {
  readonly pageSize: number
  readonly lastPage: number
  readonly transaction: number
}

/** The newer meta page. @throws SmartspeedError LOG_CORRUPT */
function metaOf(dir: string, path: string, fd: number): Meta {
  const first = metaAt(fd, 0)
  const pageSize = first?.pageSize ?? 4096
  const metas = [first, metaAt(fd, pageSize)]
  const found = metas.filter((meta) => meta !== undefined)
  if (found.length < 2) throw corrupt(dir, `${path} does not begin as an index does`)
  return found[0]!.transaction >= found[1]!.transaction ? found[0]! : found[1]!
}

function metaAt(fd: number, position: number): Meta | undefined {
  const bytes = Buffer.alloc(transactionAt + 8)
  if (readSync(fd, bytes, 0, bytes.length, position) < bytes.length) return undefined
  const pageSize = bytes.readUInt32LE(pageSizeAt)
  const sound = bytes.readUInt32LE(magicAt) === magic && pageSize >= 512 && pageSize <= 65536 && pageSize % 512 === 0
  if (!sound) return undefined
  const [lastPage, transaction] = [bytes.readBigUInt64LE(lastPageAt), bytes.readBigUInt64LE(transactionAt)]
  return { pageSize, lastPage: Number(lastPage), transaction: Number(transaction) }
}

/** Pages that the newest meta page counts but the file lacks would be a SIGBUS; without an index, segments would be written over. */
function checkLength(dir: string, path: string): void {
  const size = existsSync(path) ? statSync(path).size : 0
  if (size === 0) {
    if (!hasSegments(dir)) return
    throw corrupt(dir, `${path} is ${existsSync(path) ? 'empty' : 'missing'}, and there are segment files`)
  }
  const fd = openSync(path, 'r')
  try {
    const { pageSize, lastPage } = metaOf(dir, path, fd)
    const wanted = (lastPage + 1) * pageSize
    if (fstatSync(fd).size < wanted) {
      throw corrupt(dir, `${path} has ${size} bytes, and its newest meta page counts ${wanted}`)
    }
  } finally {
    closeSync(fd)
  }
}

function hasSegments(dir: string): boolean {
  return ['market', 'runs'].some((root) => {
    const folder = join(dir, root)
    return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.seg'))
  })
}

async function checkIndex(dir: string, path: string): Promise<void> {
  const mark = readMark(dir)
  if (mark !== undefined) {
    const now = markOf(dir, path)
    // Another transaction: the mark is an old one that a power cut brought back.
    if (now.transaction === mark.transaction) {
      if (now.length === mark.length && now.crc === mark.crc) return
      throw corrupt(dir, `${path} has changed since it was closed`)
    }
  }
  await checkInChild(dir, path)
}

/** Reads the whole index in a process that may die of it. @throws SmartspeedError LOG_CORRUPT */
async function checkInChild(dir: string, path: string): Promise<void> {
  try {
    await runChild('./verify.ts', [dir], 30_000 + Math.ceil(statSync(path).size / 10_000))
  } catch (cause) {
    throw corrupt(dir, `${path} is damaged: ${(cause as Error).message}`)
  }
}

/** Runs a script of this folder; rejects with what it said or what killed it. */
export function runChild(script: string, args: readonly string[], timeout: number): Promise<void> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const options = { timeout, killSignal: 'SIGKILL' as const, maxBuffer: 2 ** 26 }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [path, ...args], options, (error, _, stderr) => {
      if (error === null) return resolve()
      const { signal, killed } = error
      const why = killed
        ? 'reading it does not end'
        : signal
          ? `a process that reads it dies of ${signal}`
          : stderr.trim()
      reject(new Error(why))
    })
  })
}

/** Keeps all others out until the function that it gives is called. @throws SmartspeedError LEASE_HELD, NO_DATA */
export async function alone(dir: string): Promise<() => void> {
  if (!existsSync(join(dir, 'format'))) throw noLog(dir)
  try {
    const door = (await lockedDoor(dir, false))!
    const users = openLock(join(dir, 'users.lock'), false)!
    const release = () => {
      closeSync(users)
      closeSync(door)
    }
    if (tryLock(users, { shared: false })) return release
    release()
  } catch (cause) {
    throw faultOf(dir, `opening ${dir}`, cause)
  }
  throw new SmartspeedError('LEASE_HELD', `${dir} is open in another process`, { fix: 'end it first' })
}

/** There is nothing to read in the folder. */
export function noLog(dir: string): SmartspeedError {
  return new SmartspeedError('NO_DATA', `there is no log in ${dir}`, {
    fix: `npx smartspeed import FILE… --exchange ID --dir ${dir}`,
  })
}

/** How long the index must be by its newest meta page; undefined when that cannot be read. */
export function lastPageEnd(path: string): number | undefined {
  const fd = openSync(path, 'r')
  try {
    const { pageSize, lastPage } = metaOf('', path, fd)
    return (lastPage + 1) * pageSize
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

const markPath = (dir: string): string => join(dir, 'clean')

function markOf(dir: string, path: string): Mark {
  const fd = openSync(path, 'r')
  try {
    const { transaction } = metaOf(dir, path, fd)
    const bytes = Buffer.allocUnsafeSlow(2 ** 20)
    let crc = 0
    let length = 0
    for (;;) {
      const count = readSync(fd, bytes, 0, bytes.length, length)
      if (count === 0) return { transaction, length, crc }
      crc = crc32c(bytes.subarray(0, count), crc)
      length += count
    }
  } finally {
    closeSync(fd)
  }
}

function writeMark(dir: string, path: string): void {
  const text = JSON.stringify(markOf(dir, path))
  writeFileSync(markPath(dir), `${text}\n${crc32c(Buffer.from(text))}\n`, { flush: true })
}

/** Undefined when there is none, or it is not whole. */
function readMark(dir: string): Mark | undefined {
  try {
    const [text = '', crc] = readFileSync(markPath(dir), 'utf8').split('\n')
    return Number(crc) === crc32c(Buffer.from(text)) ? (JSON.parse(text) as Mark) : undefined
  } catch {
    return undefined
  }
}
