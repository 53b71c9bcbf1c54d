// `smartspeed export bars DIR`: candles as a folder of Parquet files, a file a year.
import type { Command } from 'commander'
import { type GlobalOptions, withTopics } from '../options.ts'
import { counted, note, printResult } from '../output.ts'
import { stopSignal } from '../stop.ts'

interface Flags extends GlobalOptions {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly wide?: boolean
  readonly round?: boolean
}

export function register(program: Command): void {
  program
    .command('export')
    .description('topics as files that others read')
    .command('bars <folder>')
    .description('candles as Parquet: FOLDER/<exchange>/<symbol>/<interval>/<year>.parquet and metadata.json')
    .requiredOption('--exchange <id>', 'exchange that they come from')
    .requiredOption('--symbol <symbol>', 'as the exchange spells it')
    .requiredOption('--interval <interval>', 'how long a candle is: 1s … 1d')
    .option('--wide', 'decimals of 38 digits, 18 behind the point, where 18 and 8 are too few')
    .option('--round', 'take what has more digits than that to the nearest')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed export bars candles --wide --exchange binance-usdm --symbol BTCUSDT --interval 1m',
    )
    .action(async (dir: string, _options: object, own: Command) => {
      const { exchange, symbol, interval, wide = false, round = false, ...flags } = own.optsWithGlobals<Flags>()
      const { checkExchange } = await import('../../connectors/files/instrument.ts')
      checkExchange(exchange)
      const { exportBars } = await import('../export-bars.ts')
      const work = { dir, exchange, symbol, interval, wide, round, signal: stopSignal() }
      const result = await withTopics(flags, (topics) => exportBars(topics, work))
      if (result.contradictions > 0)
        note(
          `${counted(result.contradictions, 'candle says', 'candles say')} something else than the first of that time`,
        )
      if (result.rounded > 0)
        note(`${counted(result.rounded, 'number was', 'numbers were')} taken to the nearest decimal`)
      await printResult(flags.json, result, () =>
        result.files.map(({ file, rows }) => `${file}: ${counted(rows, 'candle', 'candles')}`).join('\n'),
      )
    })
}
