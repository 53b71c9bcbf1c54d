// Whether a broker does what transactions need, asked in its own protocol: no client library, no second JVM.
// Message layouts: kafka.apache.org/protocol (read 2026-11-21). The versions used have no tagged fields, and brokers 2.0 to 4.x know them.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { host } from './ports.ts'

const PROBE_MS = 2_000
const NAME = 'smartspeed-ready'
const FIND_COORDINATOR = { key: 10, version: 1 }
const HEARTBEAT = { key: 12, version: 0 }
const INIT_PRODUCER_ID = { key: 22, version: 1 }
const GROUP = 0
const TRANSACTION = 1
/** What a coordinator that has loaded its partition says to the heartbeat of a member that it never saw. */
const UNKNOWN_MEMBER_ID = 25
const errorNames: Readonly<Record<number, string>> = {
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  51: 'CONCURRENT_TRANSACTIONS',
}

/**
 * Initialises a transactional producer, and asks the coordinator of groups for a group: both answer only when the partitions
 * of their topics are led, and loaded.
 * @throws Error with the reason that the broker is not ready
 */
export async function probeKafka(port: number): Promise<void> {
  const socket = connect({ port, host })
  try {
    socket.setTimeout(PROBE_MS, () => socket.destroy(new Error(`no answer on port ${port} in ${PROBE_MS} ms`)))
    await once(socket, 'connect')
    for (const type of [TRANSACTION, GROUP]) {
      const found = await ask(socket, FIND_COORDINATOR, Buffer.concat([text(NAME), Buffer.from([type])]))
      demand('FindCoordinator', found.readInt16BE(4), 0)
    }
    const timeoutMs = Buffer.alloc(4)
    timeoutMs.writeInt32BE(10_000)
    const init = await ask(socket, INIT_PRODUCER_ID, Buffer.concat([text(NAME), timeoutMs]))
    demand('InitProducerId', init.readInt16BE(4), 0)
    const heartbeat = await ask(socket, HEARTBEAT, Buffer.concat([text(NAME), Buffer.alloc(4), text('nobody')]))
    demand('Heartbeat', heartbeat.readInt16BE(0), UNKNOWN_MEMBER_ID)
  } finally {
    socket.destroy()
  }
}

function demand(request: string, error: number, wanted: number): void {
  if (error !== wanted) throw new Error(`${request} answers ${errorNames[error] ?? `error ${error}`}`)
}

/** Sends one request and gives the body of its answer. */
async function ask(socket: Socket, { key, version }: { key: number; version: number }, body: Buffer): Promise<Buffer> {
  const header = Buffer.alloc(12)
  header.writeInt16BE(key, 4)
  header.writeInt16BE(version, 6)
  header.writeInt32BE(key, 8)
  const request = Buffer.concat([header, text(NAME), body])
  request.writeInt32BE(request.length - 4, 0)
  socket.write(request)
  const answer = await readAnswer(socket)
  if (answer.length < 6 || answer.readInt32BE(0) !== key) throw new Error('what listens there is no Kafka broker')
  return answer.subarray(4)
}

/** One length-prefixed answer. Whole numbers are big endian. */
function readAnswer(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0)
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk])
      const length = seen.length < 4 ? Number.POSITIVE_INFINITY : seen.readUInt32BE(0)
      // An answer here has some dozens of bytes; another protocol's text reads as a huge length.
      if (length !== Number.POSITIVE_INFINITY && length > 65_536)
        done(new Error('what listens there is no Kafka broker'))
      else if (seen.length >= 4 + length) done(undefined)
    }
    const onClose = (): void => done(new Error('the connection was closed'))
    const done = (error: Error | undefined): void => {
      socket.off('data', onData).off('error', done).off('close', onClose)
      if (error === undefined) resolve(seen.subarray(4))
      else reject(error)
    }
    socket.on('data', onData).on('error', done).on('close', onClose)
  })
}

/** A string as the protocol writes it: 16 bits of length, UTF-8. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
