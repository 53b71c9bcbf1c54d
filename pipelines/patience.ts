// Waiting before something is tried again: longer each time, and by chance a little more or less.
import { setTimeout as sleep } from 'node:timers/promises'

export interface Patience {
  /** Waits once more; an aborted signal ends the wait. */
  wait(signal?: AbortSignal): Promise<void>
  /** What was tried has worked: the next wait is the first again. */
  reset(): void
}

/** In: random — in [0, 1): many who lost the same service should not all come back at once. */
export function patience(
  random: () => number,
  { firstMs = 50, mostMs = 5000 }: { readonly firstMs?: number; readonly mostMs?: number } = {},
): Patience {
  let nextMs = firstMs
  return {
    async wait(signal) {
      const ms = nextMs * (0.5 + random())
      nextMs = Math.min(2 * nextMs, mostMs)
      await nap(ms, signal)
    },
    reset() {
      nextMs = firstMs
    },
  }
}

/** Sleeps; an abort ends it at once, and is no error. */
export async function nap(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
  }
}
