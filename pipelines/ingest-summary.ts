// What an import tells its user: CLI.md's JSON of `import`.
import type { Gap } from '../operators/quality/book.ts'
import { type SourceScore, scoreOf } from '../operators/quality/score.ts'

/** Market rows belong to no run; what imports remember is kept under this name, which no other run may have. */
export const importRun = 'import'

export interface ImportedFile {
  readonly file: string
  readonly lines: number
  readonly unreadable: number
  readonly complete: boolean
}

/** Ids past 2^53 are decimal text. */
type Id = number | string

export interface ImportedSymbol {
  /** Null where no book message came. */
  synced: boolean | null
  readonly gaps: { topic: string; after: Id; next: Id; missing: Id }[]
  crossed: number
  readonly checksums: { ok: number; bad: number }
}

/** Rows and messages by what was wrong with them; none of these is lost. */
export interface ImportedQuality {
  /** Lines stamped before the line above; they took its stamp. */
  timeBack: number
  /** Rows whose exchange time is before that of the row above of their symbol and topic. */
  eventTimeBack: number
  /** Refused: prices out of bounds. */
  impossiblePrice: number
  /** Messages after which a book was crossed, and best prices that are. */
  crossed: number
  /** Trades more than 50 % from a price of the minute before. */
  jump: number
  /** Messages that never came, by topic and symbol. */
  gaps: number
  /** Rows faster than the fastest of the first minute allows. */
  tooFast: number
}

export interface Imported {
  readonly files: readonly ImportedFile[]
  readonly streams: Record<string, number>
  readonly records: Record<string, number>
  readonly duplicates: Record<string, number>
  readonly symbols: Record<string, ImportedSymbol>
  readonly clocks: readonly {
    exchange: string
    offsetUs: number
    minFeedLatencyUs: number
    rows: number
    file: string
  }[]
  readonly quality: ImportedQuality
  readonly score: SourceScore
  readonly deadLetters: number
  readonly warnings: readonly string[]
  readonly seconds: number
}

/** Counts of the files so far. */
export class Tally {
  readonly files: ImportedFile[] = []
  readonly streams = new Map<string, number>()
  readonly records: Record<string, number> = { trades: 0, quotes: 0, books: 0 }
  readonly duplicates: Record<string, number> = { trades: 0, quotes: 0, books: 0 }
  readonly symbols = new Map<string, ImportedSymbol>()
  readonly clocks: Imported['clocks'][number][] = []
  readonly quality: ImportedQuality = {
    ...{ timeBack: 0, eventTimeBack: 0, impossiblePrice: 0, crossed: 0, jump: 0, gaps: 0, tooFast: 0 },
  }
  readonly warnings: string[] = []
  deadLetters = 0

  symbol(name: string): ImportedSymbol {
    let symbol = this.symbols.get(name)
    if (symbol === undefined) {
      symbol = { synced: null, gaps: [], crossed: 0, checksums: { ok: 0, bad: 0 } }
      this.symbols.set(name, symbol)
    }
    return symbol
  }

  gap(name: string, topic: string, { after, next, missing }: Pick<Gap, 'after' | 'next' | 'missing'>): void {
    this.quality.gaps++
    this.symbol(name).gaps.push({ topic, after: idOf(after), next: idOf(next), missing: idOf(missing) })
  }

  crossed(name: string): void {
    this.quality.crossed++
    this.symbol(name).crossed++
  }

  count(topic: string, rows: number, written: number): void {
    this.records[topic] = (this.records[topic] ?? 0) + written
    this.duplicates[topic] = (this.duplicates[topic] ?? 0) + rows - written
  }

  stream(name: string, messages: number): void {
    this.streams.set(name, (this.streams.get(name) ?? 0) + messages)
  }

  result(seconds: number): Imported {
    const { files, records, duplicates, clocks, quality, deadLetters, warnings } = this
    const streams = Object.fromEntries(this.streams)
    const symbols = Object.fromEntries([...this.symbols].sort(([a], [b]) => (a < b ? -1 : 1)))
    const score = this.score()
    return { files, streams, records, duplicates, symbols, clocks, quality, score, deadLetters, warnings, seconds }
  }

  private score(): SourceScore {
    const { files, records, duplicates, quality } = this
    const total = (counts: Iterable<number>) => [...counts].reduce((sum, one) => sum + one, 0)
    const gaps = [...this.symbols.values()].flatMap((symbol) => symbol.gaps)
    const { timeBack, impossiblePrice, crossed, jump } = quality
    return scoreOf({
      lines: total(files.map(({ lines }) => lines)),
      unreadable: total(files.map(({ unreadable }) => unreadable)),
      missing: total(gaps.map(({ missing }) => Number(missing))),
      rows: total(Object.values(records)) + total(Object.values(duplicates)) + impossiblePrice,
      remarked: timeBack + impossiblePrice + crossed + jump,
    })
  }
}

function idOf(id: bigint): Id {
  const number = Number(id)
  return Number.isSafeInteger(number) ? number : String(id)
}
