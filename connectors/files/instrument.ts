// What an exchange's id and a symbol say of an instrument whose data come from a file.
import { SmartspeedError, unknownName } from '../../schemas/errors.ts'
import type { Instrument } from '../../schemas/records.generated.ts'
import type { Named } from '../exchanges/exchange.ts'
import { exchanges } from '../exchanges/index.ts'

/** Ids of CLI.md whose messages cannot be read yet, but whose data may come from files. */
const others: Readonly<Record<string, Named['type']>> = {
  ...{ okx: 'spot', bybit: 'perpetual', coinbase: 'spot', kraken: 'spot', htx: 'spot' },
  ...{ 'kraken-futures': 'perpetual', deribit: 'perpetual', 'htx-swap': 'perpetual' },
  ...{ hyperliquid: 'perpetual', ethereal: 'perpetual' },
}

export interface Steps {
  readonly tickSize: number
  readonly lotSize: number
  /** Settlement currency, where the symbol does not say it. */
  readonly settle?: string | undefined
  /** True when tick and lot were read off the data. */
  readonly inferred: boolean
}

/** Errors: UNKNOWN_NAME with the nearest id. */
export function checkExchange(id: string): void {
  const ids = [...exchanges.map((one) => one.id), ...Object.keys(others)]
  if (!ids.includes(id)) throw unknownName('exchange', id, ids)
}

/** The instrument row of a symbol, known from `received` on. Errors: UNKNOWN_NAME; USAGE when no settlement currency is known. */
export function instrumentRow(exchange: string, symbol: string, received: number, steps: Steps): Instrument {
  checkExchange(exchange)
  const named = exchanges.find((one) => one.id === exchange)?.named(symbol) ?? namedBySymbol(symbol, others[exchange]!)
  const settle = steps.settle ?? named.settle
  if (settle === '') {
    throw new SmartspeedError('USAGE', `the settlement currency of ${symbol} cannot be read off its name`, {
      fix: 'add --settle, for example --settle USDT',
    })
  }
  const { tickSize, lotSize, inferred } = steps
  return {
    ...{ time: received, received, exchange, symbol, ...named, settle },
    ...{ tickSize, lotSize, minNotional: 0, status: 'trading', inferred },
  }
}

/** BTC-USDT, BTC/USD, XBT_USDT-SWAP; PERP and SWAP mark perpetuals. Without a separator the last three or four letters are the quote. */
function namedBySymbol(symbol: string, usual: Named['type']): Named {
  const [pair = symbol] = symbol.split(':')
  const parts = pair.split(/[-/_]/).filter((part) => part !== '')
  const type = parts.some((part) => /^(PERP|PERPETUAL|SWAP)$/i.test(part)) ? 'perpetual' : usual
  const [base = symbol, quote = ''] = parts.length > 1 ? parts : glued(pair)
  const ccxt = type === 'spot' ? `${base}/${quote}` : `${base}/${quote}:${quote}`
  return { type, base, quote, settle: quote, contractSize: 1, inverse: false, ccxtSymbol: ccxt }
}

function glued(pair: string): string[] {
  const quote = /(USDT|USDC|USD|EUR|BTC|ETH)$/.exec(pair)?.[0] ?? ''
  return [pair.slice(0, pair.length - quote.length), quote]
}
