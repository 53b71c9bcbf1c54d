// The funding rate that was known when a bar closed.
import { type Instrument, indexIn } from '../operators/instrument.ts'
import type { Batch, Merged } from '../schemas/batch.ts'
import { wordAt } from '../schemas/columns.ts'

/** The last rate of each instrument that was received, NaN before the first. */
export class FundingRates {
  rates: Float64Array
  private readonly instruments: readonly Instrument[]

  constructor(instruments: readonly Instrument[]) {
    this.instruments = instruments
    this.rates = new Float64Array(instruments.length).fill(Number.NaN)
  }

  /** The rate as of each bar: bar i closed at row at[i] of the merged batch, which never falls. */
  asOf(
    merged: Merged,
    { batch, at }: { readonly batch: Batch<'bars' | 'candles'>; readonly at: Uint32Array },
  ): Float64Array {
    const known = new Float64Array(at.length)
    const isFunding = merged.sources.map(({ topic }) => topic === 'funding')
    const any = isFunding.includes(true)
    let row = 0
    for (let bar = 0; bar < at.length; bar++) {
      if (any) for (; row <= at[bar]!; row++) if (isFunding[merged.source[row]!]) this.hear(merged, row)
      known[bar] = this.rates[this.indexOf(batch, bar)] ?? Number.NaN
    }
    if (any) for (; row < merged.rows; row++) if (isFunding[merged.source[row]!]) this.hear(merged, row)
    return known
  }

  private hear(merged: Merged, at: number): void {
    const batch = merged.sources[merged.source[at]!] as Batch<'funding'>
    const row = merged.row[at]!
    const index = this.indexOf(batch, row)
    if (index >= 0) this.rates[index] = batch.columns.rate[row]!
  }

  private indexOf({ columns }: Batch<'bars' | 'candles' | 'funding'>, row: number): number {
    return indexIn(this.instruments, wordAt(columns.exchange, row), wordAt(columns.symbol, row))
  }
}
