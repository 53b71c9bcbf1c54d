// A run by tasks from the command line: topics, progress, Ctrl-C, and what a person reads at its end.

import type { Address } from '../console/http/server.ts'
import { whoIs } from '../deploy/versions/audit.ts'
import { freeName, nameOfSeats } from '../pipelines/begin.ts'
import type { Topology } from '../pipelines/config.ts'
import { type RunResult, runPipeline } from '../pipelines/run.ts'
import { findSeats, type Seat } from '../pipelines/seats.ts'
import { admit, writeOverride } from '../pipelines/study/verdict.ts'
import type { Topics } from '../topics/topics.ts'
import { summaryOf } from './backtest.ts'
import type { Watching } from './http.ts'
import { type MemberWhere, openLog } from './options.ts'
import { counted } from './output.ts'
import { progress } from './progress.ts'
import { stopSignal } from './stop.ts'

export interface RunCall extends MemberWhere {
  readonly topology: Topology
  readonly batchRows?: number | undefined
  readonly speed?: 'max' | number
  readonly name?: string
  readonly tasks?: number | undefined
  readonly commitMs?: number | undefined
  readonly follow?: boolean
  readonly maxWaitMs?: number | undefined
  readonly takeover?: boolean
  /** Why it trades although validation says that it is luck. */
  readonly override?: string
  /** Where it shows metrics and health. */
  readonly http?: Address | undefined
}

/** A step closes after so long when nothing else is said, ms. */
const stepMs = 1000

/** Works on the run as one of its members, until it has come to its end. */
export async function runHere(call: RunCall): Promise<RunResult> {
  const {
    topology,
    name,
    batchRows,
    speed,
    tasks,
    commitMs = stepMs,
    follow,
    maxWaitMs = commitMs,
    takeover,
    http,
  } = call
  const { seats, codeHash } = await findSeats(topology)
  const topics = await openLog({ ...call, engine: topology.engine ?? call.engine, dir: topology.dir ?? call.dir })
  const bar = progress(topology.pipeline, {})
  let watching: Watching | undefined
  try {
    const run = follow ? await admitted(topics, call, seats) : name
    // What it takes is loaded only by who wants it.
    if (http !== undefined) watching = await (await import('./http.ts')).watchOver(http, topics)
    return await runPipeline({
      ...{ topics, topology, seats, codeHash, signal: stopSignal() },
      clock: { nowMs: () => performance.timeOrigin + performance.now(), random: () => Math.random() },
      ...(run === undefined ? {} : { name: run }),
      ...(batchRows === undefined ? {} : { batchRows }),
      ...(speed === undefined ? {} : { speed }),
      ...(tasks === undefined ? {} : { tasks }),
      // What was there before is read in steps of a second, however short those of what follows are.
      ...(follow ? { follow: { commitMs, maxWaitMs }, stepMs } : { stepMs: commitMs }),
      ...(watching === undefined ? {} : { observer: watching.observer }),
      ...(takeover === undefined ? {} : { takeover }),
      onStep: ({ rows }) => bar.update(rows),
      onShadow: (rows) => bar.update(rows),
      onStage: (stage) => watching?.stage(stage),
      onTasks: (owned) => {
        if (topics.engine !== 'embedded') bar.note(`tasks here: ${owned.join(', ') || 'none'}`)
      },
    })
  } finally {
    bar.stop()
    await watching?.close()
    await topics.close()
  }
}

/**
 * A run that follows its market trades no strategy that validation calls luck, unless somebody answers for it. Gives its name.
 * @throws SmartspeedError VERDICT_RED, CONFIG_INVALID
 */
async function admitted(topics: Topics, { topology, name, override }: RunCall, seats: readonly Seat[]) {
  if (topology.pipeline !== 'trading') return name
  const strategies = seats.map(({ strategy }) => strategy)
  const { exchange, symbols } = topology
  const red = await admit(topics, { exchange, symbols, strategies }, override)
  if (red.length === 0 || override === undefined) return name
  const run = name ?? (await freeName(topics, { what: nameOfSeats(seats) }))
  await writeOverride(topics, run, red, {
    who: whoIs(),
    why: override,
    at: Date.now() * 1000,
  })
  return run
}

/** The result in a screen of 80 columns, the answer first. */
export function runSummary(result: RunResult): string {
  if ('summary' in result) return summaryOf(result)
  const { run, instruments, written, rows, seconds, peakRssMb, hashes, warnings } = result
  const line = (name: string, value: string) => `  ${name.padEnd(22)}${value}`
  return [
    `${run}: features of ${counted(instruments, 'instrument', 'instruments')}`,
    ...Object.entries(written).map(([name, count]) => line(name, counted(count, 'row', 'rows'))),
    line('speed', `${counted(rows, 'row', 'rows')} in ${seconds.toFixed(2)} s, ${peakRssMb} MB`),
    line('hash of features', hashes.features.slice(0, 16)),
    ...warnings.map(({ code, message }) => `  ! ${code}: ${message}`),
  ].join('\n')
}
