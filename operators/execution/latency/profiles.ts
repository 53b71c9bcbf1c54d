// How far exchanges are from a place: data with a date.

/** One way, ms, by exchange id. */
export interface Profile {
  readonly read: string
  readonly ms: Readonly<Record<string, number>>
}

/** The figures are those of the source, one a message; exchanges that it does not name are not here. */
export const profiles = {
  'hong-kong': {
    read: '2025-10-14, backtesting engine, §3: "empirically measured"',
    ms: {
      ...{ binance: 15, 'binance-usdm': 15, 'binance-coinm': 15, okx: 10, coinbase: 180 },
      ...{ kraken: 170, 'kraken-futures': 170, bybit: 20, htx: 25, 'htx-swap': 25 },
    },
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
export const profileNames = Object.keys(profiles) as readonly ProfileName[]
