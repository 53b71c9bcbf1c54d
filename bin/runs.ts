// The ledger of runs: what is kept with each, listed, compared and removed.
import { type AnyAbout, demandTrading, type RunAbout, readAbout } from '../pipelines/about.ts'
import { type Comparison, compare } from '../pipelines/compare.ts'
import { controlRun } from '../pipelines/control.ts'
import { studiesIn } from '../pipelines/study/about.ts'
import { keepTrials } from '../pipelines/study/trials.ts'
import { keepVerdict } from '../pipelines/study/verdict.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import type { Topics } from '../topics/topics.ts'
import { type Where, withTopics } from './options.ts'

export interface RunLine {
  readonly run: string
  readonly pipeline: AnyAbout['pipeline']
  /** How many tasks it is cut into. */
  readonly tasks: number
  /** `running`: someone is writing it; `interrupted`: it was stopped or killed, the same command with its --name goes on. */
  readonly status: 'running' | 'interrupted' | 'finished'
  readonly strategy: string
  readonly exchange: string
  readonly symbols: readonly string[]
  /** Receive times of its first and last row, µs; before it is finished what it was asked for, null where that is all. */
  readonly from: number | null
  readonly to: number | null
  readonly rows?: number
  readonly fills?: number
  readonly trades?: number
  readonly finalEquity?: number
  /** Equity at the end less that at the beginning, in `currency`, and as a share of it. */
  readonly net?: number
  readonly totalReturn?: number | null
  readonly currency: string
  readonly configHash: string
  readonly codeHash: string
  readonly startedMs: number
}

/** Every run, the newest first. Errors: NO_DATA when there is no log. */
export function listRuns(where: Where): Promise<RunLine[]> {
  return withTopics(where, async (topics) => {
    const lines: RunLine[] = []
    for (const { run, about } of await knownRuns(topics)) lines.push(await lineOf(topics, run, about))
    return lines.sort((a, b) => b.startedMs - a.startedMs || (a.run < b.run ? -1 : 1))
  })
}

async function lineOf(topics: Topics, run: string, about: AnyAbout): Promise<RunLine> {
  const { pipeline, plan, seats, configHash, codeHash, startedMs } = about
  const result = pipeline === 'trading' ? about.result : undefined
  const { exchange, symbols, topology, instruments } = plan
  const cash = seats.reduce((sum, { account }) => sum + account.cash, 0)
  const figures =
    result === undefined
      ? about.result === undefined
        ? {}
        : { rows: about.result.rows }
      : {
          ...{ rows: result.rows, fills: result.fills, trades: result.trades, finalEquity: result.finalEquity },
          ...{ net: Number((result.finalEquity - cash).toFixed(8)), totalReturn: result.metrics.totalReturn },
        }
  return {
    ...{ run, pipeline, tasks: about.tasks.length, status: await statusOf(topics, run, about) },
    strategy: seats.map((seat) => seat.strategy).join(', '),
    ...{ exchange, symbols, from: result?.span.from ?? plan.from ?? null, to: result?.span.to ?? plan.to ?? null },
    ...figures,
    currency: topology.account.currency ?? instruments[0]!.settle,
    ...{ configHash, codeHash, startedMs },
  }
}

/** A run whose process was killed said last that it was running. */
async function statusOf(topics: Topics, run: string, { status }: AnyAbout): Promise<RunLine['status']> {
  if (status !== 'running') return status
  return (await topics.held(run)) ? 'running' : 'interrupted'
}

async function knownRuns(topics: Topics): Promise<{ run: string; about: AnyAbout }[]> {
  return (await topics.runs()).flatMap(({ run, about }) => {
    const read = readAbout(about)
    return read === undefined ? [] : [{ run, about: read }]
  })
}

/** What is kept with a run that trades. @throws SmartspeedError RUN_MISSING with the nearest name */
export async function knownRun(topics: Topics, run: string): Promise<RunAbout> {
  return demandTrading(run, await anyKnownRun(topics, run))
}

/** The same of any pipeline. */
export async function anyKnownRun(topics: Topics, run: string): Promise<AnyAbout> {
  const runs = await knownRuns(topics)
  const found = runs.find((one) => one.run === run)
  if (found !== undefined) return found.about
  throw missing(
    run,
    runs.map((one) => one.run),
  )
}

function missing(run: string, known: readonly string[]): SmartspeedError {
  const { message, fix } = unknownName('run', run, known)
  return new SmartspeedError('RUN_MISSING', message, {
    fix: known.length === 0 ? 'smartspeed backtest --help shows how to make one' : fix,
  })
}

/** Two finished runs side by side. Errors: RUN_MISSING, NO_DATA for one that is not finished. */
export function compareRuns(where: Where, a: string, b: string): Promise<Comparison> {
  return withTopics(where, async (topics) =>
    compare(topics, { run: a, about: await knownRun(topics, a) }, { run: b, about: await knownRun(topics, b) }),
  )
}

export interface Removed {
  readonly runs: readonly { readonly run: string; readonly bytes: number }[]
  /** Of all of them. */
  readonly bytes: number
  readonly dryRun: boolean
}

/**
 * Deletes runs and studies with their topics, journals and snapshots, by name or pattern (`*` any letters, `?` one); all or none.
 * Errors: RUN_MISSING for a name or pattern that no run has, LEASE_HELD when one of them is being written: nothing is deleted then.
 */
export function removeRuns(where: Where, names: readonly string[], { dryRun = false } = {}): Promise<Removed> {
  return withTopics(
    where,
    async (topics) => {
      const known = [
        ...(await knownRuns(topics)).map(({ run }) => run),
        ...(await studiesIn(topics)).map(({ study }) => study),
      ]
      const meant = known.filter((run) => names.some((name) => patternOf(name).test(run)))
      const unmatched = names.find((name) => !known.some((run) => patternOf(name).test(run)))
      if (unmatched !== undefined) throw missing(unmatched, known)
      for (const run of meant) await refuseHeld(topics, run)
      const infos = await topics.list()
      const runs = meant.map((run) => {
        return { run, bytes: infos.reduce((sum, info) => sum + (info.run === run ? info.bytes : 0), 0) }
      })
      const logs = new Set(infos.map(({ run }) => run))
      for (const { run } of dryRun ? [] : runs) {
        // What was tried counts for ever, and what was said of it holds.
        await keepTrials(topics, run)
        await keepVerdict(topics, run)
        await topics.removeRun(run)
        // What was said to it goes with it.
        if (logs.has(controlRun(run))) await topics.removeRun(controlRun(run))
      }
      return { runs, bytes: runs.reduce((sum, { bytes }) => sum + bytes, 0), dryRun }
    },
    { write: dryRun ? false : 'existing' },
  )
}

function patternOf(name: string): RegExp {
  const text = name
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${text}$`)
}

async function refuseHeld(topics: Topics, run: string): Promise<void> {
  if (!(await topics.held(run))) return
  throw new SmartspeedError('LEASE_HELD', `run ${run} is being written; nothing was removed`, {
    fix: 'wait until it is done, or stop it (Ctrl-C where it runs), then the same command',
  })
}

export interface Collected {
  readonly rows: number
  readonly bytes: number
  /** Rows that went, by topic; empty for a dry run. */
  readonly topics: readonly { readonly topic: string; readonly rows: number }[]
  readonly dryRun: boolean
}

/** Deletes what retention no longer keeps and what runs that were removed left behind; `dryRun` only says how much that is. */
export function collectGarbage(where: Where, { dryRun = false } = {}): Promise<Collected> {
  return withTopics(
    where,
    async (topics) => {
      const before = await topics.list()
      const { rows, bytes } = await topics.retain(Date.now(), { dryRun })
      const after = new Map((await topics.list()).map((info) => [info.name, info.rows]))
      const gone = dryRun ? [] : before.map(({ name, rows }) => ({ topic: name, rows: rows - (after.get(name) ?? 0) }))
      return { rows, bytes, topics: gone.filter((one) => one.rows > 0), dryRun }
    },
    { write: dryRun ? false : 'existing' },
  )
}
