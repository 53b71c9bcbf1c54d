// What a Binance symbol's name says: BTCUSDT, BTCUSDT_220624, BTCUSD_PERP, BTCUSD_211231.
import type { Named } from '../exchange.ts'

/** Quote currencies that symbols end in; the longest that fits is taken, so FDUSD stands before USD. AEUR is none: ADAEUR is ADA in EUR. */
const quotes = [
  ...['USDT', 'USDC', 'FDUSD', 'BFUSD', 'RLUSD', 'TUSD', 'BUSD', 'USDP', 'USDS', 'USDE', 'USD1', 'EURI', 'GYEN'],
  ...['IDRT', 'BIDR', 'BKRW', 'BVND', 'DOGE', 'USD', 'PAX', 'DAI', 'VAI', 'UST', 'BTC', 'ETH', 'BNB', 'XRP', 'TRX'],
  ...['SOL', 'DOT', 'EUR', 'GBP', 'AUD', 'TRY', 'BRL', 'RUB', 'UAH', 'NGN', 'ZAR', 'PLN', 'RON', 'ARS', 'CZK', 'JPY'],
  ...['MXN', 'COP', 'IDR', 'U'],
].sort((a, b) => b.length - a.length)

/** 'BTCUSDT' → BTC, USDT. A symbol that ends in none of the known quotes is all base. */
export function splitPair(pair: string): { base: string; quote: string } {
  const quote = quotes.find((one) => pair.length > one.length && pair.endsWith(one)) ?? ''
  return { base: pair.slice(0, pair.length - quote.length), quote }
}

/** Spot: size is in the base currency, and so is what is owned. */
export function spotNamed(symbol: string): Named {
  const { base, quote } = splitPair(symbol)
  return { type: 'spot', base, quote, settle: quote, contractSize: 1, inverse: false, ccxtSymbol: `${base}/${quote}` }
}

/** USDⓈ-M: perpetual, or a future when a delivery date stands behind; settled in the quote currency. */
export function linearNamed(symbol: string): Named {
  const [pair, date] = symbol.split('_') as [string, string | undefined]
  const { base, quote } = splitPair(pair)
  const type = isDate(date) ? 'future' : 'perpetual'
  return {
    ...{ type, base, quote, settle: quote, contractSize: 1, inverse: false },
    ccxtSymbol: `${base}/${quote}:${quote}${isDate(date) ? `-${date}` : ''}`,
  }
}

/** COIN-M: sizes are contracts of 100 USD (BTC) or 10 USD (all others), settled in the base currency. */
export function inverseNamed(symbol: string): Named {
  const [pair, date] = symbol.split('_') as [string, string | undefined]
  // Always in dollars: DOTUSD is DOT in USD, not DO in TUSD.
  const quote = 'USD'
  const base = pair.endsWith(quote) ? pair.slice(0, -quote.length) : pair
  const type = isDate(date) ? 'future' : 'perpetual'
  return {
    ...{ type, base, quote, settle: base, contractSize: base === 'BTC' ? 100 : 10, inverse: true },
    ccxtSymbol: `${base}/${quote}:${base}${isDate(date) ? `-${date}` : ''}`,
  }
}

function isDate(text: string | undefined): text is string {
  return text !== undefined && /^\d{6}$/.test(text)
}
