// Prices that an instrument cannot have.

/** Inclusive. */
export interface PriceBounds {
  readonly lowest: number
  readonly highest: number
}

/** Currencies worth between about 0.5 and 2 US dollars. */
const dollars = /^(USDT?|USDC|FDUSD|BFUSD|RLUSD|TUSD|BUSD|USDP|USDS|USDE|USD1|DAI|PAX|UST|U|EUR|AEUR|EURI|GBP|AUD)$/

/**
 * Bounds of an instrument's price, by base and quote currency.
 *
 * In dollars: BTC 1,000…1,000,000 and others up to 100,000, as S0 §5 has them. Its lower bound for others (0.0001) would
 * refuse whole real markets (SHIB, PEPE and LUNC trade below it), so it is the smallest price that an exchange can write
 * in eight decimals; ether, which has never been there, is held to 10. In other currencies only what no market has seen
 * is refused: 10⁻¹² … 10¹².
 */
export function priceBounds({ base, quote }: { base: string; quote: string }): PriceBounds {
  if (!dollars.test(quote)) return { lowest: 1e-12, highest: 1e12 }
  if (base === 'BTC') return { lowest: 1000, highest: 1_000_000 }
  if (base === 'ETH') return { lowest: 10, highest: 100_000 }
  return { lowest: 1e-8, highest: 100_000 }
}
