import { expect, test } from 'vitest'
import { perpetual } from '../operators/portfolio/samples.ts'
import { namedInstruments, namesOf } from './named-instruments.ts'
import { accountCurrency } from './settlement.ts'

const row = (exchange: string, symbol: string, settle = 'USDT') => perpetual({ exchange, symbol, settle })
const known = [row('b', 'ETH'), row('b', 'BTC'), row('a', 'BTC'), row('c', 'X:Y')]
const named = async (choice: { exchange?: string; symbols?: string[] }) => {
  const { exchange, symbols, instruments } = await namedInstruments(
    { exchange: choice.exchange, symbols: choice.symbols },
    known,
  )
  return { exchange, symbols, of: instruments.map((one) => `${one.exchange}:${one.symbol}`) }
}

test('of one exchange instruments are called by their symbols, however they were named', async () => {
  const plain = { exchange: 'b', symbols: ['BTC', 'ETH'], of: ['b:BTC', 'b:ETH'] }
  expect(await named({ exchange: 'b', symbols: ['ETH', 'BTC', 'ETH'] })).toEqual(plain)
  expect(await named({ symbols: ['b:ETH', 'b:BTC'] })).toEqual(plain)
  expect(await named({ exchange: 'b', symbols: ['b:ETH', 'BTC'] })).toEqual(plain)
  expect(await named({ exchange: 'c' })).toEqual({ exchange: 'c', symbols: ['X:Y'], of: ['c:X:Y'] })
})

test('of several exchanges they are called by both, in the order (exchange, symbol)', async () => {
  const both = { exchange: 'a,b', symbols: ['a:BTC', 'b:BTC'], of: ['a:BTC', 'b:BTC'] }
  expect(await named({ exchange: 'b, a', symbols: ['BTC'] })).toEqual(both)
  expect(await named({ symbols: ['b:BTC', 'a:BTC'] })).toEqual(both)
  expect(await named({ exchange: 'a,b', symbols: ['b:ETH', 'a:BTC'] })).toMatchObject({ of: ['a:BTC', 'b:ETH'] })
  expect(await named({ exchange: 'a,c' })).toMatchObject({ symbols: ['a:BTC', 'c:X:Y'] })
  expect(namesOf([])('a', 'BTC')).toBe('BTC')
})

test('what is not there, contradicts itself or leaves a choice is an error that says how to go on', async () => {
  await expect(named({ exchange: 'a,z', symbols: ['BTC'] })).rejects.toMatchObject({ code: 'NO_DATA' })
  await expect(named({ exchange: 'a,b', symbols: ['ETH'] })).rejects.toMatchObject({
    code: 'NO_DATA',
    fix: expect.stringContaining('--exchange a'),
  })
  await expect(named({ exchange: 'a', symbols: ['b:BTC'] })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    fix: expect.stringContaining('--exchange a,b'),
  })
  await expect(named({ exchange: 'b' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(named({ symbols: ['b:ETH', 'BTC'] })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('a, b, c'),
  })
})

test('an account holds one currency, and those that are declared to be worth the same', () => {
  const both = [row('a', 'BTC'), row('b', 'BTC', 'USDC')]
  expect(accountCurrency({}, [row('a', 'BTC')])).toBe('USDT')
  expect(() => accountCurrency({}, both)).toThrow(/BTC is settled in USDT, BTC is settled in USDC/)
  expect(() => accountCurrency({ currency: 'USDT' }, both)).toThrow(
    expect.objectContaining({ fix: expect.stringContaining('pegged: [USDC]') }),
  )
  expect(accountCurrency({ pegged: ['USDC'] }, both)).toBe('USDT')
  expect(accountCurrency({ currency: 'USD', pegged: ['USDC', 'USDT'] }, both)).toBe('USD')
  expect(() => accountCurrency({ currency: 'EUR' }, [row('a', 'BTC')])).toThrow(/account.currency = EUR/)
  expect(accountCurrency({}, [perpetual({ type: 'spot' })])).toBe('USDT')
})
