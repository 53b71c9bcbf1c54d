// What a task tells of itself to who watches it: metrics, health, a person. Nothing that is computed depends on it.
import type { Batch } from '../schemas/batch.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'

/** A step that was committed. Times in ms; `positions` as in the journal. */
export interface StepEvent {
  readonly run: string
  readonly pipeline: string
  readonly task: string
  readonly step: number
  readonly rowsIn: number
  /** By record, both. */
  readonly rowsInOf: Readonly<Record<string, number>>
  readonly rowsOut: Readonly<Record<string, number>>
  readonly batches: number
  readonly computeMs: number
  readonly commitMs: number
  /** Receive time of its last row, µs. */
  readonly received: number
  readonly positions: JournalEntry['positions']
  readonly snapshotBytes?: number
  /** The rows themselves. They are read, never kept: a step may be large. */
  readonly outputs: readonly Batch[]
}

export interface StateEvent {
  readonly run: string
  readonly pipeline: string
  readonly task: string
  readonly state: 'restoring' | 'running' | 'finished' | 'revoked' | 'lost' | 'failed'
  /** The last step that it committed; 0 for none, or while it is restored. */
  readonly step: number
}

export interface TaskObserver {
  /** After each commit. */
  step(event: StepEvent): void
  state(event: StateEvent): void
}

/** What /health/ready says of a new version that only waits for the older one to end: a supervisor looks for these words. */
export const inShadow = 'it computes the same, and waits until the older version ends'
