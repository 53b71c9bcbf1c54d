// What a margin account was opened under: the same for the exchange that holds it and for us, who are told of it later.
import type { Tier } from './tiers.ts'

/** Arrays by instrument index; spot instruments have no tiers. */
export interface MarginTerms {
  /** Cross: the whole account stands behind each position. Isolated: what each was opened with. */
  readonly mode: 'cross' | 'isolated'
  /** One-way: one position an instrument. Hedge: a long and a short one. */
  readonly positions: 'one-way' | 'hedge'
  /** As it was chosen; the tier of a position may allow less. */
  readonly leverage: readonly number[]
  readonly tiers: readonly (readonly Tier[])[]
  /** Behind cross accounts alone. */
  readonly collateral: readonly Collateral[]
  /** Share of the value that is liquidated; stands in place of the taker's fee. */
  readonly liquidationFee: number
  /** What the insurance fund begins with, units of the settlement currency. */
  readonly insuranceFund: number
}

/** Another asset than the settlement currency that covers positions. It is never sold. */
export interface Collateral {
  readonly asset: string
  /** Units of the asset. */
  readonly amount: number
  /** The share of its value that does not count. */
  readonly haircut: number
  /** The instrument at whose mark it is valued (inverse: at 1 / mark), or the price of a unit in the settlement currency. */
  readonly at: { readonly instrument: number } | { readonly price: number }
}
