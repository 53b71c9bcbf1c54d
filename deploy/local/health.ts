// How a process says of itself that it is: one question, answered at once or not at all.

/** Undefined when nobody listens there. */
export type Health = 'ready' | 'not ready' | 'silent' | undefined

const ANSWER_MS = 2000

/** What `GET /health/ready` says: 200 ready, anything else not; `silent` when it was connected and no answer came. */
export async function healthAt(port: number | undefined): Promise<Health> {
  if (port === undefined) return undefined
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(ANSWER_MS) })
    await answer.body?.cancel()
    return answer.ok ? 'ready' : 'not ready'
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'silent' : undefined
  }
}
