import { expect, test } from 'vitest'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import type { Held } from './exit.ts'
import { createExits } from './index.ts'

test('a trailing stop stands at half its distance where risk draws stops nearer', () => {
  const [trailing] = createExits([{ name: 'trailing', multiplier: 3, period: 1 }], [instrumentOf(perpetual(), 0)])
  const bar = {
    instrument: 0,
    time: 0,
    openTime: 0,
    interval: '1m',
    open: 100,
    high: 101,
    low: 99,
    close: 100,
    volume: 1,
  }
  for (let at = 0; at < 2; at++) trailing!.bar!(bar)
  const held: Held = {
    ...{ instrument: 0, side: 1, entry: 100, since: 0, now: 1, price: 106, best: 110, equity: 1, highest: 1 },
    ...{ profile: undefined, nearer: 1 },
  }
  // A range of 2: six behind the best, or three.
  expect(trailing!.leave(held)).toBeUndefined()
  expect(trailing!.leave({ ...held, price: 104 })).toBe('3 ranges behind its best price')
  expect(trailing!.leave({ ...held, nearer: 0.5 })).toBe('1.5 ranges behind its best price')
  expect(trailing!.leave({ ...held, nearer: 0.5, price: 107.5 })).toBeUndefined()
})
