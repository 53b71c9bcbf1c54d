// How a process is stopped. Ctrl-C: the first asks for one clean stop that commits, a second quits at once.

import { Socket } from 'node:net'

/** Signals closer than this are one key press: the terminal, npm and `smartspeed.mjs` each pass it on. */
const SAME_PRESS_MS = 250

/** A signal that aborts at the first SIGINT or SIGTERM. The second, a moment later, ends the process with 130. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  let firstAt = 0
  const onSignal = (): void => {
    const now = performance.now()
    if (stop.signal.aborted && now - firstAt > SAME_PRESS_MS) process.exit(130)
    if (stop.signal.aborted) return
    firstAt = now
    process.stderr.write('stopping at the next commit; once more to quit at once\n')
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return stop.signal
}

/**
 * `bin/setup/index.mjs` started this process and holds the other end of a pipe: when it is killed without a word, this
 * process must not work on unseen. Does nothing where there is no such parent.
 */
export function endWithParent(): void {
  const fd = process.env.SMARTSPEED_PARENT_FD
  if (fd === undefined) return
  // Not for the processes that this one starts.
  delete process.env.SMARTSPEED_PARENT_FD
  const pipe = new Socket({ fd: Number(fd), readable: true })
  pipe.on('close', () => process.kill(process.pid, 'SIGKILL'))
  pipe.on('error', () => {})
  pipe.resume()
  pipe.unref()
}
