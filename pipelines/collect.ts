// What a run came to, read back from its own topics, so that a resumed run and an undisturbed one are told alike.

import { type Performance, performance, type RoundTrips, TripBook } from '../operators/metrics/index.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { Topics } from '../topics/topics.ts'
import type { Plan } from './plan.ts'
import { tripEvents } from './trip-events.ts'

export interface Curve {
  /** µs since 1970 UTC, never falling. */
  readonly times: Float64Array
  /** In units of the settlement currency. */
  readonly equity: Float64Array
}

/** An account and what it began with, in units of the settlement currency. */
export interface Opening {
  readonly name: string
  readonly cash: number
}

/** The equity of each account of a run at each of its rows, by name: 16 bytes a row. */
export async function accountCurves(topics: Topics, run: string): Promise<ReadonlyMap<string, Curve>> {
  const curves = new Map<string, GrowingCurve>()
  const topic = physicalName('accounts', run)
  if (!(await topics.list()).some((info) => info.name === topic)) return new Map()
  for await (const { batch } of topics.read<'accounts'>(topic)) {
    const { received, equity, account } = batch.columns
    const own = account.values.map((name) => curves.get(name) ?? new GrowingCurve())
    for (let row = 0; row < batch.rows; row++) {
      const code = account.codes[row]!
      const curve = own[code]!
      // Only accounts with rows: a batch may carry names that none of its rows has.
      curves.set(account.values[code]!, curve)
      curve.push(received[row]!, Number(equity[row]!) / 1e8)
    }
  }
  return new Map([...curves].map(([name, curve]) => [name, curve.take()]))
}

/**
 * The equity of all accounts together: the sum of what each was last known to be worth, from the first row of any of them.
 * An account that has no row yet is worth what it began with.
 */
export function totalCurve(accounts: readonly Opening[], curves: ReadonlyMap<string, Curve>): Curve {
  if (accounts.length === 1) return curves.get(accounts[0]!.name) ?? nothing
  const all = accounts.map(({ name, cash }) => ({ ...(curves.get(name) ?? nothing), next: 0, worth: cash }))
  const sum = new GrowingCurve()
  for (;;) {
    let time = Number.POSITIVE_INFINITY
    for (const { times, next } of all) if (next < times.length && times[next]! < time) time = times[next]!
    if (time === Number.POSITIVE_INFINITY) return sum.take()
    let worth = 0
    for (const one of all) {
      while (one.next < one.times.length && one.times[one.next]! <= time) one.worth = one.equity[one.next++]!
      worth += one.worth
    }
    sum.push(time, worth)
  }
}

/** The equity of a run: that of its accounts together. */
export async function equityOf(topics: Topics, run: string, accounts: readonly Opening[]): Promise<Curve> {
  return totalCurve(accounts, await accountCurves(topics, run))
}

const nothing: Curve = { times: new Float64Array(0), equity: new Float64Array(0) }

/** A curve to which points are added. */
export class GrowingCurve {
  private times = new Float64Array(1024)
  private equity = new Float64Array(1024)
  private count = 0

  push(time: number, equity: number): void {
    if (this.count === this.times.length) {
      this.times = twice(this.times)
      this.equity = twice(this.equity)
    }
    this.times[this.count] = time
    this.equity[this.count++] = equity
  }

  take(): Curve {
    return { times: this.times.subarray(0, this.count), equity: this.equity.subarray(0, this.count) }
  }
}

/** The column, with room for as much again. */
export function twice(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const next = new Float64Array(array.length * 2)
  next.set(array)
  return next
}

/**
 * Round trips of a run: each fill with the profit that its position row says it realised.
 *
 * In:     reasons — with the reasons of the signals that opened and closed each trip; reads signals and orders too.
 */
export async function tripsOf(
  topics: Topics,
  run: string,
  plan: Plan,
  { reasons = false }: { readonly reasons?: boolean } = {},
): Promise<RoundTrips> {
  const book = new TripBook()
  for await (const event of tripEvents(topics, run, { plan, reasons })) book.add(event)
  return book.trips()
}

/** Round trips of a run by account, in one reading; an account that never traded has none. */
export async function tripsByAccount(
  topics: Topics,
  run: string,
  { plan, accounts }: { readonly plan: Plan; readonly accounts: readonly Opening[] },
): Promise<{ all: RoundTrips; by: ReadonlyMap<string, RoundTrips> }> {
  const all = new TripBook()
  const books = new Map(accounts.map(({ name }) => [name, new TripBook()]))
  // The trips of a single account are those of the run: they need not be kept twice.
  const isOne = accounts.length === 1
  for await (const event of tripEvents(topics, run, { plan, reasons: false })) {
    all.add(event)
    if (!isOne) books.get(event.account ?? '')?.add(event)
  }
  const whole = all.trips()
  return { all: whole, by: new Map([...books].map(([name, book]) => [name, isOne ? whole : book.trips()])) }
}

/**
 * Every figure of a run, or of one account of it. `cash` and `end` are the equity when its inputs began and ended.
 * Heartbeats go on while other symbols of the exchange do: what stands after the last row of the run's own is none of it.
 */
export function figuresOf(
  curve: Curve,
  trips: RoundTrips,
  span: { from: number; to: number; cash: number; end: number },
): Performance {
  const { from, to, cash } = span
  return performance({ ...withEnd(curve, span), trips, from, to, start: cash })
}

/** The curve up to the end of a span, with what stands there. */
export function withEnd(curve: Curve, { to, end }: { readonly to: number; readonly end: number }): Curve {
  const after = curve.times.findIndex((time) => time > to)
  const points = after === -1 ? curve.times.length : after
  const times = new Float64Array(points + 1)
  const equity = new Float64Array(points + 1)
  times.set(curve.times.subarray(0, points))
  equity.set(curve.equity.subarray(0, points))
  times[points] = to
  equity[points] = end
  return { times, equity }
}
