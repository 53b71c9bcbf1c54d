// What is kept under the name `ledger` beside trials: what must not go when a study goes, and who has opened which hold-out.
import type { Batch } from '../../schemas/batch.ts'
import type { Topics } from '../../topics/topics.ts'
import { ledgerRun } from '../market-writer.ts'
import type { Plan } from '../plan.ts'
import type { Stretch } from './outcome.ts'
import type { Found } from './verdict.ts'

/** A validation that traded what was kept from its study. */
export interface HoldOutRead extends Stretch, Pick<Plan, 'exchange' | 'symbols'> {
  readonly study: string
  readonly madeMs: number
}

export interface LedgerAbout {
  readonly kind: 'ledger'
  /** Of studies that were removed, the newest on each strategy and market. */
  readonly verdicts: readonly Found[]
  /** In the order in which they were made. */
  readonly reads: readonly HoldOutRead[]
}

export async function readLedger(topics: Topics): Promise<LedgerAbout> {
  const about = (await topics.runs()).find(({ run }) => run === ledgerRun)?.about as Partial<LedgerAbout> | undefined
  return { kind: 'ledger', verdicts: [], reads: [], ...about }
}

/** Writes in it; `change` is told what is there, while nobody else writes. @throws SmartspeedError LEASE_HELD while somebody else does */
export async function writeLedger(
  topics: Topics,
  outputs: readonly Batch[],
  change: (known: LedgerAbout) => Partial<LedgerAbout> = () => ({}),
): Promise<void> {
  const writer = await topics.writer({ run: ledgerRun })
  try {
    const known = await readLedger(topics)
    await writer.commit({ outputs, run: { ...known, ...change(known) } })
  } finally {
    await writer.close()
  }
}
