// Lines of foreign files that could not be read: dead letters, each once however often its file is loaded.
import { basename } from 'node:path'
import { type Batch, builderOf, take } from '../schemas/batch.ts'
import type { SmartspeedError } from '../schemas/errors.ts'
import type { DeadLetter } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import { deadLetters, redrivenReason } from './dead-letters.ts'

export interface LettersOf {
  readonly exchange: string
  readonly symbol: string
  /** As `letterSource` says it. */
  readonly source: string
}

/** A file is known by its name: the same file may be loaded from another folder. */
export function letterSource(file: string, what: string): string {
  return `file:${basename(file)}:${what}`
}

/** The dead letters of one file, on the way to their topic. */
export class FileLetters {
  private readonly of: LettersOf
  /** Letters of this file that are open, by the number of their line. */
  private readonly known: Map<number, DeadLetter>
  private readonly builder = builderOf('dead-letters')
  private waiting: DeadLetter[] = []

  private constructor(of: LettersOf, known: readonly DeadLetter[]) {
    this.of = of
    this.known = new Map(known.map((letter) => [letter.offset!, letter]))
  }

  static async open(topics: Topics, of: LettersOf): Promise<FileLetters> {
    const { open } = await deadLetters(topics, { exchange: of.exchange, symbols: [of.symbol] })
    return new FileLetters(
      of,
      open.filter(({ source }) => source === of.source),
    )
  }

  /** Rows that `take` would give. */
  get count(): number {
    return this.builder.count + this.waiting.length
  }

  /** A line that cannot be read; `received` is that of the row before it, NaN where there is none. */
  unreadable(line: { readonly number: number; readonly text: string }, error: SmartspeedError, received: number): void {
    if (this.known.has(line.number)) return
    const { exchange, symbol, source } = this.of
    const letter: DeadLetter = {
      ...{ time: received, received, exchange, symbol, source },
      ...{ reason: error.code, message: error.message, bytes: new TextEncoder().encode(line.text) },
      ...{ offset: line.number, attempts: 1 },
    }
    if (Number.isNaN(received)) this.waiting.push(letter)
    else this.builder.push(letter)
  }

  /** A line that can be read: what was open of it is closed. */
  readable(number: number): void {
    const letter = this.known.get(number)
    if (letter === undefined) return
    this.known.delete(number)
    this.builder.push({ ...letter, reason: redrivenReason, attempts: letter.attempts + 1 })
  }

  /** What there is to write. Letters from before the first row are received at `first`. */
  take(first: number): Batch[] {
    for (const letter of this.waiting) this.builder.push({ ...letter, time: first, received: first })
    this.waiting = []
    return this.builder.count === 0 ? [] : [take<'dead-letters'>(this.builder)]
  }
}
