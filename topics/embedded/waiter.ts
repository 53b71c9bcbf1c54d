// How a follower learns of new commits: at once from its own process, by looking now and then from others.

/** Looks become rarer while nothing comes, up to this. */
const longestMs = 50

export interface Waiter {
  /** Resolves when this process committed, when it is time to look again, or when the signal says stop. */
  wait(signal?: AbortSignal): Promise<void>
  /** Something was committed in this process. */
  wake(): void
}

const waiters = new Map<string, Set<() => void>>()

/** Followers of one folder are woken together, whichever handle they read through. */
export function waiter(dir: string): Waiter {
  let patience = 1
  const sleeping = waiters.get(dir) ?? new Set<() => void>()
  waiters.set(dir, sleeping)
  return {
    wait(signal) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          sleeping.delete(woken)
          resolve()
        }
        const woken = () => {
          patience = 1
          done()
        }
        const timer = setTimeout(() => {
          patience = Math.min(patience * 2, longestMs)
          done()
        }, patience)
        sleeping.add(woken)
        signal?.addEventListener('abort', done)
        if (signal?.aborted) done()
      })
    },
    wake() {
      for (const one of [...sleeping]) one()
    },
  }
}
