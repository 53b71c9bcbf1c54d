// Requests of @platformatic/kafka that carry record batches as bytes, which are ours (records.ts); and what its errors mean.
import {
  compressionsAlgorithmsByBitmask,
  createAPI,
  fetchV12,
  GenericError,
  MultipleErrors,
  produceV9,
  protocolErrorsCodesById,
  type Reader,
  Writer,
} from '@platformatic/kafka'
import { BytesReader } from './bytes.ts'
import type { Outgoing, Partition, ProducerIdentity } from './client.ts'
import { isFault, KafkaFault } from './faults.ts'
import { byTopic } from './parts.ts'
import { type Aborted, encodeBatch } from './records.ts'

const allReplicas = -1

/** A produce request of batches that are encoded already. */
export const produce = createAPI<
  [string | null, readonly { topic: string; partition: number; batch: Buffer }[], number],
  produceV9.ProduceResponse
>(
  0,
  9,
  (id: string | null, parts: { topic: string; partition: number; batch: Buffer }[], timeoutMs: number) =>
    Writer.create()
      .appendString(id)
      .appendInt16(allReplicas)
      .appendInt32(timeoutMs)
      .appendArray(byTopic(parts), (w, [topic, batches]) => {
        w.appendString(topic).appendArray(batches, (w, { partition, batch }) => {
          w.appendInt32(partition)
            .appendUnsignedVarInt(batch.length + 1)
            .append(batch)
        })
      })
      .appendTaggedFields(),
  produceV9.parseResponse,
)

/** A request whose body is bytes, and whose answer is read from bytes. */
export function rawRequest<T>(
  { key, version, flexible }: { readonly key: number; readonly version: number; readonly flexible: boolean },
  read: (answer: BytesReader) => T,
) {
  return createAPI<[Buffer], T>(
    key,
    version,
    (body: Buffer) => Writer.create().append(body),
    (_correlation, _key, _version, { buffer, position }) => read(new BytesReader(buffer.slice(position))),
    flexible,
    flexible,
  )
}

export interface RawPart extends Partition {
  readonly error: number
  readonly aborted: readonly Aborted[]
  readonly bytes: Buffer
}

/** A fetch whose record batches are left as bytes. */
export const fetch = createAPI<fetchV12.FetchRequest, RawPart[]>(
  1,
  12,
  fetchV12.createRequest,
  (_correlation, _key, _version, reader) => readFetched(reader),
)

function readFetched(reader: Reader): RawPart[] {
  reader.skip(4)
  const error = reader.readInt16()
  reader.skip(4)
  const parts: RawPart[] = []
  reader.readArray((r) => {
    const topic = r.readString()
    r.readArray((r) => {
      const partition = r.readInt32()
      const failed = r.readInt16()
      r.skip(24)
      const aborted = r.readNullableArray((r) => ({ producerId: r.readInt64(), firstOffset: r.readInt64() })) ?? []
      r.skip(4)
      const length = Math.max(0, r.readUnsignedVarInt() - 1)
      const bytes = r.buffer.slice(r.position, r.position + length)
      r.skip(length)
      parts.push({ topic, partition, error: error === 0 ? failed : error, aborted, bytes })
    })
  })
  if (error !== 0 && parts.length === 0) throw new KafkaFault(nameOfError(error), 'fetch')
  return parts
}

/** A part as a record batch. */
export function batchOf({ records, timestamp, sequence }: Outgoing, producer: ProducerIdentity | undefined): Buffer {
  return encodeBatch(records, {
    timestamp,
    producerId: producer?.producerId ?? -1n,
    epoch: producer?.epoch ?? -1,
    sequence: producer === undefined ? -1 : sequence,
    transactional: producer !== undefined,
  })
}

/** The name of an error of the protocol. */
export function nameOfError(code: number): string {
  return (protocolErrorsCodesById as Record<number, string>)[code] ?? `ERROR_${code}`
}

/** The first error of the protocol in what was thrown; without one, no answer came. */
export function faultOf(doing: string, error: unknown): KafkaFault {
  if (isFault(error)) return error
  return new KafkaFault(protocolName(error) ?? networkName(error), doing, error)
}

function protocolName(error: unknown): string | undefined {
  if (error instanceof MultipleErrors) {
    // A partition that only stands beside the failed one was not tried.
    const names = error.errors.map(protocolName).filter((name) => name !== undefined)
    return names.find((name) => name !== 'OPERATION_NOT_ATTEMPTED') ?? names[0]
  }
  return error instanceof GenericError && typeof error.apiId === 'string' ? error.apiId : undefined
}

function networkName(error: unknown): string {
  if (isDenied(error)) return 'SASL_AUTHENTICATION_FAILED'
  const code = error instanceof GenericError ? error.code : undefined
  // What it says of a listener with TLS is found out for both clients alike: unreachable.ts.
  if (code === 'PLT_KFK_USER' && (error as Error).message === 'Broker requires TLS.') return 'NETWORK_EXCEPTION'
  if (code === 'PLT_KFK_USER' || code === 'PLT_KFK_UNSUPPORTED') return (error as Error).message
  if (code === undefined && error instanceof TypeError) return error.message
  return 'NETWORK_EXCEPTION'
}

/** A refused password is the cause of a connection that failed, to one broker or to all. */
function isDenied(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ((error as { code?: unknown }).code === 'PLT_KFK_AUTHENTICATION') return true
  return isDenied(error.cause) || (error instanceof MultipleErrors && error.errors.some(isDenied))
}

/** Opens a compressed batch of somebody else. */
export function inflate(kind: number, bytes: Buffer): Buffer {
  const algorithm = compressionsAlgorithmsByBitmask[kind]
  if (algorithm === undefined) throw new KafkaFault('UNSUPPORTED_COMPRESSION_TYPE', 'fetch')
  return algorithm.decompressSync(bytes)
}
