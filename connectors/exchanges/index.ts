// Every exchange whose messages can be read. A new one is a folder and a line here (docs/add-an-exchange.md).
import { unknownName } from '../../schemas/errors.ts'
import { binance, binanceCoinm, binanceUsdm } from './binance/index.ts'
import type { Exchange } from './exchange.ts'

export const exchanges: readonly Exchange[] = [binance, binanceUsdm, binanceCoinm]

/** The exchange of that id. @throws SmartspeedError UNKNOWN_NAME, with the nearest id */
export function exchangeOf(id: string): Exchange {
  const found = exchanges.find((one) => one.id === id)
  if (found !== undefined) return found
  throw unknownName(
    'exchange',
    id,
    exchanges.map((one) => one.id),
  )
}
