// One start, stop or download at a time: an OS lock of a file, which ends with the process, whatever ends that.
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tryLock } from '../../native/index.ts'

const POLL_MS = 50

/** Runs `work` while this process alone holds the lock of a folder; waits for another holder. */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true })
  const fd = openSync(join(folder, 'lock'), 'a')
  try {
    while (!tryLock(fd, { shared: false })) await sleep(POLL_MS)
    return await work()
  } finally {
    closeSync(fd)
  }
}
