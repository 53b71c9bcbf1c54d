// Leases: who may write a run, or the market. An OS lock of a file, so that it ends with the process, whatever ends that.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from '../../native/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { faultOf } from './faults.ts'

export interface Lease {
  release(): void
}

/** Takes the lease of `name`, or gives undefined while another process (or another writer of this one) holds it. */
export function tryLease(dir: string, name: string): Lease | undefined {
  let fd: number
  try {
    mkdirSync(join(dir, 'leases'), { recursive: true })
    fd = openSync(leasePath(dir, name), 'a+')
  } catch (cause) {
    throw faultOf(dir, `taking the lease of ${name}`, cause)
  }
  if (!tryLock(fd, { shared: false })) {
    closeSync(fd)
    return undefined
  }
  try {
    ftruncateSync(fd, 0)
    writeSync(fd, `${process.pid}\n`)
  } catch {
    // The number is only for the message of others; a full disk must not stop us from deleting things.
  }
  let held = true
  return {
    release() {
      if (held) closeSync(fd)
      held = false
    },
  }
}

/** True while another process (or a writer of this one) holds the lease. Only a shared lock is tried: it keeps nobody out for long. */
export function isHeld(dir: string, name: string): boolean {
  let fd: number
  try {
    fd = openSync(leasePath(dir, name), 'r')
  } catch {
    // Nobody ever took it.
    return false
  }
  try {
    return !tryLock(fd, { shared: true })
  } finally {
    closeSync(fd)
  }
}

/** @throws SmartspeedError LEASE_HELD, naming the holder */
export function takeLease(dir: string, name: string): Lease {
  const lease = tryLease(dir, name)
  if (lease !== undefined) return lease
  const pid = holderOf(dir, name)
  const what = name === 'market' ? 'the market topics are' : `run ${name} is`
  const who = pid === process.pid ? 'another writer of this process' : `process ${pid ?? 'unknown'}`
  throw new SmartspeedError('LEASE_HELD', `${what} being written by ${who}`, {
    fix:
      pid === process.pid || pid === undefined
        ? 'wait until it is done'
        : `wait until it is done, or stop it: kill -INT ${pid}`,
  })
}

function holderOf(dir: string, name: string): number | undefined {
  const pid = Number(readFileSync(leasePath(dir, name), 'utf8'))
  return pid > 0 ? pid : undefined
}

function leasePath(dir: string, name: string): string {
  return join(dir, 'leases', `${name}.lock`)
}
