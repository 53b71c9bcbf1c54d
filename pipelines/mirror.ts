// Copies market topics, and a run with what it read, from one place to another: same partitions, same row numbers, so that a journal
// means the same there. Killed at any instant and started again it goes on, and adds nothing twice.
import { MarketMirror, type MirrorPlaces, marketTopics, type Wanted } from './mirror-market.ts'
import { RunMirror } from './mirror-run.ts'

export interface MirrorOptions extends MirrorPlaces {
  /** Market topics by name; where left out, all, or with a run those that it read, as far as it read them. */
  readonly topics?: readonly string[]
  readonly run?: string
  /** Rows done of `total`, those that were compared included. */
  readonly onProgress?: (rows: number, total: number) => void
}

export interface Mirrored {
  /** By physical name: rows that the target has now, and how many of them this call wrote. */
  readonly topics: Readonly<Record<string, { readonly rows: number; readonly copied: number }>>
  /** Steps of the run that this call copied. */
  readonly steps?: number
  readonly warnings: readonly string[]
}

/**
 * Mirrors. What the target holds already must be the source's, else nothing is written.
 *
 * @throws SmartspeedError MIRROR_DIFFERS with the first difference, LEASE_HELD while somebody writes there, RUN_MISSING, TOPIC_MISSING,
 *         HISTORY_EXPIRED for a run whose rows are gone, INTERRUPTED (the same call goes on)
 */
export async function mirror(options: MirrorOptions): Promise<Mirrored> {
  const { source, target, topics, run, onProgress } = options
  let done = 0
  let total = 0
  const onRows = (rows: number): void => {
    done += rows
    onProgress?.(done, Math.max(total, done))
  }
  const ofRun = run === undefined ? undefined : await RunMirror.open(options, run, onRows)
  const wanted = ofRun === undefined || topics !== undefined ? await marketTopics(source, topics) : []
  const market = await MarketMirror.open(options, both(wanted, (await ofRun?.inputs()) ?? []), onRows)
  try {
    total = market.total + (ofRun?.total ?? 0)
    await market.compare()
    const copied = await market.copy()
    const copiedRun = await ofRun?.copy()
    const all = { ...copied, ...copiedRun?.copied }
    const rows = new Map((await target.list()).map((info) => [info.name, info.rows]))
    return {
      topics: Object.fromEntries(
        Object.keys(all).map((name) => [name, { rows: rows.get(name) ?? 0, copied: all[name]! }]),
      ),
      ...(copiedRun === undefined ? {} : { steps: copiedRun.steps }),
      warnings: market.warnings,
    }
  } finally {
    await market.close()
  }
}

/** What was asked for by name goes as far as it is there; what a run read at least as far as it read. */
function both(named: readonly Wanted[], read: readonly Wanted[]): Wanted[] {
  const names = new Set(named.map(({ info }) => info.name))
  return [...named, ...read.filter(({ info }) => !names.has(info.name))]
}
