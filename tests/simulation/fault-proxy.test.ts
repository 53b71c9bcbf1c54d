// The proxy itself, before a server that answers every message: what it is told to do it does, to that message alone.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeBatch } from '../../topics/kafka/records.ts'
import { type Fault, type FaultProxy, openFaultProxy } from './fault-proxy.ts'
import { type Frame, messagesOf, withGap } from './kafka-frames.ts'

const endTxn = 26
const produce = 0

let server: Server
let proxy: FaultProxy
/** What arrived at the server: the numbers of the requests. */
let arrived: number[]
const clients: Socket[] = []

beforeEach(async () => {
  arrived = []
  server = createServer(async (socket) => {
    socket.on('error', () => undefined)
    try {
      for await (const message of messagesOf(socket)) {
        if (message.length < 12) continue
        arrived.push(message.readInt32BE(8))
        const answer = Buffer.alloc(12)
        answer.writeInt32BE(8)
        message.copy(answer, 4, 8, 12)
        socket.write(answer)
      }
    } catch {
      // The connection broke: nothing more comes.
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await openFaultProxy((server.address() as { port: number }).port)
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await proxy.close()
  server.close()
})

/** A connection through the proxy: what it was answered, and how it ended. */
function client() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  clients.push(socket)
  const answers: number[] = []
  let end: string | undefined
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code
  })
  socket.on('end', () => {
    end ??= 'FIN'
  })
  void (async () => {
    for await (const message of messagesOf(socket)) answers.push(message.readInt32BE(4))
  })().catch(() => undefined)
  return {
    ask(number: number, api = produce, more = 0) {
      const request = Buffer.alloc(12 + more)
      request.writeInt32BE(request.length - 4)
      request.writeInt16BE(api, 4)
      request.writeInt32BE(number, 8)
      socket.write(request)
    },
    answers,
    end: () => end,
    leave: () => socket.destroy(),
  }
}

const until = (met: () => boolean) => expect.poll(met, { timeout: 20_000 }).toBe(true)

describe('a fault proxy', () => {
  test('passes what it is not told to touch, in order, also where it comes in pieces', async () => {
    const one = client()
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    for (const number of numbers) one.ask(number, produce, (number * 997) % 70_000)
    await until(() => one.answers.length === 200)
    expect(arrived).toEqual(numbers)
    expect(one.answers).toEqual(numbers)
  })

  test('hits the messages that match, the second and third of them, and no others', async () => {
    const hit = proxy.hit({ api: 'EndTxn', way: 'request', after: 1, times: 2, fault: { do: 'swallow' } })
    const one = client()
    for (const [number, api] of [produce, endTxn, produce, endTxn, endTxn, produce, endTxn].entries())
      one.ask(number, api)
    expect(await hit).toMatchObject({ api: 'EndTxn', way: 'request', number: 5 })
    await until(() => one.answers.length === 5)
    expect(arrived).toEqual([0, 1, 2, 5, 6])
    expect(proxy.done).toEqual(new Map([['swallow', 2]]))
  })

  test('swallows the answer of a request that was carried out', async () => {
    const hit = proxy.hit({ api: 'EndTxn', way: 'answer', fault: { do: 'swallow' } })
    const one = client()
    for (const [number, api] of [endTxn, produce].entries()) one.ask(number, api)
    await hit
    await until(() => one.answers.length === 1)
    expect(arrived).toEqual([0, 1])
    expect(one.answers).toEqual([1])
  })

  test('holds a message until it is let go, also when its sender has gone', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const hit = proxy.hit({ api: 'EndTxn', way: 'request', fault: { do: 'delay', until: promise } })
    const one = client()
    one.ask(0, endTxn)
    await hit
    one.leave()
    const other = client()
    other.ask(7)
    await until(() => other.answers.length === 1)
    expect(arrived).toEqual([7])
    resolve()
    await until(() => arrived.length === 2)
  })

  const ends: [Fault['do'], way: Frame['way'], end: string, arrived: number[]][] = [
    ['reset', 'request', 'ECONNRESET', [0]],
    ['reset', 'answer', 'ECONNRESET', [0, 1]],
    ['deliver-reset', 'request', 'ECONNRESET', [0, 1]],
    ['cut', 'request', 'ECONNRESET', [0]],
    ['cut', 'answer', 'FIN', [0, 1]],
    ['half-close', 'request', 'FIN', [0]],
    ['half-close', 'answer', 'FIN', [0, 1]],
  ]
  test.each(ends)('%s of a %s: the client sees %s', async (kind, way, end, there) => {
    const one = client()
    one.ask(0)
    await until(() => one.answers.length === 1)
    const hit = proxy.hit({ api: 'EndTxn', way, fault: { do: kind } as Fault })
    one.ask(1, endTxn)
    await hit
    await until(() => one.end() === end && arrived.length === there.length)
    expect(arrived).toEqual(there)
    // Another connection knows nothing of it.
    const other = client()
    other.ask(9)
    await until(() => other.answers.length === 1)
  })

  test('stalls: nothing arrives any more, and nobody is told', async () => {
    proxy.decide = ({ connection, number }) => (connection === 1 && number === 2 ? { do: 'stall' } : undefined)
    const [one, other] = [client(), client()]
    one.ask(0)
    await until(() => one.answers.length === 1)
    for (const number of [1, 2, 3]) one.ask(number)
    other.ask(9)
    await until(() => other.answers.length === 1)
    await sleep(50)
    expect(arrived).toEqual([0, 9])
    expect([one.answers, one.end()]).toEqual([[0], undefined])
  })

  test('a broker that is not there resets who knocks; when it is back, the next one is served', async () => {
    const { port } = server.address() as { port: number }
    server.close()
    await once(server, 'close')
    const one = client()
    await until(() => one.end() === 'ECONNRESET')
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const other = client()
    other.ask(1)
    await until(() => other.answers.length === 1)
  })

  test('moves the sequence number of a record batch, and its checksum with it', () => {
    const head = { timestamp: 1, producerId: 5n, epoch: 1, transactional: true }
    const records = [{ key: Buffer.from('key'), value: Buffer.from('value') }]
    const request = (sequence: number) =>
      Buffer.concat([Buffer.alloc(40, 7), encodeBatch(records, { ...head, sequence }), Buffer.alloc(3)])
    expect(withGap(request(10), 4)).toEqual(request(14))
  })
})
