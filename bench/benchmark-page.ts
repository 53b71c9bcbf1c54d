// A benchmark as one HTML file with the look of the report: verdicts first, then each figure with its interval beside its marks.
import { scriptOf, styles } from '../console/report/assets.ts'
import { documentOf } from '../console/report/document.ts'
import { full, isoOf, percent, short } from '../console/report/format.ts'
import { capital } from '../console/report/frames.ts'
import { type Html, html } from '../console/report/html.ts'
import type { Assessed, Statistics, Verdict } from './assess.ts'
import type { Benchmarked } from './benchmark.ts'

const said: Readonly<Record<Verdict, { readonly word: string; readonly level: 'good' | 'caution' | 'bad' | 'none' }>> =
  {
    excellent: { word: 'excellent', level: 'good' },
    pass: { word: 'pass', level: 'good' },
    fail: { word: 'fail', level: 'bad' },
    unproven: { word: 'unproven', level: 'caution' },
    checked: { word: 'checked', level: 'caution' },
    absent: { word: 'not applicable', level: 'none' },
  }

/** Self-contained: styles, script and data are in it, nothing is requested. */
export function benchmarkPage(result: Benchmarked): string {
  const { assessed, machine, startedMs, quick } = result
  const measured = assessed.filter(({ statistics }) => statistics !== null)
  return documentOf({
    title: `Benchmark: ${sentenceOf(result)}`,
    style: `${styles()}\n${css}`,
    script: `${scriptOf(['client/theme.ts'])}\nswitchColours(document.getElementById('theme'), () => {})`,
    body: html`<header>
<h1>Benchmark</h1>
<button type="button" id="theme" class="theme" aria-label="Colours: as the system">as the system</button>
<p class="muted" style="grid-column: 1 / -1; margin: 0">${isoOf(startedMs * 1000)} UTC · ${machine.cores} cores of ${machine.cpu} · ${machine.memoryGb} GB · Node ${machine.node} on ${machine.platform}</p>
<div class="verdict"><span class="mark ${levelOf(result)}">${quick ? 'Results checked' : wordOf(result)}</span>${sentenceOf(result)}</div>
</header>
<main>
<h2>Was what was asked for reached?</h2>
<p>A verdict rests on the end of the interval of the mean that is nearer to failure, not on the mean.${quick && ' This was a quick run over little data: its times mean nothing.'}</p>
<div class="box"><div class="bar"><h3>Figures and marks</h3><a download="benchmark.csv" href="data:text/csv;charset=utf-8,${encodeURIComponent(csvOf(assessed))}">data as CSV</a></div><div class="scroll"><table><thead><tr><th>Figure</th><th>Verdict</th><th class="number">Mean</th><th class="number">Interval of the mean</th><th class="number">Accepted</th><th class="number">Target</th><th class="number">Excellent</th><th>Unit</th><th>Source</th></tr></thead><tbody>${assessed.map(verdictRow)}</tbody></table></div></div>
${measured.length > 0 && html`<h2>How sure is it?</h2>${measured.map(stripOf)}`}
<h2>Every repetition</h2>
<div class="box"><div class="bar"><h3>Statistics</h3></div><div class="scroll"><table><thead><tr><th>Figure</th><th class="number">Repetitions</th><th class="number">Median</th><th class="number">Its interval, bootstrap</th><th class="number">Deviation</th><th class="number">5 %</th><th class="number">95 %</th><th>Trend</th><th class="number">Calls: 50 %, 95 %, 99 %, most</th><th>Unit</th></tr></thead><tbody>${measured.map(statisticsRow)}</tbody></table></div></div>
</main>`,
  })
}

const css = `.mark.none { background: var(--muted); }
.strip { width: 100%; height: 64px; display: block; }
.strip text { font: 11px var(--sans); fill: var(--muted); }
td .mark { margin: 0; white-space: nowrap; }`

function levelOf({ verdicts, quick }: Benchmarked): string {
  if (verdicts.fail > 0) return 'bad'
  return quick || verdicts.unproven > 0 || verdicts.excellent + verdicts.pass === 0 ? 'caution' : 'good'
}

function wordOf({ verdicts, score }: Benchmarked): string {
  if (score === null) return 'Nothing measured'
  return verdicts.fail > 0 ? 'Falls short' : 'Reached'
}

function sentenceOf({ assessed, verdicts, score }: Benchmarked): string {
  const { excellent, pass, fail, absent } = verdicts
  const reached =
    score === null
      ? `${assessed.length - absent - fail} figures looked at`
      : `${excellent + pass} of ${excellent + pass + fail} figures reach what was asked, ${percent(score)} %`
  return `${reached}; ${excellent} are excellent, ${absent} not applicable.`
}

function verdictRow({ mark, verdict, why, statistics }: Assessed): Html {
  const { name, what, unit, source, at, acceptable, target, excellent } = mark
  const { word, level } = said[verdict]
  const sign = at === 'most' ? '≤' : '≥'
  const cell = (value: number | undefined) => (value === undefined ? html`<td></td>` : numberCell(value, sign))
  return html`<tr><th scope="row"><code>${name}</code><br><span class="muted">${what}${why !== '' && html`. ${capital(why)}.`}</span></th><td><span class="mark ${level}">${word}</span></td>${statistics === null ? html`<td class="number muted">–</td><td class="number muted">–</td>` : html`${numberCell(statistics.mean)}<td class="number">${intervalOf(statistics)}</td>`}${cell(acceptable)}${cell(target)}${cell(excellent)}<td class="unit">${unit}</td><td class="unit">${source}</td></tr>`
}

function numberCell(value: number, sign = ''): Html {
  return html`<td class="number" title="${full(value)}">${sign !== '' && `${sign} `}${short(value)}</td>`
}

function intervalOf({ meanInterval }: Statistics): string {
  return meanInterval === null ? 'one repetition' : `${short(meanInterval.low)} to ${short(meanInterval.high)}`
}

function statisticsRow({ mark, statistics }: Assessed): Html {
  const { values, median, medianInterval, deviation, p05, p95, trend, calls } = statistics!
  const single = calls && [calls.p50, calls.p95, calls.p99, calls.most].map(short).join(', ')
  return html`<tr><th scope="row"><code>${mark.name}</code></th><td class="number">${values.length}</td>${numberCell(median)}<td class="number">${medianInterval === null ? '–' : `${short(medianInterval.low)} to ${short(medianInterval.high)}`}</td><td class="number">${deviation === null ? '–' : short(deviation)}</td>${numberCell(p05)}${numberCell(p95)}<td>${trend}</td><td class="number">${single ?? '–'}</td><td class="unit">${mark.unit}</td></tr>`
}

const [width, left, right] = [1180, 20, 1160]

/** A figure on a line of powers of ten: its repetitions, the interval of their mean, and the marks. */
function stripOf({ mark, statistics, verdict }: Assessed): Html {
  const { values, mean, meanInterval } = statistics!
  const goals = [
    ['accepted', mark.acceptable],
    ...(mark.target === mark.acceptable ? [] : [['target', mark.target] as const]),
    ...(mark.excellent === undefined ? [] : [['excellent', mark.excellent] as const]),
  ] as const
  // An interval may reach below zero, which has no place on such a line.
  const ends = meanInterval === null ? [mean] : [meanInterval.low, meanInterval.high].filter((end) => end > 0)
  const all = [...values, ...ends, ...goals.map(([, goal]) => goal)].map(Math.log10)
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const span = most - least || 1
  const x = (value: number): string => {
    const share = (Math.log10(Math.max(value, 10 ** least)) - least) / span
    return (left + 60 + share * (right - left - 120)).toFixed(1)
  }
  const line =
    meanInterval &&
    html`<line x1="${x(meanInterval.low)}" x2="${x(meanInterval.high)}" y1="34" y2="34" stroke="var(--accent)" stroke-width="5"></line>`
  const label = `${mark.name}: mean ${short(mean)} ${mark.unit}, ${said[verdict].word}`
  return html`<figure class="still"><div class="panel-head"><h3>${mark.name}, ${mark.unit}, a line of powers of ten</h3></div>
<svg class="strip" viewBox="0 0 ${width} 64" role="img" aria-label="${label}">
<line x1="${left}" x2="${right}" y1="34" y2="34" stroke="var(--line)"></line>
${goals.map(([name, goal], at) => html`<line x1="${x(goal)}" x2="${x(goal)}" y1="22" y2="46" stroke="var(--ink)" stroke-dasharray="${at === 0 ? '' : '3 3'}"></line><text x="${x(goal)}" y="${at % 2 === 0 ? 60 : 14}" text-anchor="middle">${name} ${short(goal)}</text>`)}
${line ?? html``}${values.map((value) => html`<circle cx="${x(value)}" cy="34" r="3" fill="var(--surface)" stroke="var(--muted)"></circle>`)}<circle cx="${x(mean)}" cy="34" r="5" fill="var(--accent)"></circle>
</svg>
<figcaption><p class="caption">${captionOf(mark.at, statistics!)}</p></figcaption></figure>`
}

function captionOf(at: 'most' | 'least', { values, meanInterval }: Statistics): string {
  const better = at === 'most' ? 'left' : 'right'
  const thick = meanInterval === null ? '' : ', the thick line where their mean lies'
  return `Further ${better} is better. Rings are ${values.length} repetitions${thick}.`
}

/** A repetition a line. */
function csvOf(assessed: readonly Assessed[]): string {
  const lines = assessed.flatMap(({ mark, verdict, statistics }) => {
    const values = statistics?.values ?? []
    const told = [mark.name, mark.unit, verdict]
    return values.length === 0
      ? [[...told, '', ''].join(',')]
      : values.map((value, at) => [...told, at + 1, value].join(','))
  })
  return ['figure,unit,verdict,repetition,value', ...lines, ''].join('\n')
}
