// One capture on its way into the topics: its clock, its instruments, its duplicates, its quality.
import type { Exchange } from '../connectors/exchanges/exchange.ts'
import type { Taken } from '../connectors/intake.ts'
import { fastestOf, offsetOf, tooFast } from '../operators/quality/feed-latency.ts'
import { type Identities, identitiesOf, wholeId } from '../operators/quality/identity.ts'
import { Jumps } from '../operators/quality/jumps.ts'
import type { Ranges } from '../operators/quality/ranges.ts'
import { type Batch, batchOf, rowsOf } from '../schemas/batch.ts'
import { type Dictionary, wordAt } from '../schemas/columns.ts'
import type { Columns, Heartbeat } from '../schemas/records.generated.ts'
import { gatherRows } from '../topics/rows.ts'
import type { IngestBooks } from './ingest-books.ts'
import type { IngestInstruments } from './ingest-instruments.ts'
import type { Seen } from './ingest-seen.ts'
import type { Tally } from './ingest-summary.ts'

/** What an exchange's imports know between files; saved with every commit. */
export interface IngestState {
  readonly seen: Seen
  readonly books: IngestBooks
  readonly instruments: IngestInstruments
}

/** How far the lines were read, µs. */
export interface Read {
  readonly firstReceived: number
  readonly received: number
  /** The file has ended. */
  readonly last: boolean
}

/** The connection of a capture. Its name says nothing of the file, so that a file under another name adds nothing twice. */
export const connection = 'capture'

const microsPerSecond = 1_000_000
/** Rows that the clock's offset rests on are held back so long, for `clocks` stands before the first of them. */
const holdMicros = 60 * microsPerSecond
/** A silence longer than this is not filled with heartbeats. */
const mostHeartbeats = 86_400

/** How rows of other files differ from those of a capture. */
export interface SessionRules {
  /**
   * For rows that no id tells apart: by row 1 when it is new, 2 when it is there already, 0 when its id decides; undefined when
   * every row has an id.
   */
  readonly contents?: (batch: Batch) => Promise<Uint8Array | undefined>
  /** False for a second, since 1970 by our clock, that gets no heartbeat. */
  readonly beats?: (second: number) => boolean
}

export class Session {
  /** Exchange clock minus ours, µs; undefined while the first minute is held. */
  offset: number | undefined
  private readonly exchange: Exchange
  private readonly state: IngestState
  private readonly tally: Tally
  private readonly file: string
  private readonly minFeedLatencyUs: number
  private readonly rules: SessionRules
  private held: Taken[] = []
  private clock: Batch<'clocks'> | undefined
  /** Receive time of the last heartbeat, in whole seconds. */
  private beat = Number.NaN
  private readonly jumps = new Jumps()
  /** Last id of each series, for gaps; last exchange time of each topic and symbol. */
  private readonly lastIds = new Map<string, number>()
  private readonly lastTimes = new Map<string, number>()

  constructor(about: {
    exchange: Exchange
    state: IngestState
    tally: Tally
    file: string
    minFeedLatencyUs: number
    rules?: SessionRules
  }) {
    this.exchange = about.exchange
    this.state = about.state
    this.tally = about.tally
    this.file = about.file
    this.minFeedLatencyUs = about.minFeedLatencyUs
    this.rules = about.rules ?? {}
    about.state.books.beginFile()
  }

  /** Takes what was read; gives what to write, undefined while the first minute is held back. */
  async step(taken: readonly Taken[], read: Read): Promise<Batch[] | undefined> {
    if (this.offset === undefined) {
      this.held.push(...taken)
      const until = read.firstReceived + holdMicros
      if (!read.last && !(read.received >= until)) return undefined
      this.setClock(until, read)
      const { held } = this
      this.held = []
      return this.process(held, read)
    }
    return this.process(taken, read)
  }

  /** Rows that wait for the first minute to end. */
  get holding(): readonly Taken[] {
    return this.held
  }

  private setClock(until: number, { firstReceived }: Read): void {
    const fastest = fastestOf(
      this.held.map(({ batch }) => batch),
      until,
    )
    this.offset = offsetOf(fastest, this.minFeedLatencyUs)
    if (Number.isNaN(firstReceived)) return
    const { minFeedLatencyUs, exchange, offset } = this
    const { rows } = fastest
    this.tally.clocks.push({ exchange: exchange.id, offsetUs: offset, minFeedLatencyUs, rows, file: this.file })
    const common = { time: firstReceived + offset, received: firstReceived, exchange: exchange.id, symbol: '' }
    this.clock = batchOf('clocks', [{ ...common, connection, offset, rows }])
  }

  private async process(taken: readonly Taken[], read: Read): Promise<Batch[]> {
    const { tally, state } = this
    const offset = this.offset!
    for (const { batch } of taken) this.fillTimes(batch, read)
    const described = taken.filter(({ batch }) => batch.topic === 'instruments')
    const instruments = described.flatMap(({ batch }) =>
      rowsOf(batch as Batch<'instruments'>).filter((row) => state.instruments.accept(row)),
    )
    tally.count(
      'instruments',
      described.reduce((sum, { batch }) => sum + batch.rows, 0),
      instruments.length,
    )
    const rows = taken.filter(({ batch }) => batch.topic !== 'instruments')
    const inferred = state.instruments.infer(
      rows.map(({ batch }) => batch),
      { offsetUs: offset, until: read.firstReceived + holdMicros },
    )
    tally.count('instruments', inferred.length, inferred.length)
    const outputs: Batch[] = []
    for (const { batch, series } of rows) {
      const kept = await this.filter(batch, series)
      if (kept !== undefined) outputs.push(kept)
    }
    if (outputs.length > 0) this.addClock(outputs)
    if (instruments.length + inferred.length > 0) outputs.unshift(batchOf('instruments', [...instruments, ...inferred]))
    const beats = this.heartbeats(read)
    if (beats !== undefined) outputs.push(beats)
    return outputs
  }

  /** Estimated times, on the exchange's clock: a row without a time counts as fast as the fastest one. */
  private fillTimes(batch: Batch, { firstReceived }: Read): void {
    const { time, received } = batch.columns as { time: Float64Array; received: Float64Array }
    const back = this.tally.clocks.at(-1)?.rows ? this.offset! - this.minFeedLatencyUs : 0
    for (let row = 0; row < batch.rows; row++) {
      // A line before the first stamp.
      if (Number.isNaN(received[row]!)) received[row] = Number.isNaN(firstReceived) ? 0 : firstReceived
      if (Number.isNaN(time[row]!)) time[row] = received[row]! + back
    }
  }

  /** The rows that are new, with every row counted by what it is. */
  private async filter(batch: Batch, series: Uint8Array | undefined): Promise<Batch | undefined> {
    const { seen } = this.state
    const known = identitiesOf(batch, series)
    const sets = known.names.map((name) => seen.set(`${batch.topic} ${name}`))
    await this.fetch(batch, known)
    if (batch.topic === 'books') await this.prepareBooks(batch as Batch<'books'>)
    const contents = await this.rules.contents?.(batch)
    const consecutive = batch.topic === 'trades' && this.exchange.consecutiveTrades
    const lastIds = Float64Array.from(known.names, (name) => this.lastIds.get(name) ?? Number.NaN)
    const kept = new Uint32Array(batch.rows)
    let count = 0
    for (let row = 0; row < batch.rows; row++) {
      const number = known.set[row]!
      const from = known.from[row]!
      const ids = sets[number]!
      const content = contents?.[row] ?? 0
      if (consecutive && content === 0) {
        // The usual trade follows the one before it.
        if (from !== lastIds[number]! + 1) this.findGap(known.names[number]!, ids, from, lastIds[number]!, batch, row)
        if (!(from <= lastIds[number]!)) lastIds[number] = from
      }
      const isNew = content === 0 ? ids.take(from, known.to[row]!) : content === 1
      if (isNew) kept[count++] = row
      if (batch.topic === 'books') {
        this.state.books.apply(symbolAt(batch, row), batch.columns as Columns['books'], row, isNew)
      }
    }
    if (consecutive) for (const [number, name] of known.names.entries()) this.lastIds.set(name, lastIds[number]!)
    this.look(batch)
    this.tally.count(batch.topic, batch.rows, count)
    if (batch.topic === 'dead-letters') this.tally.deadLetters += count
    if (count === 0) return undefined
    return count === batch.rows ? batch : gatherRows([batch], kept.subarray(0, count))
  }

  private async fetch(batch: Batch, { names, set, from, to }: Identities): Promise<void> {
    const lowest = new Float64Array(names.length).fill(Number.POSITIVE_INFINITY)
    const highest = new Float64Array(names.length)
    for (let row = 0; row < batch.rows; row++) {
      const number = set[row]!
      if (from[row]! < lowest[number]!) lowest[number] = from[row]!
      if (to[row]! > highest[number]!) highest[number] = to[row]!
    }
    for (const [number, name] of names.entries()) {
      await this.state.seen.fetch(`${batch.topic} ${name}`, lowest[number]!, highest[number]!)
    }
  }

  private async prepareBooks(batch: Batch<'books'>): Promise<void> {
    for (const symbol of batch.columns.symbol.values) {
      await this.state.books.prepare(symbol, this.state.instruments.priceDecimals(symbol))
    }
  }

  /** A trade whose predecessors were neither in this file nor imported before. `before` is the last id of the file, or NaN. */
  private findGap(name: string, ids: Ranges, id: number, before: number, batch: Batch, row: number): void {
    const last = Number.isNaN(before) ? ids.below(id) : before
    if (!(id > last + 1) || ids.covers(last + 1, id - 1)) return
    const after = wholeId(name, last)
    const next = wholeId(name, id)
    this.tally.gap(symbolAt(batch, row), 'trades', { after, next, missing: next - after - 1n })
  }

  /** Counts what looks wrong and is kept. */
  private look(batch: Batch): void {
    const { quality } = this.tally
    quality.tooFast += tooFast(batch, this.offset!, this.minFeedLatencyUs)
    if (batch.topic === 'trades') {
      const { price, received } = batch.columns as Columns['trades']
      for (let row = 0; row < batch.rows; row++) {
        if (this.jumps.isJump(symbolAt(batch, row), price[row]!, received[row]!)) quality.jump++
      }
    }
    if (batch.topic === 'quotes') {
      const { bid, ask } = batch.columns as Columns['quotes']
      for (let row = 0; row < batch.rows; row++) if (bid[row]! >= ask[row]!) this.tally.crossed(symbolAt(batch, row))
    }
    if (batch.topic !== 'dead-letters') this.timesBack(batch)
  }

  private timesBack(batch: Batch): void {
    const { time, symbol, timeEstimated } = batch.columns as Columns['trades']
    // A snapshot says when its book last changed, not when it was made.
    const { snapshot } = batch.columns as Partial<Columns['books']>
    const lasts = symbol.values.map((name) => this.lastTimes.get(`${batch.topic} ${name}`) ?? 0)
    for (let row = 0; row < batch.rows; row++) {
      if (timeEstimated[row] === 1 || snapshot?.[row] === 1) continue
      const code = symbol.codes[row]!
      if (time[row]! < lasts[code]!) this.tally.quality.eventTimeBack++
      lasts[code] = time[row]!
    }
    for (const [code, name] of symbol.values.entries()) this.lastTimes.set(`${batch.topic} ${name}`, lasts[code]!)
  }

  /** The connection's clock goes before its first new row. */
  private addClock(outputs: Batch[]): void {
    if (this.clock === undefined) return
    const received = this.clock.columns.received[0]!
    const ids = this.state.seen.set('clocks')
    if (!ids.has(received)) {
      ids.add(received, received)
      outputs.unshift(this.clock)
      this.tally.count('clocks', 1, 1)
    }
    this.clock = undefined
  }

  /** One for each whole second of receive time that has passed; rows up to it are all there. */
  private heartbeats({ firstReceived, received, last }: Read): Batch | undefined {
    if (Number.isNaN(received)) return undefined
    const ids = this.state.seen.set('heartbeats')
    if (Number.isNaN(this.beat)) this.beat = Math.floor(firstReceived / microsPerSecond)
    // The line in hand may not be the last of its microsecond, unless the file has ended.
    const until = Math.floor((last ? received : received - 1) / microsPerSecond)
    const from = Math.max(this.beat + 1, until - mostHeartbeats)
    const rows: Heartbeat[] = []
    for (let second = from; second <= until; second++) {
      if (ids.has(second) || this.rules.beats?.(second) === false) continue
      ids.add(second, second)
      const watermark = second * microsPerSecond
      const common = { time: watermark + this.offset!, received: watermark, exchange: this.exchange.id, symbol: '' }
      rows.push({ ...common, connection, watermark })
    }
    this.tally.count('heartbeats', Math.max(0, until - from + 1), rows.length)
    this.beat = Math.max(this.beat, until)
    return rows.length === 0 ? undefined : batchOf('heartbeats', rows)
  }
}

function symbolAt(batch: Batch, row: number): string {
  return wordAt((batch.columns as unknown as { symbol: Dictionary }).symbol, row) ?? ''
}
