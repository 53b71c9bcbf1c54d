// The column stage of bars: merged rows in, bars out, each with the row at which it closed.
import { type Batch, builderOf, type Merged, take } from '../../schemas/batch.ts'
import { type Dictionary, wordAt } from '../../schemas/columns.ts'
import type { ClockColumns, HeartbeatColumns, RecordName, TradeColumns } from '../../schemas/records.generated.ts'
import { type Instrument, indexIn } from '../instrument.ts'
import { pack, type Stage, type Step, unpack } from '../stage.ts'
import { BarBuilder, type BarState, type ClosedBar } from './bar-builder.ts'
import { ExchangeClock } from './exchange-clock.ts'
import { parseInterval } from './interval.ts'

export interface BarsOptions {
  /** As `parseInterval` reads it. */
  readonly interval: string
  /** By their index; rows of others are passed over. */
  readonly instruments: readonly Instrument[]
  /** A bar of the last close for each period without trades. */
  readonly fill?: boolean
}

/** Bar i closed at row at[i] of the merged batch; `at` never falls. */
export interface Bars {
  readonly batch: Batch<'bars'>
  readonly at: Uint32Array
}

export interface BarsStep extends Step<Merged, Bars> {
  /** Trades so far that came after their bar was closed. */
  readonly late: number
}

/** Topics whose rows carry a time of their instrument's market. */
const timed: ReadonlySet<RecordName> = new Set([
  'trades',
  'quotes',
  'books',
  'funding',
  'marks',
  'interest',
  'liquidations',
])

/**
 * Bars from trades, by event time, each given at the first row of its instrument — trade, quote, book, mark and so on —
 * whose `time` is at or after its end, or at the first heartbeat of its exchange at which the exchange's clock (watermark +
 * offset of its connection) is; with that row's `received`. A bar that is open at the end of the input is not given.
 *
 * Errors: CONFIG_INVALID for an interval that cannot be read.
 */
export const barsStage = {
  name: 'bars',
  warmup: 0,
  create: (options: BarsOptions): BarsStep => new BarsRun(options),
} satisfies Stage<Merged, Bars, BarsOptions>

class BarsRun implements BarsStep {
  private readonly instruments: readonly Instrument[]
  private readonly interval: string
  private readonly builders: readonly BarBuilder[]
  private readonly clocks = new Map<string, ExchangeClock>()
  private readonly rows = builderOf('bars')
  private at: number[] = []
  /** Where the stage stands, for `emit`. */
  private here = { row: 0, received: 0, instrument: 0 }
  private readonly emit = (bar: ClosedBar): void => this.push(bar)

  constructor({ interval, instruments, fill }: BarsOptions) {
    const parsed = parseInterval(interval)
    this.interval = parsed.name
    this.instruments = instruments
    this.builders = instruments.map((instrument) => new BarBuilder(instrument, parsed, fill))
    for (const { exchange } of instruments) this.clocks.set(exchange, new ExchangeClock())
  }

  get late(): number {
    return this.builders.reduce((sum, { state }) => sum + state.late, 0)
  }

  step(merged: Merged): Bars {
    const found = merged.sources.map((batch) => this.instrumentsOf(batch))
    for (let at = 0; at < merged.rows; at++) {
      const source = merged.source[at]!
      const indexes = found[source]
      if (indexes !== undefined) this.row(merged.sources[source]!, merged.row[at]!, at, indexes)
    }
    if (this.rows.count === 0) return noBars
    const bars = { batch: take<'bars'>(this.rows), at: Uint32Array.from(this.at) }
    this.at = []
    return bars
  }

  save(): Uint8Array {
    const clocks = [...this.clocks].map(([exchange, { connections }]) => [exchange, connections] as const)
    return pack({ builders: this.builders.map(({ state }) => state), clocks })
  }

  load(bytes: Uint8Array): void {
    const saved = unpack<{ builders: BarState[]; clocks: [string, ExchangeClock['connections']][] }>(bytes)
    for (const [index, state] of saved.builders.entries()) this.builders[index]!.state = state
    for (const [exchange, connections] of saved.clocks) this.clocks.get(exchange)!.connections = connections
  }

  private row(batch: Batch, row: number, at: number, indexes: Indexes): void {
    if (batch.topic === 'clocks' || batch.topic === 'heartbeats') {
      this.clockRow(batch as Batch<'clocks' | 'heartbeats'>, row, at)
      return
    }
    const columns = batch.columns as Common
    const index = indexes.of(columns, row)
    const builder = this.builders[index]
    if (builder === undefined) return
    const time = columns.time[row]!
    const trades = batch.topic === 'trades' ? (batch.columns as TradeColumns) : undefined
    const closes = builder.closes(time)
    if (!closes && trades === undefined) return
    this.stand(at, columns.received[row]!, index)
    if (closes) builder.advance(time, this.emit)
    if (trades !== undefined) builder.trade(time, trades.price[row]!, trades.size[row]!, this.emit)
  }

  private clockRow(batch: Batch<'clocks' | 'heartbeats'>, row: number, at: number): void {
    const exchange = wordAt(batch.columns.exchange, row)!
    const clock = this.clocks.get(exchange)
    if (clock === undefined) return
    const connection = wordAt(batch.columns.connection, row)!
    if (batch.topic === 'clocks') {
      clock.clock(connection, (batch.columns as ClockColumns).offset[row]!)
      return
    }
    clock.heartbeat(connection, (batch.columns as HeartbeatColumns).watermark[row]!)
    const { time } = clock
    for (const [index, builder] of this.builders.entries()) {
      if (this.instruments[index]!.exchange !== exchange || !builder.closes(time)) continue
      this.stand(at, batch.columns.received[row]!, index)
      builder.advance(time, this.emit)
    }
  }

  private stand(row: number, received: number, instrument: number): void {
    this.here.row = row
    this.here.received = received
    this.here.instrument = instrument
  }

  private push(bar: ClosedBar): void {
    const { row, received, instrument } = this.here
    const { exchange, symbol } = this.instruments[instrument]!
    this.rows.push({ ...bar, received, exchange, symbol, interval: this.interval })
    this.at.push(row)
  }

  /** Which instrument each row of a source is of; undefined when none of its rows matters. */
  private instrumentsOf({ topic, columns }: Batch): Indexes | undefined {
    if (topic === 'clocks' || topic === 'heartbeats') return everyRow
    if (!timed.has(topic)) return undefined
    const { exchange, symbol } = columns as Common
    const table = exchange.values.flatMap((e) => symbol.values.map((s) => indexIn(this.instruments, e, s)))
    if (table.every((index) => index < 0)) return undefined
    const [only] = table
    if (table.length === 1) return { of: () => only! }
    return {
      of: ({ exchange, symbol }, row) => table[exchange.codes[row]! * symbol.values.length + symbol.codes[row]!]!,
    }
  }
}

interface Common {
  readonly time: Float64Array
  readonly received: Float64Array
  readonly exchange: Dictionary
  readonly symbol: Dictionary
}

interface Indexes {
  of(columns: Common, row: number): number
}

const everyRow: Indexes = { of: () => -1 }
const noBars: Bars = { batch: take<'bars'>(builderOf('bars')), at: new Uint32Array(0) }
