// The book of acts on a deployment.
import { hostname, userInfo } from 'node:os'
import { type Act, actsIn, nextAct } from '../../pipelines/audit.ts'
import { batchOf } from '../../schemas/batch.ts'
import type { Audit } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'

export { type Act, brokenAt } from '../../pipelines/audit.ts'

/** `smartspeed cat audit --run deploy-<name>` shows it. */
export function auditRun(deployment: string): string {
  return `deploy-${deployment}`
}

/**
 * Writes an act down, in the embedded log of the folder whatever the engine of the deployment is: it must also be written when that
 * engine is not there yet, or no more. `nowMs` is the time of day.
 */
export async function writeAct(dir: string, deployment: string, act: Act, nowMs: number): Promise<void> {
  const topics = await openTopics({ dir })
  try {
    // The lease first: who else writes acts has written the last one before it is read.
    const writer = await topics.writer({ run: auditRun(deployment) })
    const row = nextAct(await readActs(topics, deployment), deployment, act, nowMs * 1000)
    await writer.commit({ outputs: [batchOf('audit', [row])] })
    await writer.close()
  } finally {
    await topics.close()
  }
}

/** All acts, in order; none where there was none. */
export function readActs(topics: Topics, deployment: string): Promise<Audit[]> {
  return actsIn(topics, auditRun(deployment))
}

/** Who acts, as it is written down. */
export function whoIs(): string {
  return `${userInfo().username}@${hostname()}`
}
