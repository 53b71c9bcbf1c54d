// What a symbol says of its instrument at exchanges whose messages cannot be read yet, but whose data may come from files.
import type { Named } from '../exchanges/exchange.ts'

/** Ids of CLI.md beside those of `exchanges`, and bitmex, whose archives are public; with what most of their symbols are. */
export const fileExchanges: Readonly<Record<string, Named['type']>> = {
  ...{ okx: 'spot', bybit: 'perpetual', coinbase: 'spot', kraken: 'spot', htx: 'spot' },
  ...{ 'kraken-futures': 'perpetual', deribit: 'perpetual', 'htx-swap': 'perpetual' },
  ...{ hyperliquid: 'perpetual', ethereal: 'perpetual', bitmex: 'perpetual' },
}

/**
 * BTC-USDT, BTC/USD, XBT_USDT-SWAP; without a separator the last three or four letters are the quote. Contracts that are worth
 * a fixed amount of dollars (inverse) are known by the venue's own names. `settle` is '' where the name does not say it.
 */
export function namedBySymbol(exchange: string, symbol: string): Named {
  const usual = fileExchanges[exchange]!
  const special = inverseOf(exchange, symbol) ?? other(exchange, symbol)
  if (special !== undefined) return special
  const [pair = symbol] = symbol.split(':')
  const parts = pair.split(/[-/_]/).filter((part) => part !== '')
  const type = parts.some((part) => /^(PERP|PERPETUAL|SWAP)$/i.test(part)) ? 'perpetual' : usual
  const [base = symbol, quote = ''] = parts.length > 1 ? parts : glued(pair)
  // Other contracts of BitMEX are worth a fixed amount of bitcoin a dollar (quanto), which no field here can say.
  const settle = exchange === 'bitmex' ? '' : quote
  const ccxt = type === 'spot' ? `${base}/${quote}` : `${base}/${quote}:${settle}`
  return { type, base, quote, settle, contractSize: 1, inverse: false, ccxtSymbol: ccxt }
}

/** Patterns of contracts of `contract` dollars that are settled in their base currency; the first group is that currency. */
const inverses: Readonly<Record<string, { readonly pattern: RegExp; contract(base: string): number }>> = {
  // Deribit counts sizes in dollars, whatever a contract is.
  deribit: { pattern: /^([A-Z]+)-(?:PERPETUAL|\d{1,2}[A-Z]{3}\d{2})$/, contract: () => 1 },
  bitmex: { pattern: /^(XBT)(?:USD|[A-Z]\d{2})$/, contract: () => 1 },
  bybit: { pattern: /^([A-Z]+)USD(?:[A-Z]\d{2})?$/, contract: () => 1 },
  'kraken-futures': { pattern: /^(?:PI|FI)_([A-Z]+)USD(?:_\d{6})?$/i, contract: () => 1 },
  okx: { pattern: /^([A-Z0-9]+)-USD-(?:SWAP|\d{6})$/, contract: (base) => (base === 'BTC' ? 100 : 10) },
  'htx-swap': { pattern: /^([A-Z0-9]+)-USD$/, contract: (base) => (base === 'BTC' ? 100 : 10) },
}

function inverseOf(exchange: string, symbol: string): Named | undefined {
  const rule = inverses[exchange]
  const base = rule?.pattern.exec(symbol)?.[1]?.toUpperCase()
  if (rule === undefined || base === undefined) return undefined
  const dated = /\d{2}$/.test(symbol)
  return {
    ...{ type: dated ? 'future' : 'perpetual', base, quote: 'USD', settle: base },
    ...{ contractSize: rule.contract(base), inverse: true, ccxtSymbol: `${base}/USD:${base}` },
  }
}

function other(exchange: string, symbol: string): Named | undefined {
  const coin = exchange === 'hyperliquid' && /^[A-Za-z0-9]+$/.test(symbol)
  if (!coin) return undefined
  const money = { quote: 'USDC', settle: 'USDC', ccxtSymbol: `${symbol}/USDC:USDC` }
  return { type: 'perpetual', base: symbol, ...money, contractSize: 1, inverse: false }
}

function glued(pair: string): string[] {
  const quote = /(USDT|USDC|USD|EUR|BTC|ETH)$/.exec(pair)?.[0] ?? ''
  return [pair.slice(0, pair.length - quote.length), quote]
}
