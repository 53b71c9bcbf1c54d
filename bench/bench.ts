// What a bench is: a question, how it is answered, and what it is held against.
import { spawnSync } from 'node:child_process'
import { quantile } from '../operators/metrics/index.ts'

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
  /** The same of each round, where a bench takes several; `value` is their median. */
  readonly rounds?: readonly number[]
  /** How the single calls of all rounds are spread, in the same unit. */
  readonly calls?: Calls
}

export interface Calls {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly most: number
}

export interface Bench {
  readonly name: string
  readonly question: string
  /**
   * Does the work in this process, checks its result (throws when it is wrong), and gives what was measured.
   * `share` of the data is used: 1, or 0.01 in CI, where only results are checked. `rounds`: how often, of a bench that can do it over
   * again in one process.
   */
  run(how: { share: number; data: string; folder: string; rounds?: number }): Promise<readonly Figure[]>
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

/** The middle of some values. */
export function medianOf(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5)
}

/** How values are spread. */
export function callsOf(values: Float64Array): Calls {
  const sorted = values.toSorted()
  const [p50, p95, p99, most] = [0.5, 0.95, 0.99, 1].map((share) => quantile(sorted, share)) as [
    number,
    number,
    number,
    number,
  ]
  return { count: values.length, p50, p95, p99, most }
}
