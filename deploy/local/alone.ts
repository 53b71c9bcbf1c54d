// One supervisor a deployment: an OS lock of a file, which ends with the process, whatever ends that. It is started so that it stays.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tryLock } from '../../native/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { supervisorsOf } from './found.ts'
import { lastSaid, openLog } from './log.ts'
import { signal } from './stops.ts'
import { supervise } from './supervisor.ts'

const POLL_MS = 25

/** Supervises until the signal, or does nothing when another does already. @returns whether it did */
export async function superviseAlone(folder: string, stop: AbortSignal): Promise<boolean> {
  mkdirSync(folder, { recursive: true })
  const fd = openSync(lockOf(folder), 'a')
  try {
    if (!tryLock(fd, { shared: false })) return false
    await supervise(folder, stop)
    return true
  } finally {
    closeSync(fd)
  }
}

export function isSupervised(folder: string): boolean {
  if (!existsSync(lockOf(folder))) return false
  const fd = openSync(lockOf(folder), 'r')
  try {
    return !tryLock(fd, { shared: true })
  } finally {
    closeSync(fd)
  }
}

/**
 * Starts a supervisor where there is none, and waits until it holds the lock.
 * @returns whether it was started now
 * @throws SmartspeedError SERVICE_FAILED with what it said
 */
export async function ensureSupervisor(folder: string, program: readonly string[]): Promise<boolean> {
  if (isSupervised(folder)) return false
  let child = spawnSupervisor(folder, program)
  while (!isSupervised(folder)) {
    if (child.failed() !== undefined) {
      throw new SmartspeedError('SERVICE_FAILED', `the supervisor did not start: ${child.failed()}`, {
        fix: `what it said: ${logOf(folder)}`,
      })
    }
    // It found the lock taken, by another supervisor, or by somebody who looked in that moment whether there is one.
    if (child.gaveUp()) child = spawnSupervisor(folder, program)
    await sleep(POLL_MS)
  }
  return true
}

function spawnSupervisor(folder: string, [node, ...script]: readonly string[]) {
  const log = openLog(logOf(folder), new Date().toISOString())
  const child = spawn(node!, [...script, 'deploy', 'supervise', folder], {
    ...{ cwd: folder, detached: true, stdio: ['ignore', log, log] },
  })
  closeSync(log)
  child.unref()
  let error: string | undefined
  child.once('error', ({ message }) => {
    error = message
  })
  return {
    /** What it said when it could not start. */
    failed: () =>
      error ?? ((child.exitCode ?? 0) !== 0 || child.signalCode !== null ? lastSaid(logOf(folder)) : undefined),
    gaveUp: () => child.exitCode === 0,
  }
}

/** Asks the supervisor to end, and waits until it has; its processes go on. */
export async function endSupervisor(folder: string): Promise<void> {
  for (const pid of supervisorsOf(folder)) signal(pid, 'SIGTERM')
  while (isSupervised(folder)) await sleep(POLL_MS)
}

function lockOf(folder: string): string {
  return join(folder, 'supervisor.lock')
}

function logOf(folder: string): string {
  return join(folder, 'logs', 'supervisor.log')
}
