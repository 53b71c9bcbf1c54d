// What the 25 features are: the list that the command prints and the docs hold. The arithmetic is native/core/src/features.rs.
import { type FeatureName, featureNames } from './names.ts'

export type FeatureGroup = 'price' | 'volume' | 'book' | 'technical'

export interface Feature {
  readonly name: FeatureName
  readonly group: FeatureGroup
  /** `close[−1]` is the close of the bar before, `[−10]` that of ten bars before; Σ20 and mean20 are over the last 20 bars. */
  readonly formula: string
  readonly unit: string
  /** Closed bars until its first value; 0: there as soon as the market has best prices. */
  readonly warmup: number
  /** Closed bars until it no longer matters at which bar a run began (B2): see `tolerance`. */
  readonly settled: number
  readonly source: string
}

/** Name of the set in rows of the topic `features`. */
export const featureSetName = 'smartspeed-25'

/** Grows when a name, an order or a formula changes: what was learned on one version does not fit another. */
export const featureSetVersion = 1

/**
 * How near two runs that began at different bars are, once both have had `settled` bars: those of a window to a share of
 * rounding, those that fade (rsi, macd, macd_signal) to that share of their scale, which is 100 for rsi, and for the other two
 * the distance between the highest and the lowest close since the first bar.
 */
export const tolerance = { window: 1e-9, fading: 1e-3 } as const

type About = Omit<Feature, 'name' | 'settled'>

const seed = 'S3 §7.2.1'
const talib = 'TA-Lib'

const about: Readonly<Record<FeatureName, About>> = {
  price_change: price('close / close[−1] − 1', 'share', 2),
  momentum: price('close / close[−10] − 1', 'share', 11),
  volatility: price('√(Σ20 (price_change − mean20)² / 19)', 'share a bar', 21),
  acceleration: price('price_change − price_change[−1]', 'share', 3),
  range: price('(high − low) / close', 'share', 1),
  volume: volume('volume', 'exchange’s unit', 1),
  volume_change: volume('volume / volume[−1] − 1; 0 after a bar without volume', 'share', 2),
  volume_ratio: volume('volume / m, m = mean of the 20 volumes before it; 1 when m = 0', 'times', 21),
  vwap_deviation: volume(
    'close / (Σ20 typical × volume / Σ20 volume) − 1, typical = (high + low + close) / 3; 0 without volume',
    'share',
    20,
  ),
  volume_spike: volume(
    '(volume − m) / s, s = standard deviation (÷ 19) of the same 20; 0 when s = 0',
    'deviations',
    21,
  ),
  bid: book('best bid', 'price'),
  ask: book('best ask', 'price'),
  bid_size: book('size at the best bid', 'exchange’s unit'),
  ask_size: book('size at the best ask', 'exchange’s unit'),
  spread: book('(ask − bid) / ((ask + bid) / 2)', 'share'),
  imbalance: book('(bid_size − ask_size) / (bid_size + ask_size); 0 when both are 0', '−1 … 1'),
  rsi: technical('RSI(14), Wilder; 0 where nothing moves (mean change < 10⁻¹⁴)', '0 … 100', 15, 'RSI'),
  macd: technical('EMA(12) − EMA(26) of close, both from the bar at which the slow one begins', 'price', 34, 'MACD'),
  macd_signal: technical('EMA(9) of macd', 'price', 34, 'MACD'),
  stoch_k: technical(
    'mean of 3 of 100 × (close − L) / (H − L), H and L of 14 bars; 0 when H = L',
    '0 … 100',
    18,
    'STOCH',
  ),
  stoch_d: technical('mean of 3 of stoch_k', '0 … 100', 18, 'STOCH'),
  bollinger_upper: technical('mean20 + 2σ of close, σ = standard deviation (÷ 20)', 'price', 20, 'BBANDS'),
  bollinger_lower: technical('mean20 − 2σ', 'price', 20, 'BBANDS'),
  bollinger_position: {
    ...technical('(close − lower) / (upper − lower); 0.5 when upper = lower', 'share', 20, 'BBANDS'),
    source: `%b of Bollinger; bands ${talib} BBANDS`,
  },
  williams_r: technical('−100 × (H − close) / (H − L), H and L of 14 bars; 0 when H = L', '−100 … 0', 14, 'WILLR'),
}

/** Means that never forget, but weigh each bar less with every later one: a hundred bars on, less than 10⁻³ is left. */
const fading: ReadonlySet<FeatureName> = new Set(['rsi', 'macd', 'macd_signal'])

/** All of them, in the order of `featureNames`. */
export const featureSet: readonly Feature[] = featureNames.map((name) => {
  const { warmup, source, ...rest } = about[name]
  return { name, ...rest, warmup, settled: warmup + (fading.has(name) ? 100 : 0), source }
})

/** Those that change when a bar closes, in order: all but the book's. `barFeatures` gives them in this order. */
export const barFeatureNames: readonly FeatureName[] = featureSet
  .filter(({ group }) => group !== 'book')
  .map(({ name }) => name)

function price(formula: string, unit: string, warmup: number): About {
  return { group: 'price', formula, unit, warmup, source: seed }
}

function volume(formula: string, unit: string, warmup: number): About {
  return { group: 'volume', formula, unit, warmup, source: seed }
}

function book(formula: string, unit: string): About {
  return { group: 'book', formula, unit, warmup: 0, source: seed }
}

function technical(formula: string, unit: string, warmup: number, name: string): About {
  return { group: 'technical', formula, unit, warmup, source: `${talib} ${name}` }
}
