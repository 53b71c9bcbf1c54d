// A book of acts: a topic in which each row names the one before by hash, so that none can be changed, left out or put between unseen.
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { Audit } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { hashOf } from './config.ts'

/** Of the first act. */
const none = '0'.repeat(64)

export type Act = Pick<Audit, 'action' | 'outcome' | 'version' | 'hash' | 'target' | 'who' | 'what' | 'why'>

/** The row of an act behind those that are there. `nowUs` is the time of day. */
export function nextAct(acts: readonly Audit[], deployment: string, act: Act, nowUs: number): Audit {
  const last = acts.at(-1)
  const received = Math.max(nowUs, (last?.received ?? 0) + 1)
  return {
    ...{ time: received, received, exchange: '', symbol: '', deployment, sequence: (last?.sequence ?? 0) + 1 },
    ...{ ...act, previous: last === undefined ? none : hashOf(last) },
  }
}

/** All acts in a log, in order; none where there was none. */
export async function actsIn(topics: Topics, run: string): Promise<Audit[]> {
  const topic = physicalName('audit', run)
  if (!(await topics.list()).some(({ name }) => name === topic)) return []
  const acts: Audit[] = []
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++)
      acts.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Audit)
  }
  return acts
}

/** The sequence number of the first act that does not follow from the one before; undefined when all do. */
export function brokenAt(acts: readonly Audit[]): number | undefined {
  const at = acts.findIndex((act, index) => {
    const before = acts[index - 1]
    return act.sequence !== index + 1 || act.previous !== (before === undefined ? none : hashOf(before))
  })
  return at === -1 ? undefined : acts[at]!.sequence
}
