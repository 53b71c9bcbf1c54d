// The column stage of regimes: closed bars in, regimes out, each with the bar that it belongs to.
import { regimeOut, regimeProbabilities } from '../../native/regime.ts'
import type { Batch } from '../../schemas/batch.ts'
import type { Dictionary } from '../../schemas/columns.ts'
import { pack, type Stage, type Step, unpack } from '../stage.ts'
import { RegimeEngine } from './engine.ts'
import { horizons } from './horizons.ts'
import { ladders } from './ladders.ts'

/** Whose regimes: more of an instrument may be there. */
export interface RegimeInstrument {
  readonly exchange: string
  readonly symbol: string
}

export interface RegimeOptions {
  /** Rows of others are passed over. */
  readonly instruments: readonly RegimeInstrument[]
  /** Length of a bar, µs: at most a day. */
  readonly barUs: number
}

/** Bars or closed candles of one interval, in order of receipt, and the funding rate known at each (NaN: none). */
export interface RegimeInput {
  readonly bars: Batch<'bars' | 'candles'>
  readonly funding: Float64Array
}

/** Row i belongs to bar at[i] of the input; `at` never falls, and the rows of a bar stand in the order of `horizons`. */
export interface Regimes {
  readonly batch: Batch<'regimes'>
  readonly at: Uint32Array
  /** Bars after which their instrument has no regime of any horizon: before the warm-up, and where a long hole begins it anew. */
  readonly unknown: Uint32Array
}

/**
 * Regimes of instruments: for each bar one row a horizon, once it is warm; `time` and `received` are the bar's.
 * docs/regimes.md says the rules. A bar that is not later than the one before of its instrument changes nothing.
 *
 * Warm-up: 21 bars for 1m, 61 for 1h and 1,441 for 24h and risk on bars of a minute: the bars of the horizon, but 20 at least, and one.
 * Errors:  CONFIG_INVALID unless a bar is above 0 and at most a day long.
 */
export const regimeStage = {
  name: 'regimes',
  warmup: 1441,
  create: (options: RegimeOptions): Step<RegimeInput, Regimes> => new RegimeRun(options),
} satisfies Stage<RegimeInput, Regimes, RegimeOptions>

class RegimeRun implements Step<RegimeInput, Regimes> {
  private readonly engine: RegimeEngine
  private readonly index = new Map<string, number>()

  constructor({ instruments, barUs }: RegimeOptions) {
    this.engine = new RegimeEngine(instruments.length, barUs)
    for (const [at, one] of instruments.entries()) this.index.set(keyOf(one.exchange, one.symbol), at)
  }

  step({ bars, funding }: RegimeInput): Regimes {
    const { columns } = bars
    const rows = this.ownRows(columns)
    const pick = (column: Float64Array) =>
      rows.length === bars.rows ? column : Float64Array.from(rows, (row) => column[row]!)
    const instrument = Uint32Array.from(rows, (row) => this.indexOf(columns, row))
    const out = this.engine.run({
      ...{ instrument, time: pick(columns.time), close: pick(columns.close), volume: pick(columns.volume) },
      funding: pick(funding),
    })
    return regimesOf(out, rows, columns)
  }

  save(): Uint8Array {
    return pack(this.engine.state)
  }

  load(bytes: Uint8Array): void {
    this.engine.state = unpack<Float64Array>(bytes)
  }

  /** Rows of our instruments. */
  private ownRows(columns: Batch<'bars' | 'candles'>['columns']): Uint32Array {
    const rows = new Uint32Array(columns.time.length)
    let count = 0
    for (let row = 0; row < rows.length; row++) if (this.indexOf(columns, row) >= 0) rows[count++] = row
    return rows.subarray(0, count)
  }

  private lastKey = { exchange: -1, symbol: -1, exchanges: noWords, symbols: noWords, index: -1 }

  private indexOf({ exchange, symbol }: { exchange: Dictionary; symbol: Dictionary }, row: number): number {
    const last = this.lastKey
    const [a, b] = [exchange.codes[row]!, symbol.codes[row]!]
    const isLast = a === last.exchange && b === last.symbol
    if (isLast && last.exchanges === exchange.values && last.symbols === symbol.values) return last.index
    const index = this.index.get(keyOf(exchange.values[a], symbol.values[b])) ?? -1
    this.lastKey = { exchange: a, symbol: b, exchanges: exchange.values, symbols: symbol.values, index }
    return index
  }
}

const noWords: readonly string[] = []

/** Every regime once, and by horizon the code of each. */
const names = [...new Set<string>(horizons.flatMap((horizon) => ladders[horizon]))]
const codes = horizons.map((horizon) => Uint16Array.from(ladders[horizon], (name) => names.indexOf(name)))

/** What Rust gave for `rows` of the bars, as rows of `regimes`. */
function regimesOf(out: Float64Array, rows: Uint32Array, bars: Batch<'bars' | 'candles'>['columns']): Regimes {
  const unknown: number[] = []
  let count = 0
  let items = 0
  for (let bar = 0; bar < rows.length; bar++) {
    const before = count
    for (let horizon = 0; horizon < horizons.length; horizon++) {
      if (!(out[bar * regimeOut + horizon * 4]! >= 0)) continue
      count++
      items += codes[horizon]!.length
    }
    // A bar that changed nothing is NaN.
    if (count === before && out[bar * regimeOut]! < 0) unknown.push(rows[bar]!)
  }
  const doubles = () => new Float64Array(count)
  const [time, received, confidence, strength, since] = [doubles(), doubles(), doubles(), doubles(), doubles()]
  const words = () => new Uint16Array(count)
  const [exchange, symbol, horizonCodes, regime] = [words(), words(), words(), words()]
  const at = new Uint32Array(count)
  const offsets = new Uint32Array(count + 1)
  const value = new Float64Array(items)
  let row = 0
  for (let bar = 0; bar < rows.length; bar++) {
    const from = bar * regimeOut
    const source = rows[bar]!
    for (let horizon = 0; horizon < horizons.length; horizon++) {
      const code = out[from + horizon * 4]!
      if (!(code >= 0)) continue
      at[row] = source
      time[row] = bars.time[source]!
      received[row] = bars.received[source]!
      exchange[row] = bars.exchange.codes[source]!
      symbol[row] = bars.symbol.codes[source]!
      horizonCodes[row] = horizon
      regime[row] = codes[horizon]![code]!
      confidence[row] = out[from + horizon * 4 + 1]!
      strength[row] = out[from + horizon * 4 + 2]!
      since[row] = out[from + horizon * 4 + 3]!
      const first = from + regimeProbabilities[horizon]!
      const many = codes[horizon]!.length
      for (let item = 0; item < many; item++) value[offsets[row]! + item] = out[first + item]!
      offsets[row + 1] = offsets[row]! + many
      row++
    }
  }
  const columns = {
    ...{ time, received, confidence, strength, since },
    exchange: { codes: exchange, values: bars.exchange.values },
    symbol: { codes: symbol, values: bars.symbol.values },
    horizon: { codes: horizonCodes, values: horizons },
    regime: { codes: regime, values: names },
    probabilities: { offsets, columns: { value } },
  }
  return { batch: { topic: 'regimes', rows: count, columns }, at, unknown: Uint32Array.from(unknown) }
}

function keyOf(exchange: string | undefined, symbol: string | undefined): string {
  return `${exchange} ${symbol}`
}
