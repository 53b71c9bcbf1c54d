// How a follower learns of new commits: at once from its own process, by looking now and then from others.

export interface Waiter {
  /** Resolves when this process committed, after `ms`, or when the signal says stop. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** Something was committed in this process. */
  wake(): void
}

const waiters = new Map<string, Set<() => void>>()

/** Followers of one folder are woken together, whichever handle they read through. */
export function waiter(dir: string): Waiter {
  const sleeping = waiters.get(dir) ?? new Set<() => void>()
  waiters.set(dir, sleeping)
  return {
    wait(ms, signal) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          sleeping.delete(done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        sleeping.add(done)
        signal?.addEventListener('abort', done)
        if (signal?.aborted) done()
      })
    },
    wake() {
      for (const done of [...sleeping]) done()
    },
  }
}
