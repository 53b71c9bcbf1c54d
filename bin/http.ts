// `--http PORT` of a command that works on tasks: what they do, as metrics and health.
import { type Address, serve } from '../console/http/server.ts'
import { type MemberStage, watchProcess } from '../console/metrics/process.ts'
import type { TaskObserver } from '../pipelines/observe.ts'
import type { Topics } from '../topics/topics.ts'
import { note } from './output.ts'

export interface Watching {
  readonly observer: TaskObserver
  /** How far it is with joining its run: it is not ready before it did. */
  stage(stage: MemberStage): void
  close(): Promise<void>
}

/** Listens until closed, and says where. @throws SmartspeedError PORT_TAKEN */
export async function watchOver(address: Address, topics: Topics): Promise<Watching> {
  const watch = watchProcess({ topics, nowMs: Date.now })
  watch.stage('joining')
  const { url, close } = await serve(address, watch)
  note(`metrics and health on ${url}`)
  return { observer: watch.observer, stage: watch.stage, close }
}
