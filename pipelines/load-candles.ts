// Candles from a file into topics. Read twice: first for the steps of price and size, which stand before the first candle; then to write.
import { type Capture, openCapture } from '../connectors/capture.ts'
import { type CandleFormat, type CandleLines, candleLines } from '../connectors/files/candles.ts'
import { excerpt } from '../connectors/files/cells.ts'
import { checkExchange, instrumentRow } from '../connectors/files/instrument.ts'
import { type Line, linesOf } from '../connectors/files/lines.ts'
import { StepFinder } from '../connectors/files/steps.ts'
import { isParquet, openTable } from '../connectors/files/table.ts'
import { hash50 } from '../operators/quality/identity.ts'
import { type Batch, batchOf, builderOf, rowAt, take } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Candle, CandleColumns, Instrument } from '../schemas/records.generated.ts'
import { isoOf } from '../schemas/time.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { FileLetters, letterSource } from './load-letters.ts'
import { importWriter } from './market-writer.ts'

export interface LoadCandles extends CandleFormat {
  readonly file: string
  /** Steps and currency, where they are known. */
  readonly tickSize?: number | undefined
  readonly lotSize?: number | undefined
  readonly settle?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called now and then with the rows written so far. */
  readonly onProgress?: ((rows: number, total: number) => void) | undefined
}

export interface LoadedCandles {
  /** Candles that were added. */
  readonly rows: number
  /** Start of the first and end of the last candle of the file, µs. */
  readonly from: number
  readonly to: number
  /** Places where candles are missing between two others, and how many are missing. */
  readonly holes: number
  readonly missing: number
  /** Candles that the topic, or the file, had already. */
  readonly duplicates: number
  /** Candles of a time that the topic, or the file, had already with other numbers: the first one stays. */
  readonly contradictions: number
  /** Lines that became dead letters: no candles, or contradictions. */
  readonly deadLetters: number
  /** False when the file ends in the middle of compressed data. */
  readonly complete: boolean
  readonly tickSize: number
  readonly lotSize: number
}

/** Rows of a commit. */
const stepRows = 65_536

/**
 * Adds the candles of a file that the topic has not got yet; a line that is no candle, or contradicts one, becomes a
 * dead letter.
 * Killed at any moment and started again, or given an overlapping file, it adds nothing twice.
 *
 * Errors: CONFIG_INVALID when a column is missing or the file's candles have another interval, FILE_…, NO_DATA when there is no candle
 *         in the file, LEASE_HELD, INTERRUPTED after what was committed.
 */
export async function loadCandles(topics: Topics, load: LoadCandles): Promise<LoadedCandles> {
  checkExchange(load.exchange)
  const file = await openCapture(load.file)
  const seen = await survey(file, load)
  const { tickSize, lotSize } = await steps(topics, load, seen)
  const known = await knownCandles(topics, load)
  const { exchange, symbol, settle } = load
  const source = letterSource(load.file, `candles:${load.interval.name}`)
  const letters = await FileLetters.open(topics, { exchange, symbol, source })
  const writer = await importWriter(topics)
  try {
    const counts = { rows: 0, duplicates: 0, contradictions: 0 }
    const candles = builderOf('candles')
    const inferred = load.tickSize === undefined || load.lotSize === undefined
    const row = instrumentRow(exchange, symbol, seen.from, { tickSize, lotSize, settle, inferred })
    let outputs: Batch[] = (await isKnown(topics, row)) ? [] : [batchOf('instruments', [row])]
    const commit = async (): Promise<void> => {
      if (candles.count > 0) outputs.push(take<'candles'>(candles))
      outputs.push(...letters.take(seen.from))
      if (outputs.length > 0) await writer.commit({ outputs })
      outputs = []
      load.onProgress?.(counts.rows, seen.candles)
    }
    let received = seen.from
    for await (const { candle, line, error } of parsed(file, load)) {
      if (candle !== undefined) {
        received = candle.received
        const [before, numbers] = [known.get(candle.openTime), numbersOf(candle)]
        if (before !== undefined && before !== numbers) {
          counts.contradictions++
          letters.unreadable(line, contradictionOf(candle, line), received)
        } else {
          letters.readable(line.number)
          if (before === numbers) counts.duplicates++
          else {
            known.set(candle.openTime, numbers)
            candles.push(candle)
            counts.rows++
          }
        }
      } else letters.unreadable(line, error!, received)
      if (candles.count + letters.count < stepRows) continue
      await commit()
      if (load.signal?.aborted) throw interrupted(counts.rows)
    }
    await commit()
    const { from, to, holes, missing, complete } = seen
    const deadLetters = seen.deadLetters + counts.contradictions
    return { ...counts, from, to, holes, missing, deadLetters, complete, tickSize, lotSize }
  } finally {
    await writer.close()
  }
}

interface Survey {
  candles: number
  from: number
  to: number
  holes: number
  missing: number
  deadLetters: number
  complete: boolean
  readonly prices: StepFinder
  readonly sizes: StepFinder
}

/** The first reading. */
async function survey(file: Capture, load: LoadCandles): Promise<Survey> {
  const seen: Survey = {
    ...{ candles: 0, from: Number.POSITIVE_INFINITY, to: 0, holes: 0, missing: 0, deadLetters: 0, complete: true },
    ...{ prices: new StepFinder(), sizes: new StepFinder() },
  }
  const { us, name } = load.interval
  const distances = new Map<number, number>()
  let last: number | undefined
  let firstError: SmartspeedError | undefined
  const lines = parsed(file, load)
  for (;;) {
    const { done, value } = await lines.next()
    if (done) {
      seen.complete = value
      break
    }
    const { candle, error } = value
    if (candle === undefined) {
      seen.deadLetters++
      firstError ??= error
      continue
    }
    seen.candles++
    seen.from = Math.min(seen.from, candle.openTime)
    seen.to = Math.max(seen.to, candle.openTime + us)
    for (const price of [candle.open, candle.high, candle.low, candle.close]) seen.prices.show(price)
    seen.sizes.show(candle.volume)
    const distance = last === undefined ? us : candle.openTime - last
    if (last !== undefined) distances.set(distance, (distances.get(distance) ?? 0) + 1)
    if (distance > us) {
      seen.holes++
      seen.missing += Math.round(distance / us) - 1
    }
    last = candle.openTime
  }
  if (seen.candles === 0) {
    throw new SmartspeedError(
      'NO_DATA',
      `there is no candle of ${name} in ${file.file}${firstError === undefined ? '' : `: ${firstError.message}`}`,
      {
        fix: 'a line is: time,open,high,low,close,volume under a header; --interval says how long a candle is',
      },
    )
  }
  const least = Math.min(...distances.keys())
  if (distances.size > 0 && least > us) {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `--interval ${name}: the candles of ${file.file} are ${least / 1e6} s apart or more`,
      {
        fix: `choose the interval that the file has`,
      },
    )
  }
  return seen
}

interface Parsed {
  readonly line: Line
  readonly candle?: Candle
  readonly error?: SmartspeedError
}

/** Every line but the header, as a candle or as the error that it is. Returns whether the file is whole. */
async function* parsed(file: Capture, format: CandleFormat): AsyncGenerator<Parsed, boolean> {
  const lines = await candleFileLines(file)
  let reader: CandleLines | undefined
  for (;;) {
    const { done, value: line } = await lines.next()
    if (done) return line
    if (reader === undefined) {
      reader = candleLines(line.text, format)
      if (!reader.headless) continue
    }
    yield parsedLine(reader, line)
  }
}

/** The lines of a text file, or the rows of a Parquet file as such lines. */
async function candleFileLines(file: Capture): Promise<AsyncGenerator<Line, boolean>> {
  if (!(await isParquet(file.file))) return linesOf(file)
  const { rows } = await openTable(file.file)
  return (async function* () {
    for await (const { text, number } of rows()) yield { text, number, ended: true, position: number }
    return true
  })()
}

function parsedLine(reader: CandleLines, line: Line): Parsed {
  try {
    return { line, candle: reader.parse(line.text) }
  } catch (error) {
    if (error instanceof SmartspeedError) return { line, error }
    throw error
  }
}

/** Steps that were given, else those that the topics know, where they are fine enough, else those that the numbers show. */
async function steps(
  topics: Topics,
  load: LoadCandles,
  { prices, sizes }: Survey,
): Promise<{ tickSize: number; lotSize: number }> {
  const known = await newestInstrument(topics, load)
  const fine = (given: number | undefined, before: number | undefined, shown: number | undefined): number =>
    given ?? Math.min(before ?? Number.POSITIVE_INFINITY, shown ?? before ?? 1)
  return {
    tickSize: fine(load.tickSize, known?.tickSize, prices.step),
    lotSize: fine(load.lotSize, known?.lotSize, sizes.step),
  }
}

async function isKnown(topics: Topics, row: Instrument): Promise<boolean> {
  const known = await newestInstrument(topics, row)
  return (
    known !== undefined &&
    known.tickSize === row.tickSize &&
    known.lotSize === row.lotSize &&
    known.settle === row.settle
  )
}

type Of = { readonly exchange: string; readonly symbol: string }

/** The last row of an instrument; undefined where there is none. */
export async function newestInstrument(topics: Topics, { exchange, symbol }: Of): Promise<Instrument | undefined> {
  let newest: Instrument | undefined
  for await (const batch of rowsIf(topics, 'instruments', { exchange, symbol })) {
    newest = rowAt(batch.batch, batch.row) as Instrument
  }
  return newest
}

/** What the topic's candles say, by their start. */
async function knownCandles(topics: Topics, { exchange, symbol, interval }: LoadCandles): Promise<Map<number, number>> {
  const known = new Map<number, number>()
  for await (const { batch, row } of rowsIf(topics, 'candles', { exchange, symbol })) {
    const { openTime, interval: name, open, high, low, close, volume } = batch.columns as CandleColumns
    if (name.values[name.codes[row]!] !== interval.name) continue
    const numbers = { open: open[row]!, high: high[row]!, low: low[row]!, close: close[row]!, volume: volume[row]! }
    known.set(openTime[row]!, numbersOf(numbers))
  }
  return known
}

/** Prices and volume as one number: two candles of a time that differ in it contradict each other. */
function numbersOf({ open, high, low, close, volume }: Pick<Candle, 'open' | 'high' | 'low' | 'close' | 'volume'>) {
  return hash50(Float64Array.of(open, high, low, close, volume))
}

function contradictionOf({ openTime, interval }: Candle, { text }: Line): SmartspeedError {
  const message = `a candle of ${interval} from ${isoOf(openTime)} is there already, with other numbers: ${excerpt(text)}`
  return new SmartspeedError('VALUE_IMPOSSIBLE', message)
}

async function* rowsIf(
  topics: Topics,
  record: 'instruments' | 'candles',
  { exchange, symbol }: Of,
): AsyncGenerator<{ batch: Batch; row: number }> {
  const topic = physicalName(record)
  if (!(await topics.list()).some(({ name }) => name === topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }], exchange, symbols: [symbol] })) {
    for (let at = 0; at < merged.rows; at++) yield { batch: merged.sources[merged.source[at]!]!, row: merged.row[at]! }
  }
}

function interrupted(rows: number): SmartspeedError {
  return new SmartspeedError('INTERRUPTED', `stopped after ${rows} candles`, {
    fix: 'the same command goes on where it stopped',
  })
}
