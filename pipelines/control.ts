// Where a run hears what people do: a log of its own beside the run's, which whoever works on the run holds for himself.
import { physicalName } from '../schemas/catalogue.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import { rowsBetween } from './mirror-lane.ts'

const prefix = 'control-'

/** `smartspeed cat commands --run control-<run>` shows it. */
export function controlRun(run: string): string {
  return `${prefix}${run}`
}

export function isControl(run: string): boolean {
  return run.startsWith(prefix)
}

/** The topic of a run's commands, which its tasks read. */
export function commandsOf(run: string): string {
  return physicalName('commands', controlRun(run))
}

/** What a run that trades has to have before it follows: an input that is missing could never be followed. */
export function controlTopic(run: string): { record: RecordName; run: string; partitions: number } {
  return { record: 'commands', run: controlRun(run), partitions: 1 }
}

/** Copies the commands of a run to another place under their numbers, up to `end`; what is there already stays. Gives the rows that it wrote. */
export async function copyCommands(source: Topics, target: Topics, run: string, end: number): Promise<number> {
  const topic = commandsOf(run)
  await target.create([controlTopic(run)])
  const there = (await target.info(topic)).ends[0] ?? 0
  if (there >= end) return 0
  const writer = await target.writer({ run: controlRun(run) })
  try {
    for await (const rows of rowsBetween(source, { topic, partition: 0 }, there, end))
      await writer.commit({ outputs: [], placed: [rows] })
  } finally {
    await writer.close()
  }
  return end - there
}
