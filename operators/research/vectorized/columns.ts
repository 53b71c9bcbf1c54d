// Candles as columns, as sweeps and vectorized strategies read them.
import { barFeatures, featureStates } from '../../../native/features.ts'
import { leastStep } from '../../../native/sweep.ts'
import { SmartspeedError } from '../../../schemas/errors.ts'
import { barFeatureNames, featureStage } from '../../features/index.ts'

/** Closed candles of one instrument and one interval, oldest first, columns of one length; prices as the exchange spells them. */
export interface CandleColumns {
  /** When each began, µs since 1970 UTC. */
  readonly time: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** The bars `from` to before `to`, as views. */
export function sliceOf(candles: CandleColumns, from: number, to: number): CandleColumns {
  return eachOf(candles, (column) => column.subarray(from, to))
}

export function copyOf(candles: CandleColumns): CandleColumns {
  return eachOf(candles, (column) => column.slice())
}

function eachOf(candles: CandleColumns, made: (column: Float64Array) => Float64Array): CandleColumns {
  const { time, open, high, low, close, volume } = candles
  return {
    ...{ time: made(time), open: made(open), high: made(high) },
    ...{ low: made(low), close: made(close), volume: made(volume) },
  }
}

/**
 * The length of a bar, µs: the one that is known, else the smallest step of time; 0 for fewer than two bars.
 * @throws SmartspeedError VALUE_IMPOSSIBLE for columns of several lengths, and a time that is not after the one before it
 */
export function intervalOf({ time, open, high, low, close, volume }: CandleColumns, known?: number): number {
  if ([open, high, low, close, volume].some((column) => column.length !== time.length)) {
    const lengths = [time, open, high, low, close, volume].map(({ length }) => length)
    throw new SmartspeedError('VALUE_IMPOSSIBLE', `columns of candles are of several lengths: ${lengths.join(', ')}`, {
      fix: 'give each bar a time, four prices and a volume',
    })
  }
  if (time.length < 2) return known ?? 0
  const least = leastStep(time)
  if (!Number.isNaN(least)) return known ?? least
  const bar = time.findIndex((one, at) => at > 0 && !(one > time[at - 1]!))
  throw new SmartspeedError('VALUE_IMPOSSIBLE', `bar ${bar} begins at ${time[bar]}, not after ${time[bar - 1]}`, {
    fix: 'give bars in the order of their times, each once',
  })
}

const place = barFeatureNames.indexOf('volume_ratio')
const blockRows = 8192

/**
 * The feature `volume_ratio` as of each bar of a range, as a run sees it that begins at a time, µs: warmed up by the bars before it
 * that such a run reads (pipelines/lead-in.ts), and NaN while it is not known.
 */
export function volumeRatio(
  candles: CandleColumns,
  { from, to }: { readonly from: number; readonly to: number },
  { beginsAt, intervalUs }: { readonly beginsAt: number; readonly intervalUs: number },
): Float64Array {
  const { time, high, low, close, volume } = candles
  const out = new Float64Array(to - from)
  let first = from
  while (first > 0 && time[first - 1]! + intervalUs >= beginsAt - featureStage.warmup * intervalUs) first--
  const states = featureStates(1)
  for (let at = first; at < to; at += blockRows) {
    const end = Math.min(to, at + blockRows)
    const cut = (column: Float64Array) => column.subarray(at, end)
    const instruments = new Uint32Array(end - at)
    const values = barFeatures(states, {
      ...{ instruments, high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) },
    })
    for (let bar = Math.max(at, from); bar < end; bar++)
      out[bar - from] = values[(bar - at) * barFeatureNames.length + place]!
  }
  return out
}
