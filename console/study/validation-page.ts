// The page of a validation: the verdict and why, then whether it held out of sample, whether it was luck, and how much hangs on
// the exact parameters.
import { whyNotAsPublished } from '../../operators/research/index.ts'
import { full, isoOf, percent, short, signed } from '../report/format.ts'
import { type Html, html } from '../report/html.ts'
import { box } from '../report/tables.ts'
import { dayOf, type SpreadChart, spreadCsv, spreadFigure, windowFigure, windowsCsv } from './bars.ts'
import type { CurveChart, Fan, Level, StudyCharts, ValidationInput, Window } from './data.ts'
import { mapFigure } from './map-figure.ts'
import { type Big, chartFrame, counted, headlineOf, page, paramsText } from './shell.ts'

const marks: Record<Level, 'good' | 'caution' | 'bad'> = { green: 'good', amber: 'caution', red: 'bad' }
const keys =
  'Left and right arrows move the crosshair, up and down zoom, Escape shows the whole range; a drag zooms, a double click undoes it.'

/** One self-contained HTML file; parts that the input lacks say so in a sentence. */
export function validationPage(input: ValidationInput): string {
  const { strategy, study, level, verdict, params, method, reasons, warnings, trials, trialsSoFar } = input
  const spreads = spreadsOf(input)
  return page({
    subject: input,
    title: `${strategy}, validated by ${method}: ${level}`,
    top: html`<p class="muted" style="grid-column: 1 / -1; margin: 0">${paramsText(params)}, the best of ${counted(trials, 'trial')}${trialsSoFar > trials && `; ${counted(trialsSoFar, 'trial')} were ever made on this market`}</p>
<div class="verdict" id="verdict"><span class="mark ${marks[level]}">${level.charAt(0).toUpperCase() + level.slice(1)}</span>${verdict}
${reasons.length > 0 && html`<ul class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}</div>`,
    body: html`${headlineOf(numbersOf(input))}
${deflationPart(input)}
<h2>Did it hold out of sample?</h2>
${windowPart(input)}
${equityPart(input)}
${holdOutPart(input)}
<h2>Was it luck?</h2>
${spreads.length === 0 ? missing('Neither paths through test groups nor splits were computed: they need cpcv, and the returns of every trial.') : html`<div class="tables figures">${spreads.map(spreadFigure)}</div>`}
${input.fans.length === 0 ? missing('No Monte Carlo was made: it needs closed round trips or a curve of equity.') : input.fans.map((fan, at) => fanFigure(fan, at, input))}
<h2>Does it hang on exact parameters?</h2>
${input.sensitivity === undefined ? missing('There is no grid of parameters around the chosen ones: validate with axes of several values.') : mapFigure({ id: 'sensitivity', ...input.sensitivity })}
<h2>What was the verdict made of?</h2>
${checkTable(input)}
${warnings.length > 0 && html`<div class="box under" id="warnings"><div class="bar"><h3>Warnings</h3></div><p class="empty">${warnings.join(' · ')}</p></div>`}`,
    charts: chartsOf(input, study, spreads),
  })
}

function chartsOf(input: ValidationInput, name: string, spreads: readonly SpreadChart[]): StudyCharts {
  const { windows, sensitivity, fans } = input
  return {
    name,
    curves: [...equityChart(input), ...fans.map((fan, at) => fanChart(fan, at, input))],
    maps: sensitivity === undefined ? [] : [{ id: 'sensitivity', ...sensitivity }],
    tables: {
      ...(windows.length > 0 ? { windows: windowsCsv(windows) } : {}),
      ...Object.fromEntries(spreads.map((spread) => [spread.id, spreadCsv(spread)])),
    },
  }
}

function numbersOf(input: ValidationInput): Big[] {
  const { dsr, pbo, oosConsistency, degradation, outOfSampleSharpe, trialsSoFar, score } = input
  const big = (name: string, value: number | undefined, text: (value: number) => string, more: string): Big => ({
    ...{ name, more: value === undefined ? 'could not be given' : more },
    value: value === undefined ? undefined : text(value),
    title: value === undefined ? '' : full(value),
  })
  const share = (value: number) => percent(Number(value.toPrecision(3)))
  return [
    big(
      'Sharpe ratio out of sample',
      outOfSampleSharpe,
      (value) => signed(short(value)),
      'a year, over all test ranges',
    ),
    big('Skill rather than luck, %', dsr, share, 'deflated Sharpe ratio, for the trials made'),
    big('Chance of overfitting, %', pbo, share, 'splits whose best was under the median after'),
    big('Windows that won, %', oosConsistency, share, 'of those tried out of sample'),
    big('Lost out of sample, %', degradation, share, 'of the Sharpe ratio in sample'),
    {
      name: 'Trials ever made',
      value: short(trialsSoFar),
      title: full(trialsSoFar),
      more: score === undefined ? 'on this market' : `score ${short(score)} of 100`,
    },
  ]
}

function deflationPart({ dsr, dsrAsPublished }: ValidationInput): Html {
  if (dsr === undefined || dsrAsPublished === undefined) return html``
  const share = (value: number) => html`<span title="${full(value)}">${percent(Number(value.toPrecision(3)))} %</span>`
  return html`<p class="muted" id="deflation">Deflated Sharpe ratio: ${share(dsr)} is judged, ${share(dsrAsPublished)} is as published. ${whyNotAsPublished}</p>`
}

function windowPart({ windows, oosConsistency }: ValidationInput): Html {
  if (windows.length === 0) return missing('No windows were walked through: validate with --method walk-forward.')
  const won = windows.filter(({ outOfSampleReturn }) => outOfSampleReturn > 0).length
  const better = windows.filter((one) => one.outOfSampleSharpe >= one.inSampleSharpe).length
  const consistency = oosConsistency === undefined ? '' : ` (consistency ${percent(oosConsistency)} %)`
  const caption = `${full(won)} of ${counted(windows.length, 'window')} won out of sample${consistency}; in ${full(better)} the Sharpe ratio was no lower than in sample. Parameters that were found, and not fitted, keep most of it.`
  return html`${windowFigure(windows, caption)}${windowTable(windows)}`
}

function windowTable(windows: readonly Window[]): Html {
  const ratio = (value: number) =>
    html`<td class="number" title="${Number.isFinite(value) ? full(value) : ''}">${Number.isFinite(value) ? signed(short(Number(value.toPrecision(3)))) : '–'}</td>`
  return html`<div class="under">${box(
    'window-list',
    'Windows, UTC',
    html`<table><thead><tr><th>Fitted from</th><th>to</th><th>Tried from</th><th>to</th><th>Parameters</th><th class="number">Sharpe in sample</th><th class="number">out of sample</th><th class="number">Return, % of equity</th></tr></thead><tbody>${windows.map(
      (one) =>
        html`<tr>${[one.trainFrom, one.trainTo, one.testFrom, one.testTo].map((time) => html`<td class="time" title="${isoOf(time)}Z">${dayOf(time)}</td>`)}<td>${paramsText(one.params)}</td>${ratio(one.inSampleSharpe)}${ratio(one.outOfSampleSharpe)}<td class="number ${one.outOfSampleReturn > 0 ? 'gain' : one.outOfSampleReturn < 0 ? 'loss' : ''}" title="${full(one.outOfSampleReturn * 100)}">${signed(percent(Number(one.outOfSampleReturn.toPrecision(3))))}</td></tr>`,
    )}</tbody></table>`,
  )}</div>`
}

function equityPart(input: ValidationInput): Html {
  const { outOfSample, unit } = input
  if (outOfSample === undefined || outOfSample.times.length === 0) return html``
  const { equity, times } = outOfSample
  const [first, last] = [equity[0]!, equity.at(-1)!]
  const caption = `All ranges on which nothing was fitted, one after the other: ${signed(short(last - first))} ${unit} from ${dayOf(times[0]!)} to ${dayOf(times.at(-1)!)}.`
  return chartFrame({ id: 'out-of-sample', title: 'Equity out of sample', unit, caption, keys })
}

function holdOutPart({ holdOut }: ValidationInput): Html {
  if (holdOut === undefined) return missing('Nothing was kept from the search: validate with --holdout.')
  const { from, to, sharpe, totalReturn, readsBefore, seenBefore } = holdOut
  const ratio = sharpe === undefined ? 'that could not be given' : signed(short(Number(sharpe.toPrecision(3))))
  const came = `Sharpe ratio ${ratio}, return ${signed(percent(Number(totalReturn.toPrecision(3))))} %`
  const isSealed = readsBefore === 0 && seenBefore === 0
  const seal = isSealed
    ? 'No validation and no trial had seen any of it before this one.'
    : `${counted(readsBefore, 'validation')} and ${counted(seenBefore, 'trial')} had seen some of it before this one: it proves nothing any more.`
  return html`<div class="box under" id="hold-out"><div class="bar"><h3>Hold-out</h3></div><p class="empty">From ${dayOf(from)} to ${dayOf(to)}, which no trial of the search saw: ${came}. <span class="mark ${isSealed ? 'good' : 'bad'}">${isSealed ? 'sealed' : 'opened before'}</span>${seal}</p></div>`
}

function equityChart({ outOfSample, unit }: ValidationInput): CurveChart[] {
  if (outOfSample === undefined || outOfSample.times.length === 0) return []
  const { times, equity } = outOfSample
  return [
    {
      ...{ id: 'out-of-sample', steps: 'time', unit, at: times, bands: [] },
      curves: [{ name: 'equity', values: equity, stroke: 'ink', dash: [] }],
    },
  ]
}

function fanFigure(fan: Fan, at: number, { unit }: ValidationInput): Html {
  const { name, samples, p05, p50, p95, observed, fell } = fan
  const end = (values: Float64Array) => short(Number(values.at(-1)!.toPrecision(4)))
  const depth = (fall: number) => percent(Number((-fall).toPrecision(3)))
  const ended =
    end(p05) === end(p95)
      ? `${counted(samples, 'sample')}, which all ended at ${end(p50)} ${unit}: only the way there differs`
      : `Of ${counted(samples, 'sample')} nine in ten ended between ${end(p05)} and ${end(p95)} ${unit}, half of them above ${end(p50)}`
  const caption = `${ended}; the full line, as it was, ended at ${end(observed)}. On the way half of them fell by ${depth(fell.half)} % or more, one in twenty by ${depth(fell.twentieth)} %. Dashed: the median; dark: the middle half; pale: nine in ten.`
  return chartFrame({ id: `fan-${at}`, title: `Monte Carlo: ${name}`, unit, caption, keys })
}

function fanChart(
  { steps, at, p05, p25, p50, p75, p95, observed }: Fan,
  index: number,
  { unit }: ValidationInput,
): CurveChart {
  const edge = (name: string, values: Float64Array) => ({ name, values, stroke: 'curve-5', dash: [2, 2] })
  return {
    ...{ id: `fan-${index}`, steps, unit, at },
    curves: [
      ...[edge('5 %', p05), edge('25 %', p25)],
      { name: '50 %', values: p50, stroke: 'curve-0', dash: [6, 3] },
      ...[edge('75 %', p75), edge('95 %', p95)],
      { name: 'as it was', values: observed, stroke: 'ink', dash: [] },
    ],
    // The middle half lies in the wide band, too: it is painted twice.
    bands: [
      { upper: 4, lower: 0, fill: 'gain-soft' },
      { upper: 3, lower: 1, fill: 'gain-soft' },
    ],
  }
}

function spreadsOf(input: ValidationInput): SpreadChart[] {
  const charts: SpreadChart[] = []
  // A path without any trade has no Sharpe ratio.
  const [paths, logits] = [input.paths, input.logits].map((values) => values?.filter(Number.isFinite))
  if (paths !== undefined && paths.length > 0) {
    const below = paths.filter((one) => one <= 0).length
    charts.push({
      ...{
        id: 'paths',
        name: 'sharpe',
        title: 'Sharpe ratios of paths',
        unit: 'paths in each bar, a year',
        values: paths,
      },
      caption: `Each of ${counted(paths.length, 'path')} through the test groups is one history out of sample; ${full(below)} did not win.`,
    })
  }
  if (logits !== undefined && logits.length > 0) {
    const below = logits.filter((one) => one <= 0).length
    charts.push({
      ...{
        id: 'logits',
        name: 'logit',
        title: 'Rank after the split',
        unit: 'splits in each bar, logit',
        values: logits,
      },
      caption: `In ${full(below)} of ${counted(logits.length, 'split')} the best of one half was no better than the median in the other: ${percent(below / logits.length)} %, the probability of backtest overfitting.`,
    })
  }
  return charts
}

function checkTable({ checks }: ValidationInput): Html {
  if (checks.length === 0) return missing('No statistic could be given.')
  return box(
    'checks',
    'Each statistic and what it was held against',
    html`<table class="told"><thead><tr><th>Verdict</th><th>Statistic</th><th class="number">Value</th><th>Unit</th><th>Asked</th><th>What it says</th></tr></thead><tbody>${checks.map(
      ({ name, value, unit, threshold, level, sentence }) =>
        html`<tr><td class="check-${level}">${level}</td><th scope="row">${name}</th><td class="number" title="${value === undefined ? '' : full(value)}">${value === undefined ? '–' : short(Number(value.toPrecision(4)))}</td><td class="unit-name">${unit}</td><td>${threshold}</td><td class="unit">${sentence}</td></tr>`,
    )}</tbody></table>`,
  )
}

function missing(sentence: string): Html {
  return html`<div class="box"><p class="empty">${sentence}</p></div>`
}
