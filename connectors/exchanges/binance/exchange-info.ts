// Binance's exchangeInfo → instruments. Symbols whose filters are not all there are left to inference.
import { isList, isObject, type Json, type JsonObject, textOf } from '../../json.ts'
import type { Said } from '../exchange.ts'
import { absentText, microsOf } from './fields.ts'
import type { Market } from './parse.ts'

/** Every instrument of the answer, as of its serverTime. */
export function instruments(body: JsonObject, market: Market): readonly Said<'instruments'>[] {
  const time = body.serverTime === undefined ? undefined : microsOf(body.serverTime, 'serverTime')
  const symbols = isList(body.symbols) ? body.symbols : []
  return symbols.flatMap((one) => (isObject(one) ? instrument(one, time, market) : []))
}

function instrument(one: JsonObject, time: number | undefined, market: Market): readonly Said<'instruments'>[] {
  const symbol = textOf(one.symbol, 'symbol')
  const tickSize = Number(filter(one, 'PRICE_FILTER').tickSize)
  const lotSize = Number(filter(one, 'LOT_SIZE').stepSize)
  if (!(tickSize > 0 && lotSize > 0)) return []
  const least = { ...filter(one, 'MIN_NOTIONAL'), ...filter(one, 'NOTIONAL') }
  const named = market.named(symbol)
  const base = absentText(one.baseAsset) || named.base
  const quote = absentText(one.quoteAsset) || named.quote
  const settle = absentText(one.marginAsset) || (market.inverse ? base : quote)
  const suffix = named.ccxtSymbol.split(':')[1]?.replace(/^[^-]*/, '') ?? ''
  const row: Said<'instruments'>['row'] = {
    ...{ time, symbol, type: typeOf(one, named.type), base, quote, settle, tickSize, lotSize },
    minNotional: Number(least.minNotional ?? least.notional ?? 0) || 0,
    contractSize: Number(one.contractSize ?? named.contractSize),
    inverse: market.inverse,
    ccxtSymbol: named.type === 'spot' ? `${base}/${quote}` : `${base}/${quote}:${settle}${suffix}`,
    status: absentText(one.status ?? one.contractStatus) || 'unknown',
    inferred: false,
  }
  return [{ topic: 'instruments', row }]
}

type Type = Said<'instruments'>['row']['type']

function typeOf(one: JsonObject, named: Type): Type {
  const contract = absentText(one.contractType)
  if (contract === '') return named
  return contract.startsWith('PERPETUAL') || contract === 'TRADIFI_PERPETUAL' ? 'perpetual' : 'future'
}

function filter(one: JsonObject, type: string): JsonObject {
  const filters: readonly Json[] = isList(one.filters) ? one.filters : []
  return filters.find((each): each is JsonObject => isObject(each) && each.filterType === type) ?? {}
}
