// Whether topics answer: asked for what there is, which on Kafka is a round trip to the broker that leads the ledger.
import type { TopicInfo, Topics } from '../../topics/topics.ts'
import type { Metrics } from './registry.ts'

export interface Answer {
  readonly ok: boolean
  readonly detail: string
  /** What there is, when it answered. */
  readonly infos: readonly TopicInfo[]
}

/** No answer within this is none, unless who asks has less time. */
const defaultPatienceMs = 1_500
/** Who asks again within this is given the answer of before. */
const freshMs = 500

export type Probe = (patienceMs?: number) => Promise<Answer>

/** Asks once at a time: who asks while an answer is awaited waits for that one. */
export function topicsProbe({ process: metrics }: Metrics, topics: Topics, nowMs: () => number): Probe {
  const engine = topics.engine
  let last: { readonly ms: number; readonly answer: Answer } | undefined
  let asked: Promise<readonly TopicInfo[]> | undefined

  async function ask(patienceMs: number): Promise<Answer> {
    const from = nowMs()
    // One that has not come is waited for again: a broker that is away is not asked a hundred times.
    asked ??= topics.list()
    const asking = asked
    const answer = await within(asking, patienceMs)
    if (answer !== late && asked === asking) asked = undefined
    const ok = answer !== late && !(answer instanceof Error)
    metrics.topicsUp.set({ engine }, ok ? 1 : 0)
    if (ok) metrics.topicsAnswer.set({ engine }, (nowMs() - from) / 1000)
    const detail = ok
      ? `${engine} answered in ${Math.round(nowMs() - from)} ms`
      : answer === late
        ? `${engine} gave no answer in ${patienceMs / 1000} s`
        : `${engine}: ${(answer as Error).message}`
    last = { ms: nowMs(), answer: { ok, detail, infos: ok ? (answer as readonly TopicInfo[]) : [] } }
    return last.answer
  }

  return async (patienceMs = defaultPatienceMs) =>
    last !== undefined && nowMs() - last.ms < freshMs ? last.answer : ask(patienceMs)
}

const late = Symbol('late')

function within<T>(work: Promise<T>, ms: number): Promise<T | Error | typeof late> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(late), ms)
    work
      .then(resolve, (error: unknown) => resolve(error instanceof Error ? error : new Error(String(error))))
      .finally(() => clearTimeout(timer))
  })
}
