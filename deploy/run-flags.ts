// The flags of `smartspeed run` that a pipeline of a deployment is run with, wherever that is.
import { type Pipeline, tasksOf } from './topology/schema.ts'

/** `takesOver`: from the processes of an earlier version. */
export function runFlags(pipeline: Pipeline, { run, takesOver }: { run: string; takesOver: boolean }): string[] {
  const number = (name: string, value: number | undefined) => (value === undefined ? [] : [name, String(value)])
  return [
    ...['--name', run],
    ...number('--tasks', tasksOf(pipeline)),
    ...number('--commit-ms', pipeline.commitMs),
    ...number('--max-wait-ms', pipeline.maxWaitMs),
    ...(pipeline.mode === 'paper' ? ['--follow'] : []),
    ...(pipeline.override === undefined ? [] : ['--override', pipeline.override]),
    ...(takesOver ? ['--takeover'] : []),
  ]
}
