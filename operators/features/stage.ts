// The column stage of features: closed bars in, nineteen values a bar out. The six of the book are the view's.
import { barFeatures, featureStates } from '../../native/features.ts'
import type { Batch } from '../../schemas/batch.ts'
import type { Dictionary } from '../../schemas/columns.ts'
import { type Instrument, indexIn } from '../instrument.ts'
import { pack, type Stage, type Step, unpack } from '../stage.ts'
import { featureSet, featureSetVersion } from './features.ts'

export interface FeaturesOptions {
  /** By their index; bars of others get NaN. */
  readonly instruments: readonly Instrument[]
}

/** Bars from trades, or closed candles; of one interval. */
export type ClosedBars = Batch<'bars'> | Batch<'candles'>

export type FeaturesStep = Step<ClosedBars, Float64Array>

/**
 * The features that change when a bar closes, of several instruments side by side, in one native call a batch.
 *
 * In:     bars of one interval (all instruments alike), those of each instrument in the order in which they closed.
 * Out:    rows × `barFeatureNames.length`, row after row; NaN before the warm-up of a feature (`featureSet`), and throughout
 *         for bars of other instruments and for bars that cannot be (a price not above 0, a volume below 0), which change nothing.
 * Errors: none. Loading the state of another version of the set, or of another number of instruments, throws.
 * Warm-up: in bars of the instrument; after it, it no longer matters at which bar a run began (`tolerance`).
 */
export const featureStage = {
  name: 'features',
  warmup: featureSet.reduce((most, { settled }) => Math.max(most, settled), 0),
  create: (options: FeaturesOptions): FeaturesStep => new FeaturesRun(options),
} satisfies Stage<ClosedBars, Float64Array, FeaturesOptions>

class FeaturesRun implements FeaturesStep {
  private readonly instruments: readonly Instrument[]
  private states: Float64Array

  constructor({ instruments }: FeaturesOptions) {
    this.instruments = instruments
    this.states = featureStates(instruments.length)
  }

  step({ rows, columns }: ClosedBars): Float64Array {
    if (rows === 0) return noBars
    const { high, low, close, volume } = columns
    const instruments = this.instrumentsOf(rows, columns.exchange, columns.symbol)
    return barFeatures(this.states, { instruments, high, low, close, volume })
  }

  save(): Uint8Array {
    return pack({ version: featureSetVersion, states: this.states } satisfies Saved)
  }

  load(bytes: Uint8Array): void {
    const { version, states } = unpack<Saved>(bytes)
    if (version !== featureSetVersion || states.length !== this.states.length) {
      throw new Error(`a state of features version ${version} and ${states.length} numbers does not fit`)
    }
    this.states = states
  }

  /** Of which instrument each row is; `unknown` for those of others. */
  private instrumentsOf(rows: number, exchange: Dictionary, symbol: Dictionary): Uint32Array {
    const table = exchange.values.flatMap((e) => symbol.values.map((s) => this.indexOf(e, s)))
    const found = new Uint32Array(rows)
    if (table.length === 1) return found.fill(table[0]!)
    const symbols = symbol.values.length
    for (let row = 0; row < rows; row++) found[row] = table[exchange.codes[row]! * symbols + symbol.codes[row]!]!
    return found
  }

  private indexOf(exchange: string, symbol: string): number {
    const index = indexIn(this.instruments, exchange, symbol)
    return index < 0 ? unknown : index
  }
}

interface Saved {
  readonly version: number
  readonly states: Float64Array
}

const unknown = 2 ** 32 - 1
const noBars = new Float64Array(0)
