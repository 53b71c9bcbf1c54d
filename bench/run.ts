// `npm run bench [NAME…] [-- --json] [--small]`: each bench in a process of its own, one after another (small ones on all cores: there
// only results count); a table, or JSON.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { countColumnsAsHeap } from '../bin/heap.ts'
import type { Bench, Figure } from './bench.ts'
import { benches } from './index.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    small: {
      type: 'boolean',
      default: false,
      help: 'one percent of the data: results are checked, times mean nothing',
    },
    rounds: { type: 'string', help: 'of benches that can do it over again in one process' },
    inside: { type: 'boolean', default: false },
  } as const,
})
const yardstickName = 'yardstick: gunzip of the capture just after'
const data = resolve(import.meta.dirname, '..', process.env.SMARTSPEED_DATA ?? '../shared/data')

if (values.inside) await inside(benches.find((bench) => bench.name === positionals[0])!)
else await outside()

/** Runs one bench in this process, set as the program is, and prints its figures as JSON. */
async function inside(bench: Bench): Promise<void> {
  countColumnsAsHeap()
  const folder = mkdtempSync(join(tmpdir(), `smartspeed-bench-${bench.name}-`))
  try {
    const rounds = values.rounds === undefined ? {} : { rounds: Number(values.rounds) }
    const figures = await bench.run({ share: values.small ? 0.01 : 1, data, folder, ...rounds })
    console.log(JSON.stringify([...figures, ...yardstick()]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * How fast this machine is at this moment: other people's work on its cores changes that by a factor of three within minutes.
 * A figure of another moment is compared after both are divided by this one.
 */
function yardstick(): Figure[] {
  const capture = join(data, 'captures', 'usdm-btcusdt-20240808.gz')
  // A benchmark of what needs no real data runs without them.
  if (!existsSync(capture)) return []
  const bytes = readFileSync(capture)
  const times = Array.from({ length: 5 }, () => {
    const from = performance.now()
    gunzipSync(bytes)
    return performance.now() - from
  })
  const value = 93_954 / Math.min(...times) / 1000
  const peers = '1.8 on the reference machine'
  return [{ what: yardstickName, value, unit: 'M lines/s', peers }]
}

async function outside(): Promise<void> {
  if (!existsSync(data)) {
    console.error(`the benches need the real data: ${data} is missing, set SMARTSPEED_DATA`)
    process.exit(1)
  }
  const chosen = positionals.length === 0 ? benches : benches.filter((bench) => positionals.includes(bench.name))
  const results: Result[] = []
  const waiting = chosen.entries()
  const worker = async () => {
    for (const [i, bench] of waiting) results[i] = await resultOf(bench)
  }
  await Promise.all(Array.from({ length: values.small ? availableParallelism() : 1 }, worker))
  if (values.json) console.log(JSON.stringify({ results }))
  const failed = results.filter((result) => result.error !== undefined).length
  const say = values.json ? console.error : console.log
  say(`${results.length - failed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

interface Result {
  readonly bench: string
  readonly question: string
  readonly figures: readonly Figure[]
  readonly error?: string
}

/** What one bench says in a process of its own; printed where a table is wanted. */
async function resultOf(bench: Bench): Promise<Result> {
  const args = [import.meta.filename, bench.name, '--inside', ...(values.small ? ['--small'] : [])]
  const child = spawn(process.execPath, [...process.execArgv, '--no-warnings', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('exit', resolve)),
  ])
  const figures = status === 0 ? (JSON.parse(stdout) as Figure[]) : []
  const error = status === 0 ? undefined : stderr.trim()
  if (!values.json) print(bench, figures, error)
  return { bench: bench.name, question: bench.question, figures, ...(error === undefined ? {} : { error }) }
}

function print(bench: Bench, figures: readonly Figure[], error: string | undefined): void {
  console.log(`\n${bench.name}: ${bench.question}`)
  if (error !== undefined) console.log(`  failed: ${error}`)
  for (const { what, value, unit, pass, aim, at = 'most', peers } of figures) {
    const mark = pass === undefined || values.small ? '' : met(value, pass, at) ? ' ✓' : ' ✗'
    const marks =
      pass === undefined ? '' : `  pass ${at === 'most' ? '≤' : '≥'} ${pass}${aim === undefined ? '' : `, aim ${aim}`}`
    console.log(
      `  ${what.padEnd(44)} ${number(value).padStart(12)} ${unit}${mark}${marks}${peers === undefined ? '' : `  (${peers})`}`,
    )
  }
}

function met(value: number, pass: number, at: 'most' | 'least'): boolean {
  return at === 'most' ? value <= pass : value >= pass
}

function number(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
