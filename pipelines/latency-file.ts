// Round trips that somebody measured, from a file.
import { microsIn, numberIn } from '../connectors/files/cells.ts'
import { namedRows } from '../connectors/files/named-rows.ts'
import type { RecordedLatencies } from '../operators/execution/latency/recorded.ts'
import { SmartspeedError } from '../schemas/errors.ts'

/** A run keeps them with its plan, so that it can be done again without the file. */
const most = 20_000

/**
 * Latencies from CSV or JSON. Columns, by name: `out_ms` and `back_ms`; or `round_trip_ms`, of which half is taken each way; or
 * `req_ts`, `exch_ts` and `resp_ts`, when it was sent, acted on and heard of. `time`, or `req_ts`, is needed for `by: time`.
 *
 * Errors: FILE_…; NO_DATA for no rows; MESSAGE_UNREADABLE with the line of a row that lacks a number, is below 0 or out of order;
 *         CONFIG_INVALID for columns of other names, or more rows than are kept.
 */
export async function recordedIn(file: string, by: 'order' | 'time'): Promise<RecordedLatencies> {
  const outUs: number[] = []
  const backUs: number[] = []
  const times: number[] = []
  for await (const { get, place } of namedRows(file)) {
    const [out, back] = waysOf(get, file)
    if (!(out >= 0 && back >= 0)) throw unreadable(`${place}: a latency of ${Math.min(out, back)} µs: clocks disagree`)
    outUs.push(out)
    backUs.push(back)
    if (by === 'time') {
      const time = microsIn(get('time') ?? get('req_ts'), 'time')
      if (times.length > 0 && time <= times.at(-1)!)
        throw unreadable(`${place}: its time is not after the one before it`)
      times.push(time)
    }
    if (outUs.length > most) {
      throw new SmartspeedError('CONFIG_INVALID', `${file} has more than ${most} rows, which a run does not keep`, {
        fix: 'take every tenth, or the stretch that is replayed',
        at: ['venue', 'latency', 'file'],
      })
    }
  }
  if (outUs.length === 0) {
    throw new SmartspeedError('NO_DATA', `${file} holds no latencies`, { fix: 'a row a round trip: out_ms,back_ms' })
  }
  return { outUs, backUs, ...(by === 'time' ? { times } : {}) }
}

/** µs there and back. */
function waysOf(get: (name: string) => string | undefined, file: string): [out: number, back: number] {
  const ms = (name: string) => Math.round(1000 * numberIn(get(name), name))
  if (get('out_ms') !== undefined) return [ms('out_ms'), ms('back_ms')]
  if (get('round_trip_ms') !== undefined) {
    const whole = ms('round_trip_ms')
    return [Math.floor(whole / 2), whole - Math.floor(whole / 2)]
  }
  if (get('req_ts') !== undefined) {
    const [sent, acted, heard] = ['req_ts', 'exch_ts', 'resp_ts'].map((name) => microsIn(get(name), name))
    return [acted! - sent!, heard! - acted!]
  }
  throw new SmartspeedError('CONFIG_INVALID', `${file} has none of the columns out_ms, round_trip_ms, req_ts`, {
    fix: 'name the columns in a first line: out_ms,back_ms',
    at: ['venue', 'latency', 'file'],
  })
}

function unreadable(message: string): SmartspeedError {
  return new SmartspeedError('MESSAGE_UNREADABLE', message, { fix: 'take the row out' })
}
