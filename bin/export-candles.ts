// Candles of a series by their start, each once, out of rows in the order of receipt.
import type { SeriesName } from '../connectors/files/candle-layout.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { isoOf } from '../schemas/time.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'

export interface Counts {
  /** Candles that say again what one of their time said. */
  duplicates: number
  /** Candles that say something else: the first one stays. */
  contradictions: number
}

/** Candles that are held to be put in order: what came so much late is a fault of the data. */
const held = 4096

/**
 * The candles of a series, rising by their start; of several of one start the one received first.
 *
 * Errors: NO_DATA when there is none, saying which there are; VALUE_IMPOSSIBLE for one that comes thousands of candles late.
 */
export async function* candlesOf(topics: Topics, name: SeriesName, counts: Counts): AsyncGenerator<Candle> {
  const waiting: Candle[] = []
  const intervals = new Set<string>()
  let last = Number.NEGATIVE_INFINITY
  let seen = 0
  for await (const candle of rowsOf(topics, name)) {
    intervals.add(candle.interval)
    if (candle.interval !== name.interval) continue
    seen++
    if (candle.openTime <= last) throw late(candle, last)
    const at = placeOf(waiting, candle.openTime)
    const before = waiting[at]
    if (before?.openTime === candle.openTime) {
      if (same(before, candle)) counts.duplicates++
      else counts.contradictions++
      continue
    }
    waiting.splice(at, 0, candle)
    if (waiting.length <= held) continue
    const first = waiting.shift()!
    last = first.openTime
    yield first
  }
  if (seen === 0) throw nothing(name, [...intervals])
  yield* waiting
}

/** Where a start belongs among rising ones; most belong last. */
function placeOf(waiting: readonly Candle[], openTime: number): number {
  let at = waiting.length
  while (at > 0 && waiting[at - 1]!.openTime >= openTime) at--
  return at
}

async function* rowsOf(topics: Topics, { exchange, symbol }: SeriesName): AsyncGenerator<Candle> {
  const topic = physicalName('candles')
  if (!(await topics.list()).some((info) => info.name === topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }], exchange, symbols: [symbol] })) {
    for (let row = 0; row < merged.rows; row++) {
      yield rowAt(merged.sources[merged.source[row]!]!, merged.row[row]!) as Candle
    }
  }
}

const fields = ['open', 'high', 'low', 'close', 'volume', 'quoteVolume', 'trades'] as const

function same(a: Candle, b: Candle): boolean {
  return fields.every((field) => a[field] === b[field])
}

function late({ openTime, symbol, interval }: Candle, last: number): SmartspeedError {
  return new SmartspeedError(
    'VALUE_IMPOSSIBLE',
    `${symbol}: a candle of ${interval} from ${isoOf(openTime)} was received long after that from ${isoOf(last)}`,
    { fix: 'load the files of these candles into a folder of their own: --dir PATH' },
  )
}

function nothing({ exchange, symbol, interval }: SeriesName, there: readonly string[]): SmartspeedError {
  const others = there.length === 0 ? '' : `; of other lengths there are ${there.toSorted().join(', ')}`
  return new SmartspeedError('NO_DATA', `there are no candles of ${interval} of ${symbol} on ${exchange}${others}`, {
    fix:
      there.length === 0
        ? `get some: smartspeed load bars FILE.csv --exchange ${exchange} --symbol ${symbol} --interval ${interval}`
        : `choose --interval ${there[0]}`,
  })
}
