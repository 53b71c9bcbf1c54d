// A stage in a stream: the operator that drives it, and counts what goes through (DESIGN §5: metrics come from the wrapper).
import { map, type OperatorFunction } from 'rxjs'
import type { Step } from '../operators/stage.ts'

/** What went through one stage of a task. */
export interface Meter {
  readonly stage: string
  batches: number
  rowsIn: number
  rowsOut: number
}

/** The stage as an RxJS operator: one batch in, one out, in order, nothing asynchronous. */
export function lift<In, Out>(
  step: Step<In, Out>,
  meter: Meter,
  rows: { in: (batch: In) => number; out: (batch: Out) => number },
): OperatorFunction<In, Out> {
  return map((batch) => {
    const result = step.step(batch)
    meter.batches++
    meter.rowsIn += rows.in(batch)
    meter.rowsOut += rows.out(result)
    return result
  })
}
