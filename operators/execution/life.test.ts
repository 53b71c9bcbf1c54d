import { describe, expect, test } from 'vitest'
import { followers, isOver, moveTo, type OrderState } from './life.ts'

const states = Object.keys(followers) as OrderState[]
const pairs = states.flatMap((from) => states.map((to) => [from, to] as const))

describe('the life of an order', () => {
  test.each(pairs.filter(([from, to]) => followers[from].includes(to)))('%s may become %s', (from, to) => {
    const order = { clientId: 's.a.1', state: from }
    moveTo(order, to)
    expect(order.state).toBe(to)
  })

  test.each(pairs.filter(([from, to]) => !followers[from].includes(to)))('%s cannot become %s', (from, to) => {
    const order = { clientId: 's.a.1', state: from }
    expect(() => moveTo(order, to)).toThrow(`order s.a.1 cannot be ${to}: it is ${from}`)
    expect(order.state).toBe(from)
  })

  test('what has ended stays so, and every state leads to an end', () => {
    const ends = states.filter(isOver)
    expect(ends).toEqual(['filled', 'cancelled', 'expired', 'rejected'])
    for (const end of ends) expect(followers[end]).toEqual([])
    for (const state of states) {
      const reached = new Set<OrderState>([state])
      for (const one of reached) for (const next of followers[one]) reached.add(next)
      expect(ends.some((end) => reached.has(end))).toBe(true)
    }
  })

  test('the legal steps are those of the picture in docs/orders.md, and no others', () => {
    expect(pairs.filter(([from, to]) => followers[from].includes(to)).map(([from, to]) => `${from} > ${to}`)).toEqual([
      'sent > waiting',
      'sent > untriggered',
      'sent > accepted',
      'sent > expired',
      'sent > rejected',
      'waiting > untriggered',
      'waiting > triggered',
      'waiting > cancelled',
      'waiting > expired',
      'untriggered > triggered',
      'untriggered > cancelled',
      'untriggered > expired',
      'accepted > resting',
      'accepted > partly filled',
      'accepted > filled',
      'accepted > expired',
      'triggered > triggered',
      'triggered > resting',
      'triggered > partly filled',
      'triggered > filled',
      'triggered > cancelled',
      'triggered > expired',
      'resting > triggered',
      'resting > partly filled',
      'resting > filled',
      'resting > cancelled',
      'resting > expired',
      'partly filled > triggered',
      'partly filled > partly filled',
      'partly filled > filled',
      'partly filled > cancelled',
      'partly filled > expired',
    ])
  })
})
