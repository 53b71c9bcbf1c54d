// Incidents from the command line: made, with what they come to at once, and computed again.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { IncidentTask } from '../pipelines/incident.ts'
import { cutIncident } from '../pipelines/incident-cut.ts'
import { type IncidentVerdict, runIncident } from '../pipelines/incident-run.ts'
import { seatsAgain } from '../pipelines/seats.ts'
import { parseTime } from '../schemas/time.ts'
import { type Where, withTopics } from './options.ts'
import { progress } from './progress.ts'
import { anyKnownRun } from './runs.ts'
import { stopSignal } from './stop.ts'

export interface IncidentCall extends Where {
  readonly from: string
  readonly to: string
  readonly output: string
  readonly account?: string
  readonly whole?: boolean
}

export interface MadeIncident {
  readonly dir: string
  readonly run: string
  readonly bytes: number
  readonly tasks: readonly IncidentTask[]
  /** What it comes to when it is computed again now. */
  readonly verdict: IncidentVerdict
}

export async function makeIncident(run: string, call: IncidentCall): Promise<MadeIncident> {
  const [from, to] = [parseTime('--from', call.from), parseTime('--to', call.to)]
  const dir = call.output
  const signal = stopSignal()
  const bar = progress('incident')
  const onRows = (rows: number) => bar.update(rows)
  try {
    const incident = await withTopics(call, async (topics) => {
      const about = await anyKnownRun(topics, run)
      const { seats } = await seatsAgain(about.seats)
      return cutIncident({
        ...{ topics, run, about, seats, from, to, dir, whole: call.whole === true, signal, onRows },
        ...(call.account === undefined ? {} : { only: call.account }),
      })
    })
    const verdict = await runIncident(dir, { signal, onRows })
    return { dir, run, bytes: bytesIn(dir), tasks: incident.tasks, verdict }
  } finally {
    bar.stop()
  }
}

export async function computeIncident(dir: string): Promise<IncidentVerdict> {
  const bar = progress('incident run')
  try {
    return await runIncident(dir, { signal: stopSignal(), onRows: (rows) => bar.update(rows) })
  } finally {
    bar.stop()
  }
}

function bytesIn(dir: string): number {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

export function madeText({ dir, run, bytes, tasks, verdict }: MadeIncident): string {
  const begins = {
    start: 'from the beginning of the run',
    snapshot: 'behind a snapshot of the run',
    computed: 'behind a state that was computed again',
  }
  return [
    `${dir}: ${Math.ceil(bytes / 1024).toLocaleString('en-US')} KB`,
    ...tasks.map(({ task, steps: [first, last], rows, ...one }) => {
      const steps = first === last ? `step ${first}` : `steps ${first} to ${last}`
      return `  ${task}: ${steps} of ${run}, ${rows.toLocaleString('en-US')} rows, ${begins[one.begins]}`
    }),
    `  ${verdictText(verdict).replaceAll('\n', '\n  ')}`,
    `  npx smartspeed incident run ${dir}`,
  ].join('\n')
}

export function verdictText({ equal, rows, outputs, first, sameCode }: IncidentVerdict): string {
  const code = sameCode ? '' : '\n  the code is not that of the run: a difference may be a change that was meant'
  const count = (number: number) => number.toLocaleString('en-US')
  if (equal || first === undefined)
    return `equal: ${count(rows)} rows gave the same ${count(outputs)} outputs again${code}`
  const { topic, offset, was, is, task, step } = first
  return `not equal: ${topic} at offset ${offset}, step ${step} of ${task}\n  was ${was ?? 'nothing'}\n  is  ${is ?? 'nothing'}${code}`
}
