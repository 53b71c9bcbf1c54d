// The 25 features by name, in the order in which they stand in a row: 5 of price, 5 of volume, 6 of the book, 9 technical.

export const featureNames = [
  'price_change',
  'momentum',
  'volatility',
  'acceleration',
  'range',
  'volume',
  'volume_change',
  'volume_ratio',
  'vwap_deviation',
  'volume_spike',
  'bid',
  'ask',
  'bid_size',
  'ask_size',
  'spread',
  'imbalance',
  'rsi',
  'macd',
  'macd_signal',
  'stoch_k',
  'stoch_d',
  'bollinger_upper',
  'bollinger_lower',
  'bollinger_position',
  'williams_r',
] as const

export type FeatureName = (typeof featureNames)[number]
