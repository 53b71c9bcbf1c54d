import { expect, test } from 'vitest'
import { perpetual } from '../operators/portfolio/samples.ts'
import type { Instrument } from '../schemas/records.generated.ts'
import { parseTopology, type TopologyInput } from './config.ts'
import { marginTermsOf, withBrackets } from './margin.ts'

const instruments: Instrument[] = [
  perpetual({ exchange: 'binance', type: 'spot' }),
  perpetual({ exchange: 'binance-usdm' }),
  perpetual({ exchange: 'binance-usdm', symbol: 'ETHUSDT', base: 'ETH' }),
]

function termsOf(symbol: string, leverage: Record<string, number> = {}, of = instruments) {
  const topology: TopologyInput = {
    strategy: { name: 'sma-cross' },
    venue: { margin: { leverage } },
    account: { collateral: [{ asset: symbol.includes('ETH') ? 'ETH' : 'BTC', amount: 1, symbol }] },
  }
  return marginTermsOf(withBrackets(parseTopology(topology), of), of)!
}

test('collateral is valued at the instrument of the exchange that is named, and at a plain symbol where only one has it', () => {
  const instrumentOf = (symbol: string, of = instruments) => termsOf(symbol, {}, of).collateral[0]!.at
  expect(instrumentOf('binance:BTCUSDT')).toEqual({ instrument: 0 })
  expect(instrumentOf('binance-usdm:BTCUSDT')).toEqual({ instrument: 1 })
  expect(instrumentOf('ETHUSDT')).toEqual({ instrument: 2 })
  expect(instrumentOf('BTCUSDT', instruments.slice(1))).toEqual({ instrument: 0 })
})

test('a symbol of several exchanges, or of none, is refused with the names to choose from', () => {
  expect(() => termsOf('BTCUSDT')).toThrow(
    'account.collateral.0: BTCUSDT is traded on several exchanges: binance:BTCUSDT, binance-usdm:BTCUSDT',
  )
  expect(() => termsOf('binance:ETHUSDT')).toThrow(
    'account.collateral.0.symbol: binance:ETHUSDT is not traded in this run; allowed: binance:BTCUSDT, binance-usdm:BTCUSDT, binance-usdm:ETHUSDT',
  )
})

test('leverage of a plain symbol is meant on each exchange, of a named one on that', () => {
  const leverage = (said: Record<string, number>) => termsOf('ETHUSDT', said).leverage
  expect(leverage({ BTCUSDT: 5 })).toEqual([5, 5, 20])
  expect(leverage({ BTCUSDT: 5, 'binance-usdm:BTCUSDT': 3 })).toEqual([5, 3, 20])
  expect(() => leverage({ 'bybit:BTCUSDT': 3 })).toThrow('bybit:BTCUSDT is not traded in this run')
})
