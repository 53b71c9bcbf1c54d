// Where the rows of a task come from: what was there when its run began, again, up to its ends.
import type { Merged } from '../schemas/batch.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { paceOptions, type Speed } from './pace-of.ts'
import { inputOptions } from './plan.ts'
import type { Input, Start } from './runtime.ts'
import { endPositions, type Task } from './task.ts'

const noRows: Merged = { rows: 0, source: new Uint16Array(0), row: new Uint32Array(0), sources: [] }

/** What a task reads, in the order rule. The last step closes at the ends, also when the last rows are none of its instruments'. */
export function replaySource(topics: Topics, task: Task, speed: Speed): (start: Start) => AsyncIterable<Input> {
  return async function* ({ place, signal }) {
    let cursor = place?.after
    const pace = paceOptions(speed, task.plan, signal)
    for await (const one of replay(topics, { ...taskOptions(task), ...place, ...pace })) {
      cursor = one.cursor
      yield one
    }
    if (!signal.aborted) yield { merged: noRows, cursor, positions: endPositions(task), closes: true, saves: true }
  }
}

/** What `replay` takes so that it gives the rows of a task. */
export function taskOptions({ plan, inputs }: Pick<Task, 'plan' | 'inputs'>) {
  const read = inputs.filter(({ partitions }) => partitions.length > 0)
  return { ...inputOptions(plan), inputs: read.map(({ topic, partitions }) => ({ topic, partitions })) }
}
