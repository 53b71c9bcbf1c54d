// How depth messages follow each other: what a venue says of itself as a value, and the one book builder asks.

/** What an update is to a book: the next one, one that the book holds already, or one with others missing before it. */
export type Step = 'next' | 'old' | 'gap'

/** The update ids of one depth message; `absentI64` where the venue sends none. */
export interface Ids {
  readonly first: bigint
  readonly last: bigint
  readonly previous: bigint
}

/** How the messages of a venue follow each other: a value that each exchange gives. */
export interface SyncRule {
  /** False: the venue sends no ids, so nothing can be checked, and updates before the first snapshot are of no use. */
  readonly sequenced: boolean
  /** The first update after a snapshot whose last update id is `snapshot`. */
  join(snapshot: bigint, ids: Ids): Step
  /**
   * What `follow` finds nearly always, for a quick look: an update is the next one when its previous id is the last applied one
   * ('previous'), or its first is one more ('first'). It may be so otherwise as well.
   */
  readonly usual?: 'previous' | 'first'
  /** An update to a book whose last applied update id is `sequence`. */
  follow(sequence: bigint, ids: Ids): Step
}
