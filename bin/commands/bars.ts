// `smartspeed bars`: bars from trades, by the stage that the trading graph uses.
import type { Command } from 'commander'
import type { Merged } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Topics } from '../../topics/topics.ts'
import { type GlobalOptions, rangeOf, withTopics } from '../options.ts'
import { note } from '../output.ts'
import type { RowOptions } from '../rows/index.ts'
import { stopSignal } from '../stop.ts'

interface Flags extends GlobalOptions, RowOptions {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly fill?: boolean
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

export interface BarsQuery {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly fill: boolean
  readonly range: { readonly from?: number; readonly to?: number }
}

/** What a bar may close at: rows of its instrument, and heartbeats of its exchange with the clocks that place them. */
const inputs = ['clocks', 'trades', 'quotes', 'books', 'funding', 'marks', 'heartbeats'].map((name) => `market.${name}`)

export function register(program: Command): void {
  program
    .command('bars')
    .description('bars from trades, by the stage that the trading graph uses')
    .requiredOption('--exchange <id>', 'exchange')
    .requiredOption('--symbol <symbol>', 'as the exchange spells it')
    .requiredOption('--interval <interval>', '1s, 1m, 45m … 1d, "100 ticks", "5 volume" or "1000000 dollars"')
    .option('--fill', 'a bar of the last close for each period without trades')
    .option('--from <time>', 'first receive time: ISO 8601 or whole µs')
    .option('--to <time>', 'receive time that the rows come before')
    .option('--format <format>', 'jsonl, csv, arrow or parquet; jsonl when left out')
    .option('-o, --output <file>', 'write to this file; its ending says the format, .gz compresses text')
    .addHelpText('after', '\nExample:\n  npx smartspeed bars --exchange binance-usdm --symbol BTCUSDT --interval 1m')
    .action(async (_options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { formatOf, printRows } = await import('../rows/index.ts')
      const { parseInterval } = await import('../../operators/bars/index.ts')
      formatOf(flags)
      parseInterval(flags.interval)
      const { exchange, symbol, interval, fill = false, from, to } = flags
      const range = rangeOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) })
      const signal = stopSignal()
      await withTopics(flags, async (topics) => {
        const bars = await barsOf(topics, { exchange, symbol, interval, fill, range }, signal)
        await printRows('bars', bars, flags)
      })
    })
}

/**
 * The bars that closed within a range, as they closed. The one that is open at the end is not given.
 *
 * Errors: NO_DATA when there are no trades of that symbol in the range, or none of its bars closed.
 */
export async function barsOf(topics: Topics, query: BarsQuery, signal?: AbortSignal): Promise<AsyncIterable<Merged>> {
  const { replay } = await import('../../topics/replay.ts')
  const { findTopic, nothingFound } = await import('../find-topic.ts')
  const { knownInstrument, present } = await import('../known-instrument.ts')
  const { barsStage } = await import('../../operators/bars/index.ts')
  const { mergedOf } = await import('../rows/index.ts')
  const { exchange, symbol, interval, fill } = query
  const range = { ...query.range, exchange, symbols: [symbol] }
  const trades = await findTopic(topics, 'market.trades', undefined)
  const instrument = await knownInstrument(topics, exchange, symbol)
  const first = await replay(topics, { ...range, inputs: [{ topic: trades.name }], maxRows: 1 }).next()
  if (first.done) throw await nothingFound(topics, trades, range)
  const stage = barsStage.create({ interval, instruments: [instrument], fill })
  const rows = replay(topics, {
    ...range,
    inputs: await present(topics, inputs),
    ...(signal === undefined ? {} : { signal }),
  })

  return (async function* () {
    let count = 0
    for await (const { merged } of rows) {
      const { batch } = stage.step(merged)
      count += batch.rows
      if (batch.rows > 0) yield mergedOf(batch)
    }
    if (signal?.aborted) throw new SmartspeedError('INTERRUPTED', 'stopped before the last bar')
    if (stage.late > 0) note(`${stage.late} trades came after their bar had closed, and changed nothing`)
    if (count > 0) return
    throw new SmartspeedError('NO_DATA', `no bar of ${interval} of ${symbol} closed within the trades that there are`, {
      fix: 'choose a shorter interval or a longer range; the bar that is open at the end is never given',
    })
  })()
}
