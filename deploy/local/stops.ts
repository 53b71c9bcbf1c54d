// Processes that are asked to end: SIGTERM, a while to commit and leave, then SIGKILL.
export class Stops {
  /** When each was asked, by pid. */
  readonly #asked = new Map<number, number>()

  /** Asks a process to end, or ends it when it was asked long ago. */
  stop(pid: number, nowMs: number, stopMs: number): void {
    const asked = this.#asked.get(pid)
    if (asked === undefined) {
      this.#asked.set(pid, nowMs)
      signal(pid, 'SIGTERM')
    } else if (nowMs - asked >= stopMs) signal(pid, 'SIGKILL')
  }

  /** Those that are gone; their numbers may be given to others. */
  forget(alive: ReadonlySet<number>): void {
    for (const pid of this.#asked.keys()) if (!alive.has(pid)) this.#asked.delete(pid)
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // Gone meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
