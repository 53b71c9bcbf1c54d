// The market of a study, read once before its trials: where it begins and ends, and its candles as whole columns.
import { indexIn } from '../../operators/instrument.ts'
import type { Merged } from '../../schemas/batch.ts'
import { wordAt } from '../../schemas/columns.ts'
import type { RecordName, CandleColumns as Rows } from '../../schemas/records.generated.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import { emptyRange } from '../begin.ts'
import { twice } from '../collect.ts'
import { inputOptions, ofNoInstrument, type Plan } from '../plan.ts'
import type { Stretch } from './outcome.ts'

/** One instrument's candles of the run's interval; times in µs, prices and volume as they are stored. */
export interface Candles {
  /** When each opened. */
  readonly time: Float64Array
  readonly received: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

export interface StudyMarket {
  readonly stretch: Stretch
  /** Rows of its instruments in the stretch. */
  readonly rows: number
  /** By instrument, in the plan's order, with those that lead in to the stretch; undefined on ticks. */
  readonly candles: readonly Candles[] | undefined
  /** How many of them are in the stretch. */
  readonly bars: number
  /** Rows by topic. */
  readonly topics: Readonly<Partial<Record<RecordName, number>>>
}

/** @throws SmartspeedError NO_DATA for a range without rows */
export async function studyMarket(topics: Topics, plan: Plan): Promise<StudyMarket> {
  const { from = Number.NEGATIVE_INFINITY, fill, interval } = plan
  const columns = plan.instruments.map(() => new CandleBuilder())
  const counts: Partial<Record<RecordName, number>> = {}
  let [first, last, rows, bars] = [Number.NaN, Number.NaN, 0, 0]
  for await (const { merged } of replay(topics, inputOptions(plan))) {
    for (let at = 0; at < merged.rows; at++) {
      const { topic, columns: own } = merged.sources[merged.source[at]!]!
      if (ofNoInstrument.includes(topic)) continue
      const received = (own as Rows).received[merged.row[at]!]!
      const isBar = topic === 'candles' && add(columns, plan, { merged, at, interval })
      if (received < from) continue
      if (rows++ === 0) first = received
      last = received
      counts[topic] = (counts[topic] ?? 0) + 1
      if (isBar) bars++
    }
  }
  if (rows === 0) throw await emptyRange(topics, plan)
  const candles = fill === 'book' ? undefined : columns.map((one) => one.take())
  return { stretch: { from: first, to: last }, rows, candles, bars, topics: counts }
}

interface Place {
  readonly merged: Merged
  readonly at: number
  readonly interval: string | undefined
}

/** Whether it was a candle of the run's interval. */
function add(columns: readonly CandleBuilder[], { instruments }: Plan, { merged, at, interval }: Place): boolean {
  const rows = merged.sources[merged.source[at]!]!.columns as Rows
  const row = merged.row[at]!
  if (wordAt(rows.interval, row) !== interval) return false
  const own = columns[indexIn(instruments, wordAt(rows.exchange, row), wordAt(rows.symbol, row))]
  own?.push(rows, row)
  return own !== undefined
}

const fields = ['time', 'received', 'open', 'high', 'low', 'close', 'volume'] as const

class CandleBuilder {
  private columns = fields.map(() => new Float64Array(1024))
  private count = 0

  push(rows: Rows, row: number): void {
    if (this.count === this.columns[0]!.length) {
      this.columns = this.columns.map(twice)
    }
    const { openTime, received, open, high, low, close, volume } = rows
    const values = [openTime, received, open, high, low, close, volume]
    for (let field = 0; field < values.length; field++) this.columns[field]![this.count] = values[field]![row]!
    this.count++
  }

  take(): Candles {
    return Object.fromEntries(
      fields.map((name, at) => [name, this.columns[at]!.slice(0, this.count)]),
    ) as unknown as Candles
  }
}

/** The plan of the first `share` of a stretch. */
export function planOfShare(plan: Plan, { from, to }: Stretch, share: number): Plan {
  return share >= 1 ? plan : { ...plan, to: Math.floor(from + share * (to - from)) + 1 }
}
