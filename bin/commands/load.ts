// `smartspeed load bars FILE`: candles from a foreign file into topics.
import type { Command } from 'commander'
import { SmartspeedError } from '../../schemas/errors.ts'
import { isoOf } from '../../schemas/time.ts'
import { type GlobalOptions, parsePositive, withTopics } from '../options.ts'
import { note, printResult } from '../output.ts'
import { stopSignal } from '../stop.ts'

interface Flags extends GlobalOptions {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly timeColumn?: string
  readonly tick?: string
  readonly lot?: string
  readonly settle?: string
}

export function register(program: Command): void {
  const load = program.command('load').description('foreign files into topics')
  load
    .command('bars <file>')
    .description('candles from a CSV file, plain or gzip; loading it again adds nothing twice')
    .requiredOption('--exchange <id>', 'exchange that they come from')
    .requiredOption('--symbol <symbol>', 'as the exchange spells it')
    .requiredOption('--interval <interval>', 'how long a candle is: 1s … 1d')
    .option('--time-column <name>', 'column with the start of each candle; open_time_ms, timestamp, … are found')
    .option('--tick <step>', 'smallest step of the price; read off the prices when left out')
    .option('--lot <step>', 'smallest step of the size; read off the volumes when left out')
    .option('--settle <currency>', 'currency that profit is paid in; read off the symbol when left out')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed load bars ../shared/data/bars/btc-perp-1m-2022-01.csv.gz --exchange binance-usdm --symbol BTCUSDT --interval 1m',
    )
    .action(async (file: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const options = await loadOptions(file, flags)
      const { loadCandles } = await import('../../pipelines/load-candles.ts')
      const signal = stopSignal()
      const result = await withTopics(flags, (topics) => loadCandles(topics, { ...options, signal }), { write: true })
      if (!result.complete) note(`${file} ends in the middle: what is whole was loaded`)
      if (result.deadLetters > 0) note(`${result.deadLetters} lines are no candles: smartspeed dead-letters shows them`)
      await printResult(flags.json, result, () => {
        const { rows, from, to, holes, missing, duplicates, tickSize, lotSize } = result
        return [
          `${rows} candles of ${flags.symbol} from ${isoOf(from)} to ${isoOf(to)}, tick ${tickSize}, lot ${lotSize}`,
          `${holes} holes (${missing} candles missing), ${duplicates} were there already`,
        ].join('\n')
      })
    })
}

/** Flags as `loadCandles` takes them, checked before anything is opened. Errors: CONFIG_INVALID, UNKNOWN_NAME. */
async function loadOptions(file: string, flags: Flags) {
  const { parseInterval } = await import('../../operators/bars/index.ts')
  const { checkExchange } = await import('../../connectors/files/instrument.ts')
  const { exchange, symbol, timeColumn, settle } = flags
  checkExchange(exchange)
  const interval = parseInterval(flags.interval)
  if (interval.kind !== 'time') {
    throw new SmartspeedError('CONFIG_INVALID', `--interval ${flags.interval}: candles have a length in time`, {
      fix: 'choose 1s, 1m, 5m, 1h … 1d',
    })
  }
  return {
    ...{ file, exchange, symbol, timeColumn, settle },
    interval: { name: interval.name, us: interval.us },
    tickSize: flags.tick === undefined ? undefined : parsePositive('--tick', flags.tick),
    lotSize: flags.lot === undefined ? undefined : parsePositive('--lot', flags.lot),
  }
}
