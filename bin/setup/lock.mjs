// One set-up at a time in a checkout: a file that its holder touches every second while it lives.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const TOUCH_MS = 1_000
/** A holder that did not touch its lock for so long is dead, or as good as dead. */
const STALE_MS = 30_000

/**
 * Runs `work` while this process holds the lock at `path`; waits for another holder, takes over from a dead one.
 * @template T
 * @param {string} path
 * @param {{ waiting(holder: string): void }} report called once, when there is somebody to wait for
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, report, work) {
  mkdirSync(dirname(path), { recursive: true })
  let told = false
  while (!acquire(path)) {
    const holder = readHolder(path)
    if (holder === undefined) continue
    if (isDead(path, holder)) {
      takeAway(path, holder)
      continue
    }
    if (!told) report.waiting(`pid ${holder.split(' ')[0]}`)
    told = true
    await sleep(250)
  }
  const touching = setInterval(() => touch(path), TOUCH_MS)
  const release = () => {
    clearInterval(touching)
    rmSync(path, { force: true })
  }
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.removeListener('exit', release)
    release()
  }
}

/** Creates the lock with its content in one instant, so that nobody ever reads a half-written one. @param {string} path */
function acquire(path) {
  const own = `${path}.${process.pid}`
  writeFileSync(own, `${process.pid} ${hostname()} ${Date.now()}`)
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** @param {string} path */
function readHolder(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} path @param {string} holder */
function isDead(path, holder) {
  const [pid = '', host = ''] = holder.split(' ')
  if (host === hostname() && !isRunning(Number(pid))) return true
  try {
    return Date.now() - statSync(path).mtimeMs > STALE_MS
  } catch {
    return false
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Removes a dead holder's lock. Two that wait may both try: whoever finds that it moved away a living one's puts it back.
 * @param {string} path @param {string} holder
 */
function takeAway(path, holder) {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') !== holder) linkSync(aside, path)
  } catch {
    // Somebody else was faster.
  } finally {
    rmSync(aside, { force: true })
  }
}

/** @param {string} path */
function touch(path) {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // Removed by a person: the work goes on.
  }
}
