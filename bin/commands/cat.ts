// `smartspeed cat TOPIC`: rows of a topic in receive order.
import type { Command } from 'commander'
import type { Merged } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Topics } from '../../topics/topics.ts'
import { type GlobalOptions, parseWhole, type RangeOptions, rangeOf, withRangeOptions, withTopics } from '../options.ts'
import { stopSignal } from '../stop.ts'

export interface CatOptions extends RangeOptions {
  readonly run?: string
  readonly limit?: string
  readonly format?: string
  readonly output?: string
  readonly json?: boolean
}

export function register(program: Command): void {
  const command = program
    .command('cat <topic>')
    .description('rows of a topic in receive order')
    .option('--run <run>', 'the run whose topic it is: orders, executions, positions …')
    .option('--limit <n>', 'stop after so many rows')
    .option('--format <format>', 'jsonl, csv, arrow or parquet; jsonl when left out')
    .option('-o, --output <file>', 'write to this file; its ending says the format, .gz compresses text')
    .addHelpText('after', '\nExample:\n  npx smartspeed cat trades --exchange binance-usdm --symbol BTCUSDT --limit 10')
    .action(async (topic: string, _options: object, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions & CatOptions>()
      const query = await queryOf(options)
      const signal = stopSignal()
      await withTopics(options, (topics) => catTopic(topics, topic, query, signal))
    })
  withRangeOptions(command)
}

/** What was asked, checked before anything is opened. Errors: CONFIG_INVALID, USAGE, UNKNOWN_NAME. */
export async function queryOf(options: CatOptions) {
  const { formatOf } = await import('../rows/index.ts')
  formatOf(options)
  const limit = options.limit === undefined ? undefined : parseWhole('--limit', options.limit, 1)
  const { run, format, output, json } = options
  return { range: rangeOf(options), limit, run, rows: { format, output, json } }
}

/**
 * Prints the rows of a topic; gives their number.
 *
 * Errors: those of `findTopic`; NO_DATA when there are no rows, saying what there is; INTERRUPTED.
 */
export async function catTopic(
  topics: Topics,
  name: string,
  query: Awaited<ReturnType<typeof queryOf>>,
  signal?: AbortSignal,
): Promise<number> {
  const { limited, printRows } = await import('../rows/index.ts')
  const { findTopic, mustExist, nothingFound } = await import('../find-topic.ts')
  const { replay } = await import('../../topics/replay.ts')
  const { range, limit, run } = query
  if (name === 'journal' && run !== undefined) {
    await mustExist(topics, run)
    const { journalRows } = await import('../journal-rows.ts')
    return printRows('journal', limited(journalRows(topics, run, range), limit), query.rows)
  }
  const info = await findTopic(topics, name, run)
  const maxRows = Math.min(8192, limit ?? 8192)
  const inputs = [{ topic: info.name }]
  const replayed = replay(topics, { ...range, inputs, maxRows, ...(signal === undefined ? {} : { signal }) })
  const first = await replayed.next()
  if (first.done && !signal?.aborted) throw await nothingFound(topics, info, range)
  async function* merged(): AsyncGenerator<Merged> {
    if (first.value) yield first.value.merged
    for await (const one of replayed) yield one.merged
    if (signal?.aborted) throw new SmartspeedError('INTERRUPTED', 'stopped before the last row')
  }
  return printRows(info.record, limited(merged(), limit), query.rows)
}
