// Rows as JSON Lines, or as one JSON array.
import type { Merged } from '../../schemas/batch.ts'
import { byteText, words } from '../../schemas/byte-text.ts'
import { mergedText } from '../../schemas/row-text.ts'
import type { RowSink } from './index.ts'
import type { Target } from './target.ts'

/** Bytes that are written at once. */
const chunk = 1 << 16

/** A row a line. */
export function jsonLines(_record: string, target: Target): RowSink {
  return { write: (merged) => writeRows(merged, target, newline), async end() {} }
}

/** One array over all rows; `[]` when there are none. */
export function jsonArray(_record: string, target: Target): RowSink {
  let first = true
  return {
    async write(merged) {
      if (merged.rows === 0) return
      await target.write(words(first ? '[' : ','))
      first = false
      await writeRows(merged, target, comma, true)
    },
    async end() {
      await target.write(words(first ? '[]\n' : ']\n'))
    },
  }
}

async function writeRows(merged: Merged, target: Target, between: number, lastBare = false): Promise<void> {
  const out = byteText(2 * chunk)
  const write = mergedText(merged, out, { order: 'schema' })
  for (let row = 0; row < merged.rows; row++) {
    write(row)
    if (!(lastBare && row === merged.rows - 1)) out.bytes[out.used++] = between
    if (out.used < chunk && row < merged.rows - 1) continue
    await target.write(out.bytes.slice(0, out.used))
    out.used = 0
  }
}

const newline = 0x0a
const comma = 0x2c
