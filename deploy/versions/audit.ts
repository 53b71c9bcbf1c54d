// The book of acts on a deployment: a topic in which each row names the one before by hash.
import { hashOf } from '../../pipelines/config.ts'
import { batchOf, rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import type { Audit } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'

/** `smartspeed cat audit --run deploy-<name>` shows it. */
export function auditRun(deployment: string): string {
  return `deploy-${deployment}`
}

/** Of the first act. */
const none = '0'.repeat(64)

export type Act = Pick<Audit, 'action' | 'outcome' | 'version' | 'hash' | 'target' | 'who' | 'what' | 'why'>

/**
 * Writes an act down, in the embedded log of the folder whatever the engine of the deployment is: it must also be written when that
 * engine is not there yet, or no more. `nowMs` is the time of day.
 */
export async function writeAct(dir: string, deployment: string, act: Act, nowMs: number): Promise<void> {
  const topics = await openTopics({ dir })
  try {
    // The lease first: who else writes acts has written the last one before it is read.
    const writer = await topics.writer({ run: auditRun(deployment) })
    const last = (await readActs(topics, deployment)).at(-1)
    const received = Math.max(nowMs * 1000, (last?.received ?? 0) + 1)
    const row: Audit = {
      ...{ time: received, received, exchange: '', symbol: '', deployment, sequence: (last?.sequence ?? 0) + 1 },
      ...{ ...act, previous: last === undefined ? none : hashOf(last) },
    }
    await writer.commit({ outputs: [batchOf('audit', [row])] })
    await writer.close()
  } finally {
    await topics.close()
  }
}

/** All acts, in order; none where there was none. */
export async function readActs(topics: Topics, deployment: string): Promise<Audit[]> {
  const topic = physicalName('audit', auditRun(deployment))
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
