// Dead letters: which are open, and what becomes of them when today's code reads them again.
import { exchanges } from '../connectors/exchanges/index.ts'
import { Intake, unstamped } from '../connectors/intake.ts'
import { hash50 } from '../operators/quality/identity.ts'
import { priceBounds } from '../operators/quality/impossible-price.ts'
import { type Batch, batchOf, rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Clock, DeadLetter } from '../schemas/records.generated.ts'
import { type ReplayOptions, replay } from '../topics/replay.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { restoredState, savedState } from './ingest.ts'
import { type IngestState, Session } from './ingest-session.ts'
import { Tally } from './ingest-summary.ts'
import { importWriter } from './market-writer.ts'

/** Reason of the row that closes a dead letter: it was read, and its rows were published with this row. */
export const redrivenReason = 'REDRIVEN'

type Range = Pick<ReplayOptions, 'exchange' | 'symbols' | 'from' | 'to'>

export interface DeadLetters {
  /** Those that nobody could read yet, in receive order. */
  readonly open: readonly DeadLetter[]
  /** Those that were read since. */
  readonly redriven: number
}

/** The dead letters of a range; none where the topic has not been written. */
export async function deadLetters(topics: Topics, range: Range = {}): Promise<DeadLetters> {
  const topic = physicalName('dead-letters')
  if (!(await topics.list()).some(({ name }) => name === topic)) return { open: [], redriven: 0 }
  const open = new Map<string, DeadLetter[]>()
  let redriven = 0
  for await (const { merged } of replay(topics, { ...range, inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) {
      const letter = rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as DeadLetter
      const same = open.get(keyOf(letter)) ?? []
      open.set(keyOf(letter), same)
      if (letter.reason !== redrivenReason) same.push(letter)
      else if (same.pop() !== undefined) redriven++
    }
  }
  return { open: [...open.values()].flat(), redriven }
}

/** A closing row stands behind its letter: it has the same receive time, and is written later. */
function keyOf({ source, received, offset, bytes }: DeadLetter): string {
  return `${source} ${received} ${offset ?? ''} ${bytes.length} ${hash50(bytes)}`
}

export interface Redriven {
  readonly redriven: number
  /** Rows that came of them, by topic; fewer where rows were there already. */
  readonly published: Readonly<Record<string, number>>
  /** Still unreadable, by reason. */
  readonly failed: Readonly<Record<string, number>>
}

export interface RedriveOptions extends Range {
  /** Whose a snapshot without a symbol is. */
  readonly symbol?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Reads every open dead letter again, as its import did, with the checks of an import: what now works is published at the receive time
 * of the letter. Rows, the mark that closes the letter and what imports remember are one commit, so nothing is published twice,
 * whenever this is killed and started again.
 *
 * Errors: LEASE_HELD while an import is at work, INTERRUPTED.
 */
export async function redrive(topics: Topics, options: RedriveOptions): Promise<Redriven> {
  const { open } = await deadLetters(topics, options)
  const published: Record<string, number> = {}
  const failed: Record<string, number> = {}
  let redriven = 0
  const writer = await importWriter(topics)
  try {
    const readers = new Map<string, Reader>()
    for (const [done, letter] of open.entries()) {
      if (options.signal?.aborted)
        throw new SmartspeedError('INTERRUPTED', `stopped after ${done} of ${open.length} dead letters`)
      const outputs = await (await readerOf(readers, topics, letter, options))?.(letter, writer)
      if (outputs === undefined) failed[letter.reason] = (failed[letter.reason] ?? 0) + 1
      else {
        redriven++
        for (const { topic, rows } of outputs) published[topic] = (published[topic] ?? 0) + rows
      }
      options.onProgress?.(done + 1, open.length)
    }
  } finally {
    await writer.close()
  }
  return { redriven, published, failed }
}

/** Publishes what a letter says and closes it; gives what was published, undefined when it still cannot be read. */
type Reader = (letter: DeadLetter, writer: Writer) => Promise<readonly Batch[] | undefined>

/** The reader of an exchange's letters; undefined for those that no exchange sent (lines of other files). */
async function readerOf(
  readers: Map<string, Reader>,
  topics: Topics,
  { exchange: id, source }: DeadLetter,
  { symbol }: RedriveOptions,
): Promise<Reader | undefined> {
  const exchange = exchanges.find((one) => one.id === id)
  if (exchange === undefined || !source.startsWith(`${id}:`)) return undefined
  const known = readers.get(id)
  if (known !== undefined) return known
  const tally = new Tally()
  const state = await restoredState({ topics, exchange }, tally)
  const clocks = await clocksOf(topics, id)
  const boundsOf = (name: string) => priceBounds(exchange.named(name))

  const reader: Reader = async (letter, writer) => {
    const { received, bytes, message, connection = '' } = letter
    if (message === unstamped) return undefined
    const intake = new Intake(exchange, { ...(symbol === undefined ? {} : { symbol }), connection, boundsOf })
    intake.stamp(received)
    intake.message(bytes, 0, bytes.length)
    const taken = intake.take()
    if (taken.some(({ batch }) => batch.topic === 'dead-letters' || lacksSymbol(batch))) return undefined
    const clock = clockAt(clocks, received)
    // Rows without a time are estimated as their import estimated them.
    if (clock.rows > 0)
      tally.clocks.push({ exchange: id, offsetUs: clock.offset, minFeedLatencyUs: 0, rows: clock.rows, file: '' })
    const session = new Session({ exchange, state, tally, file: '', minFeedLatencyUs: 0 })
    session.offset = clock.offset
    const outputs = (await session.step(taken, { firstReceived: received, received, last: false }))!
    const closing = batchOf('dead-letters', [{ ...letter, reason: redrivenReason, attempts: letter.attempts + 1 }])
    await commit(writer, state, id, [...outputs, closing])
    return outputs
  }
  readers.set(id, reader)
  return reader
}

async function commit(writer: Writer, state: IngestState, task: string, outputs: readonly Batch[]): Promise<void> {
  await state.seen.putAway(writer)
  await writer.commit({ outputs, task, snapshot: savedState(state) })
  // A message that was missing may be what a book waited for.
  if (await state.books.endFile()) await writer.commit({ outputs: [], task, snapshot: savedState(state) })
}

function lacksSymbol({ topic, columns }: Batch): boolean {
  return topic === 'books' && (columns as { symbol: { values: readonly string[] } }).symbol.values.includes('')
}

async function clocksOf(topics: Topics, exchange: string): Promise<Clock[]> {
  const topic = physicalName('clocks')
  const clocks: Clock[] = []
  if (!(await topics.list()).some(({ name }) => name === topic)) return clocks
  for await (const { merged } of replay(topics, { inputs: [{ topic }], exchange })) {
    for (let at = 0; at < merged.rows; at++) {
      clocks.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Clock)
    }
  }
  return clocks
}

/** The clock that held at a receive time; the first one for what came before it. */
function clockAt(clocks: readonly Clock[], received: number): { offset: number; rows: number } {
  return clocks.findLast((clock) => clock.received <= received) ?? clocks[0] ?? { offset: 0, rows: 0 }
}
