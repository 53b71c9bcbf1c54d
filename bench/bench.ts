// What a bench is: a question, how it is answered, and what it is held against.
import { spawnSync } from 'node:child_process'

export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** The mark to meet, and the goal behind it; `at` says on which side of them to be. */
  readonly pass?: number
  readonly aim?: number
  readonly at?: 'most' | 'least'
  /** What others take for the same work, as measured on the reference machine. */
  readonly peers?: string
}

export interface Bench {
  readonly name: string
  readonly question: string
  /**
   * Does the work in this process, checks its result (throws when it is wrong), and gives what was measured.
   * `share` of the data is used: 1, or 0.01 in CI, where only results are checked.
   */
  run(how: { share: number; data: string; folder: string }): Promise<readonly Figure[]>
}

/** Throws unless two results are equal. */
export function mustEqual(what: string, is: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(is), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what} is ${a}, not ${b}`)
}

/** Milliseconds that `work` takes. */
export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const from = performance.now()
  const result = await work()
  return { ms: performance.now() - from, result }
}

/** Runs a program to its end, in a process of its own: what it warms up and leaves behind is not measured. @throws Error with what it said */
export function child(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}
