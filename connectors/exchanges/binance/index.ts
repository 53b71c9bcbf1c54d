// Binance: spot, USDⓈ-M futures, COIN-M futures. One parser; what differs is a value.
import type { Exchange } from '../exchange.ts'
import { parse } from './parse.ts'
import { BinanceScanner } from './scan.ts'
import { inverseNamed, linearNamed, spotNamed } from './symbols.ts'
import { futuresSync, spotSync } from './sync.ts'

export const binance: Exchange = {
  id: 'binance',
  name: 'Binance spot',
  parse: (message) => parse(message, { inverse: false, named: spotNamed }),
  scanner: (intake) => new BinanceScanner(intake),
  sync: spotSync,
  consecutiveTrades: true,
  named: spotNamed,
}

export const binanceUsdm: Exchange = {
  id: 'binance-usdm',
  name: 'Binance USDⓈ-M futures',
  parse: (message) => parse(message, { inverse: false, named: linearNamed }),
  scanner: (intake) => new BinanceScanner(intake),
  sync: futuresSync,
  consecutiveTrades: true,
  named: linearNamed,
}

export const binanceCoinm: Exchange = {
  id: 'binance-coinm',
  name: 'Binance COIN-M futures',
  parse: (message) => parse(message, { inverse: true, named: inverseNamed }),
  scanner: (intake) => new BinanceScanner(intake),
  sync: futuresSync,
  consecutiveTrades: true,
  named: inverseNamed,
}
