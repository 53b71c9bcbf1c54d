// How far a source can be relied on, as one number: what came, out of what should have come, was read, and made sense.

/** Counts of one import of one source. */
export interface SourceCounts {
  readonly lines: number
  readonly unreadable: number
  /** Messages that never came, where their ids say so. */
  readonly missing: number
  /** Rows that were written or refused. */
  readonly rows: number
  /** Rows refused, or kept with a remark: impossible prices, crossed books, jumps, time going back. */
  readonly remarked: number
}

/** Each in [0, 1]; null where nothing came. */
export interface SourceScore {
  /** Lines that were read, of all. */
  readonly readable: number | null
  /** Messages that came, of those and the missing ones. */
  readonly complete: number | null
  /** Rows without a remark, of all. */
  readonly sane: number | null
  /** The product of the three: a source that is bad at one is bad. */
  readonly reliability: number | null
}

/**
 * The scores of a source.
 *
 * In:     counts, whole numbers of at least 0.
 * Errors: none. A share whose whole is 0 is null, and with it the product.
 */
export function scoreOf({ lines, unreadable, missing, rows, remarked }: SourceCounts): SourceScore {
  const readable = share(lines - unreadable, lines)
  const complete = share(lines, lines + missing)
  const sane = share(Math.max(0, rows - remarked), rows)
  const reliability = readable === null || complete === null || sane === null ? null : readable * complete * sane
  return { readable, complete, sane, reliability }
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null
}
