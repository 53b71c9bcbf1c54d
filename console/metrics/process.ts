// All that a process shows of itself: its tasks, their lag, its topics; and whether it is live and ready.
import packageJson from '../../package.json' with { type: 'json' }
import { type AnyAbout, anyAboutOf } from '../../pipelines/about.ts'
import { lagOf, type PartitionLag } from '../../pipelines/lag.ts'
import { lagTaskOf } from '../../pipelines/lag-look.ts'
import { inShadow, type TaskObserver } from '../../pipelines/observe.ts'
import type { TopicInfo, Topics } from '../../topics/topics.ts'
import type { Endpoint, Verdict } from '../http/server.ts'
import { deadLetterCounter } from './dead-letters.ts'
import { forgetOwnLag, showOwnLag } from './lag.ts'
import { createMetrics, type Metrics } from './registry.ts'
import { type WatchedTask, watchTasks } from './tasks.ts'
import { topicsProbe } from './topics-probe.ts'
import { countTrading } from './trading.ts'

export interface WatchOptions {
  readonly topics: Topics
  /** ms since 1970. */
  readonly nowMs: () => number
  /** A task that has rows and committed nothing for so long does not move. */
  readonly stallMs?: number
}

/** How far a process is with becoming a member of its run. */
export type MemberStage = 'joining' | 'in shadow' | 'joined'

/** Hand `observer` to the run, and the rest to `serve`. */
export interface ProcessWatch extends Endpoint {
  readonly observer: TaskObserver
  /** Until it is `joined` the process is not ready. One that says nothing of it has nothing to join. */
  stage(stage: MemberStage): void
  readonly metricsOf: Metrics
}

/** Lag for a scrape rests on so many rows of a partition at most: the process has other work to do. */
const lookRows = 2048
const defaultStallMs = 60_000
/** Who asks whether a process is live gives it a second, and restarts it. */
const livePatienceMs = 500

export function watchProcess({ topics, nowMs, stallMs = defaultStallMs }: WatchOptions): ProcessWatch {
  const metrics = createMetrics()
  metrics.process.build.set({ version: packageJson.version, node: process.versions.node, engine: topics.engine }, 1)
  const watched = watchTasks(metrics, nowMs)
  const probe = topicsProbe(metrics, topics, nowMs)
  const countDeadLetters = deadLetterCounter(metrics, topics)
  const abouts = new Map<string, AnyAbout | undefined>()
  const lags = new Map<WatchedTask, readonly PartitionLag[]>()

  let stage: MemberStage = 'joined'

  const observer: TaskObserver = {
    step(event) {
      watched.observer.step(event)
      countTrading(metrics, event.run, event.outputs)
    },
    state: (event) => watched.observer.state(event),
  }

  async function ownLag(task: WatchedTask, infos: readonly TopicInfo[]): Promise<readonly PartitionLag[]> {
    if (!abouts.has(task.run)) abouts.set(task.run, await anyAboutOf(topics, task.run))
    const about = abouts.get(task.run)
    const number = about?.tasks.indexOf(task.task) ?? -1
    if (about === undefined || number < 0) return []
    const asked = lagTaskOf(task.run, about, number)
    const named = new Map(infos.map((info) => [info.name, info]))
    const kept = asked.inputs.flatMap(({ topic }) => named.get(topic)?.retentionMs ?? [])
    const labels = { run: task.run, pipeline: task.pipeline, task: task.task }
    if (kept.length > 0) metrics.task.retention.set(labels, Math.min(...kept) / 1000)
    const progress = task.last ?? (await topics.tasks(task.run)).find((one) => one.task === task.task)
    const partitions = await lagOf(topics, asked, progress, { infos: named, lookRows })
    showOwnLag(metrics, labels, partitions)
    return partitions
  }

  /** Lag of the tasks that are at work here, and no lag of others. */
  async function refreshLag(infos: readonly TopicInfo[]): Promise<void> {
    for (const task of watched.tasks.values()) {
      if (task.state === 'restoring' || task.state === 'running') lags.set(task, await ownLag(task, infos))
      else {
        forgetOwnLag(metrics, task, lags.get(task) ?? [])
        lags.delete(task)
      }
    }
    await countDeadLetters(infos)
  }

  async function live(): Promise<Verdict> {
    // That this is answered at all shows that the event loop turns.
    const checks = [{ name: 'event loop', ok: true, detail: 'it turns' }]
    for (const task of watched.tasks.values()) checks.push(await moves(task))
    return verdictOf(checks)
  }

  async function moves(task: WatchedTask) {
    const name = `${task.run} ${task.task}`
    if (task.state === 'failed') return { name, ok: false, detail: 'it failed: see what the process wrote to stderr' }
    const quiet = nowMs() - task.movedMs
    const since = `${Math.round(quiet / 1000)} s ago`
    const step = task.last === undefined ? '' : `, step ${task.last.step}`
    if (task.state !== 'running' || quiet < stallMs) {
      return { name, ok: true, detail: `${task.state}${step}, moved ${since}` }
    }
    // Without an answer of the topics it can only wait: that is not its fault, and a restart would not help.
    const { ok, infos } = await probe(livePatienceMs)
    if (!ok) return { name, ok: true, detail: `running${step}, moved ${since}; topics do not answer` }
    const rows = (await ownLag(task, infos)).reduce((sum, one) => sum + one.rows, 0)
    if (rows === 0) return { name, ok: true, detail: `running${step}: nothing to read since its last step, ${since}` }
    return {
      name,
      ok: false,
      detail: `running${step}: no step for ${Math.round(quiet / 1000)} s, and ${rows} rows wait`,
    }
  }

  async function ready(): Promise<Verdict> {
    const { ok, detail } = await probe()
    const checks = [{ name: 'topics', ok, detail }]
    const own = [...watched.tasks.values()].filter(({ state }) => state !== 'revoked' && state !== 'lost')
    for (const { run, task, state } of own) {
      checks.push({ name: `${run} ${task}`, ok: state === 'running' || state === 'finished', detail: state })
    }
    if (stage !== 'joined') {
      checks.push({
        name: 'member',
        ok: false,
        detail: stage === 'in shadow' ? inShadow : 'it is about to join its run',
      })
    } else if (own.length === 0) checks.push({ name: 'tasks', ok: true, detail: 'it owns none: others have them' })
    return verdictOf(checks)
  }

  return {
    ...{ observer, metricsOf: metrics, live, ready, contentType: metrics.registry.contentType },
    stage(now) {
      stage = now
    },
    async metrics() {
      watched.refresh()
      const { ok, infos } = await probe()
      // What cannot be read now keeps the value of before: the topics' own metric says that they do not answer.
      if (ok) await refreshLag(infos).catch(() => undefined)
      metrics.process.live.set((await live()).ok ? 1 : 0)
      metrics.process.ready.set((await ready()).ok ? 1 : 0)
      return metrics.registry.metrics()
    },
  }
}

function verdictOf(checks: Verdict['checks']): Verdict {
  return { ok: checks.every(({ ok }) => ok), checks }
}
