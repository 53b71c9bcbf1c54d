// Closed bars of an interval in a merged batch: cut from trades on ticks, the candles themselves or longer ones on candles.
import { type Bars, barsStage } from '../operators/bars/index.ts'
import { resampleStage } from '../operators/bars/resample.ts'
import type { Instrument } from '../operators/instrument.ts'
import { type Batch, batchOf, type Merged } from '../schemas/batch.ts'
import { gatherRows } from '../topics/rows.ts'
import type { Plan } from './plan.ts'

/** Bars or candles, and the rows of the merged batch at which they are known; `at` never falls. */
export interface Closed {
  readonly batch: Batch<'bars' | 'candles'>
  readonly at: Uint32Array
}

/** Bars of an interval beside the run's. `closed` are those of the run's own. */
export interface OtherInterval {
  readonly name: string
  step(merged: Merged, closed: Closed): Bars
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

/** @throws SmartspeedError CONFIG_INVALID for an interval that cannot be read, or on candles is no multiple of theirs */
export function otherInterval(plan: Plan, instruments: readonly Instrument[], interval: string): OtherInterval {
  if (plan.fill === 'book') {
    const stage = barsStage.create({ interval, instruments })
    return {
      name: interval,
      step: (merged) => stage.step(merged),
      save: () => stage.save(),
      load: (b) => stage.load(b),
    }
  }
  const stage = resampleStage.create({ instruments, from: plan.interval!, interval })
  return {
    name: interval,
    step: (_, closed) => stage.step(closed),
    save: () => stage.save(),
    load: (b) => stage.load(b),
  }
}

const none: Closed = { batch: batchOf('candles', []), at: new Uint32Array(0) }

/** The closed candles of an interval in a batch. */
export function candlesOf(merged: Merged, interval: string | undefined): Closed {
  const sources = merged.sources.filter((batch): batch is Batch<'candles'> => batch.topic === 'candles')
  if (sources.length === 0) return none
  const numbers = merged.sources.map((batch) => sources.indexOf(batch as Batch<'candles'>))
  const intervals = sources.map(({ columns }) => columns.interval.values.indexOf(interval!))
  const rows = new Uint32Array(merged.rows)
  const from = new Uint16Array(merged.rows)
  const at = new Uint32Array(merged.rows)
  let count = 0
  for (let i = 0; i < merged.rows; i++) {
    const number = numbers[merged.source[i]!]!
    const row = merged.row[i]!
    if (number < 0 || sources[number]!.columns.interval.codes[row] !== intervals[number]) continue
    rows[count] = row
    from[count] = number
    at[count++] = i
  }
  const batch = gatherRows(sources, rows.subarray(0, count), from.subarray(0, count)) as Batch<'candles'>
  return { batch, at: at.slice(0, count) }
}
