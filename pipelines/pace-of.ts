// How fast the rows of a plan come, and in what pieces: the driver's business, which nothing shows.
import { pacer } from '../topics/pace.ts'
import type { Plan } from './plan.ts'

export interface Speed {
  readonly batchRows?: number
  readonly speed?: 'max' | number
}

/** What `replay` takes of it. */
export function paceOptions({ batchRows, speed }: Speed, { from, leadIn }: Plan, signal: AbortSignal) {
  const pace = speed === undefined || speed === 'max' || leadIn === undefined ? undefined : pacer(speed, signal)
  return {
    ...(batchRows === undefined ? {} : { maxRows: batchRows }),
    ...(speed === undefined ? {} : { speed }),
    signal,
    // Nobody waits for the rows that lead in.
    ...(pace === undefined
      ? {}
      : { pace: async (received: number) => (received < from! ? undefined : pace(received)) }),
  }
}
