// How a process says of itself that it is: one question, answered at once or not at all.
import { inShadow } from '../../pipelines/observe.ts'

/**
 * Undefined when nobody listens there. `in shadow`: it computes the same as an older version, and goes on in its place as soon as that
 * ends; where a run can have several members it does not wait for that.
 */
export type Health = 'ready' | 'not ready' | 'in shadow' | 'silent' | undefined

const ANSWER_MS = 2000

/** What `GET /health/ready` says: 200 ready, anything else not; `silent` when it was connected and no answer came. */
export async function healthAt(port: number | undefined): Promise<Health> {
  if (port === undefined) return undefined
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const text = await answer.text()
    if (answer.ok) return 'ready'
    return text.includes(`"detail":"${inShadow}"`) ? 'in shadow' : 'not ready'
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'silent' : undefined
  }
}
