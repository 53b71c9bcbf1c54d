// Runs, comparisons and what was deleted as a person reads them.
import { full, isoOf, minus, short, signed } from '../console/report/format.ts'
import type { Comparison } from '../pipelines/compare.ts'
import { wrapped } from './paragraph.ts'
import type { Collected, RunLine } from './runs.ts'
import { table } from './table.ts'

/** A table that fits the width: what does not fit goes from the right, and the run's own line says it. */
export function runsText(runs: readonly RunLine[], width: number): string {
  if (runs.length === 0) return 'no runs yet: smartspeed backtest --help shows how to make one'
  const cells = runs.map((one) => [
    ...[
      one.run,
      one.status,
      one.net === undefined ? '' : signed(short(one.net)),
      one.net === undefined ? '' : one.currency,
    ],
    ...[one.trades ?? '', one.strategy, one.symbols.join(' '), rangeText(one.from, one.to)],
  ])
  const head = ['run', 'status', 'net result', '', 'trips', 'strategy', 'symbols', 'range (UTC)']
  for (let columns = head.length; ; columns--) {
    const rows = cells.map((row) => row.slice(0, columns))
    const text = table(head.slice(0, columns), rows)
    if (columns === 5 || text.split('\n').every((line) => line.length <= width)) {
      return columns === head.length
        ? text
        : `${text}\n${wrapped(`${head.slice(columns).join(', ')} in a wider terminal, or with --json`, width)}`
    }
  }
}

function rangeText(from: number | null, to: number | null): string {
  const time = (at: number | null) => (at === null ? '' : isoOf(Math.floor(at / 1e6) * 1e6))
  return from === null && to === null ? 'all there was' : `${time(from)} … ${time(to)}`
}

/** What a person compares; JSON has every figure. */
const shown: Readonly<Record<string, string>> = {
  totalReturn: 'total return, %',
  annualReturn: 'a year, %',
  annualVolatility: 'volatility a year, %',
  sharpe: 'Sharpe',
  sortino: 'Sortino',
  calmar: 'Calmar',
  intradayMaxDrawdown: 'deepest drawdown, %',
  finalEquity: 'final equity',
  fees: 'fees',
  funding: 'funding',
  fills: 'fills',
  trades: 'round trips',
  winRate: 'winning trips, %',
  profitFactor: 'profit factor',
  exposure: 'time in the market, %',
  turnover: 'turnover',
}

/** The answer, then figures, what they were given, and where their outputs part. */
export function comparisonText(compared: Comparison, width: number): string {
  const { a, b, better, luck, config, range, inputs, sameCode, outputs, equal, figures } = compared
  const answer = equal
    ? `${a} and ${b} wrote the same rows: every output is equal.`
    : better === null
      ? `Neither of ${a} and ${b} returned more.`
      : `${better} returned more. Beyond luck? ${sentence(luck.said)}`
  const missing = new Map<string, string[]>()
  const rows = Object.entries(shown).flatMap(([name, label]) => {
    const figure = figures.find((one) => one.name === name)
    if (figure === undefined) return []
    if (figure.a === null && figure.b === null) {
      const why = figure.reason ?? 'neither has it'
      missing.set(why, [...(missing.get(why) ?? []), label.replace(', %', '')])
      return []
    }
    const scale = label.endsWith('%') ? 100 : 1
    const text = (value: number | null) => (value === null ? '' : short(value * scale))
    const difference = figure.difference === null ? '' : signed(short(figure.difference * scale))
    return [[label, text(figure.a), text(figure.b), difference]]
  })
  const given = [
    ...config.map(({ key, a, b }) => `${key}: ${valueText(a, key)} and ${valueText(b, key)}`),
    ...(range.equal
      ? []
      : [`range: ${rangeText(range.a.from, range.a.to)} and ${rangeText(range.b.from, range.b.to)}`]),
    ...inputs.map(({ topic, a, b }) => `${topic} held ${full(a)} rows and ${full(b)}`),
    ...(sameCode ? [] : ['the code: they were not made by the same']),
  ]
  const parts = outputs.flatMap(({ topic, first }) => {
    if (first === undefined) return []
    return [`${topic} from offset ${first.offset} on: ${rowsApart(first.was, first.is)}`]
  })
  const same = outputs.filter((one) => one.equal).map(({ topic }) => topic)
  return [
    wrapped(answer, width),
    [
      table(['figure', a, b, 'difference'], rows),
      ...[...missing].map(([why, names]) => wrapped(`not given: ${names.join(', ')} (${why})`, width)),
    ].join('\n'),
    block('They were given', given.length === 0 ? ['the same'] : given, width),
    ...(equal
      ? []
      : [block('Their outputs part', [...parts, ...(same.length === 0 ? [] : [`equal: ${same.join(', ')}`])], width)]),
  ].join('\n\n')
}

function block(head: string, lines: readonly string[], width: number): string {
  return [head, ...lines.map((line) => wrapped(`  ${line}`, width))].join('\n')
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`
}

/** The fields in which two rows differ, first one's value, then the other's. */
function rowsApart(was: string | null, is: string | null): string {
  if (was === null || is === null) return was === null ? 'the first has no more rows' : 'the second has no more rows'
  const [one, other] = [JSON.parse(was), JSON.parse(is)] as [Record<string, unknown>, Record<string, unknown>]
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
    .map((name) =>
      typeof (one[name] ?? other[name]) === 'object'
        ? name
        : `${name} ${one[name] ?? 'nothing'} and ${other[name] ?? 'nothing'}`,
    )
    .join(', ')
}

function valueText(value: unknown, key: string): string {
  if ((key === 'from' || key === 'to') && typeof value === 'number') return isoOf(value)
  return value === null ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value).replace(/^-/, minus)
}

export function collectedText({ rows, bytes, topics, dryRun }: Collected): string {
  if (rows === 0 && bytes === 0)
    return 'nothing to delete: no topic has rows older than it is kept, no removed run left anything'
  const head = dryRun
    ? `would delete ${full(rows)} rows and give back up to ${bytesText(bytes)}`
    : `deleted ${full(rows)} rows, ${bytesText(bytes)} given back`
  return [head, ...topics.map(({ topic, rows }) => `  ${topic}: ${full(rows)} rows`)].join('\n')
}

export function bytesText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
