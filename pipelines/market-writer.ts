// Who brings market data into a place: imports, or a mirror that copies them from elsewhere; never both.
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { importRun } from './ingest-summary.ts'

/** Under this name is kept what counts for ever: trials of runs that were removed, and what pipelines/study/ledger.ts says. */
export const ledgerRun = 'ledger'

/** The run under which a mirror keeps what it has copied; no other run is called that. */
export const mirrorRun = 'mirror'

/** What a mirror remembers of itself in the target, committed with the rows. */
export interface MirrorAbout {
  readonly kind: 'mirror'
  /** The source in words. */
  readonly from: string
  /** By topic: next row of each partition, up to which the target has what the source had. */
  readonly ends: Readonly<Record<string, readonly number[]>>
}

/** What an earlier mirror said of itself in this place. */
export async function mirrorOf(topics: Topics): Promise<MirrorAbout | undefined> {
  return (await topics.runs()).find(({ run }) => run === mirrorRun)?.about as MirrorAbout | undefined
}

/**
 * The writer of an import. What imports remember of ids is not mirrored: in a copy they would write rows a second time, and the next
 * mirror would find rows that its source has not.
 *
 * @throws SmartspeedError LEASE_HELD, IS_MIRROR
 */
export async function importWriter(topics: Topics): Promise<Writer> {
  const writer = await topics.writer({ run: importRun, market: true })
  const mirrored = await mirrorOf(topics)
  if (mirrored === undefined) return writer
  await writer.close()
  throw new SmartspeedError(
    'IS_MIRROR',
    `the market here is a copy of ${mirrored.from}, which knows what was imported`,
    {
      fix: 'import there and mirror again, or import into a place of its own, for example --dir ./mine',
    },
  )
}

/** Names that no run of a pipeline may have. */
export const keptNames: ReadonlyMap<string, string> = new Map([
  [importRun, 'what imports remember is kept under that name'],
  [mirrorRun, 'what a mirror remembers is kept under that name'],
  [ledgerRun, 'trials of runs that were removed are kept under that name'],
])
