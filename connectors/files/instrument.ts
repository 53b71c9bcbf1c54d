// What an exchange's id and a symbol say of an instrument whose data come from a file.
import { SmartspeedError, unknownName } from '../../schemas/errors.ts'
import type { Instrument } from '../../schemas/records.generated.ts'
import type { Named } from '../exchanges/exchange.ts'
import { exchanges } from '../exchanges/index.ts'
import { fileExchanges, namedBySymbol } from './named.ts'

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
  const ids = [...exchanges.map((one) => one.id), ...Object.keys(fileExchanges)]
  if (!ids.includes(id)) throw unknownName('exchange', id, ids)
}

/** The instrument row of a symbol, known from `received` on. Errors: UNKNOWN_NAME; USAGE when no settlement currency is known. */
export function instrumentRow(exchange: string, symbol: string, received: number, steps: Steps): Instrument {
  const named = namedOf(exchange, symbol, steps.settle)
  const { tickSize, lotSize, inferred } = steps
  return {
    ...{ time: received, received, exchange, symbol, ...named },
    ...{ tickSize, lotSize, minNotional: 0, status: 'trading', inferred },
  }
}

/** What the symbol says. Errors: UNKNOWN_NAME; USAGE when neither it nor `settle` says what it is settled in. */
export function namedOf(exchange: string, symbol: string, settle?: string): Named {
  checkExchange(exchange)
  const named = exchanges.find((one) => one.id === exchange)?.named(symbol) ?? namedBySymbol(exchange, symbol)
  if ((settle ?? named.settle) === '') {
    throw new SmartspeedError('USAGE', `the settlement currency of ${symbol} cannot be read off its name`, {
      fix: 'add --settle, for example --settle USDT',
    })
  }
  return settle === undefined ? named : { ...named, settle }
}
