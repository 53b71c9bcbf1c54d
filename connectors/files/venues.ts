// Names of venues and symbols as other people's files have them.
import { SmartspeedError } from '../../schemas/errors.ts'

/** Ids of Tardis.dev, by ours. Source: its list of exchanges (docs.tardis.dev, read 2026-11-21). */
const tardis: Readonly<Record<string, string>> = {
  ...{ binance: 'binance', 'binance-futures': 'binance-usdm', 'binance-delivery': 'binance-coinm' },
  ...{ okex: 'okx', 'okex-swap': 'okx', 'okex-futures': 'okx', bybit: 'bybit', 'bybit-spot': 'bybit' },
  ...{ coinbase: 'coinbase', kraken: 'kraken', cryptofacilities: 'kraken-futures', deribit: 'deribit' },
  ...{ huobi: 'htx', 'huobi-dm-swap': 'htx-swap', 'huobi-dm-linear-swap': 'htx-swap' },
  ...{ hyperliquid: 'hyperliquid', bitmex: 'bitmex' },
}

/** Errors: CONFIG_INVALID when a file says that it is of another venue than the one given. */
export function refuseOtherVenue(said: string | undefined, exchange: string): void {
  if (said === undefined || said === '' || said === exchange) return
  const ours = tardis[said]
  if (ours === undefined || ours === exchange) return
  throw new SmartspeedError('CONFIG_INVALID', `--exchange ${exchange}: the file says that it is of ${said}`, {
    fix: `add --exchange ${ours}`,
  })
}

/** BTC/USDT, BTC-USDT and btcusdt are one symbol. */
export function sameSymbol(said: string, symbol: string): boolean {
  return said === symbol || plain(said) === plain(symbol)
}

function plain(symbol: string): string {
  return symbol.replace(/[-/_:]/g, '').toUpperCase()
}
