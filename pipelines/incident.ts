// An incident: a stretch of a run in a folder of its own, an embedded log with what its steps read and wrote, and how to begin them.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { SmartspeedError } from '../schemas/errors.ts'

/** The file that makes a folder an incident; it is written last. */
export const incidentFile = 'incident.json'
/** Strategies from outside, copied. */
export const strategyFolder = 'strategies'

const task = z.strictObject({
  task: z.string(),
  /** Its number in the run: the partition of what it wrote. */
  number: z.int().nonnegative(),
  /** Whose the orders are, where the task is one account's. */
  account: z.string().optional(),
  /** `start`: at the beginning of the run; `snapshot`: behind one of its own; `computed`: behind a state that was computed again, digests compared. */
  begins: z.enum(['start', 'snapshot', 'computed']),
  /** The step behind which it begins; the snapshot and the place are kept under it. */
  afterStep: z.int().nonnegative(),
  /** First and last step. Those at the ends may be cut to the stretch. */
  steps: z.tuple([z.int(), z.int()]),
  /** Rows that its steps read. */
  rows: z.int().nonnegative(),
  /** The next row of each of its topics at the beginning, as the run numbers them. */
  outputs: z.record(z.string(), z.int().nonnegative()),
})

const schema = z.strictObject({
  format: z.literal(1),
  run: z.string(),
  pipeline: z.string(),
  /** Receive times that were asked for, µs; `to` exclusive. */
  from: z.number(),
  to: z.number(),
  /** Hash of the code that made the run. */
  codeHash: z.string(),
  tasks: z.array(task).min(1),
})

export type Incident = z.infer<typeof schema>
export type IncidentTask = z.infer<typeof task>

/** @throws SmartspeedError FILE_MISSING for another folder, CONFIG_INVALID */
export function readIncident(dir: string): Incident {
  const path = join(dir, incidentFile)
  if (!existsSync(path)) {
    throw new SmartspeedError('FILE_MISSING', `${dir} is no incident: there is no ${path}`, {
      fix: 'make one: smartspeed incident RUN --from TIME --to TIME -o DIR',
    })
  }
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message
    throw new SmartspeedError('CONFIG_INVALID', `${path} cannot be read: ${why.replaceAll('\n', ' ')}`, {
      cause,
      fix: 'it was changed, or made by a newer version: make it again from the run',
    })
  }
}

export function readmeOf({ run, from, to, tasks }: Incident): string {
  const iso = (time: number) => new Date(time / 1000).toISOString()
  const steps = tasks.map(
    ({ task, steps: [first, last], rows }) => `steps ${first} to ${last} of ${task}, ${rows} rows`,
  )
  return `# Incident of run ${run}, ${iso(from)} to ${iso(to)}

What the run read in that time, its state before, and what it wrote (${steps.join('; ')}). It is computed again, and every row and digest compared, by

    npx smartspeed incident run DIR

where DIR is this folder. Exit code 0: the same outputs again; 1: not, with the first row that differs, under the numbers of the run.
No broker and no other data are needed. In a repository this one line is a test:

    npx smartspeed incident run tests/incidents/${run}

The folder is an embedded log: \`npx smartspeed cat orders --run ${run} --dir DIR\` shows rows, \`topics\` what there is.
`
}
