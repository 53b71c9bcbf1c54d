// Kafka's messages as they pass on a connection: where one ends, and what it asks for. Source: kafka.apache.org/protocol (read 2026-11-29).
import { crc32c } from '../../native/index.ts'

/** The requests that our clients send, by their key in the protocol. */
const apis = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  12: 'Heartbeat',
  13: 'LeaveGroup',
  14: 'SyncGroup',
  17: 'SaslHandshake',
  18: 'ApiVersions',
  19: 'CreateTopics',
  20: 'DeleteTopics',
  21: 'DeleteRecords',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  25: 'AddOffsetsToTxn',
  26: 'EndTxn',
  28: 'TxnOffsetCommit',
  32: 'DescribeConfigs',
} as const

export type Api = (typeof apis)[keyof typeof apis] | 'other'

/** One message, whole, with its length before it. */
export interface Frame {
  /** Of the proxy's connections, from 1. */
  readonly connection: number
  readonly way: 'request' | 'answer'
  /** What is asked, or what this is the answer to. */
  readonly api: Api
  /** Number among those of its way on its connection, from 1. */
  readonly number: number
  readonly bytes: Buffer
}

/** Cuts a stream of bytes into length-prefixed messages. */
export async function* messagesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    held.push(chunk)
    size += chunk.length
    for (;;) {
      if (size < 4) break
      if (held[0]!.length < 4) held = [Buffer.concat(held)]
      const length = 4 + held[0]!.readInt32BE(0)
      if (size < length) break
      const all = held.length === 1 ? held[0]! : Buffer.concat(held)
      yield all.subarray(0, length)
      held = [all.subarray(length)]
      size -= length
    }
  }
  // A message that its sender did not end: as it is.
  if (size > 0) yield Buffer.concat(held)
}

/** What a request asks for. */
export function apiOf(request: Buffer): Api {
  return request.length < 12 ? 'other' : ((apis as Record<number, Api>)[request.readInt16BE(4)] ?? 'other')
}

/** By which number the answer to a request is known. */
export function correlationOf(message: Buffer, way: Frame['way']): number {
  const at = way === 'request' ? 8 : 4
  return message.length < at + 4 ? -1 : message.readInt32BE(at)
}

/** A copy of a Produce request whose first record batch says that as many records of its producer are missing before it. */
export function withGap(request: Buffer, missing: number): Buffer {
  const bytes = Buffer.from(request)
  const at = batchIn(bytes)
  bytes.writeInt32BE(bytes.readInt32BE(at + 53) + missing, at + 53)
  bytes.writeUInt32BE(crc32c(bytes.subarray(at + 21, endOfBatch(bytes, at))), at + 17)
  return bytes
}

/** Where the first record batch begins: its checksum tells. */
function batchIn(bytes: Buffer): number {
  for (let at = 12; at + 61 <= bytes.length; at++) {
    const end = endOfBatch(bytes, at)
    if (bytes[at + 16] !== 2 || end < at + 61 || end > bytes.length) continue
    if (crc32c(bytes.subarray(at + 21, end)) === bytes.readUInt32BE(at + 17)) return at
  }
  throw new Error('there is no record batch in this message')
}

function endOfBatch(bytes: Buffer, at: number): number {
  return at + 12 + bytes.readInt32BE(at + 8)
}
