// How a process is stopped. Ctrl-C: the first asks for one clean stop that commits, a second quits at once.

import { Socket } from 'node:net'
import { startedByRunNode } from './setup/index.mjs'

/** Signals closer than this are one key press: the terminal, npm and `smartspeed.mjs` each pass it on. */
const SAME_PRESS_MS = 250

/** A signal that aborts at the first SIGINT or SIGTERM. The second, a moment later, ends the process with 130. */
export function stopSignal(): AbortSignal {
  return stopBySignal('stopping at the next commit; once more to quit at once\n')
}

/** The same for what only watches: there is nothing to commit, so nothing is said. */
export function quietStop(): AbortSignal {
  return stopBySignal('')
}

function stopBySignal(said: string): AbortSignal {
  const stop = new AbortController()
  let firstAt = 0
  const onSignal = (): void => {
    const now = performance.now()
    if (stop.signal.aborted && now - firstAt > SAME_PRESS_MS) process.exit(130)
    if (stop.signal.aborted) return
    firstAt = now
    process.stderr.write(said)
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return stop.signal
}

/** The pipe that `runNode` of bin/setup/index.mjs hands to what it starts. */
const PARENT_PIPE = 3

/**
 * When the process that started this one is killed without a word, this one must not work on unseen: it ends the same way.
 * Does nothing when it was started in another way.
 */
export function endWithParent(): void {
  if (!startedByRunNode()) return
  const pipe = new Socket({ fd: PARENT_PIPE, readable: true })
  pipe.on('close', () => process.kill(process.pid, 'SIGKILL'))
  pipe.on('error', () => {})
  pipe.resume()
  pipe.unref()
}
