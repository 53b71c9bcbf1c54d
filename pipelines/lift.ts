// A stage in a stream (DESIGN §5).
import { map, type OperatorFunction } from 'rxjs'
import type { Step } from '../operators/stage.ts'

/** The stage as an RxJS operator: one batch in, one out, in order, nothing asynchronous. */
export function lift<In, Out>(stage: Pick<Step<In, Out>, 'step'>): OperatorFunction<In, Out> {
  return map((batch) => stage.step(batch))
}
