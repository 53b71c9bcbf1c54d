// Runs a run again from what its journal says it read, and compares every row that it wrote (DESIGN §6).

import { type Batch, rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { canonical } from '../schemas/json.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { type RunAbout, tradingTask } from './about.ts'
import { inputOptions } from './plan.ts'
import { slice } from './runtime.ts'
import type { Seat } from './seats.ts'
import { createTrading } from './trading.ts'

export interface Parity {
  readonly equal: boolean
  readonly rows: number
  /** The first row that differs, in the order in which rows were written; `was` or `is` is null where one side has no row. */
  readonly first?: {
    readonly topic: string
    readonly offset: number
    readonly was: string | null
    readonly is: string | null
  }
  /** False when the code is not that of the run: then a difference may be a change that was meant. */
  readonly sameCode: boolean
}

/**
 * Compares a run, finished or not, with its own re-execution.
 * Memory stays flat: rows are compared as they are made.
 */
export async function parity(
  topics: Topics,
  run: string,
  about: RunAbout,
  how: { seats: readonly Seat[]; codeHash: string; signal?: AbortSignal; onRows?: (rows: number) => void },
): Promise<Parity> {
  const { plan } = about
  const graph = createTrading({ plan, seats: how.seats })
  const journaled = await journaledRows(topics, run)
  const stored = new Stored(topics, run)
  const sameCode = how.codeHash === about.codeHash
  let rows = 0
  for await (const { merged } of replay(topics, inputOptions(plan))) {
    if (how.signal?.aborted) throw new SmartspeedError('INTERRUPTED', `stopped after ${rows} rows, equal so far`)
    const part = slice(merged, 0, Math.min(merged.rows, journaled - rows))
    if (part.rows === 0) break
    rows += part.rows
    graph.step(part)
    for (const batch of graph.take()) {
      const first = await stored.compare(batch)
      if (first !== undefined) return { equal: false, rows, first, sameCode }
    }
    how.onRows?.(rows)
  }
  const first = await stored.left()
  return first === undefined ? { equal: true, rows, sameCode } : { equal: false, rows, first, sameCode }
}

async function journaledRows(topics: Topics, run: string): Promise<number> {
  let rows = 0
  for await (const entry of topics.journal(run, tradingTask, 1)) rows += entry.rows
  return rows
}

type Difference = NonNullable<Parity['first']>

/** What the run wrote, read topic by topic beside the rows made anew. */
class Stored {
  private readonly topics: Topics
  private readonly run: string
  private readonly readers = new Map<RecordName, Reader>()
  private names: Promise<ReadonlySet<string>> | undefined

  constructor(topics: Topics, run: string) {
    this.topics = topics
    this.run = run
  }

  async compare(batch: Batch): Promise<Difference | undefined> {
    const reader = await this.reader(batch.topic)
    for (let row = 0; row < batch.rows; row++) {
      const offset = reader.offset
      const was = await reader.next()
      const is = canonical(batch.topic, rowAt(batch, row))
      if (was !== is) return { topic: batch.topic, offset, was: was ?? null, is }
    }
    return undefined
  }

  /** The first stored row that nothing was made for. */
  async left(): Promise<Difference | undefined> {
    this.names ??= this.listed()
    for (const name of await this.names) {
      const topic = name.slice(this.run.length + 1) as RecordName
      if (topic === 'journal' || topic === 'snapshots') continue
      const reader = await this.reader(topic)
      const offset = reader.offset
      const was = await reader.next()
      if (was !== undefined) return { topic, offset, was, is: null }
    }
    return undefined
  }

  private async listed(): Promise<ReadonlySet<string>> {
    const infos = await this.topics.list()
    return new Set(infos.filter((info) => info.run === this.run).map((info) => info.name))
  }

  private async reader(topic: RecordName): Promise<Reader> {
    let reader = this.readers.get(topic)
    if (reader === undefined) {
      this.names ??= this.listed()
      const name = physicalName(topic, this.run)
      reader = new Reader((await this.names).has(name) ? rowsOf(this.topics, topic, name) : nothing())
      this.readers.set(topic, reader)
    }
    return reader
  }
}

class Reader {
  offset = 0
  private readonly rows: AsyncIterator<string>
  constructor(rows: AsyncGenerator<string>) {
    this.rows = rows
  }
  async next(): Promise<string | undefined> {
    const { done, value } = await this.rows.next()
    if (done) return undefined
    this.offset++
    return value
  }
}

async function* rowsOf(topics: Topics, topic: RecordName, name: string): AsyncGenerator<string> {
  for await (const { batch } of topics.read(name)) {
    for (let row = 0; row < batch.rows; row++) yield canonical(topic, rowAt(batch, row))
  }
}

async function* nothing(): AsyncGenerator<string> {}
