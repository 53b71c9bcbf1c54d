// The bars that strategies see: one lane an interval, cut once however many look at it.
import { type Bars, barsStage } from '../operators/bars/index.ts'
import type { Instrument } from '../operators/instrument.ts'
import { pack, unpack } from '../operators/stage.ts'
import { type Batch, batchOf, type Merged } from '../schemas/batch.ts'
import { sliceRows } from '../topics/rows.ts'
import type { Account } from './accounts.ts'
import { candlesOf, type OtherInterval, otherInterval } from './closed-bars.ts'
import type { Plan } from './plan.ts'
import { type Seat, sayWhose } from './seats.ts'

/** Bars of one interval in a batch, bar i with row at[i], and who is shown them. */
export interface BarLane {
  readonly bars: Batch<'bars'>
  readonly at: Uint32Array
  readonly accounts: readonly Account[]
}

export interface BarLanesOptions {
  readonly plan: Plan
  readonly seats: readonly Seat[]
  readonly instruments: readonly Instrument[]
  /** In the order of the seats. */
  readonly accounts: readonly Account[]
}

/** The interval whose bars a seat's strategy sees: its own, or the run's. */
export function intervalOf({ interval }: Pick<Seat, 'interval'>, plan: Pick<Plan, 'interval'>): string | undefined {
  return interval ?? plan.interval
}

/**
 * On ticks the run's own bars are cut from trades, and so are those of other intervals. On candles the run's own are rows of the
 * input; longer ones are made of them.
 *
 * Errors: CONFIG_INVALID for an interval that cannot be read, or on candles is no multiple of theirs, naming the strategy.
 */
export class BarLanes {
  private readonly plan: Plan
  private readonly from: number
  private readonly own: ReturnType<typeof barsStage.create> | undefined
  private readonly ofOwn: readonly Account[]
  private readonly others: readonly { readonly interval: OtherInterval; readonly accounts: readonly Account[] }[]

  constructor({ plan, seats, instruments, accounts }: BarLanesOptions) {
    const of = (interval: string | undefined) => accounts.filter((_, at) => intervalOf(seats[at]!, plan) === interval)
    const { interval, fill } = plan
    this.plan = plan
    this.from = plan.from ?? Number.NEGATIVE_INFINITY
    this.own = fill === 'book' && interval !== undefined ? barsStage.create({ interval, instruments }) : undefined
    this.ofOwn = of(interval)
    const named = new Set(seats.flatMap((seat) => seat.interval ?? []))
    named.delete(interval ?? '')
    this.others = [...named].map((one) => {
      const seat = seats.find(({ interval }) => interval === one)!
      return { interval: sayWhose(seat, () => otherInterval(plan, instruments, one)), accounts: of(one) }
    })
  }

  /** Trades so far that came after their bar of the run's own interval was closed. */
  get late(): number {
    return this.own?.late ?? 0
  }

  /** The run's own bars of a batch, and every lane of it, the own first. */
  step(merged: Merged): { readonly own: Bars; readonly lanes: readonly BarLane[] } {
    const own = this.own?.step(merged) ?? noBars
    const lanes: BarLane[] = this.own === undefined ? [] : [{ ...since(this.from, own), accounts: this.ofOwn }]
    if (this.others.length === 0) return { own, lanes }
    const closed = this.plan.fill === 'book' ? own : candlesOf(merged, this.plan.interval)
    for (const { interval, accounts } of this.others) {
      lanes.push({ ...since(this.from, interval.step(merged, closed)), accounts })
    }
    return { own, lanes }
  }

  save(): Uint8Array {
    return pack({ own: this.own?.save(), others: this.others.map(({ interval }) => interval.save()) } satisfies Saved)
  }

  load(bytes: Uint8Array): void {
    const saved = unpack<Saved>(bytes)
    if (saved.own !== undefined) this.own?.load(saved.own)
    for (const [at, { interval }] of this.others.entries()) interval.load(saved.others[at]!)
  }
}

interface Saved {
  readonly own: Uint8Array | undefined
  readonly others: readonly Uint8Array[]
}

const noBars: Bars = { batch: batchOf('bars', []), at: new Uint32Array(0) }

/** The bars that were given from that receive time on; the first of them may hold trades from before it. */
export function since(from: number, { batch, at }: Bars): Pick<BarLane, 'bars' | 'at'> {
  const { received } = batch.columns
  if (!(received[0]! < from)) return { bars: batch, at }
  let first = 0
  while (first < batch.rows && received[first]! < from) first++
  return { bars: sliceRows(batch, first, batch.rows), at: at.subarray(first) }
}
