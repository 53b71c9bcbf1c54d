// Looks at lag, once or again and again, and says what it saw: to a person, to a program, to Prometheus.
import { setTimeout as sleep } from 'node:timers/promises'
import { type LagHistory, lagHistory, type TaskReport } from '../pipelines/lag-history.ts'
import { lookAtTasks } from '../pipelines/lag-look.ts'
import type { Topics } from '../topics/topics.ts'
import { openLagScreen } from './lag-screen.ts'
import { lagScreen } from './lag-text.ts'
import { type Where, withTopics } from './options.ts'
import { note, printLine, toJson } from './output.ts'
import { quietStop } from './stop.ts'

export interface LagCall extends Where {
  readonly run?: string
  readonly json?: boolean
  readonly everyMs: number
  readonly stuckAfterMs: number
  /** Also partitions without lag. */
  readonly partitions?: boolean
  readonly http?: string
}

/** A rate takes two looks; telling teeth from a slope takes some more. */
const looksOnce = 5
const betweenMs = 500

/** Looks for two seconds, and prints what that told. */
export async function showLag(call: LagCall): Promise<void> {
  await withTopics(call, async (topics) => {
    // A person sees what still goes on; a program may ask for everything.
    const history = lagHistory(call)
    const all = call.run !== undefined || call.json === true
    let reports = await look(topics, history, { ...call, unfinished: !all })
    for (let at = 1; at < looksOnce && reports.some(canMove); at++) {
      await sleep(betweenMs)
      reports = await look(topics, history, { ...call, unfinished: !all })
    }
    const { partitions = false } = call
    const screen = { partitions, now: new Date(), columns: process.stdout.columns ?? 80 }
    await printLine(call.json ? toJson(jsonOf(reports)) : lagScreen(reports, screen))
  })
}

/** Looks until Ctrl-C. On a terminal the screen is written over; elsewhere each look is some lines. */
export async function watchLag(call: LagCall): Promise<void> {
  const signal = quietStop()
  const history = lagHistory(call)
  await withTopics(call, async (topics) => {
    const shown = call.http === undefined ? undefined : await openExporter(topics, call.http, call.everyMs)
    const screen = openLagScreen(process.stdout, call)
    let looked = false
    try {
      while (!signal.aborted) {
        try {
          const reports = await look(topics, history, { ...call, unfinished: call.run === undefined })
          shown?.show(reports)
          await (call.json ? printLine(toJson(jsonOf(reports))) : screen.show(reports, new Date()))
          looked = true
        } catch (error) {
          // Who watches wants to see when it is back. Before the first look it is a mistake of who asked.
          if (!looked || !isPassing(error)) throw error
          note(`${(error as Error).message}; trying again`)
        }
        await sleep(call.everyMs, undefined, { signal }).catch(() => undefined)
      }
      // As every command that a person ends before its end; for this one there is no other.
      process.exitCode = 130
    } finally {
      screen.end()
      await shown?.close()
    }
  })
}

function look(
  topics: Topics,
  history: LagHistory,
  asked: { readonly run?: string; readonly unfinished: boolean },
): Promise<TaskReport[]> {
  return lookAtTasks(topics, asked).then((looks) => history.add(Date.now(), looks))
}

function canMove({ state }: TaskReport): boolean {
  return state !== 'finished' && state !== 'stopped'
}

/** A broker that is away comes back; a run that is not there does not. */
function isPassing(error: unknown): boolean {
  return (error as { code?: string }).code === 'SERVICE_LOST'
}

async function openExporter(topics: Topics, http: string, everyMs: number) {
  const { lagExporter } = await import('../console/metrics/exporter.ts')
  const { parseAddress, serve } = await import('../console/http/server.ts')
  const exporter = lagExporter({ topics, nowMs: Date.now, everyMs })
  const { url, close } = await serve(parseAddress(http), exporter)
  note(`metrics on ${url}/metrics`)
  return { show: exporter.show, close }
}

/** What CLI.md promises: a partition a row. Times in µs. */
export function jsonOf(reports: readonly TaskReport[]) {
  return {
    tasks: reports.flatMap((report) =>
      report.partitions.map((part) => ({
        ...{ run: report.run, pipeline: report.pipeline, task: report.task, mode: report.mode, state: report.state },
        ...{ topic: part.topic, partition: part.partition, committed: part.committed, end: part.end },
        ...{ lagRows: part.rows, lagSeconds: part.seconds, estimated: part.estimated },
        ...{ rowsPerSecond: part.rowsPerSecond, etaSeconds: part.etaSeconds, reason: part.reason ?? null },
        ...{ step: report.step, committedAt: report.committedMs === undefined ? null : report.committedMs * 1000 },
        why: report.why === '' ? null : report.why,
      })),
    ),
  }
}
