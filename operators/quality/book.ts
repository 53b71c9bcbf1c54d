// The one book builder: rows of `books` become an order book that knows whether it can be trusted (DESIGN §3, §9).
import { absentI64 } from '../../schemas/columns.ts'
import type { BookColumns } from '../../schemas/records.generated.ts'
import type { Ids, Step, SyncRule } from '../../schemas/sync.ts'
import { pack, unpack } from '../stage.ts'
import { type Id, idAt, idOf, numberAt, wordsOf } from './ids.ts'
import { Ladder, type LadderState } from './ladder.ts'
import { Pending, type PendingUpdate } from './pending.ts'

/** For feeds without ids, and for those whose every message is a snapshot: rows are taken in the order in which they come. */
export const inOrder: SyncRule = { sequenced: false, join: () => 'next', follow: () => 'next' }

/** What became of a row. */
export type Applied = 'snapshot' | 'applied' | 'buffered' | 'old' | 'gap'

/** Messages that never came: the book stood at `after`, and `next` is the first id of what came. */
export interface Gap {
  readonly after: bigint
  readonly next: bigint
  /** Update ids between the two. */
  readonly missing: bigint
  readonly time: number
  readonly received: number
}

/** Rows by what became of them, and what was seen of the book after them. */
export interface BookCounts {
  snapshot: number
  applied: number
  buffered: number
  old: number
  gap: number
  /** Rows after which the best bid was not below the best ask. */
  crossed: number
  /** Updates that waited for a snapshot and were let go, because too many did. */
  dropped: number
}

const keptGaps = 1000

/**
 * The book of one instrument, in whole ticks and lots.
 *
 * Updates wait for a snapshot and are joined to it by the venue's rule. After a gap (M1) the book keeps what it has but is
 * not synced until the next snapshot, which the updates since then are joined to. A snapshot older than a synced book
 * changes nothing; a newer one replaces it, and levels past its depth are unknown, not empty (M2).
 */
export class Book {
  /** Best prices, NaN where there is none. */
  bidTicks = Number.NaN
  askTicks = Number.NaN
  /** Last update id in the book; undefined before the first snapshot and where the venue sends none. */
  id: Id
  /** Exchange and receive time of the last row that changed the book, µs; NaN before. */
  time = Number.NaN
  received = Number.NaN
  /** The first 1,000 gaps; `counts.gap` has their number. */
  readonly gaps: Gap[] = []
  readonly counts: BookCounts = { snapshot: 0, applied: 0, buffered: 0, old: 0, gap: 0, crossed: 0, dropped: 0 }
  private readonly rule: SyncRule
  private readonly bids: Ladder
  private readonly asks: Ladder
  private pending = new Pending()
  /** A snapshot is in, and no gap came after it. */
  private joined = false
  /** Only the snapshot is in: the next update is held against the rule's `join`. */
  private fresh = false
  private crossed = false
  /** The ids of the batch in hand. */
  private ids: IdColumns = { columns: undefined, first: none, last: none, previous: none }

  constructor(steps: { tickSize: number; lotSize: number }, rule: SyncRule) {
    this.rule = rule
    this.bids = new Ladder('bid', steps)
    this.asks = new Ladder('ask', steps)
  }

  /** `id`, for people and for what is saved. */
  get sequence(): bigint | undefined {
    return this.id === undefined ? undefined : BigInt(this.id)
  }

  /** True when the book holds every change since a snapshot and its best bid is below its best ask. */
  get synced(): boolean {
    return this.joined && !this.crossed
  }

  /** Takes one row. Nothing of `columns` is kept. */
  apply(columns: BookColumns, row: number): Applied {
    const applied = columns.snapshot[row] === 1 ? this.snapshot(columns, row) : this.update(columns, row)
    this.counts[applied] += 1
    return applied
  }

  /** Lots at a price; 0 when that level is empty, NaN when it lies past what the snapshot knew and was not updated since. */
  lotsAt(side: 'bid' | 'ask', ticks: number): number {
    return side === 'bid' ? this.bids.lotsAt(ticks) : this.asks.lotsAt(ticks)
  }

  /** The next price with a known size that is worse than `ticks`; NaN when there is none. */
  next(side: 'bid' | 'ask', ticks: number): number {
    return side === 'bid' ? this.bids.next(ticks) : this.asks.next(ticks)
  }

  /** The first `n` levels, best first. */
  levels(side: 'bid' | 'ask', n = Number.POSITIVE_INFINITY): { ticks: number; lots: number }[] {
    const ladder = side === 'bid' ? this.bids : this.asks
    const found: { ticks: number; lots: number }[] = []
    for (let ticks = ladder.bestTicks; found.length < n && !Number.isNaN(ticks); ticks = ladder.next(ticks))
      found.push({ ticks, lots: ladder.lotsAt(ticks) })
    return found
  }

  /** How many prices of a side have a size. */
  count(side: 'bid' | 'ask'): number {
    return side === 'bid' ? this.bids.count() : this.asks.count()
  }

  /** The largest size at one price of a side, in lots. */
  largest(side: 'bid' | 'ask'): number {
    return side === 'bid' ? this.bids.largest() : this.asks.largest()
  }

  save(): Uint8Array {
    const { sequence, time, received, joined, fresh, gaps, counts } = this
    const state: State = {
      ...{ sequence, time, received, joined, fresh, gaps, counts },
      ...{ bids: this.bids.save(), asks: this.asks.save(), pending: this.pending.updates },
    }
    return pack(state)
  }

  load(bytes: Uint8Array): void {
    const { bids, asks, pending, gaps, counts, ...rest } = unpack<State>(bytes)
    this.bids.load(bids)
    this.asks.load(asks)
    this.pending = new Pending(pending)
    this.id = rest.sequence === undefined ? undefined : idOf(rest.sequence)
    this.time = rest.time
    this.received = rest.received
    this.joined = rest.joined
    this.fresh = rest.fresh
    this.gaps.splice(0, this.gaps.length, ...gaps)
    this.look()
    Object.assign(this.counts, counts)
  }

  private snapshot(columns: BookColumns, row: number): Applied {
    const sequence = columns.sequence[row]!
    const known = this.sequence
    if (this.rule.sequenced && this.joined && known !== undefined && sequence !== absentI64 && sequence <= known)
      return 'old'
    const { bids, asks } = columns
    this.bids.replace(bids.columns.price, bids.columns.size, bids.offsets[row]!, bids.offsets[row + 1]!)
    this.asks.replace(asks.columns.price, asks.columns.size, asks.offsets[row]!, asks.offsets[row + 1]!)
    this.joined = true
    this.fresh = true
    this.stamp(idOf(sequence), columns.time[row]!, columns.received[row]!)
    this.look()
    return this.join() ? 'snapshot' : 'gap'
  }

  /** Puts the updates that waited behind the snapshot; false when some are missing between the two. */
  private join(): boolean {
    for (;;) {
      const update = this.pending.first
      if (update === undefined) return true
      const step = this.step(update)
      if (step === 'gap') return this.lose(update, update.time, update.received)
      this.pending.shift()
      if (step === 'old') continue
      this.bids.update(update.bidPrices, update.bidSizes, 0, update.bidPrices.length)
      this.asks.update(update.askPrices, update.askSizes, 0, update.askPrices.length)
      this.fresh = false
      this.stamp(idOf(update.last), update.time, update.received)
      this.look()
    }
  }

  private update(columns: BookColumns, row: number): Applied {
    if (!this.joined) return this.wait(columns, row)
    const words = this.wordsOf(columns)
    if (this.rule.sequenced && !this.follows(words, row)) {
      const ids = idsAt(columns, row)
      const step = this.step(ids)
      if (step === 'old') return 'old'
      if (step === 'gap') {
        this.lose(ids, columns.time[row]!, columns.received[row]!)
        this.wait(columns, row)
        return 'gap'
      }
    }
    const { bids, asks } = columns
    this.bids.update(bids.columns.price, bids.columns.size, bids.offsets[row]!, bids.offsets[row + 1]!)
    this.asks.update(asks.columns.price, asks.columns.size, asks.offsets[row]!, asks.offsets[row + 1]!)
    this.fresh = false
    this.stamp(idAt(words.last, row, columns.sequence), columns.time[row]!, columns.received[row]!)
    this.look()
    return 'applied'
  }

  /** A quick look at what nearly every update is: the next one. */
  private follows({ first, previous }: IdColumns, row: number): boolean {
    const { id, rule, fresh } = this
    if (fresh || typeof id !== 'number' || rule.usual === undefined) return false
    return rule.usual === 'previous' ? numberAt(previous, row) === id : numberAt(first, row) === id + 1
  }

  private wordsOf(columns: BookColumns): IdColumns {
    if (this.ids.columns !== columns) {
      const [first, last] = [wordsOf(columns.firstSequence), wordsOf(columns.sequence)]
      this.ids = { columns, first, last, previous: wordsOf(columns.previousSequence) }
    }
    return this.ids
  }

  private step(ids: Ids): Step {
    const { sequence, rule } = this
    if (sequence === undefined) return 'next'
    return this.fresh ? rule.join(sequence, ids) : rule.follow(sequence, ids)
  }

  private wait(columns: BookColumns, row: number): Applied {
    if (!this.rule.sequenced) return 'old'
    if (this.pending.push(columns, row)) this.counts.dropped += 1
    return 'buffered'
  }

  /** Notes a gap: from now on the book is not synced. */
  private lose({ first, last }: Ids, time: number, received: number): false {
    const after = this.sequence!
    const next = first === absentI64 ? last : first
    if (this.gaps.length < keptGaps) this.gaps.push({ after, next, missing: next - after - 1n, time, received })
    this.joined = false
    return false
  }

  private stamp(id: Id, time: number, received: number): void {
    this.id = id
    this.time = time
    this.received = received
  }

  /** Reads the best prices after a change, and moves the windows after the middle. */
  private look(): void {
    const bid = this.bids.bestTicks
    const ask = this.asks.bestTicks
    this.bidTicks = bid
    this.askTicks = ask
    this.crossed = bid >= ask
    if (this.crossed) this.counts.crossed += 1
    this.bids.follow(bid)
    this.asks.follow(ask)
  }
}

const none = new Int32Array(0)

/** The ids of a batch, as words. */
interface IdColumns {
  readonly columns: BookColumns | undefined
  readonly first: Int32Array
  readonly last: Int32Array
  readonly previous: Int32Array
}

interface State {
  readonly sequence: bigint | undefined
  readonly time: number
  readonly received: number
  readonly joined: boolean
  readonly fresh: boolean
  readonly gaps: readonly Gap[]
  readonly counts: BookCounts
  readonly bids: LadderState
  readonly asks: LadderState
  readonly pending: readonly PendingUpdate[]
}

/** The ids of a depth row. */
export function idsAt(columns: BookColumns, row: number): Ids {
  return {
    first: columns.firstSequence[row]!,
    last: columns.sequence[row]!,
    previous: columns.previousSequence[row]!,
  }
}
