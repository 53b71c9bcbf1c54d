// An instrument for tests of this folder and of those that stand on it.
import type { Instrument } from '../../schemas/records.generated.ts'

/** The row of a perpetual like Binance's BTCUSDT, changed as told. */
export function perpetual(changes: Partial<Instrument> = {}): Instrument {
  return {
    time: 0,
    received: 0,
    exchange: 'binance-usdm',
    symbol: 'BTCUSDT',
    type: 'perpetual',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    tickSize: 0.1,
    lotSize: 0.001,
    minNotional: 5,
    contractSize: 1,
    inverse: false,
    ccxtSymbol: 'BTC/USDT:USDT',
    status: 'trading',
    inferred: false,
    ...changes,
  }
}
