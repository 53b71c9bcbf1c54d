// The hash that says whether two runs gave the same rows, on any machine, engine, partition count and batch size (CLI.md).
import { createHash } from 'node:crypto'
import { byteText } from '../schemas/byte-text.ts'
import { mergedText } from '../schemas/row-text.ts'
import { type ReplayOptions, replay } from './replay.ts'
import type { Topics } from './topics.ts'

export interface TopicHash {
  /** Physical name. */
  readonly topic: string
  readonly rows: number
  /** SHA-256, hexadecimal. */
  readonly hash: string
}

/** Of a topic without rows. */
export const noRows = { rows: 0, hash: createHash('sha256').digest('hex') } as const

/** Bytes that are hashed at once. */
const chunk = 1 << 16

/**
 * SHA-256 over the committed rows of a topic in the order rule of DESIGN §5, each as RFC 8785 canonical JSON (schemas/json.ts) and a newline.
 * The run id, which journal and snapshots hold, is left out.
 *
 * Errors: TOPIC_MISSING.
 */
export async function hashTopic(
  topics: Topics,
  topic: string,
  range: Pick<ReplayOptions, 'exchange' | 'symbols' | 'from' | 'to' | 'ends' | 'signal'> = {},
): Promise<TopicHash> {
  const hash = createHash('sha256')
  const out = byteText(2 * chunk)
  let rows = 0
  for await (const { merged } of replay(topics, { ...range, inputs: [{ topic }] })) {
    const write = mergedText(merged, out, { order: 'sorted', omit: ['run'] })
    for (let row = 0; row < merged.rows; row++) {
      write(row)
      // A row leaves room for one more byte.
      out.bytes[out.used++] = newline
      if (out.used < chunk) continue
      hash.update(out.bytes.subarray(0, out.used))
      out.used = 0
    }
    rows += merged.rows
  }
  hash.update(out.bytes.subarray(0, out.used))
  return { topic, rows, hash: hash.digest('hex') }
}

const newline = 0x0a
