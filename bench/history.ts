// Earlier benchmarks on the same kind of machine: a line of JSON a run.
import { appendFile, readFile } from 'node:fs/promises'
import { medianOf } from './bench.ts'
import type { Benchmarked } from './benchmark.ts'

interface Line {
  readonly startedMs: number
  readonly machine: Benchmarked['machine']
  /** Medians by mark. */
  readonly medians: Readonly<Record<string, number>>
}

export interface Past {
  /** Earlier runs that measured the mark. */
  readonly count: number
  /** The median of their medians. */
  readonly median: number
}

/** What a history says of marks, from machines of the same processor, cores and Node; nothing where there is no file yet. */
export async function pastOf(file: string, machine: Benchmarked['machine']): Promise<Record<string, Past>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Line => JSON.parse(line))
  const alike = lines.filter((line) => JSON.stringify(line.machine) === JSON.stringify(machine))
  const names = new Set(alike.flatMap(({ medians }) => Object.keys(medians)))
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const medians = alike.flatMap((line) => line.medians[name] ?? [])
      return [name, { count: medians.length, median: medianOf(medians) }]
    }),
  )
}

/** Adds a run. */
export async function addToHistory(file: string, { startedMs, machine, assessed }: Benchmarked): Promise<void> {
  const medians = Object.fromEntries(
    assessed.flatMap(({ mark, statistics }) => (statistics === null ? [] : [[mark.name, statistics.median]])),
  )
  await appendFile(file, `${JSON.stringify({ startedMs, machine, medians } satisfies Line)}\n`)
}
