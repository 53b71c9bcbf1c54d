// Repetitions of a bench in processes of their own: what is warm, allocated or open in one is not in the next.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Assessed, absent, assess, failed } from './assess.ts'
import type { Calls, Figure } from './bench.ts'
import { benches } from './index.ts'
import type { Mark, Measure } from './marks.ts'

export interface How {
  /** Repetitions; each mark's own where it is left out. */
  readonly repeat?: number | undefined
  /** On a hundredth of the data, twice: results are checked. */
  readonly quick: boolean
  /** Whether there are real data. */
  readonly data: boolean
  /** Called before each bench. */
  readonly onBench?: (bench: string, repeat: number) => void
}

/** Benches that read the real data. */
const needData = new Set(['market-making-20', 'bars', 'crossover', 'sweep', 'sweep-account'])

/** Every mark with what came of it, in their order; a bench that several marks rest on is run once. */
export async function measure(marks: readonly Mark[], how: How): Promise<Assessed[]> {
  const runs = new Map<string, Promise<Repetitions>>()
  const assessed: Assessed[] = []
  for (const mark of marks) {
    const { measure } = mark
    if ('lack' in measure) assessed.push(absent(mark, measure.lack))
    else if (!benches.some(({ name }) => name === measure.bench)) {
      assessed.push(absent(mark, `there is no bench ${measure.bench} in this version`))
    } else if (needData.has(measure.bench) && !how.data) {
      assessed.push(absent(mark, 'it needs the real data: set SMARTSPEED_DATA'))
    } else {
      const run = runs.get(measure.bench) ?? repetitions(measure, how)
      runs.set(measure.bench, run)
      assessed.push(await run.then((done) => assessedOf(mark, measure, done, how)))
    }
  }
  return assessed
}

/** Figures of each process that was run, or what one that failed said. */
type Repetitions = { readonly processes: readonly (readonly Figure[])[] } | { readonly error: string }

async function repetitions({ bench, repeat, inside }: Measure, how: How): Promise<Repetitions> {
  const times = how.repeat ?? (how.quick ? 2 : repeat)
  how.onBench?.(bench, times)
  const processes: Figure[][] = []
  for (let at = 0; at < (inside ? 1 : times); at++) {
    const { figures, error } = await inProcess(bench, [
      ...(inside ? ['--rounds', String(times)] : []),
      ...(how.quick ? ['--small'] : []),
    ])
    if (error !== undefined) return { error }
    processes.push(figures)
  }
  return { processes }
}

async function inProcess(bench: string, more: readonly string[]): Promise<{ figures: Figure[]; error?: string }> {
  const args = ['--no-warnings', join(import.meta.dirname, 'run.ts'), bench, '--inside', ...more]
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, said, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ])
  return code === 0 ? { figures: JSON.parse(out) } : { figures: [], error: said.trim() || `it ended with ${code}` }
}

function assessedOf(mark: Mark, measure: Measure, done: Repetitions, { quick }: How): Assessed {
  if ('error' in done) return failed(mark, `bench ${measure.bench}: ${lineOf(done.error)}`)
  const { times = 1 } = measure
  const figures = done.processes.map((all) => measure.figure(all))
  if (figures.some((one) => one === undefined)) return failed(mark, `bench ${measure.bench} does not say this figure`)
  const values = figures.flatMap((one) => one!.rounds ?? [one!.value]).map((value) => value * times)
  const calls = figures[0]!.calls
  return assess(mark, values, { quick, ...(calls === undefined ? {} : { calls: scaled(calls, times) }) })
}

function scaled({ count, p50, p95, p99, most }: Calls, times: number): Calls {
  return { count, p50: p50 * times, p95: p95 * times, p99: p99 * times, most: most * times }
}

/** The line of what a process said that names its error. */
function lineOf(said: string): string {
  const lines = said.split('\n')
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0]!).trim()
}
