// Candles of a file as columns, for those who compute on a file alone. Nothing is asked about them but that they are numbers in the
// order of time: what goes into topics is looked at more closely (`candles.ts`).
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Capture } from '../capture.ts'
import { type CandleField, type CandleLayout, candleLayout } from './candles.ts'
import { type Line, linesOf } from './lines.ts'

/** Columns of at most `chunkRows` candles; a field that the file has not got is 0. */
export interface CandleChunk {
  readonly rows: number
  /** Start of each candle, µs. */
  readonly openTime: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

export interface CandleFileEnd {
  readonly candles: number
  /** Lines that are no candles, with the first one's number and error. */
  readonly unreadable: number
  readonly firstUnreadable: { readonly line: number; readonly message: string } | undefined
  /** Lines that say the candle before them again: left out. */
  readonly repeated: number
  /** Lines with the time of the candle before them and other numbers, with the first one's: left out. */
  readonly contradicting: number
  readonly firstContradicting: number | undefined
  /** False when the file ends in the middle of compressed data. */
  readonly complete: boolean
}

const chunkRows = 8192
const fields = ['open', 'high', 'low', 'close', 'volume'] as const

/**
 * The candles of a file, in chunks of fresh arrays. An empty cell of volume is 0: candles of mark prices have none.
 *
 * Errors: CONFIG_INVALID when a column of `needs` or the time is missing; VALUE_IMPOSSIBLE when a candle begins before the one above it; NO_DATA
 *         when there is no candle; FILE_….
 */
export async function* candleColumns(
  file: Capture,
  { timeColumn, needs }: { timeColumn?: string | undefined; needs: readonly CandleField[] },
): AsyncGenerator<CandleChunk, CandleFileEnd> {
  const end: { -readonly [K in keyof Omit<CandleFileEnd, 'complete'>]: CandleFileEnd[K] } = {
    ...{ candles: 0, unreadable: 0, firstUnreadable: undefined, repeated: 0 },
    ...{ contradicting: 0, firstContradicting: undefined },
  }
  const lines = linesOf(file)
  let layout: CandleLayout | undefined
  let chunk = new ChunkBuilder()
  let last = Number.NEGATIVE_INFINITY
  for (;;) {
    const { done, value: line } = await lines.next()
    if (done) {
      if (end.candles === 0) throw noCandle(file, end.firstUnreadable?.message)
      if (chunk.rows > 0) yield chunk.take()
      return { ...end, complete: line }
    }
    if (layout === undefined) {
      layout = candleLayout(line.text, { timeColumn, needs })
      if (!layout.headless) continue
    }
    try {
      chunk.read(layout, line)
    } catch (error) {
      if (!(error instanceof SmartspeedError)) throw error
      end.unreadable++
      end.firstUnreadable ??= { line: line.number, message: error.message }
      continue
    }
    const time = chunk.newestTime
    if (time < last) throw backwards(file, line)
    if (time === last) {
      if (chunk.repeats) end.repeated++
      else {
        end.contradicting++
        end.firstContradicting ??= line.number
      }
      continue
    }
    last = time
    end.candles++
    chunk.rows++
    if (chunk.rows < chunkRows) continue
    yield chunk.take()
    chunk = new ChunkBuilder(chunk.lastRow)
  }
}

class ChunkBuilder {
  rows = 0
  readonly #openTime = new Float64Array(chunkRows)
  readonly #columns = fields.map(() => new Float64Array(chunkRows))
  readonly #before: readonly number[]

  /** `before` are the fields of the row before the first. */
  constructor(before: readonly number[] = []) {
    this.#before = before
  }

  /** Puts a line behind the rows that count; it counts when `rows` is raised. */
  read(layout: CandleLayout, { text }: Line): void {
    const cells = layout.cells(text)
    this.#openTime[this.rows] = layout.openTime(cells, text)
    for (const [at, field] of fields.entries()) {
      const value =
        field === 'volume' ? (layout.optional(field, cells, text) ?? 0) : priceOf(layout, field, cells, text)
      this.#columns[at]![this.rows] = value
    }
  }

  get newestTime(): number {
    return this.#openTime[this.rows]!
  }

  /** True when the line that was read last says the row before it again. */
  get repeats(): boolean {
    const { rows } = this
    const before = rows > 0 ? this.lastRow : this.#before
    return this.#columns.every((column, at) => column[rows] === before[at])
  }

  get lastRow(): readonly number[] {
    return this.#columns.map((column) => column[this.rows - 1]!)
  }

  take(): CandleChunk {
    const { rows } = this
    const [open, high, low, close, volume] = this.#columns.map((column) => column.subarray(0, rows)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    return { rows, openTime: this.#openTime.subarray(0, rows), open, high, low, close, volume }
  }
}

function priceOf(layout: CandleLayout, field: CandleField, cells: readonly string[], text: string): number {
  return layout.has(field) ? layout.number(field, cells, text) : 0
}

function backwards(file: Capture, line: Line): SmartspeedError {
  const message = `line ${line.number} of ${file.file} begins before the candle above it`
  return new SmartspeedError('VALUE_IMPOSSIBLE', message, {
    fix: 'sort the file by time, the oldest candle first; a file of several symbols has to be split',
  })
}

function noCandle(file: Capture, why: string | undefined): SmartspeedError {
  return new SmartspeedError('NO_DATA', `there is no candle in ${file.file}${why === undefined ? '' : `: ${why}`}`, {
    fix: 'a line is: time,open,high,low,close,volume under a header',
  })
}
