// Binance: spot, USDⓈ-M futures, COIN-M futures. One parser; what differs is a value.
import type { Exchange } from '../exchange.ts'
import { parse } from './parse.ts'
import { inverseNamed, linearNamed, spotNamed } from './symbols.ts'
import { futuresSync, spotSync } from './sync.ts'

export const binance: Exchange = {
  id: 'binance',
  name: 'Binance spot',
  parse: (message) => parse(message, { inverse: false, named: spotNamed }),
  sync: spotSync,
  consecutiveTrades: true,
  named: spotNamed,
}

export const binanceUsdm: Exchange = {
  id: 'binance-usdm',
  name: 'Binance USDⓈ-M futures',
  parse: (message) => parse(message, { inverse: false, named: linearNamed }),
  sync: futuresSync,
  consecutiveTrades: true,
  named: linearNamed,
}

export const binanceCoinm: Exchange = {
  id: 'binance-coinm',
  name: 'Binance COIN-M futures',
  parse: (message) => parse(message, { inverse: true, named: inverseNamed }),
  sync: futuresSync,
  consecutiveTrades: true,
  named: inverseNamed,
}
