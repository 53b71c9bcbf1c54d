// `smartspeed load bars|trades|quotes|books|funding FILE`: foreign files into topics.
import type { Command } from 'commander'
import type { TickRecord } from '../../connectors/files/formats.ts'
import type { LoadedTicks } from '../../pipelines/load-ticks.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { isoOf } from '../../schemas/time.ts'
import type { LoadedFolder } from '../load-bars.ts'
import { type GlobalOptions, parsePositive, parseWhole, withTopics } from '../options.ts'
import { counted, note, printResult } from '../output.ts'
import { progress } from '../progress.ts'
import { stopSignal } from '../stop.ts'

interface BarFlags extends GlobalOptions {
  readonly exchange?: string
  readonly symbol?: string
  readonly interval?: string
  readonly timeColumn?: string
  readonly tick?: string
  readonly lot?: string
  readonly settle?: string
}

interface FundingFlags extends GlobalOptions {
  readonly exchange: string
  readonly symbol: string
}

interface TickFlags extends GlobalOptions {
  readonly format: string
  readonly exchange: string
  readonly symbol: string
  readonly side?: string
  readonly tick?: string
  readonly lot?: string
  readonly settle?: string
  readonly minFeedLatencyUs: string
}

/** A file of each kind, for help. */
const examples: Readonly<Record<TickRecord, string>> = {
  trades: 'ccxt-trades-ethusdt-20230202.csv --format ccxt --exchange binance --symbol ETHUSDT',
  quotes: 'tardis-huobi-dm-swap-quotes.csv --format tardis --exchange htx-swap --symbol BTC-USD',
  books: 'tardis-deribit-incremental-book-l2.csv --format tardis --exchange deribit --symbol BTC-PERPETUAL',
}

export function register(program: Command): void {
  const load = program.command('load').description('foreign files into topics')
  load
    .command('bars <file>')
    .description('candles from a CSV or Parquet file, or a folder of them; loading it again adds nothing twice')
    .option('--exchange <id>', 'exchange that they come from')
    .option('--symbol <symbol>', 'as the exchange spells it')
    .option('--interval <interval>', 'how long a candle is: 1s … 1d')
    .option('--time-column <name>', 'column with the start of each candle; open_time_ms, timestamp, … are found')
    .option('--tick <step>', 'smallest step of the price; read off the prices when left out')
    .option('--lot <step>', 'smallest step of the size; read off the volumes when left out')
    .option('--settle <currency>', 'currency that profit is paid in; read off the symbol when left out')
    .addHelpText(
      'after',
      [
        '',
        'The three names are needed, but for files of FOLDER/<exchange>/<symbol>/<interval>/<year>.parquet, whose paths say',
        'them; of such a folder they choose what is loaded.',
        '',
        'Example:',
        '  npx smartspeed load bars ../shared/data/bars/btc-perp-1m-2022-01.csv.gz --exchange binance-usdm --symbol BTCUSDT --interval 1m',
      ].join('\n'),
    )
    .action(async (path: string, _options: object, own: Command) => {
      const { exchange, symbol, interval, timeColumn, tick, lot, settle, ...flags } = own.optsWithGlobals<BarFlags>()
      const { loadFolder, planBars } = await import('../load-bars.ts')
      const { folder, files } = await planBars({
        ...{ path, timeColumn, settle },
        ...(exchange === undefined ? {} : { exchange }),
        ...(symbol === undefined ? {} : { symbol }),
        ...(interval === undefined ? {} : { interval }),
        tickSize: tick === undefined ? undefined : parsePositive('--tick', tick),
        lotSize: lot === undefined ? undefined : parsePositive('--lot', lot),
      })
      const signal = stopSignal()
      const result = await withTopics(flags, (topics) => loadFolder(topics, files, signal), { write: true })
      for (const one of result.files) for (const remark of barRemarks(one)) note(remark)
      await printResult(flags.json, folder ? result : withoutName(result.files[0]!), () =>
        result.files.map(barSummary).join('\n'),
      )
    })
  for (const record of ['trades', 'quotes', 'books'] as const) registerTicks(load, record)
  registerFunding(load)
}

type LoadedBars = LoadedFolder['files'][number]

function barRemarks({ file, complete, deadLetters, contradictions }: LoadedBars): string[] {
  const strange = deadLetters - contradictions
  return [
    ...(complete ? [] : [`${file} ends in the middle: what is whole was loaded`]),
    ...(strange > 0
      ? [`${counted(strange, 'line is no candle', 'lines are no candles')}: smartspeed dead-letters shows them`]
      : []),
    ...(contradictions > 0
      ? [
          `${counted(contradictions, 'candle says', 'candles say')} something else than the one of the same time before, which stays: smartspeed dead-letters shows them`,
        ]
      : []),
  ]
}

function barSummary({ symbol, rows, from, to, holes, missing, duplicates, tickSize, lotSize }: LoadedBars): string {
  return [
    `${rows} candles of ${symbol} from ${isoOf(from)} to ${isoOf(to)}, tick ${tickSize}, lot ${lotSize}`,
    `${counted(holes, 'hole', 'holes')} (${missing} candles missing), ${duplicates} were there already`,
  ].join('\n')
}

/** Of a single file: who called named it. */
function withoutName({ file: _file, exchange: _exchange, symbol: _symbol, interval: _interval, ...rest }: LoadedBars) {
  return rest
}

function registerFunding(load: Command): void {
  load
    .command('funding <file>')
    .description('funding rates that were paid, from a CSV file, plain or gzip; loading it again adds nothing twice')
    .requiredOption('--exchange <id>', 'exchange that they come from')
    .requiredOption('--symbol <symbol>', 'as the exchange spells it')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed load funding ../shared/data/bars/xrp-usdt-perp-8h-funding-rate.csv.gz --exchange binance-usdm --symbol XRPUSDT',
    )
    .action(async (file: string, _options: object, own: Command) => {
      const { exchange, symbol, ...flags } = own.optsWithGlobals<FundingFlags>()
      const { loadFunding } = await import('../../pipelines/load-funding.ts')
      const { checkExchange } = await import('../../connectors/files/instrument.ts')
      const { openCapture } = await import('../../connectors/capture.ts')
      checkExchange(exchange)
      // A missing file is said before a folder is made.
      await openCapture(file)
      const result = await withTopics(flags, (topics) => loadFunding(topics, { file, exchange, symbol }), {
        write: true,
      })
      const { rows, from, to, duplicates, deadLetters, complete } = result
      if (!complete) note(`${file} ends in the middle: what is whole was loaded`)
      if (deadLetters > 0)
        note(`${counted(deadLetters, 'line is', 'lines are')} no rate: smartspeed dead-letters shows them`)
      await printResult(flags.json, result, () => {
        return `${counted(rows, 'rate', 'rates')} of ${symbol} from ${isoOf(from)} to ${isoOf(to)}; ${duplicates} were there already`
      })
    })
}

function registerTicks(load: Command, record: TickRecord): void {
  const command = load
    .command(`${record} <file>`)
    .description(`${record} from a foreign file, plain, gzip or parquet; loading it again adds nothing twice`)
    .requiredOption('--format <name>', 'whose layout it is: tardis, binance-archive, ccxt, kraken-archive, columns')
    .requiredOption('--exchange <id>', 'exchange that they come from')
    .requiredOption('--symbol <symbol>', 'as the exchange spells it; rows of others are passed over')
    .option('--tick <step>', 'smallest step of the price, with --lot; read off the rows when left out')
    .option('--lot <step>', 'smallest step of the size')
    .option('--settle <currency>', 'currency that profit is paid in; read off the symbol when left out')
    .option(
      '--min-feed-latency-us <n>',
      'what the fastest message took, and all where there is no receive time, µs',
      '1000',
    )
  if (record === 'trades') {
    command.option('--side <rule>', 'tick-rule: infers who took, where the file does not say it')
  }
  command
    .addHelpText('after', `\nExample:\n  npx smartspeed load ${record} ../shared/data/csv/${examples[record]}`)
    .action(async (file: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<TickFlags>()
      const options = await tickOptions(file, record, flags)
      const { loadTicks } = await import('../../pipelines/load-ticks.ts')
      const bar = progress(`load ${record}`)
      const onProgress = (rows: number, share: number) => bar.update(rows, Math.round(rows / share))
      const signal = stopSignal()
      try {
        const work = { ...options, signal, onProgress }
        const result = await withTopics(flags, (topics) => loadTicks(topics, work), { write: true })
        bar.stop()
        for (const remark of remarks(file, record, result)) note(remark)
        await printResult(flags.json, result, () => tickSummary(record, flags.symbol, result))
      } finally {
        bar.stop()
      }
    })
}

function remarks(file: string, record: TickRecord, result: LoadedTicks): string[] {
  const { complete, deadLetters, otherSymbols, gaps } = result
  return [
    ...(complete ? [] : [`${file} ends in the middle: what is whole was loaded`]),
    ...(deadLetters > 0
      ? [`${counted(deadLetters, 'line is', 'lines are')} no ${record}: smartspeed dead-letters shows them`]
      : []),
    ...(otherSymbols > 0
      ? [`${counted(otherSymbols, 'row of another symbol was', 'rows of other symbols were')} passed over`]
      : []),
    ...(gaps > 0 ? [`${counted(gaps, 'gap', 'gaps')}: ids are missing that were not loaded before`] : []),
  ]
}

function tickSummary(record: TickRecord, symbol: string, { rows, from, to, duplicates }: LoadedTicks): string {
  const count = rows.toLocaleString('en')
  return `${count} ${record} of ${symbol} from ${isoOf(from)} to ${isoOf(to)}; ${duplicates.toLocaleString('en')} were there already`
}

/** Flags as `loadTicks` takes them, checked before anything is opened. Errors: CONFIG_INVALID, UNKNOWN_NAME, USAGE. */
async function tickOptions(file: string, record: TickRecord, flags: TickFlags) {
  const { fileFormat } = await import('../../connectors/files/formats.ts')
  const { namedOf } = await import('../../connectors/files/instrument.ts')
  const { openCapture } = await import('../../connectors/capture.ts')
  const { exchange, symbol, settle, side, tick, lot } = flags
  const format = fileFormat(flags.format, record)
  namedOf(exchange, symbol, settle)
  if (side !== undefined && side !== 'tick-rule') {
    throw new SmartspeedError('CONFIG_INVALID', `--side "${side}": allowed is tick-rule`, { fix: '--side tick-rule' })
  }
  if ((tick === undefined) !== (lot === undefined)) {
    throw new SmartspeedError('CONFIG_INVALID', '--tick and --lot go together', { fix: 'give both, or neither' })
  }
  const minFeedLatencyUs = parseWhole('--min-feed-latency-us', flags.minFeedLatencyUs, 0)
  // A missing file is said before a folder is made.
  await openCapture(file)
  return {
    ...{ file, record, format, exchange, symbol, settle, minFeedLatencyUs },
    ...(side === undefined ? {} : { side: side as 'tick-rule' }),
    ...(tick === undefined ? {} : { tickSize: parsePositive('--tick', tick) }),
    ...(lot === undefined ? {} : { lotSize: parsePositive('--lot', lot) }),
  }
}
