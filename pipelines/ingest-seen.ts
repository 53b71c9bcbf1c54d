// The ids that an exchange's imports have seen, kept with the import's state. Leaves that are full are put away in snapshots
// of their own, so that neither memory nor a commit grows with what was imported.
import { bytesOf, fill, type Leaf, Ranges, type SavedLeaf } from '../operators/quality/ranges.ts'
import type { Topics, Writer } from '../topics/topics.ts'

export interface SavedSeen {
  readonly sets: ReadonlyMap<string, readonly SavedLeaf[]>
  readonly nextKey: number
}

/** Leaves in memory that could be fetched again. */
const mostLoaded = 256

export class Seen {
  private readonly sets = new Map<string, Ranges>()
  private nextKey = 1
  private readonly run: string
  private readonly exchange: string
  private readonly topics: Topics
  private loaded: Leaf[] = []

  constructor(about: { run: string; exchange: string; topics: Topics; saved?: SavedSeen }) {
    this.run = about.run
    this.exchange = about.exchange
    this.topics = about.topics
    this.nextKey = about.saved?.nextKey ?? 1
    for (const [name, leaves] of about.saved?.sets ?? []) this.sets.set(name, new Ranges(leaves))
  }

  set(name: string): Ranges {
    let ranges = this.sets.get(name)
    if (ranges === undefined) {
      ranges = new Ranges()
      this.sets.set(name, ranges)
    }
    return ranges
  }

  /** Whether any id of a set was seen. */
  knows(name: string): boolean {
    return (this.sets.get(name)?.leaves.length ?? 0) > 0
  }

  /** Fetches what must be there to ask about from…to. */
  async fetch(name: string, from: number, to: number): Promise<void> {
    for (const leaf of this.set(name).away(from, to)) {
      const snapshot = await this.topics.snapshot(this.run, this.taskOf(leaf.key!))
      fill(leaf, snapshot!.bytes)
      this.loaded.push(leaf)
    }
  }

  /**
   * Puts full leaves away, after a commit whose state still holds them: whenever the process dies, they are in one place
   * or the other. Leaves fetched long ago are dropped from memory.
   */
  async putAway(writer: Writer): Promise<void> {
    for (const ranges of this.sets.values()) {
      for (const leaf of ranges.finished()) {
        const key = this.nextKey++
        await writer.commit({ outputs: [], task: this.taskOf(key), snapshot: bytesOf(leaf) })
        leaf.key = key
        this.loaded.push(leaf)
      }
    }
    while (this.loaded.length > mostLoaded) {
      const leaf = this.loaded.shift()!
      // One that has changed since is kept with the state again, and must stay.
      if (leaf.key === undefined) continue
      leaf.from = undefined
      leaf.to = undefined
    }
  }

  save(): SavedSeen {
    return { sets: new Map([...this.sets].map(([name, ranges]) => [name, ranges.save()])), nextKey: this.nextKey }
  }

  private taskOf(key: number): string {
    return `${this.exchange}.seen.${key}`
  }
}
