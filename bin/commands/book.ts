// `smartspeed book`: the order book as it was known at a receive time.
import type { Command } from 'commander'
import type { Batch } from '../../schemas/batch.ts'
import { isoOf, parseTime } from '../../schemas/time.ts'
import type { Topics } from '../../topics/topics.ts'
import { type GlobalOptions, parseWhole, withTopics } from '../options.ts'
import { printResult } from '../output.ts'

interface Flags extends GlobalOptions {
  readonly exchange: string
  readonly symbol: string
  readonly at: string
  readonly levels?: string
}

export interface BookQuery {
  readonly exchange: string
  readonly symbol: string
  /** Receive time, µs; rows received at it count. */
  readonly at: number
  /** Levels of each side, best first; all when undefined. */
  readonly levels?: number | undefined
}

export interface BookView {
  readonly synced: boolean
  /** Last update id; decimal text past 2^53, null where the venue sends none. */
  readonly sequence: number | string | null
  /** Exchange and receive time of the last row that changed the book, µs; null before the first. */
  readonly time: number | null
  readonly received: number | null
  /** [price, size], best first. */
  readonly bids: readonly [number, number][]
  readonly asks: readonly [number, number][]
  /** How many levels the book has, shown or not. */
  readonly levels: { readonly bids: number; readonly asks: number }
}

export function register(program: Command): void {
  program
    .command('book')
    .description('the order book as it was known at a receive time')
    .requiredOption('--exchange <id>', 'exchange')
    .requiredOption('--symbol <symbol>', 'as the exchange spells it')
    .requiredOption('--at <time>', 'receive time: ISO 8601 or whole µs; rows received at it count')
    .option('--levels <n>', 'best levels of each side; a person sees 10, JSON holds all')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed book --exchange binance-usdm --symbol BTCUSDT --at 2024-08-08T23:55:00Z --levels 5',
    )
    .action(async (_options: object, own: Command) => {
      const { exchange, symbol, at, levels, json, ...flags } = own.optsWithGlobals<Flags>()
      const query = {
        ...{ exchange, symbol, at: parseTime('--at', at) },
        levels: levels === undefined ? (json ? undefined : 10) : parseWhole('--levels', levels, 0),
      }
      const view = await withTopics(flags, (topics) => bookAt(topics, query))
      await printResult(json, view, () => textOf(view, query))
    })
}

/**
 * Every row of `books` received by then, in order, through the one book builder and the exchange's own sync rule.
 *
 * Errors: NO_DATA for an unknown exchange or symbol, and when nothing was received by then, with what there is.
 */
export async function bookAt(topics: Topics, { exchange, symbol, at, levels }: BookQuery): Promise<BookView> {
  const { Book, inOrder } = await import('../../operators/quality/book.ts')
  const { priceOf, sizeOf } = await import('../../operators/instrument.ts')
  const { exchanges } = await import('../../connectors/exchanges/index.ts')
  const { replay } = await import('../../topics/replay.ts')
  const { findTopic, nothingFound } = await import('../find-topic.ts')
  const { knownInstrument } = await import('../known-instrument.ts')
  const info = await findTopic(topics, 'market.books', undefined)
  const range = { exchange, symbols: [symbol], to: at + 1 }
  const instrument = await knownInstrument(topics, exchange, symbol, at)
  const book = new Book(instrument, exchanges.find(({ id }) => id === exchange)?.sync ?? inOrder)
  let rows = 0
  for await (const { merged } of replay(topics, { ...range, inputs: [{ topic: info.name }] })) {
    for (let i = 0; i < merged.rows; i++) {
      const { columns } = merged.sources[merged.source[i]!]! as Batch<'books'>
      book.apply(columns, merged.row[i]!)
    }
    rows += merged.rows
  }
  if (rows === 0) throw await nothingFound(topics, info, range)
  const side = (name: 'bid' | 'ask'): [number, number][] =>
    book.levels(name, levels).map(({ ticks, lots }) => [priceOf(instrument, ticks), sizeOf(instrument, lots)])
  const { synced, sequence, time, received } = book
  return {
    ...{
      synced,
      sequence: sequence === undefined ? null : shown(sequence),
      time: known(time),
      received: known(received),
    },
    ...{ bids: side('bid'), asks: side('ask'), levels: { bids: book.count('bid'), asks: book.count('ask') } },
  }
}

function shown(sequence: bigint): number | string {
  return sequence <= Number.MAX_SAFE_INTEGER ? Number(sequence) : String(sequence)
}

function known(time: number): number | null {
  return Number.isNaN(time) ? null : time
}

function textOf({ synced, sequence, received, bids, asks, levels }: BookView, { symbol }: BookQuery): string {
  const width = Math.max(...[...bids, ...asks].map(([price]) => String(price).length), 5)
  const line = ([price, size]: [number, number], mark: string): string =>
    `${mark} ${String(price).padStart(width)}  ${size}`
  return [
    `${symbol} ${synced ? 'in sync' : 'NOT in sync'} at update ${sequence ?? '?'}, last changed ${received === null ? 'never' : isoOf(received)}`,
    ...asks.toReversed().map((level) => line(level, 'ask')),
    ...bids.map((level) => line(level, 'bid')),
    `${levels.bids} bid and ${levels.asks} ask levels`,
  ].join('\n')
}
