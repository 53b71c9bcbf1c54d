// Parents of every algorithm, whatever the exchange makes of their children.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Order } from '../../schemas/records.generated.ts'
import type { AlgorithmConfig } from './index.ts'
import { Account, second } from './samples.ts'

const minutes = 0.5
const algorithms: readonly (AlgorithmConfig | readonly AlgorithmConfig[])[] = [
  { name: 'twap', minutes, slices: 7, jitter: 1 },
  { name: 'twap', minutes, slices: 3, rest: 'leave' },
  { name: 'vwap', minutes, weights: [5, 1, 0, 3] },
  { name: 'participation', minutes, rest: 'take' },
  { name: 'iceberg', minutes, share: 0.3 },
  { name: 'adaptive-limit', minutes, everyMs: 900 },
  { name: 'router', seconds: 30 },
  [{ name: 'twap', minutes, slices: 5 }, { name: 'router' }],
]

const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('wait' as const), of: fc.integer({ min: 1, max: 9 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('fill', 'part', 'expired', 'cancelled', 'rejected'), of: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('target' as const), of: fc.integer({ min: -40, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('move' as const), of: fc.integer({ min: -9, max: 9 }) }) },
)
type Event = { readonly what: string; readonly of: number }

/** Of the two exchanges: a lot of the first is two of the second. */
const lots = [0.001, 0.0005] as const

/** An account at work, with what its exchange still has open: lots by the number of the order. */
class Trial {
  readonly account: Account
  readonly open = new Map<number, number>()
  private seen = 0
  private seconds = 0

  constructor(execution: AlgorithmConfig | readonly AlgorithmConfig[]) {
    this.account = new Account(execution, 'off', lots[1])
  }

  step({ what, of }: Event): void {
    const { account } = this
    if (what === 'wait') {
      this.seconds += of
      account.to(this.seconds)
    } else if (what === 'target') {
      account.desk.target(0, of / 1000, 'a test')
      account.to(this.seconds)
    } else if (what === 'move') {
      for (const market of account.markets) {
        market.bidTicks += of
        market.askTicks += of + (of > 4 ? 6 : 0)
      }
    } else this.answer(what, [...this.open.keys()][of])
    this.look()
  }

  /** All that is open is filled, and time passes. */
  finish(): void {
    for (let times = 0; times < 200; times++) {
      for (const number of [...this.open.keys()]) this.answer('fill', number)
      this.step({ what: 'wait', of: 1 })
    }
  }

  private answer(what: string, number: number | undefined): void {
    const left = number === undefined ? undefined : this.open.get(number)
    if (number === undefined || left === undefined) return
    const rests = this.account.orders[number - 1]!.timeInForce === 'gtc'
    if (what === 'part' && left > 1) {
      this.open.set(number, left - 1)
      this.account.heard(number, 'fill', { lots: 1, leftLots: left - 1 })
      return
    }
    this.open.delete(number)
    if (what === 'fill' || what === 'part') this.account.heard(number, 'fill', { lots: left, leftLots: 0 })
    else
      this.account.heard(number, what === 'cancelled' && !rests ? 'expired' : (what as 'expired'), { leftLots: left })
  }

  /** What was sent; a cancel comes through at once. */
  private look(): void {
    const { orders } = this.account
    while (this.seen < orders.length) {
      const { kind, clientId, lots } = orders[this.seen++]!
      if (kind === 'new') this.open.set(this.seen, lots!)
      else {
        const number = orders.findIndex((order) => order.clientId === clientId) + 1
        const left = this.open.get(number)
        if (left === undefined) continue
        if (kind === 'cancel') this.open.delete(number)
        if (kind === 'cancel') this.account.heard(number, 'cancelled', { leftLots: left })
        else this.account.heard(number, 'amended', { ticks: orders[this.seen - 1]!.ticks!, leftLots: left })
      }
    }
  }
}

const shown = ({ kind, clientId, lots, ticks, tag, received }: Order) => ({
  kind,
  clientId,
  lots,
  ticks,
  tag,
  received,
})

test.each(algorithms)(
  '%j never sends more than is asked for, nothing after its time, and comes to an end',
  (execution) => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 40 }), fc.array(event, { maxLength: 60 }), (first, events) => {
        const trial = new Trial(execution)
        const { account } = trial
        const wanted = new Map<number, number>()
        trial.step({ what: 'target', of: first })
        for (const one of events) {
          trial.step(one)
          // One target at a time: what it may still fill and what is held lie between what was held and what is wanted.
          for (const { signal, received, kind } of account.orders) {
            if (kind !== 'new') continue
            wanted.set(signal, Math.min(wanted.get(signal) ?? Number.POSITIVE_INFINITY, received))
            expect(received - wanted.get(signal)!).toBeLessThanOrEqual(minutes * 60 * second + 9 * second)
          }
        }
        trial.finish()
        expect(account.desk.busy(0)).toBe(false)
        expect(account.parents.next).toBe(Number.POSITIVE_INFINITY)
        expect(account.portfolio.open.size).toBe(0)
      }),
    )
  },
)

test.each(algorithms)(
  '%j of one target never holds or may hold more than that, and ends there where all is filled',
  (execution) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.array(
          event.filter(({ what }) => what !== 'target'),
          { maxLength: 60 },
        ),
        (size, isLong, events) => {
          const trial = new Trial(execution)
          const { portfolio } = trial.account
          const sign = isLong ? 1 : -1
          trial.step({ what: 'target', of: sign * size })
          for (const one of [...events, { what: 'wait', of: 1 }]) {
            trial.step(one)
            const held = (portfolio.lots(0) * 2 + portfolio.lots(1)) * sign
            const open = [...portfolio.open.values()].reduce(
              (sum, { leftLots, instrument }) => sum + leftLots * (instrument === 0 ? 2 : 1),
              0,
            )
            expect(held).toBeGreaterThanOrEqual(0)
            expect(held + open).toBeLessThanOrEqual(2 * size)
          }
        },
      ),
    )
  },
)

test.each(algorithms)('%j goes on from a snapshot at any instant as if there had been none', (execution) => {
  fc.assert(
    fc.property(fc.integer({ min: -40, max: 40 }), fc.array(event, { maxLength: 40 }), (first, events) => {
      const [whole, cut] = [new Trial(execution), new Trial(execution)]
      for (const one of [{ what: 'target', of: first }, ...events]) {
        whole.step(one)
        cut.step(one)
        cut.account.resume()
      }
      whole.finish()
      cut.finish()
      expect(cut.account.orders.map(shown)).toEqual(whole.account.orders.map(shown))
    }),
    { numRuns: 30 },
  )
})
