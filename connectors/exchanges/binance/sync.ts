// How Binance's depth messages follow each other and a REST snapshot.
// Source: "How to manage a local order book correctly" of the spot and of the futures documentation (read 2026-11-21).
import type { SyncRule } from '../../../schemas/sync.ts'

/**
 * Spot: updates up to the snapshot's id L are dropped; the first kept one has U ≤ L+1 ≤ u; then each U is the last u + 1.
 * An update that ends at or before the book's id is a repetition, not a gap.
 */
export const spotSync: SyncRule = {
  sequenced: true,
  usual: 'first',
  join: (snapshot, { first, last }) => (last <= snapshot ? 'old' : first <= snapshot + 1n ? 'next' : 'gap'),
  follow: (sequence, { first, last }) => (first === sequence + 1n ? 'next' : last <= sequence ? 'old' : 'gap'),
}

/**
 * USDⓈ-M and COIN-M: updates with u < L are dropped; the first kept one has U ≤ L ≤ u, or continues L (pu = L);
 * then each pu is the last u.
 */
export const futuresSync: SyncRule = {
  sequenced: true,
  usual: 'previous',
  join: (snapshot, { first, last, previous }) =>
    last < snapshot ? 'old' : first <= snapshot || previous === snapshot ? 'next' : 'gap',
  follow: (sequence, { last, previous }) => (previous === sequence ? 'next' : last <= sequence ? 'old' : 'gap'),
}
