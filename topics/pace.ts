// Waiting, so that rows come as fast as they were received, or some times faster. The driver's business: no stage knows of it.
import { setTimeout as sleepMs } from 'node:timers/promises'

/** What a pacer needs from the machine. */
export interface Timer {
  /** Milliseconds that only rise. */
  now(): number
  sleep(ms: number): Promise<void>
}

/**
 * A function that resolves when rows received at the given µs are due: the first at once, each later one (received − first) / speed after it.
 * It never falls further behind than the caller is slow, and an abort ends the wait at once.
 */
export function pacer(
  speed: number,
  signal?: AbortSignal,
  timer: Timer = machine(signal),
): (received: number) => Promise<void> {
  if (!(speed > 0)) throw new RangeError(`speed is ${speed}, not above 0`)
  let first: { received: number; at: number } | undefined
  return async (received) => {
    first ??= { received, at: timer.now() }
    const due = first.at + (received - first.received) / 1000 / speed
    while (!signal?.aborted && timer.now() < due) await timer.sleep(Math.min(due - timer.now(), longestSleepMs))
  }
}

/** A timer takes at most 2^31 − 1 ms; a day is short enough. */
const longestSleepMs = 86_400_000

function machine(signal: AbortSignal | undefined): Timer {
  return {
    now: () => performance.now(),
    sleep: (ms) => sleepMs(Math.max(0, ms), undefined, signal === undefined ? {} : { signal }).catch(ignoreAbort),
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}
