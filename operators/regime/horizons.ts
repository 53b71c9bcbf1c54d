// The horizons that regimes are told for: three of the market, and the one that scales risk.

export const horizons = ['1m', '1h', '24h', 'risk'] as const

export type Horizon = (typeof horizons)[number]
