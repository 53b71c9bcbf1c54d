// `smartspeed import FILE…`: captures of raw exchange messages into topics.
import type { Command } from 'commander'
import type { Imported } from '../../pipelines/ingest-summary.ts'
import { type GlobalOptions, parseWhole, withTopics } from '../options.ts'
import { counted, note, printResult } from '../output.ts'
import { progress } from '../progress.ts'
import { stopSignal } from '../stop.ts'

interface Flags extends GlobalOptions {
  readonly exchange: string
  readonly symbol?: string
  readonly minFeedLatencyUs: string
}

export function register(program: Command): void {
  program
    .command('import <file...>')
    .description('captures of raw messages into topics; importing one again, or an overlapping one, adds nothing twice')
    .requiredOption('--exchange <id>', 'whose messages they are')
    .option('--symbol <symbol>', 'whose a depth snapshot without a symbol is; needed in files of several symbols')
    .option('--min-feed-latency-us <n>', 'what the fastest message took from the exchange to the recorder, µs', '1000')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed import ../shared/data/captures/usdm-btcusdt-20240808.gz --exchange binance-usdm',
    )
    .action(async (files: string[], _options: object, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const result = await importCaptures(files, { ...flags, signal: stopSignal() })
      for (const warning of result.warnings) note(`warning: ${warning}`)
      await printResult(flags.json, result, () => summary(result, flags.exchange))
    })
}

/** Imports captures into the log of the options. Errors: those of `importFiles`, UNKNOWN_NAME for an exchange. */
export async function importCaptures(
  files: readonly string[],
  options: Flags & { readonly signal?: AbortSignal },
): Promise<Imported> {
  const { exchangeOf } = await import('../../connectors/exchanges/index.ts')
  const exchange = exchangeOf(options.exchange)
  const minFeedLatencyUs = parseWhole('--min-feed-latency-us', options.minFeedLatencyUs, 0)
  const { openCapture } = await import('../../connectors/capture.ts')
  // A missing file is said before a folder is made.
  for (const file of files) await openCapture(file)
  const { importFiles } = await import('../../pipelines/ingest.ts')
  const bar = progress('import')
  try {
    return await withTopics(
      options,
      (topics) =>
        importFiles({
          ...{ topics, files, exchange, minFeedLatencyUs },
          ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
          ...(options.signal === undefined ? {} : { signal: options.signal }),
          seconds: () => performance.now() / 1000,
          onProgress: ({ lines, share }) => bar.update(lines, Math.round(lines / share)),
        }),
      { write: true },
    )
  } finally {
    bar.stop()
  }
}

function summary(result: Imported, exchange: string): string {
  const count = (number: number) => number.toLocaleString('en')
  const lines = result.files.reduce((sum, file) => sum + file.lines, 0)
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .filter(([, rows]) => rows > 0)
      .map(([topic, rows]) => `${count(rows)} ${topic}`)
      .join(', ')
  const rate = Math.round(lines / Math.max(result.seconds, 1e-6))
  return [
    `${count(lines)} lines of ${exchange} in ${result.seconds.toFixed(2)} s (${count(rate)} lines/s)`,
    `  new: ${list(result.records) || 'nothing'}`,
    `  there already: ${list(result.duplicates) || 'nothing'}`,
    ...Object.entries(result.symbols).map(([symbol, { synced, gaps, crossed }]) => {
      const book = synced === null ? 'no book' : synced ? 'book in sync' : 'book NOT in sync'
      return `  ${symbol}: ${book}, ${counted(gaps.length, 'gap', 'gaps')}, ${counted(crossed, 'time', 'times')} crossed`
    }),
    ...result.clocks.map(
      ({ offsetUs, minFeedLatencyUs }) =>
        `  the exchange's clock is ${(offsetUs / 1000).toFixed(1)} ms ahead of the recorder's (fastest message taken as ${minFeedLatencyUs} µs)`,
    ),
    `  quality: ${list({ ...result.quality }) || 'nothing to remark'}${reliability(result.score)}`,
    ...(result.deadLetters > 0
      ? [`  ${count(result.deadLetters)} dead letters: smartspeed dead-letters says why`]
      : []),
  ].join('\n')
}

/** How far the source can be relied on; nothing where nothing came. */
function reliability({ reliability: score }: Imported['score']): string {
  return score === null ? '' : `; reliability ${(Math.floor(score * 1e6) / 1e4).toFixed(4)} % (read × complete × sane)`
}
