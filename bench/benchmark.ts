// What `smartspeed benchmark` runs: every figure that was asked for, measured again and again, with a verdict on each.
// `node bench/benchmark.ts [--only NAME]… [--repeat N] [--quick] [--json] [-o FILE.html] [--history FILE.jsonl]`
import { existsSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { exitCodeOf, reportError } from '../bin/errors.ts'
import { toJson } from '../bin/output.ts'
import { openOutputFile } from '../bin/output-file.ts'
import { table } from '../bin/table.ts'
import { short } from '../console/report/format.ts'
import { namedIn } from '../schemas/errors.ts'
import type { Assessed, Statistics, Verdict } from './assess.ts'
import { addToHistory, type Past, pastOf } from './history.ts'
import { marks } from './marks.ts'
import { measure } from './measure.ts'

/** What was measured, and on what. */
export interface Benchmarked {
  /** When it began, ms since 1970 UTC. */
  readonly startedMs: number
  readonly quick: boolean
  readonly machine: { cpu: string; cores: number; memoryGb: number; node: string; platform: string }
  readonly assessed: readonly Assessed[]
  /** How many marks got each verdict. */
  readonly verdicts: Readonly<Record<Verdict, number>>
  /** Share of those that could be measured that passed; null where there is none. */
  readonly score: number | null
  /** Medians of earlier runs of a history, by mark. */
  readonly past: Readonly<Record<string, Past>>
}

const options = {
  only: { type: 'string', multiple: true },
  repeat: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  output: { type: 'string', short: 'o' },
  history: { type: 'string' },
} as const

if (import.meta.main) {
  const { values } = parseArgs({ options })
  await main(values).catch((error: unknown) => {
    reportError(error, { json: values.json, verbose: false })
    process.exitCode = exitCodeOf(error)
  })
}

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

/** Errors: UNKNOWN_NAME for a figure, before anything runs. */
async function main(values: Values): Promise<void> {
  const { only, quick, json, output, history } = values
  const chosen = only === undefined ? marks : only.map((name) => namedIn(marks, { kind: 'figure', name }))
  const data = existsSync(
    resolve(import.meta.dirname, '..', process.env.SMARTSPEED_DATA ?? '../shared/data', 'captures'),
  )
  const startedMs = Date.now()
  const assessed = await measure(chosen, {
    ...{ quick, data, repeat: values.repeat === undefined ? undefined : Number(values.repeat) },
    onBench: (bench, times) => process.stderr.write(`${bench}, ${times} repetitions\n`),
  })
  const machine = machineOf()
  const result: Benchmarked = {
    ...{ startedMs, quick, machine, assessed, verdicts: countsOf(assessed), score: scoreOf(assessed) },
    past: history === undefined ? {} : await pastOf(history, machine),
  }
  if (history !== undefined && !quick) await addToHistory(history, result)
  if (output !== undefined) await writePage(output, result)
  process.stdout.write(`${json ? toJson(documentOf(result)) : textOf(result, output)}\n`)
  if (result.verdicts.fail > 0) process.exitCode = 1
}

function machineOf(): Benchmarked['machine'] {
  return {
    ...{ cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.versions.node },
    ...{ memoryGb: Math.round(totalmem() / 2 ** 30), platform: `${process.platform} ${process.arch}` },
  }
}

export function countsOf(assessed: readonly Assessed[]): Record<Verdict, number> {
  const counts = { excellent: 0, pass: 0, fail: 0, unproven: 0, checked: 0, absent: 0 }
  for (const { verdict } of assessed) counts[verdict]++
  return counts
}

/** Of marks with a verdict on what was measured. */
export function scoreOf(assessed: readonly Assessed[]): number | null {
  const { excellent, pass, fail } = countsOf(assessed)
  return excellent + pass + fail === 0 ? null : (excellent + pass) / (excellent + pass + fail)
}

/** The one document: marks and statistics side by side. */
function documentOf({ assessed, ...rest }: Benchmarked): object {
  const figures = assessed.map(({ mark, verdict, why, targetMet, statistics }) => {
    const { measure, ...asked } = mark
    return {
      ...{ ...asked, bench: 'bench' in measure ? measure.bench : null, verdict, why, targetMet },
      ...(statistics ?? { values: [] }),
    }
  })
  return { ...rest, figures }
}

function textOf({ assessed, verdicts, machine, past }: Benchmarked, output: string | undefined): string {
  const rows = assessed.map(({ mark, verdict, statistics }) => [
    ...[
      mark.name,
      statistics === null ? '–' : short(statistics.mean),
      intervalText(statistics),
      goalText(mark),
      verdict,
    ],
  ])
  const told = Object.entries(verdicts).filter(([, count]) => count > 0)
  return [
    table(['figure', 'mean', 'interval', 'asked', 'verdict'], rows),
    '',
    ...assessed.flatMap(({ mark, why }) => (why === '' ? [] : [`${mark.name}: ${why}`])),
    ...assessed.flatMap(({ mark, statistics }) => pastText(mark.name, statistics, past)),
    '',
    `${told.map(([name, count]) => `${count} ${name}`).join(', ')}; ${machine.cores} cores of ${machine.cpu}`,
    ...(output === undefined ? [] : [output]),
  ].join('\n')
}

/** How a figure stands beside earlier runs. */
function pastText(name: string, statistics: Statistics | null, past: Benchmarked['past']): string[] {
  const before = past[name]
  if (statistics === null || before === undefined) return []
  return [`${name}: ${short(statistics.median / before.median)} times the median of ${before.count} earlier runs`]
}

function intervalText(statistics: Statistics | null): string {
  if (statistics === null || statistics.meanInterval === null) return ''
  const { low, high } = statistics.meanInterval
  return `${short(low)} to ${short(high)}`
}

function goalText({ at, acceptable, unit }: Assessed['mark']): string {
  return `${at === 'most' ? '≤' : '≥'} ${short(acceptable)} ${unit}`.trimEnd()
}

async function writePage(path: string, result: Benchmarked): Promise<void> {
  const { benchmarkPage } = await import('./benchmark-page.ts')
  const output = await openOutputFile(path)
  await output.write(Buffer.from(benchmarkPage(result)))
  await output.close()
}
