// Depth updates that wait for a snapshot, copied out of their batches so that no batch is held back.
import type { BookColumns } from '../../schemas/records.generated.ts'

export interface PendingUpdate {
  readonly first: bigint
  readonly last: bigint
  readonly previous: bigint
  readonly time: number
  readonly received: number
  readonly bidPrices: Float64Array
  readonly bidSizes: Float64Array
  readonly askPrices: Float64Array
  readonly askSizes: Float64Array
}

/** At 20 messages a second, more than three minutes: a REST snapshot takes seconds. */
const most = 4096

/** The newest 4,096 updates, oldest first. */
export class Pending {
  updates: PendingUpdate[]
  constructor(updates: readonly PendingUpdate[] = []) {
    this.updates = [...updates]
  }

  get first(): PendingUpdate | undefined {
    return this.updates[0]
  }

  shift(): void {
    this.updates.shift()
  }

  /** Keeps a copy of a row; true when the oldest one had to go. */
  push(columns: BookColumns, row: number): boolean {
    const { bids, asks } = columns
    const [bid, bidEnd] = [bids.offsets[row]!, bids.offsets[row + 1]!]
    const [ask, askEnd] = [asks.offsets[row]!, asks.offsets[row + 1]!]
    this.updates.push({
      first: columns.firstSequence[row]!,
      last: columns.sequence[row]!,
      previous: columns.previousSequence[row]!,
      time: columns.time[row]!,
      received: columns.received[row]!,
      bidPrices: bids.columns.price.slice(bid, bidEnd),
      bidSizes: bids.columns.size.slice(bid, bidEnd),
      askPrices: asks.columns.price.slice(ask, askEnd),
      askSizes: asks.columns.size.slice(ask, askEnd),
    })
    if (this.updates.length <= most) return false
    this.updates.shift()
    return true
  }
}
