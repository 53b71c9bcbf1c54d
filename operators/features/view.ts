// The 25 features of one instrument as of now: those of its last closed bar, and those of the book as it stands.
import type { Market } from '../desk.ts'
import { priceOf, sizeOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import { featureSet } from './features.ts'

const book = featureSet.findIndex(({ group }) => group === 'book')
const bookFeatures = featureSet.filter(({ group }) => group === 'book').length

/**
 * Features as of an instant. `bar` when a bar of the instrument has closed, `read` whenever they are looked at.
 *
 * Nothing is allocated. The array is the view's own: it changes at the next `bar` or `read`.
 */
export class FeatureView {
  private readonly values = new Float64Array(featureSet.length).fill(Number.NaN)

  /** Takes the values of a closed bar: those of `featureStage` from `at` on. */
  bar(values: Float64Array, at: number): void {
    const own = this.values
    for (let i = 0; i < book; i++) own[i] = values[at + i]!
    for (let i = book + bookFeatures; i < own.length; i++) own[i] = values[at + i - bookFeatures]!
  }

  /**
   * The 25 in the order of `featureNames`; NaN where a feature has not warmed up. Of the book: a side that is empty or unknown
   * is NaN, and with it spread and imbalance — on candles all six. Prices are the doubles nearest to their decimal text.
   */
  read({ instrument, bidTicks, bidLots, askTicks, askLots }: Market): Float64Array {
    const own = this.values
    const bid = priceOf(instrument, bidTicks)
    const ask = priceOf(instrument, askTicks)
    const bidSize = Number.isNaN(bid) ? Number.NaN : sizeOf(instrument, bidLots)
    const askSize = Number.isNaN(ask) ? Number.NaN : sizeOf(instrument, askLots)
    const size = bidSize + askSize
    own[book] = bid
    own[book + 1] = ask
    own[book + 2] = bidSize
    own[book + 3] = askSize
    own[book + 4] = (ask - bid) / ((ask + bid) / 2)
    own[book + 5] = size === 0 ? 0 : (bidSize - askSize) / size
    return own
  }

  save(): Uint8Array {
    return pack(this.values)
  }

  load(bytes: Uint8Array): void {
    this.values.set(unpack<Float64Array>(bytes))
  }
}
