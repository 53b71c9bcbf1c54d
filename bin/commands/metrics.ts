// `smartspeed metrics FILE.csv`: every performance figure of a series of returns, or of equity.
import type { Command } from 'commander'
import type { SeriesPerformance } from '../../operators/metrics/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { type GlobalOptions, parsePositive } from '../options.ts'
import { note, printResult } from '../output.ts'
import { table } from '../table.ts'

interface Flags extends GlobalOptions {
  readonly column?: string
  readonly periods?: string
  readonly riskFree: string
  readonly format?: string
  readonly output?: string
}

export function register(program: Command): void {
  program
    .command('metrics <file>')
    .description('every performance figure of a series in a CSV file, plain or gzip')
    .option('--column <name>', 'returns, equity, or any other column with values; found when there is one')
    .option('--periods <number>', 'returns in a year; by the times of the file, or 365, when left out')
    .option(
      '--risk-free <number>',
      'the return of one period that counts as zero (a year’s rate over the periods)',
      '0',
    )
    .option('--format <format>', 'a table for programs: jsonl, csv, arrow or parquet')
    .option('-o, --output <file>', 'that table in this file; its ending says the format')
    .addHelpText(
      'after',
      [
        '',
        'A column called returns holds returns (0.01 is 1 %); any other holds values, such as equity or prices.',
        'A column called time, date or timestamp, where there is one, tells the months, and how many returns a year of',
        '365 days has: 8,760 of hours. docs/metrics.md has every formula.',
        '',
        'Example:',
        '  npx smartspeed metrics ../shared/data/bars/xrp-usdt-perp-1h-futures.csv.gz --column close',
      ].join('\n'),
    )
    .action(async (file: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const given = flags.periods === undefined ? undefined : parsePositive('--periods', flags.periods)
      const riskFree = parseRate(flags.riskFree)
      const { figureTable, printTable, tableFormatOf } = await import('../rows/tables.ts')
      tableFormatOf(flags)
      const { readSeries } = await import('../series-file.ts')
      const { seriesPerformance } = await import('../../operators/metrics/index.ts')
      const { column, periods: seen, ...series } = await readSeries(file, flags.column)
      const periods = given ?? seen ?? 365
      if (given === undefined) {
        const why = seen === undefined ? 'as of days, for no column tells times' : 'by the median step of the times'
        note(`${Number(periods.toPrecision(6))} returns in a year, ${why}; --periods says another number`)
      }
      if (Math.abs(riskFree * periods) > 1) noteRate(riskFree, periods)
      const metrics = seriesPerformance(series, { periods, riskFree })
      if (flags.format !== undefined || flags.output !== undefined)
        return printTable(figureTable('metrics', metrics), flags)
      await printResult(flags.json, { metrics, column, periods, riskFree }, () => linesOf(metrics))
    })
}

/** Errors: CONFIG_INVALID for what is no finite number. */
function parseRate(text: string): number {
  const rate = Number(text)
  if (text.trim() !== '' && Number.isFinite(rate)) return rate
  throw new SmartspeedError('CONFIG_INVALID', `--risk-free: "${text}" is not a number`, {
    fix: '4 % a year of 365 daily returns: --risk-free 0.00010959',
  })
}

/** A rate that can only be that of a year. */
function noteRate(rate: number, periods: number): void {
  note(
    `--risk-free ${rate} is the return of one period, ${Math.round(rate * periods * 100)} % a year; of a rate for a year take a ${periods}th: ${rate / periods}`,
  )
}

/** A figure a line; of one that cannot be given, why. */
function linesOf({ reasons, ...figures }: SeriesPerformance): string {
  const rows = Object.entries(figures).map(([name, value]) => [
    name,
    value === null ? '' : String(Number(value.toPrecision(6))),
    reasons[name as keyof typeof reasons] ?? '',
  ])
  return table(['figure', 'value', ''], rows)
}
