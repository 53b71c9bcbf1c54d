// What of kafkajs is mended here, against a server that speaks just enough of Kafka.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { newCluster } from './kafkajs-inner.ts'

const apiVersions = 18

/** An answer to a request, as bytes: those of its length, of its number and of its body. */
function answerTo(request: Buffer, body: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeInt32BE(4 + body.length)
  header.writeInt32BE(request.readInt32BE(8), 4)
  return Buffer.concat([header, body])
}

/** No error, and one API: ApiVersions, 0 to 2. */
const versions = Buffer.from([0, 0, 0, 0, 0, 1, 0, apiVersions, 0, 0, 0, 2, 0, 0, 0, 0])

/** Node warns of each kind once in the life of a process. */
const warnings: string[] = []
process.on('warning', ({ name }) => warnings.push(name))

test('T8: an answer that was cut off in its middle is forgotten when the broker is connected again', async () => {
  const seen: number[] = []
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => {
      seen.push(request.readInt16BE(4))
      if (seen.length > 1) socket.end(answerTo(request, versions))
      // Six bytes: how long it is, and the half of its number.
      else socket.end(answerTo(request, versions).subarray(0, 6))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cluster = newCluster({
    brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
    requestTimeoutMs: 500,
  })
  try {
    await expect(cluster.connect()).rejects.toThrow(/closed connection/i)
    // It asks for the versions on each connection; this time it hears them.
    await cluster.connect()
    expect(seen).toEqual([apiVersions, apiVersions])
  } finally {
    await cluster.disconnect()
    server.close()
  }
})

test('a queue in which nothing waits sets no timer whose time is below zero', async () => {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => socket.write(answerTo(request, versions)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cluster = newCluster({ brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`] })
  try {
    await cluster.connect()
    await sleep(20)
    expect(warnings).toEqual([])
  } finally {
    await cluster.disconnect()
    server.close()
  }
})
