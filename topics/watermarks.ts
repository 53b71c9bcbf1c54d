// Up to when everything has come: the least watermark of all connections that give any.
import type { Batch } from '../schemas/batch.ts'
import { wordAt } from '../schemas/columns.ts'
import type { Filter } from './replay.ts'

export class Watermarks {
  private readonly filter: Filter | undefined
  private readonly byConnection = new Map<string, number>()

  /** Of all connections of the exchanges whose rows the filter lets through; of all exchanges where it is undefined. */
  constructor(filter: Filter | undefined) {
    this.filter = filter
  }

  see({ rows, columns }: Batch<'heartbeats'>): void {
    const { exchange, connection, watermark } = columns
    for (let row = 0; row < rows; row++) {
      const name = wordAt(exchange, row) ?? ''
      if (this.filter?.(name, '') === false) continue
      const key = `${name} ${wordAt(connection, row)}`
      this.byConnection.set(key, Math.max(watermark[row]!, this.byConnection.get(key) ?? Number.NEGATIVE_INFINITY))
    }
  }

  /** Rows received up to then, µs, are there; −∞ when nobody said so. */
  get low(): number {
    const all = [...this.byConnection.values()]
    return all.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...all)
  }
}
