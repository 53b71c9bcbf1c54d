// The pages of a study: what its trials came to over their parameters, and what validation found.

import { mapOf } from '../console/study/cells.ts'
import type { Check, Fan, MetricMap, Params, Subject, ValidationInput, Value } from '../console/study/data.ts'
import { heatmapPage } from '../console/study/heatmap-page.ts'
import { validationPage } from '../console/study/validation-page.ts'
import type { Space } from '../operators/research/search/index.ts'
import { backtestOverfitting } from '../operators/research/statistics/pbo.ts'
import packageJson from '../package.json' with { type: 'json' }
import type { StudyAbout } from '../pipelines/study/about.ts'
import { objectivesOf, rankedBy } from '../pipelines/study/rank.ts'
import { trialsOf } from '../pipelines/study/trials.ts'
import type { Trial } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import { writePage } from './report.ts'
import type { Studied } from './study.ts'
import type { Validated } from './validate.ts'

const metrics = {
  sharpe: { name: 'Sharpe ratio', unit: '', better: 'larger', neutral: 0 },
  totalReturn: { name: 'Return', unit: '% of the start', better: 'larger', neutral: 0 },
  calmar: { name: 'Calmar ratio', unit: '', better: 'larger', neutral: 0 },
  drawdown: { name: 'Drawdown', unit: '% of the peak', better: 'larger' },
} as const

/** Writes how good each trial of a study was. */
export async function writeHeatmap(
  topics: Topics,
  { name, about, study, count }: Studied,
  file: string,
): Promise<void> {
  const { result, search } = about
  const rows = (await trialsOf(topics, name)).filter(({ share }) => share === 1)
  const map = mapIn(about, rows, study.space)
  const scale = map.metric.unit === '' ? 1 : 100
  const byTrial = new Map(rows.map((row) => [row.trial, row]))
  const currency = currencyOf(about)
  const page = heatmapPage({
    ...{ ...subjectOf(name, about), ...map, search: search.name },
    best: result.best.map((one) => ({
      ...{ trial: one.trial, params: axesOf(one.params, study.space) },
      value: scale * objectivesOf(about, byTrial.get(one.trial)!)[0]!,
      figures: [one.finalEquity, one.drawdown === null ? undefined : 100 * one.drawdown, one.fills],
    })),
    figures: [
      { name: 'Final equity', unit: currency },
      { name: 'Drawdown', unit: '% of the peak' },
      { name: 'Fills', unit: '' },
    ],
    ...{ trials: result.combinations, failed: result.failed, refused: result.refused, trialsSoFar: count.all },
  })
  await writePage(page, file)
}

export async function writeValidation(validated: Validated, file: string): Promise<void> {
  await writePage(validationPage(inputOf(validated)), file)
}

function inputOf({ studied: { name, about, study }, answer, matrix, rows, kept }: Validated): ValidationInput {
  const { windows, outOfSample, verdict, warnings, reasons, pboSplits, paths, monteCarlo, score, sealed } = answer
  const { cash } = about.account
  const sensitivity = about.search.name === 'grid' ? mapIn(about, rows, study.space) : undefined
  const of = (params: Readonly<Record<string, unknown>>) => axesOf(params, study.space)
  return {
    ...{ ...subjectOf(name, about), method: answer.method, level: verdict, verdict: sentences[verdict] },
    ...{ reasons, checks: warnings.map(checkOf) },
    warnings: warnings.filter(({ weight }) => weight === 'note').map(({ message }) => message),
    ...{ params: of(answer.params), unit: currencyOf(about), trials: answer.trials, trialsSoFar: kept.trials },
    ...{
      dsr: answer.dsr,
      dsrAsPublished: answer.deflation.asPublished,
      pbo: answer.pbo ?? undefined,
      oosConsistency: answer.oosConsistency,
    },
    ...{ degradation: answer.degradation ?? undefined, outOfSampleSharpe: outOfSample.sharpe, score: 100 * score },
    windows: windows.map((one) => ({
      ...{ trainFrom: one.train[0]!.from, trainTo: one.train.at(-1)!.to },
      ...{ testFrom: one.test[0]!.from, testTo: one.test.at(-1)!.to, params: of(one.params) },
      ...{ inSampleSharpe: one.inSampleSharpe, outOfSampleSharpe: one.outOfSampleSharpe },
      outOfSampleReturn: one.outOfSampleReturn,
    })),
    outOfSample: {
      times: Float64Array.from(outOfSample.times),
      equity: Float64Array.from(outOfSample.equity, (part) => cash * part),
    },
    holdOut: sealed === null ? undefined : { ...sealed, sharpe: sealed.sharpe ?? undefined },
    fans: monteCarlo.map((one) => fanOf(one, cash)),
    paths: paths === undefined ? undefined : Float64Array.from(paths, ({ sharpe }) => sharpe),
    logits: pboSplits === null ? undefined : logitsOf(matrix, pboSplits.blocks),
    sensitivity,
  }
}

const sentences = {
  green: 'What it made is more than the best of so many trials makes by luck, and it went on out of sample.',
  amber: 'It may be more than luck: what is known does not settle it.',
  red: 'Luck explains what was seen. Do not trade it.',
} as const

function checkOf({ code, message, value, threshold, weight }: Validated['answer']['warnings'][number]): Check {
  const name = code.toLowerCase().replaceAll('_', ' ')
  return { name, value, unit: '', threshold: String(threshold), level: weight, sentence: message }
}

function logitsOf({ returns, observations, trials }: Validated['matrix'], blocks: number): Float64Array {
  return Float64Array.from(backtestOverfitting(returns, { observations, trials, blocks }).logits)
}

const names = {
  reshuffle: 'round trips in another order',
  block: 'pieces of daily returns',
  resample: 'daily returns drawn anew',
} as const

function fanOf(one: Validated['answer']['monteCarlo'][number], cash: number): Fan {
  const band = (name: 'p5' | 'p25' | 'p50' | 'p75' | 'p95') =>
    Float64Array.from(one.equity, (bands) => cash * bands[name])
  return {
    ...{ name: names[one.method], samples: one.paths, steps: one.method === 'reshuffle' ? 'trades' : 'days' },
    ...{ at: Float64Array.from(one.steps), p05: band('p5'), p25: band('p25'), p50: band('p50') },
    ...{ p75: band('p75'), p95: band('p95') },
    observed: Float64Array.from(one.observed, (part) => cash * part),
    fell: { half: one.maxDrawdown.p50, twentieth: one.maxDrawdown.p5 },
  }
}

/** What trials were ranked by, over the space that was searched. */
function mapIn(about: StudyAbout, rows: readonly Trial[], space: Space): MetricMap {
  const metric = metrics[rankedBy(about)]
  const scale = metric.unit === '' ? 1 : 100
  return mapOf(
    space,
    rows.map((row) => ({ params: rowParams(row), value: scale * objectivesOf(about, row)[0]! })),
    metric,
  )
}

function rowParams(row: Trial): Params {
  return JSON.parse(row.params) as Params
}

function axesOf(params: Readonly<Record<string, unknown>>, { axes }: Space): Params {
  return Object.fromEntries(axes.map(({ name }) => [name, params[name] as Value]))
}

function currencyOf({ plan }: StudyAbout): string {
  return plan.topology.account.currency ?? plan.instruments[0]!.settle
}

function subjectOf(study: string, { strategy, plan, stretch }: StudyAbout): Subject {
  const { exchange, symbols, interval } = plan
  const bars = interval === undefined ? 'ticks' : `bars of ${interval}`
  return {
    ...{ study, strategy, data: `${symbols.join(', ')} on ${exchange}, ${bars}` },
    ...{ from: stretch.from, to: stretch.to, version: packageJson.version },
  }
}
