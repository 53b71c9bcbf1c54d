// `smartspeed indicators FILE`: indicator columns over the candles of a file.
import type { Command } from 'commander'
import type { ChosenIndicator } from '../../operators/indicators/parse.ts'
import { noteLeftOut } from '../left-out.ts'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'
import { stopSignal } from '../stop.ts'

interface Flags extends GlobalOptions {
  readonly indicators: string
  readonly timeColumn?: string
  readonly output?: string
}

export function register(program: Command): void {
  program
    .command('indicators <file>')
    .description('technical indicators over the candles of a CSV file, plain or gzip, with the values of TA-Lib')
    .requiredOption('--indicators <list>', 'names with their parameters: sma:10,rsi:14,macd:12:26:9')
    .option('--time-column <name>', 'column with the start of each candle; open_time_ms, timestamp, … are found')
    .option('-o, --output <file>', 'write the CSV to this file; .gz compresses it')
    .addHelpText(
      'after',
      [
        '',
        'Indicators: sma, ema, wma, macd, rsi, roc, stoch, willr, cci, aroon, stddev, bbands, atr, adx, obv, mfi;',
        'parameters that are left out are those of TA-Lib. docs/indicators.md has formulas, parameters and columns.',
        '',
        'Example:',
        '  npx smartspeed indicators ../shared/data/bars/btc-perp-1m-2022-01.csv.gz --indicators sma:10,rsi:14,macd:12:26:9',
      ].join('\n'),
    )
    .action(async (file: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { parseIndicators } = await import('../../operators/indicators/parse.ts')
      const chosen = parseIndicators(flags.indicators)
      const summary = await writeIndicators(file, chosen, flags, stopSignal())
      noteLeftOut(file, summary)
      if (flags.output !== undefined) {
        await printResult(flags.json, { file: flags.output, ...summary }, () => {
          return `${summary.candles} rows of ${summary.columns.length} columns in ${flags.output}`
        })
      }
    })
}

/** Reads, computes and writes chunk by chunk, so that memory does not grow with the file, but for JSON on stdout. Errors: FILE_…, INTERRUPTED. */
async function writeIndicators(file: string, chosen: readonly ChosenIndicator[], flags: Flags, signal: AbortSignal) {
  const { openCapture } = await import('../../connectors/capture.ts')
  const { candleColumns } = await import('../../connectors/files/candle-columns.ts')
  const { IndicatorEngine } = await import('../../operators/indicators/engine.ts')
  const { fileTarget, stdoutTarget, wholeTarget } = await import('../rows/target.ts')
  const { csvTable, jsonTable } = await import('../rows/table.ts')
  const { SmartspeedError } = await import('../../schemas/errors.ts')
  const needs = [...new Set(chosen.flatMap(({ indicator }) => indicator.inputs))]
  const engine = new IndicatorEngine(chosen)
  const chunks = candleColumns(await openCapture(file), { timeColumn: flags.timeColumn, needs })
  // The first chunk shows what is wrong with the file, before anything is written.
  let next = await chunks.next()
  const isJson = flags.json === true && flags.output === undefined
  const stdout = isJson ? wholeTarget(stdoutTarget()) : stdoutTarget()
  const target = flags.output === undefined ? stdout : await fileTarget(flags.output)
  const table = isJson ? jsonTable : csvTable
  const sink = table(['time', ...engine.columns], target)
  try {
    while (!next.done) {
      if (signal.aborted) throw new SmartspeedError('INTERRUPTED', 'stopped before the last candle')
      const { rows, openTime } = next.value
      const values = engine.run(next.value)
      await sink.write([openTime, ...engine.columns.map((_, at) => values.subarray(at * rows, (at + 1) * rows))])
      next = await chunks.next()
    }
    await sink.end()
    await target.close()
  } catch (error) {
    await target.discard()
    throw error
  }
  return { columns: engine.columns, ...next.value }
}
