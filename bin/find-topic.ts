// Which topic a person means, and what is there when nothing matches (DESIGN §8: an error says what exists and how to get it).
import { catalogue, topicOf } from '../schemas/catalogue.ts'
import type { Dictionary } from '../schemas/columns.ts'
import { nearest, SmartspeedError, unknownName } from '../schemas/errors.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import { isoOf } from '../schemas/time.ts'
import { replay } from '../topics/replay.ts'
import type { TopicInfo, Topics } from '../topics/topics.ts'

const howToGetData =
  'get some: smartspeed import FILE.gz --exchange binance-usdm, or make some: smartspeed simulate market --seed 1 --minutes 10 --exchange binance-usdm --symbol BTCUSDT -o market.gz'

/**
 * The topic called `trades`, `market.trades`, `orders` (with a run) or `<run>.orders`.
 *
 * Errors: UNKNOWN_NAME for a name that no topic has, USAGE when the topic needs a run and none was named, RUN_MISSING, NO_DATA when it
 *         has not been written yet.
 */
export async function findTopic(topics: Topics, name: string, run: string | undefined): Promise<TopicInfo> {
  const infos = await topics.list()
  const physical = infos.find((info) => info.name === name)
  if (physical !== undefined && (run === undefined || physical.run === run)) return physical
  const record = name.startsWith('market.') ? name.slice('market.'.length) : name
  if (!catalogue.some((topic) => topic.name === record)) throw unknownTopic(name, infos)
  const { scope } = topicOf(record)
  if (scope === 'run' && run === undefined) throw runNeeded(record as RecordName, infos)
  const found = infos.find((info) => info.record === record && info.run === (scope === 'run' ? run : undefined))
  if (found !== undefined) return found
  if (scope === 'run') await mustExist(topics, run!)
  throw new SmartspeedError('NO_DATA', `${scope === 'run' ? `run ${run} wrote no` : 'there are no'} ${record} yet`, {
    fix: scope === 'run' ? `it wrote: ${ofRun(infos, run!).join(', ') || 'nothing'}` : howToGetData,
  })
}

/** @throws SmartspeedError RUN_MISSING with the nearest name */
export async function mustExist(topics: Topics, run: string): Promise<void> {
  const runs = (await topics.runs()).map((one) => one.run)
  if (runs.includes(run)) return
  const { message, fix } = unknownName('run', run, runs)
  throw new SmartspeedError('RUN_MISSING', message, {
    fix: runs.length === 0 ? 'smartspeed backtest --help shows how to make one' : fix,
  })
}

/** Rows that were asked for. */
export interface Asked {
  readonly exchange?: string
  readonly symbols?: readonly string[]
  readonly from?: number
  readonly to?: number
}

/** Why a topic gave no rows: nothing in it, another exchange, another symbol, or other times; with what there is. */
export async function nothingFound(
  topics: Topics,
  { name, record }: TopicInfo,
  asked: Asked,
): Promise<SmartspeedError> {
  const { exchange, symbols, from, to } = asked
  const spans = await spansOf(topics, name)
  if (spans.length === 0) return new SmartspeedError('NO_DATA', `${name} has no rows yet`, { fix: howToGetData })
  const exchanges = [...new Set(spans.map((span) => span.exchange))]
  if (exchange !== undefined && !exchanges.includes(exchange)) return noSuch(record, 'exchange', exchange, exchanges)
  const ofExchange = spans.filter((span) => exchange === undefined || span.exchange === exchange)
  const known = [...new Set(ofExchange.map((span) => span.symbol))]
  for (const symbol of symbols ?? []) if (!known.includes(symbol)) return noSuch(record, 'symbol', symbol, known)
  const matching = ofExchange.filter((span) => symbols === undefined || symbols.includes(span.symbol))
  const first = Math.min(...matching.map((span) => span.first))
  const last = Math.max(...matching.map((span) => span.last))
  const range = `${from === undefined ? '' : ` from ${isoOf(from)}`}${to === undefined ? '' : ` before ${isoOf(to)}`}`
  return new SmartspeedError(
    'NO_DATA',
    `no ${record} of ${symbols?.join(', ') ?? exchange ?? name} were received${range}`,
    {
      fix: `there are some from ${isoOf(first)} to ${isoOf(last)} (${first} to ${last})`,
    },
  )
}

function noSuch(record: string, what: string, seen: string, known: readonly string[]): SmartspeedError {
  const { message } = unknownName(what, seen, known)
  return new SmartspeedError('NO_DATA', `no ${record}: ${message}`, {
    fix: `did you mean "${nearest(seen, known)}"? Others come with smartspeed import`,
  })
}

interface Span {
  readonly exchange: string
  readonly symbol: string
  first: number
  last: number
}

/** Receive times of the first and the last row of each instrument in a topic; reads all of it. */
async function spansOf(topics: Topics, topic: string): Promise<Span[]> {
  const spans = new Map<string, Span>()
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) {
      const row = merged.row[at]!
      const columns = merged.sources[merged.source[at]!]!.columns as {
        received: Float64Array
        exchange: Dictionary
        symbol: Dictionary
      }
      const exchange = columns.exchange.values[columns.exchange.codes[row]!] ?? ''
      const symbol = columns.symbol.values[columns.symbol.codes[row]!] ?? ''
      const received = columns.received[row]!
      const span = spans.get(`${exchange} ${symbol}`)
      if (span === undefined) spans.set(`${exchange} ${symbol}`, { exchange, symbol, first: received, last: received })
      else span.last = received
    }
  }
  return [...spans.values()]
}

function unknownTopic(name: string, infos: readonly TopicInfo[]): SmartspeedError {
  return unknownName('topic', name, [...catalogue.map((topic) => topic.name), ...infos.map((info) => info.name)])
}

function runNeeded(record: RecordName, infos: readonly TopicInfo[]): SmartspeedError {
  const runs = infos.filter((info) => info.record === record).map((info) => info.run)
  return new SmartspeedError('USAGE', `${record} belong to a run: say which with --run`, {
    fix: runs.length === 0 ? 'no run has written any yet' : `runs that have them: ${runs.join(', ')}`,
  })
}

function ofRun(infos: readonly TopicInfo[], run: string): string[] {
  return infos.filter((info) => info.run === run).map((info) => info.record)
}
