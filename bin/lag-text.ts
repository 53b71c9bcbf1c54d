// Lag for a person: the answer first, then the tasks, then where their lag is. Within 80 columns.
import type { LagState, PartitionReport, TaskReport } from '../pipelines/lag-history.ts'
import { table } from './table.ts'

export interface ScreenOptions {
  /** Also partitions without lag. */
  readonly partitions: boolean
  readonly now: Date
  readonly columns: number
}

/** Words of a state that want attention, most pressing first. */
const troubles: readonly LagState[] = ['stopped', 'stuck', 'slow']

export function lagScreen(reports: readonly TaskReport[], { partitions, now, columns }: ScreenOptions): string {
  const clock = `${now.toISOString().slice(0, 19)}Z`
  if (reports.length === 0) {
    return `no run is at work, and none was left unfinished (${clock})\nbegin one: npx smartspeed run trading …   finished ones: npx smartspeed lag --run R`
  }
  const parts: string[] = [`${answer(reports)} (${clock})`]
  for (const [run, tasks] of groupBy(reports, ({ run }) => run)) {
    const { pipeline, mode } = tasks[0]!
    parts.push(
      '',
      `${run}: ${pipeline}, ${mode === 'follow' ? 'follows live rows' : 'replays what was there'}`,
      tasksTable(tasks),
    )
  }
  const places = reports.flatMap((report) =>
    report.partitions
      .filter(({ rows }) => partitions || rows > 0)
      .map((part) => [report.run, report.task, part] as const),
  )
  if (places.length > 0) parts.push('', partitionsTable(places))
  return parts
    .flatMap((part) => part.split('\n'))
    .map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line))
    .join('\n')
}

/** A line a task, for logs. */
export function lagLines(reports: readonly TaskReport[], now: Date): string[] {
  return reports.map((report) => {
    const { rows, seconds, rate, eta } = sumOf(report)
    const pace = rate === null ? '' : `, ${short(rate)} rows/s`
    const until = eta === null || rows === 0 ? '' : `, caught up in ${duration(eta)}`
    const why = report.why === '' ? '' : `: ${report.why}`
    return `${now.toISOString()} ${report.run} ${report.task} ${report.state}${why}; ${rows} rows to go, ${duration(seconds)} behind${pace}${until}`
  })
}

function answer(reports: readonly TaskReport[]): string {
  const named = troubles.flatMap((state) => {
    const tasks = reports.filter((one) => one.state === state)
    if (tasks.length === 0) return []
    const names = tasks.slice(0, 3).map(({ run, task }) => `${run} ${task}`)
    return [`${state}: ${names.join(', ')}${tasks.length > 3 ? ` and ${tasks.length - 3} more` : ''}`]
  })
  if (named.length > 0) return named.join(' · ')
  const behind = reports.filter((report) => sumOf(report).rows > 0).length
  if (behind === 0)
    return reports.length === 1 ? 'the task has caught up' : `all ${reports.length} tasks have caught up`
  if (reports.length === 1) return 'the task has rows to go, and goes on'
  return `${behind} of ${reports.length} tasks ${behind === 1 ? 'has' : 'have'} rows to go, and all go on`
}

function tasksTable(tasks: readonly TaskReport[]): string {
  return table(
    ['task', 'state', 'rows to go', 'behind', 'rows/s', 'done in', 'last commit'],
    tasks.map((report) => {
      const { rows, seconds, rate, eta, estimated } = sumOf(report)
      return [
        ...[clip(report.task, 14), report.state, `${estimated ? '~' : ''}${spaced(rows)}`, duration(seconds)],
        ...[rate === null ? '–' : short(rate), rows === 0 || eta === null ? '–' : duration(eta)],
        report.committedMs === undefined ? 'never' : new Date(report.committedMs).toISOString().slice(5, 19),
      ]
    }),
  )
}

function partitionsTable(places: readonly (readonly [run: string, task: string, part: PartitionReport])[]): string {
  const several = new Set(places.map(([run]) => run)).size > 1
  return table(
    ['where', '', 'committed', 'end', 'rows to go', 'behind'],
    places.map(([run, task, { topic, partition, committed, end, rows, seconds, estimated }]) => [
      ...[clip(several ? `${run} ${task}` : task, 18), clip(`${topic.replace(/^market\./, '')}/${partition}`, 14)],
      ...[committed === null ? '–' : spaced(committed), spaced(end)],
      ...[`${estimated ? '~' : ''}${spaced(rows)}`, duration(seconds)],
    ]),
  )
}

/** A task over all its partitions: rows added up, times the longest. */
function sumOf({ partitions }: TaskReport) {
  const known = partitions.flatMap(({ rowsPerSecond }) => rowsPerSecond ?? [])
  const etas = partitions.filter(({ rows }) => rows > 0).map(({ etaSeconds }) => etaSeconds)
  return {
    rows: partitions.reduce((sum, { rows }) => sum + rows, 0),
    seconds: partitions.reduce((most, { seconds }) => Math.max(most, seconds), 0),
    rate: known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0),
    eta: etas.includes(null) ? null : etas.reduce<number>((most, eta) => Math.max(most, eta!), 0),
    estimated: partitions.some(({ estimated }) => estimated),
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

/** Thin spaces every three digits. */
function spaced(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, '\u2009')
}

/** At most four significant digits. */
function short(value: number): string {
  return value >= 1e6
    ? `${(value / 1e6).toPrecision(3)}M`
    : value >= 10_000
      ? `${Math.round(value / 1000)}k`
      : spaced(value)
}

/** `0 s`, `2.3 s`, `12m 3s`, `2h 13m`, `3d 4h`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds === 0 ? '0' : seconds < 0.05 ? '<0.1' : seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${Math.floor(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
