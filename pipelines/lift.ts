// A stage in a stream (DESIGN §5).
import { map, type Observable, type OperatorFunction, Subject } from 'rxjs'
import type { Step } from '../operators/stage.ts'

/** The stage as an RxJS operator: one batch in, one out, in order, nothing asynchronous. */
export function lift<In, Out>(stage: Pick<Step<In, Out>, 'step'>): OperatorFunction<In, Out> {
  return map((batch) => stage.step(batch))
}

/**
 * A chain of stages as a function that is called with each batch. What a stage throws is thrown to the caller, then and
 * there: a stream alone reports it later, when a task has committed what came of it.
 */
export function driven<In>(chain: (input: Observable<In>) => Observable<unknown>): (batch: In) => void {
  const input = new Subject<In>()
  let failure: { readonly error: unknown } | undefined
  chain(input).subscribe({
    error: (error: unknown) => {
      failure = { error }
    },
  })
  return (batch) => {
    input.next(batch)
    if (failure !== undefined) throw failure.error
  }
}
