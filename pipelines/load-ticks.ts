// Trades, quotes and books of foreign files into topics: as imports do it, so that either may come first (DESIGN §5).

import type { Exchange } from '../connectors/exchanges/exchange.ts'
import { exchanges } from '../connectors/exchanges/index.ts'
import { Columns, type FileFormat, type TickRecord } from '../connectors/files/formats.ts'
import { instrumentRow, namedOf } from '../connectors/files/instrument.ts'
import { openTable, type Table, type TableRow } from '../connectors/files/table.ts'
import type { Tick } from '../connectors/files/tick.ts'
import { type SideRule, tickReader } from '../connectors/files/ticks.ts'
import { refuseOtherVenue, sameSymbol } from '../connectors/files/venues.ts'
import { inOrder } from '../operators/quality/book.ts'
import { priceBounds } from '../operators/quality/impossible-price.ts'
import { type Batch, batchOf } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { restoredState, savedState } from './ingest.ts'
import { type IngestState, Session } from './ingest-session.ts'
import { Tally } from './ingest-summary.ts'
import { newestInstrument } from './load-candles.ts'
import { KnownRows } from './load-known.ts'
import { FileLetters, letterSource } from './load-letters.ts'
import { LoadedRows } from './load-rows.ts'
import { importWriter } from './market-writer.ts'

export interface LoadTicks {
  readonly file: string
  readonly record: TickRecord
  readonly format: FileFormat
  readonly exchange: string
  readonly symbol: string
  /** How the side of trades is known where the file does not say it. */
  readonly side?: SideRule | undefined
  /** Steps, both or neither; read off the rows when they are absent. */
  readonly tickSize?: number | undefined
  readonly lotSize?: number | undefined
  readonly settle?: string | undefined
  /** What the fastest message of a connection took, µs; 1,000 if not given. Added to `time` where the file has no receive time. */
  readonly minFeedLatencyUs?: number | undefined
  /** Rows of a commit; 65,536 if not given. */
  readonly stepRows?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called now and then with the rows read so far, and the share of the file, 0…1. */
  readonly onProgress?: ((rows: number, share: number) => void) | undefined
}

export interface LoadedTicks {
  /** Rows that were added. */
  readonly rows: number
  /** Least and greatest exchange time of the file's rows, µs. */
  readonly from: number
  readonly to: number
  /** First and last receive time. */
  readonly received: { readonly from: number; readonly to: number }
  /** Rows that were there already. */
  readonly duplicates: number
  /** Lines that could not be read, and rows of other symbols. */
  readonly deadLetters: number
  readonly otherSymbols: number
  /** Places where ids are missing that were not loaded or imported before. */
  readonly gaps: number
  /** Rows stamped before the row above; they took its receive time. */
  readonly timeBack: number
  /** False when the file ends in the middle. */
  readonly complete: boolean
}

/** A file of which none of so many rows can be read is another file. */
const firstRows = 100
/** A commit spans at most that much receive time, so that heartbeats reach through sparse files. */
const stepUs = 43_200_000_000

/**
 * Adds the rows of a file that the topics have not got yet. Ids are known from imports and loads before; rows without an id are
 * compared with those of the same receive time. Killed at any moment and started again, it adds nothing twice.
 *
 * Errors: CONFIG_INVALID for missing columns or another venue, USAGE when sides or the currency are not known, NO_DATA when nothing
 *         in the file can be read or is of that symbol, FILE_…, LEASE_HELD, INTERRUPTED after what was committed.
 */
export async function loadTicks(topics: Topics, load: LoadTicks): Promise<LoadedTicks> {
  const exchange = venueOf(load)
  const table = await openTable(load.file)
  const rows = table.rows()
  const first = await rows.next()
  if (first.done) throw new SmartspeedError('NO_DATA', `${load.file} is empty`)
  const columns = new Columns(load.format, load.record, first.value.cells)
  const reader = tickReader(load.record, columns, load.side)
  const writer = await importWriter(topics)
  try {
    const work = await Work.begin(topics, writer, { load, exchange, table })
    const symbol = columns.at(['symbol', 'market', 'pair'])
    const venue = columns.at(['exchange'])
    const others = new Map<string, number>()
    let next: IteratorResult<TableRow, boolean> = columns.headless ? first : await rows.next()
    for (; !next.done; next = await rows.next()) {
      const row = next.value
      const { cells } = row
      const name = cells[symbol]
      if (name !== undefined && !sameSymbol(name, load.symbol)) {
        others.set(name, (others.get(name) ?? 0) + 1)
        continue
      }
      refuseOtherVenue(cells[venue], load.exchange)
      const tick = work.parsed(row, () => reader.push(cells))
      if (tick !== undefined) {
        if (work.leaps(tick)) await work.endSilence(tick)
        work.add(row, tick)
      }
      if (work.isFull) await work.step(false)
    }
    const rest = reader.end()
    if (rest !== undefined) work.add(undefined, rest)
    if (work.rows.rows === 0) throw nothingRead(load, others, work.firstError)
    await work.step(true)
    return work.result(next.value, others)
  } finally {
    await writer.close()
  }
}

/** The exchange as imports know it; of one whose messages cannot be read yet, what files need of it. */
function venueOf({ exchange: id, symbol, settle }: LoadTicks): Exchange {
  const named = (name: string) => namedOf(id, name, settle)
  named(symbol)
  const known = exchanges.find((one) => one.id === id)
  if (known !== undefined) return { ...known, named }
  const parse = () => {
    throw new SmartspeedError('MESSAGE_UNKNOWN', `messages of ${id} cannot be read yet`)
  }
  return { id, name: id, parse, sync: inOrder, consecutiveTrades: false, named }
}

/** One load at work. */
class Work {
  readonly rows: LoadedRows
  firstError: SmartspeedError | undefined
  private readonly load: LoadTicks
  private readonly table: Table
  private readonly writer: Writer
  private readonly state: IngestState
  private readonly tally: Tally
  private readonly session: Session
  private readonly letters: FileLetters
  private unreadable = 0
  private stepFrom = Number.NaN
  private checked: Promise<void> | undefined
  /** The instrument as a person or the topics describe it, to go before the first row. */
  private described: Batch | undefined

  private constructor(about: {
    load: LoadTicks
    exchange: Exchange
    table: Table
    writer: Writer
    state: IngestState
    tally: Tally
    letters: FileLetters
    known: KnownRows
  }) {
    const { load, exchange } = about
    const { record, symbol, minFeedLatencyUs = 1000 } = load
    this.load = load
    this.table = about.table
    this.writer = about.writer
    this.state = about.state
    this.tally = about.tally
    this.letters = about.letters
    const bounds = priceBounds(exchange.named(symbol))
    this.rows = new LoadedRows({ record, exchange: load.exchange, symbol, bounds, latencyUs: minFeedLatencyUs })
    this.session = new Session({
      ...{ exchange, state: about.state, tally: about.tally, file: load.file, minFeedLatencyUs },
      rules: { contents: (batch) => about.known.kinds(batch), beats: (second) => this.rows.beats(second) },
    })
  }

  static async begin(
    topics: Topics,
    writer: Writer,
    { load, exchange, table }: { load: LoadTicks; exchange: Exchange; table: Table },
  ): Promise<Work> {
    const tally = new Tally()
    const { symbol, record } = load
    const of = { exchange: exchange.id, symbol }
    const state = await restoredState({ topics, exchange }, tally)
    const source = letterSource(load.file, record)
    const letters = await FileLetters.open(topics, { ...of, source })
    const known = await KnownRows.open(topics, { ...of, record })
    const newest = await newestInstrument(topics, of)
    // One that candles brought is not described again in other words.
    if (newest !== undefined) state.instruments.accept(newest)
    return new Work({ load, exchange, table, writer, state, tally, letters, known })
  }

  get isFull(): boolean {
    const { stepRows = 65_536 } = this.load
    return this.rows.waiting + this.letters.count >= stepRows
  }

  /** What a row completes; undefined when that is nothing, or it is an error. Errors: NO_DATA when nothing at the beginning can be read. */
  parsed(row: TableRow, read: () => Tick | undefined): Tick | undefined {
    try {
      const tick = read()
      if (tick === undefined) this.letters.readable(row.number)
      return tick
    } catch (error) {
      this.refuse(row, error)
      return undefined
    }
  }

  add(row: TableRow | undefined, tick: Tick): void {
    try {
      this.rows.push(tick)
      if (Number.isNaN(this.stepFrom)) this.stepFrom = this.rows.received
      if (row !== undefined) this.letters.readable(row.number)
    } catch (error) {
      if (row === undefined) throw error
      this.refuse(row, error)
    }
  }

  /** True when a record is so long after those that wait that they are committed first. */
  leaps(tick: Tick): boolean {
    return this.rows.stampOf(tick) - this.stepFrom > stepUs
  }

  /** Commits what came before a record, and heartbeats of the silence between, for half a day at most. */
  async endSilence(tick: Tick): Promise<void> {
    const next = this.rows.stampOf(tick)
    await this.step(false, Math.min(next - 1, this.rows.received + stepUs))
    this.stepFrom = next
  }

  private refuse(row: TableRow, error: unknown): void {
    if (!(error instanceof SmartspeedError)) throw error
    this.unreadable++
    this.firstError ??= error
    this.letters.unreadable(row, error, this.rows.received)
    if (this.rows.rows === 0 && this.unreadable === firstRows) throw nothingRead(this.load, new Map(), error)
  }

  /** Commits what was read; rows of the first minute wait until it is over, for the clock goes before them. */
  async step(last: boolean, received = this.rows.received): Promise<void> {
    const { firstReceived } = this.rows
    const taken = this.rows.take()
    this.stepFrom = received
    if (this.described === undefined) {
      this.described = this.instrument(firstReceived)
      if (this.described !== undefined) taken.unshift({ batch: this.described, series: undefined })
    }
    const outputs = await this.session.step(taken, { firstReceived, received, last })
    this.load.onProgress?.(this.rows.rows, this.table.share)
    if (outputs !== undefined) {
      // No row of a damaged file is ever committed.
      this.checked ??= this.table.check()
      await this.checked
      await this.state.seen.putAway(this.writer)
      const all = [...outputs, ...this.letters.take(firstReceived)]
      await this.writer.commit({ outputs: all, task: this.load.exchange, snapshot: savedState(this.state) })
    }
    if (this.load.signal?.aborted && !last) {
      throw new SmartspeedError('INTERRUPTED', `stopped after ${this.rows.rows} rows of ${this.load.file}`, {
        fix: 'the same command goes on where it stopped',
      })
    }
  }

  result(complete: boolean, others: ReadonlyMap<string, number>): LoadedTicks {
    const { record } = this.load
    const { from, to, firstReceived, received, timeBack } = this.rows
    const count = (counts: Record<string, number>) => counts[record] ?? 0
    return {
      ...{ rows: count(this.tally.records), from, to, received: { from: firstReceived, to: received } },
      ...{ duplicates: count(this.tally.duplicates), deadLetters: this.unreadable },
      otherSymbols: [...others.values()].reduce((sum, rows) => sum + rows, 0),
      ...{ gaps: this.tally.quality.gaps, timeBack, complete },
    }
  }

  private instrument(received: number): Batch<'instruments'> | undefined {
    const { exchange, symbol, settle, tickSize, lotSize } = this.load
    if (tickSize === undefined || lotSize === undefined) return undefined
    return batchOf('instruments', [
      instrumentRow(exchange, symbol, received, { tickSize, lotSize, settle, inferred: false }),
    ])
  }
}

function nothingRead(
  { file, record, format, symbol }: LoadTicks,
  others: ReadonlyMap<string, number>,
  error: SmartspeedError | undefined,
): SmartspeedError {
  const names = [...others.keys()]
  if (error === undefined && names.length > 0) {
    return new SmartspeedError('NO_DATA', `${file} has no rows of ${symbol}; it has ${names.slice(0, 5).join(', ')}`, {
      fix: `add --symbol ${names[0]}`,
    })
  }
  const why = error === undefined ? '' : `: ${error.message}`
  return new SmartspeedError('NO_DATA', `no ${record} of --format ${format.id} can be read in ${file}${why}`, {
    fix: 'choose the --format that the file is; docs/load.md shows what each looks like',
  })
}
