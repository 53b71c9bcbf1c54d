// Calibration from the command line: what REAL is, which settings to try, and what a person reads.
import { existsSync } from 'node:fs'
import { parse } from 'yaml'
import type { Interval } from '../operators/calibration/interval.ts'
import {
  type CalibrateOptions,
  type Calibration,
  calibrate,
  outcomesOfRun,
  type Settings,
} from '../pipelines/calibrate.ts'
import { readExecutions } from '../pipelines/real-executions.ts'
import { requestsOf } from '../pipelines/resend.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { type Where, withTopics } from './options.ts'
import { progress } from './progress.ts'
import { table } from './table.ts'

/** More runs than this at once are a slip of the pen. */
const mostTries = 200

export interface Call extends Omit<CalibrateOptions, 'topics' | 'real' | 'requests' | 'onTry'> {
  /** A file, or the name of a run. */
  readonly real: string
  /** `strategy`: it decides anew though the requests of a run are known. */
  readonly again?: 'strategy' | undefined
}

export type Calibrated = Calibration & { readonly real: { readonly kind: 'file' | 'run'; readonly name: string } }

/** Errors: those of `calibrate`, of the file, and FILE_MISSING for what is neither a file nor a run. */
export function calibrateRun(where: Where, call: Call): Promise<Calibrated> {
  return withTopics(where, async (topics) => {
    const isFile = existsSync(call.real)
    if (!isFile && !(await topics.runs()).some(({ run }) => run === call.real)) {
      const message = `${call.real} is neither a file nor a run`
      throw new SmartspeedError('FILE_MISSING', message, { fix: 'smartspeed runs lists the runs that are there' })
    }
    const real = isFile ? await readExecutions(call.real) : await outcomesOfRun(topics, call.real)
    // A run kept what it sent: the same requests can be sent again.
    const requests = isFile || call.again === 'strategy' ? undefined : await requestsOf(topics, call.real)
    const bar = progress('calibrate', {})
    try {
      const onTry = (done: number) => bar.update(done, call.tries.length)
      const { run, ...found } = await calibrate({ ...call, topics, real, requests, onTry })
      return { run, real: { kind: isFile ? 'file' : 'run', name: call.real }, ...found }
    } finally {
      bar.stop()
    }
  })
}

/**
 * `queue=conservative,power` and `latency=0,5`: every combination, the last key changing fastest.
 * Errors: USAGE for what is not key=values, a key that is given twice, or too many combinations.
 */
export function triesOf(texts: readonly string[]): Settings[] {
  const keys = new Set<string>()
  let tries: Settings[] = []
  for (const text of texts) {
    const at = text.indexOf('=')
    const [key, values] = [text.slice(0, at), text.slice(at + 1)]
    if (at < 1 || values === '') throw usage(`--try ${text} is not key=values`)
    if (keys.has(key)) throw usage(`--try ${key} is given twice`)
    keys.add(key)
    const parsed = valuesOf(text, values)
    tries = (tries.length === 0 ? [{}] : tries).flatMap((before) =>
      parsed.map((value) => ({ ...before, [key]: value })),
    )
    if (tries.length > mostTries) throw usage(`--try: ${tries.length} combinations, more than ${mostTries}`)
  }
  return tries
}

/** A list of YAML values: names, numbers, or {…}. */
function valuesOf(text: string, values: string): unknown[] {
  try {
    return parse(`[${values}]`) as unknown[]
  } catch {
    throw usage(`--try ${text}: the values are no list`)
  }
}

/** @throws SmartspeedError CONFIG_INVALID for what is no share between 0 and 1 */
export function shareFrom(key: string, text: string): number {
  const value = Number(text)
  if (value > 0 && value < 1) return value
  throw new SmartspeedError('CONFIG_INVALID', `${key}: "${text}" is not between 0 and 1`, {
    fix: `for example ${key} 0.95`,
  })
}

/** In a screen of 80 columns: how far off, for whom, and what is nearest. */
export function calibrationText({ run, real, orders, groups, settings, best, method }: Calibrated): string {
  const rows = groups.map((group) => [
    group.name,
    String(group.orders),
    share(group.fillRate.simulated),
    share(group.fillRate.real),
    interval(group.priceErrorBps, 2),
    interval(group.timeErrorMs, 1),
  ])
  const tried = (settings ?? []).map((one) => [
    `${one.settings === best ? '* ' : '  '}${namesOf(one.settings)}`,
    share(one.fillError),
    figure(one.priceErrorBps, 2),
    figure(one.timeErrorMs, 1),
    one.score.toFixed(2),
    share(one.nearest),
  ])
  return [
    `${run} against ${real.name}: ${orders.matched} of ${orders.real} real orders matched, ${orders.matchedById} by name`,
    '',
    table(['', 'orders', 'filled', 'really', 'worse, bp', 'later, ms'], rows),
    ...(tried.length === 0
      ? []
      : ['', table(['tried', 'fill error', 'bp', 'ms', 'score', 'nearest'], tried), '', `nearest: ${namesOf(best!)}`]),
    '',
    method,
  ].join('\n')
}

function namesOf(settings: Settings): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' ')
}

function interval(of: Interval | null, digits: number): string {
  if (of === null) return '–'
  return Number.isNaN(of.low)
    ? figure(of.mean, digits)
    : `${figure(of.mean, digits)} (${figure(of.low, digits)} … ${figure(of.high, digits)})`
}

function figure(value: number, digits: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits).replace('-', '−')
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`
}

function usage(message: string): SmartspeedError {
  return new SmartspeedError('USAGE', message, { fix: 'for example --try queue=conservative,power --try latency=0,5' })
}
