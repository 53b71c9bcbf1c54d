// Lag of every run as metrics, from a process that works on none of them: it is there when they are not.
import packageJson from '../../package.json' with { type: 'json' }
import type { TaskReport } from '../../pipelines/lag-history.ts'
import type { Topics } from '../../topics/topics.ts'
import type { Endpoint, Verdict } from '../http/server.ts'
import { deadLetterCounter } from './dead-letters.ts'
import { showLag } from './lag.ts'
import { createMetrics } from './registry.ts'
import { topicsProbe } from './topics-probe.ts'

export interface LagExporter extends Endpoint {
  /** What a look saw: it is what the next scrapes are given. */
  show(reports: readonly TaskReport[]): void
}

export interface ExporterOptions {
  readonly topics: Topics
  /** ms since 1970. */
  readonly nowMs: () => number
  /** How often it looks: one that is ten times late does not move. */
  readonly everyMs: number
}

/** Who asks whether a process is live gives it a second, and restarts it. */
const livePatienceMs = 500

export function lagExporter({ topics, nowMs, everyMs }: ExporterOptions): LagExporter {
  const metrics = createMetrics()
  metrics.process.build.set({ version: packageJson.version, node: process.versions.node, engine: topics.engine }, 1)
  const probe = topicsProbe(metrics, topics, nowMs)
  const countDeadLetters = deadLetterCounter(metrics, topics)
  const lateMs = Math.max(30_000, 10 * everyMs)
  let lookedMs = nowMs()
  let looks = 0

  async function live(): Promise<Verdict> {
    const quiet = nowMs() - lookedMs
    const detail = `${looks} looks, the last ${Math.round(quiet / 1000)} s ago`
    // While topics do not answer there is nothing to look at.
    const ok = quiet < lateMs || !(await probe(livePatienceMs)).ok
    return verdictOf([{ name: 'looks', ok, detail }])
  }

  async function ready(): Promise<Verdict> {
    const { ok, detail } = await probe()
    return verdictOf([
      { name: 'topics', ok, detail },
      { name: 'looks', ok: looks > 0, detail: looks > 0 ? 'it has looked' : 'it has not looked yet' },
    ])
  }

  return {
    ...{ live, ready, contentType: metrics.registry.contentType },
    show(reports) {
      lookedMs = nowMs()
      looks++
      showLag(metrics, reports, { nowMs: lookedMs, engine: topics.engine })
    },
    async metrics() {
      const { ok, infos } = await probe()
      // Counted at the next scrape when it cannot be now.
      if (ok) await countDeadLetters(infos).catch(() => undefined)
      metrics.process.live.set((await live()).ok ? 1 : 0)
      metrics.process.ready.set((await ready()).ok ? 1 : 0)
      return metrics.registry.metrics()
    },
  }
}

function verdictOf(checks: Verdict['checks']): Verdict {
  return { ok: checks.every(({ ok }) => ok), checks }
}
