import { beforeEach, expect, test } from 'vitest'
import type { Execution, Signal } from '../schemas/records.generated.ts'
import { featureNames } from './features/names.ts'
import { instrumentOf } from './instrument.ts'
import { perpetual } from './portfolio/samples.ts'
import type { Sight } from './sight.ts'
import { SignalDesk } from './signal-desk.ts'

const instruments = [instrumentOf(perpetual(), 0)]
/** Of a strategy that looks at prices alone. */
const blind: Sight = {
  features: () => new Float64Array(featureNames.length).fill(Number.NaN),
  regime: () => undefined,
  lastBar: () => undefined,
}
let desk: SignalDesk

beforeEach(() => {
  const portfolio = { open: new Map() }
  desk = new SignalDesk({
    strategy: 's',
    account: 'a',
    instruments,
    markets: [],
    portfolio: portfolio as never,
    sight: blind,
  })
})

/** What the loop would take now; every order passes risk, as number <signal>. */
function taken(): string[] {
  const seen: string[] = []
  for (let signal = desk.take(); signal !== undefined; signal = desk.take()) {
    seen.push(signal.action === 'cancel' ? `cancel ${desk.clientIdOf(signal)}` : `${signal.side} ${signal.size}`)
    desk.settle(signal, signal.action === 'order' ? `s.a.${signal.number}` : undefined)
  }
  return seen
}

const quote = (size: number, side: 'buy' | 'sell' = 'buy') =>
  desk.order(0, { tag: 'quote', side, size, price: 1 }, 'why')
const ended = (clientId: string) => desk.ended({ kind: 'cancelled', clientId, leftLots: 0 } as Execution)

test('an order takes the place of the one under its tag, which is taken back first', () => {
  quote(1)
  expect(taken()).toEqual(['buy 1'])
  quote(2)
  expect(taken()).toEqual(['cancel s.a.1', 'buy 2'])
  ended('s.a.1')
  expect(desk.working('quote')).toBe(true)
  ended('s.a.3')
  expect(desk.working('quote')).toBe(false)
  quote(3)
  expect(taken()).toEqual(['buy 3'])
})

test('an order that was asked to go is not asked again by the one that takes its tag', () => {
  quote(1)
  taken()
  desk.cancel('quote', 'away')
  quote(2)
  expect(taken()).toEqual(['cancel s.a.1', 'buy 2'])
  desk.load(desk.save())
  quote(4)
  expect(taken()).toEqual(['cancel s.a.3', 'buy 4'])
})

test('two orders under one tag in one breath: the first is sent and taken back', () => {
  quote(1)
  quote(2, 'sell')
  expect(taken()).toEqual(['buy 1', 'cancel s.a.1', 'sell 2'])
})

test('a tag whose order was refused is free', () => {
  quote(1)
  const signal = desk.take() as Signal
  desk.settle(signal, undefined)
  expect(desk.working('quote')).toBe(false)
})

test('a feature that is not there is an error with the nearest name, for the types of a file are not checked', () => {
  expect(() => desk.feature(0, 'rsii' as never)).toThrow('unknown feature "rsii"')
})

test('what a strategy writes into its features nobody else sees, nor it later', () => {
  const values = Float64Array.from(featureNames, (_, place) => place)
  const sight = { ...blind, features: () => values }
  const seat = { strategy: 's', account: 'a', instruments, markets: [], portfolio: { open: new Map() } as never, sight }
  const [one, other] = [new SignalDesk(seat), new SignalDesk(seat)]
  const scaled = one.features(0)
  for (const place of scaled.keys()) scaled[place]! *= 2
  expect(other.feature(0, 'ask')).toBe(11)
  expect(one.feature(0, 'ask')).toBe(11)
  expect([...one.features(0)]).toEqual([...values])
})
