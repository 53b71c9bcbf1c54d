// What a step writes: a builder a topic, cut into batches of the size that a batch may have.
import { type Batch, builderOf, isFull, take } from '../schemas/batch.ts'
import type { Builders, RecordName, Rows } from '../schemas/records.generated.ts'

/** Rows by topic, in the order in which they were pushed. */
export class Outputs {
  private readonly builders = new Map<RecordName, Builders[RecordName]>()
  private full: Batch[] = []
  private readonly kept: ReadonlySet<RecordName> | undefined

  /** Rows of topics that are not among `kept` are dropped; undefined keeps all. */
  constructor(kept?: ReadonlySet<RecordName>) {
    this.kept = kept
  }

  private builder<T extends RecordName>(topic: T): Builders[T] {
    let builder = this.builders.get(topic)
    if (builder === undefined) {
      builder = builderOf(topic)
      this.builders.set(topic, builder)
    }
    return builder as Builders[T]
  }

  push<T extends RecordName>(topic: T, row: Rows[T]): void {
    if (this.drops(topic)) return
    const builder = this.builder(topic) as { push(row: Rows[T]): void }
    builder.push(row)
  }

  /** Rows that someone else made batches of. */
  add(batch: Batch): void {
    if (!this.drops(batch.topic)) this.full.push(batch)
  }

  private drops(topic: RecordName): boolean {
    return this.kept?.has(topic) === false
  }

  /** Puts builders that hold a batch's worth aside. Called between rows, so that no batch grows past its bound. */
  cut(): void {
    for (const builder of this.builders.values()) if (isFull(builder)) this.full.push(take(builder))
  }

  /** Everything since the last call, topics in catalogue order of first use, rows in order. */
  take(): Batch[] {
    const batches = this.full
    this.full = []
    for (const builder of this.builders.values()) if (builder.count > 0) batches.push(take(builder))
    return batches
  }
}
