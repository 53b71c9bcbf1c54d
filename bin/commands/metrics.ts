// `smartspeed metrics FILE.csv`: every performance figure of a series of returns, or of equity.
import type { Command } from 'commander'
import type { SeriesPerformance } from '../../operators/metrics/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { type GlobalOptions, parsePositive } from '../options.ts'
import { note, printResult } from '../output.ts'
import { table } from '../table.ts'

interface Flags extends GlobalOptions {
  readonly column?: string
  readonly periods: string
  readonly riskFree: string
}

export function register(program: Command): void {
  program
    .command('metrics <file>')
    .description('every performance figure of a series in a CSV file, plain or gzip')
    .option('--column <name>', 'returns, equity, or any other column with values; found when there is one')
    .option('--periods <number>', 'returns in a year', '365')
    .option(
      '--risk-free <number>',
      'the return of one period that counts as zero (a year’s rate over the periods)',
      '0',
    )
    .addHelpText(
      'after',
      [
        '',
        'A column called returns holds returns (0.01 is 1 %); any other holds values, such as equity or prices.',
        'A column called time, date or timestamp, where there is one, tells the months. docs/metrics.md has every formula.',
        '',
        'Example:',
        '  npx smartspeed metrics ../shared/data/bars/xrp-usdt-perp-1h-futures.csv.gz --column close --periods 8760',
      ].join('\n'),
    )
    .action(async (file: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const periods = parsePositive('--periods', flags.periods)
      const riskFree = parseRate(flags.riskFree, periods)
      const { readSeries } = await import('../series-file.ts')
      const { seriesPerformance } = await import('../../operators/metrics/index.ts')
      const { column, ...series } = await readSeries(file, flags.column)
      const metrics = seriesPerformance(series, { periods, riskFree })
      await printResult(flags.json, { metrics, column, periods, riskFree }, () => linesOf(metrics))
    })
}

/** Errors: CONFIG_INVALID for what is no finite number. */
function parseRate(text: string, periods: number): number {
  const rate = Number(text)
  if (text.trim() === '' || !Number.isFinite(rate)) {
    throw new SmartspeedError('CONFIG_INVALID', `--risk-free: "${text}" is not a number`, {
      fix: '4 % a year of 365 daily returns: --risk-free 0.00010959',
    })
  }
  if (Math.abs(rate * periods) > 1) {
    note(
      `--risk-free ${text} is the return of one period, ${Math.round(rate * periods * 100)} % a year; of a rate for a year take a ${periods}th: ${rate / periods}`,
    )
  }
  return rate
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
