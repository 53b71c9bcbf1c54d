// The importer: captures of raw messages → market topics. Killed at any instant and started again, it adds nothing twice and
// loses nothing: rows, the ids seen and the state of the books are one commit.
import { type Capture, openCapture } from '../connectors/capture.ts'
import type { Exchange } from '../connectors/exchanges/exchange.ts'
import { Intake, type Taken } from '../connectors/intake.ts'
import { aggregated } from '../operators/quality/identity.ts'
import { priceBounds } from '../operators/quality/impossible-price.ts'
import { pack, unpack } from '../operators/stage.ts'
import type { Batch } from '../schemas/batch.ts'
import type { Dictionary } from '../schemas/columns.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { IngestBooks, type SavedTail } from './ingest-books.ts'
import { IngestInstruments } from './ingest-instruments.ts'
import { type SavedSeen, Seen } from './ingest-seen.ts'
import { connection, type IngestState, Session } from './ingest-session.ts'
import { type Imported, importRun, Tally } from './ingest-summary.ts'
import { importWriter } from './market-writer.ts'

export interface ImportOptions {
  readonly topics: Topics
  readonly files: readonly string[]
  readonly exchange: Exchange
  /** Whose a snapshot without a symbol is; else that of the file's only symbol. */
  readonly symbol?: string
  /** What the fastest message of a connection took, µs; 1,000 if not given (DESIGN §5). */
  readonly minFeedLatencyUs?: number
  /** Rows of a commit; 65,536 if not given. */
  readonly stepRows?: number
  /** Seconds since some moment, for the summary alone. */
  readonly seconds: () => number
  readonly signal?: AbortSignal
  /** `share` of the files' bytes, 0…1. */
  readonly onProgress?: (progress: { lines: number; share: number }) => void
}

interface Saved {
  readonly seen: SavedSeen
  readonly books: ReadonlyMap<string, SavedTail>
  readonly instruments: ReturnType<IngestInstruments['save']>
}

/**
 * Imports captures, one after another.
 *
 * @throws SmartspeedError FILE_MISSING before anything is written, FILE_CORRUPT, FILE_BINARY, USAGE (a snapshot without a
 *         symbol in a file of several), INTERRUPTED; LEASE_HELD when another import is at work. What was committed until
 *         then stays, and the same command goes on from there.
 */
export async function importFiles(options: ImportOptions): Promise<Imported> {
  const { topics, exchange, seconds } = options
  const began = seconds()
  const captures: Capture[] = []
  for (const file of options.files) captures.push(await openCapture(file))
  const tally = new Tally()
  const writer = await importWriter(topics)
  try {
    const state = await restoredState(options, tally)
    const progress = { before: 0, ofBytes: captures.reduce((sum, { size }) => sum + size, 0), lines: 0 }
    for (const capture of captures) {
      await importFile(capture, { options, state, tally, writer, progress })
      progress.before += capture.size
    }
    for (const [name, symbol] of tally.symbols) {
      symbol.synced = state.books.synced(name) ?? null
      if (state.seen.knows(`trades ${name}`) && state.seen.knows(`trades ${name}${aggregated}`))
        tally.warnings.push(both(name))
    }
  } finally {
    await writer.close()
  }
  const imported = tally.result(seconds() - began)
  if (imported.files.every(({ lines }) => lines === 0)) tally.warnings.push('no line was read: the files are empty')
  else if (Object.keys(imported.streams).length === 0) {
    tally.warnings.push(
      `no message of ${exchange.name} was recognised: is --exchange right? See smartspeed dead-letters`,
    )
  }
  return imported
}

/** The exchange says each trade twice, in streams of their own, and nothing in a row says which it came by. */
function both(symbol: string): string {
  return `${symbol}: trades and aggregated trades of it were imported, so that their volume counts twice; import a capture with one of these streams into another folder (--dir)`
}

interface Work {
  readonly options: ImportOptions
  readonly state: IngestState
  readonly tally: Tally
  readonly writer: Writer
  readonly progress: { before: number; readonly ofBytes: number; lines: number }
}

async function importFile(capture: Capture, work: Work): Promise<void> {
  const { options, state, tally, progress } = work
  const { exchange, symbol, minFeedLatencyUs = 1000, stepRows = 65_536, signal } = options
  const { file } = capture
  const intake = new Intake(exchange, {
    ...(symbol === undefined ? {} : { symbol }),
    connection,
    boundsOf: (name) => priceBounds(exchange.named(name)),
  })
  const session = new Session({ exchange, state, tally, file, minFeedLatencyUs })
  const commits = new Commits(work)
  const owner = new SnapshotOwner(file)
  let checked: Promise<void> | undefined
  const step = async (last: boolean): Promise<void> => {
    const taken = intake.take()
    const { firstReceived, received } = intake
    owner.look(
      intake,
      taken,
      { resolve: last || session.offset !== undefined || received >= firstReceived + 60e6 },
      session.holding,
    )
    const outputs = await session.step(taken, { firstReceived, received, last })
    if (outputs === undefined) return
    // No row of a damaged file is ever committed.
    checked ??= capture.check()
    await checked
    await commits.add(outputs)
  }
  let complete = true
  let position = 0
  const pieces = capture.pieces()
  for (;;) {
    const next = await pieces.next()
    if (next.done) {
      complete &&= next.value
      break
    }
    const { bytes, ended } = next.value
    position = next.value.position
    if (!ended) {
      complete = intake.readLast(bytes)
      continue
    }
    for (let at = 0; at < bytes.length; ) {
      at = intake.read(bytes, at, stepRows)
      if (intake.rows >= stepRows) await step(false)
      if (signal?.aborted) {
        await commits.done()
        throw interrupted(file, intake.lines)
      }
    }
    refuseOtherText(file, intake)
    const { before, ofBytes, lines } = progress
    options.onProgress?.({ lines: lines + intake.lines, share: (before + position) / ofBytes })
  }
  refuseOtherText(file, intake)
  await step(true)
  await commits.done()
  if (await state.books.endFile()) await commits.add([])
  await commits.done()
  progress.lines += intake.lines
  report(tally, intake, { file, complete })
}

/** Commits a step while the next one is read. State is saved at the moment of its step. */
class Commits {
  private readonly work: Work
  private running: Promise<void> = Promise.resolve()

  constructor(work: Work) {
    this.work = work
  }

  async add(outputs: readonly Batch[]): Promise<void> {
    const { state, writer, options } = this.work
    await this.running
    await state.seen.putAway(writer)
    const snapshot = savedState(state)
    this.running = writer.commit({ outputs, task: options.exchange.id, snapshot })
    // Heard when it is awaited; until then it must not count as unheard.
    this.running.catch(() => {})
  }

  done(): Promise<void> {
    return this.running
  }
}

/** An exchange's state as bytes, to be committed with the rows that it has seen. */
export function savedState({ seen, books, instruments }: IngestState): Uint8Array {
  return pack({ seen: seen.save(), books: books.save(), instruments: instruments.save() } satisfies Saved)
}

/** An exchange's state as its last import left it. */
export async function restoredState(
  { topics, exchange }: Pick<ImportOptions, 'topics' | 'exchange'>,
  tally: Tally,
): Promise<IngestState> {
  const snapshot = await topics.snapshot(importRun, exchange.id)
  const saved = snapshot === undefined ? undefined : unpack<Saved>(snapshot.bytes)
  return {
    seen: new Seen({
      run: importRun,
      exchange: exchange.id,
      topics,
      ...(saved === undefined ? {} : { saved: saved.seen }),
    }),
    books: new IngestBooks({
      ...{ exchange: exchange.id, sync: exchange.sync, topics },
      ...(saved === undefined ? {} : { saved: saved.books }),
      onGap: (symbol, gap) => tally.gap(symbol, 'books', gap),
      onCrossed: (symbol) => tally.crossed(symbol),
    }),
    instruments: new IngestInstruments(exchange.id, exchange.named, saved?.instruments),
  }
}

/** Gives snapshots without a symbol that of the file's only one, when the first minute or the file is over. */
class SnapshotOwner {
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  look(intake: Intake, taken: readonly Taken[], { resolve }: { resolve: boolean }, held: readonly Taken[]): void {
    if (!resolve) return
    for (const { batch } of [...held, ...taken]) {
      if (batch.topic !== 'books') continue
      const { symbol } = batch.columns as { symbol: Dictionary }
      const code = symbol.values.indexOf('')
      if (code === -1) continue
      const names = [...intake.symbols]
      if (names.length !== 1) throw nameless(this.file, names)
      rename(symbol, code, names[0]!)
    }
  }
}

/** Gives a code another name; the batch has not been given away yet. */
function rename(symbol: Dictionary, code: number, name: string): void {
  const values = symbol.values as string[]
  values[code] = name
  const known = values.indexOf(name)
  if (known === code && values.indexOf(name, code + 1) === -1) return
  // The name was there already: its two codes become one.
  const [kept, gone] = known === code ? [code, values.indexOf(name, code + 1)] : [known, code]
  for (let row = 0; row < symbol.codes.length; row++) {
    const old = symbol.codes[row]!
    if (old === gone) symbol.codes[row] = kept
    else if (old > gone) symbol.codes[row] = old - 1
  }
  values.splice(gone, 1)
}

function nameless(file: string, names: readonly string[]): SmartspeedError {
  const seen = names.length === 0 ? 'no symbol' : `${names.length} symbols (${names.slice(0, 5).join(', ')} …)`
  return new SmartspeedError('USAGE', `${file} holds a depth snapshot without a symbol, and ${seen}`, {
    fix: 'say whose it is: --symbol NAME',
  })
}

/** @throws SmartspeedError FILE_BINARY when nothing at the beginning of a file looks like a line of a capture */
function refuseOtherText(file: string, { lines, unreadable, received }: Intake): void {
  if (lines < 20 || unreadable < lines || !Number.isNaN(received)) return
  throw new SmartspeedError(
    'FILE_BINARY',
    `${file} is not a capture: none of its first ${lines} lines begins with a receive time`,
    {
      fix: 'a capture is lines of "<receive time in ns> <message>", plain or gzip',
    },
  )
}

function interrupted(file: string, lines: number): SmartspeedError {
  return new SmartspeedError('INTERRUPTED', `stopped at line ${lines} of ${file}; what was read is kept`, {
    fix: 'run the same command again: it goes on, and adds nothing twice',
  })
}

function report(tally: Tally, intake: Intake, { file, complete }: { file: string; complete: boolean }): void {
  const { lines, unreadable } = intake
  tally.files.push({ file, lines, unreadable, complete })
  for (const { name, count } of intake.streams.values()) if (count > 0) tally.stream(name, count)
  for (const name of intake.symbols) tally.symbol(name)
  tally.quality.timeBack += intake.timeBack
  tally.quality.impossiblePrice += intake.impossiblePrice
  if (!complete) tally.warnings.push(`${file} is cut off at its end: ${lines} whole lines were imported`)
}
