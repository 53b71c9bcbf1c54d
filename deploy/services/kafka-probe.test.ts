// What else may listen on a broker's port. That the probe succeeds on a real one is tested in services.test.ts.
import { once } from 'node:events'
import { createServer as createWebServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { probeKafka } from './kafka-probe.ts'

let server: Server | undefined
afterEach(() => server?.close())

async function listen(one: Server): Promise<number> {
  server = one.listen(0, '127.0.0.1')
  await once(one, 'listening')
  return (one.address() as { port: number }).port
}

test('nobody listens', async () => {
  const port = await listen(createServer())
  server!.close()
  await expect(probeKafka(port)).rejects.toThrow(/ECONNREFUSED/)
})

test('a web server is no broker', async () => {
  const port = await listen(createWebServer((_request, answer) => answer.end('hello')))
  await expect(probeKafka(port)).rejects.toThrow('no Kafka broker')
})

test('who hangs up at once is not ready', async () => {
  const port = await listen(createServer((socket) => socket.destroy()))
  await expect(probeKafka(port)).rejects.toThrow(/closed|ECONNRESET/)
})

test('who never answers is not waited for', async () => {
  const sockets: Socket[] = []
  const port = await listen(createServer((socket) => sockets.push(socket)))
  await expect(probeKafka(port)).rejects.toThrow(`no answer on port ${port}`)
  for (const socket of sockets) socket.destroy()
})

test('a coordinator that is still loading is named so, however its answer is cut', async () => {
  const port = await listen(
    createServer((socket) => {
      socket.on('data', (request) => {
        // Length, correlation id, throttle time, error 14.
        const answer = Buffer.alloc(14)
        answer.writeInt32BE(10, 0)
        request.copy(answer, 4, 8, 12)
        answer.writeInt16BE(14, 12)
        for (const byte of answer) socket.write(Uint8Array.of(byte))
      })
    }),
  )
  await expect(probeKafka(port)).rejects.toThrow('FindCoordinator answers COORDINATOR_LOAD_IN_PROGRESS')
})
