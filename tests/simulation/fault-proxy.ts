// A way to a Kafka broker that can fail: a TCP proxy that knows where messages begin and end, and asks of each what is to become
// of it. What it is told to do it does to exactly that message; what it is not told to touch passes unchanged, in order.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, apiOf, correlationOf, type Frame, messagesOf } from './kafka-frames.ts'

/**
 * What becomes of a message:
 * - `delay`: it and those behind it on its way wait; with `until`, for as long as that lasts, also when its sender has gone meanwhile;
 * - `swallow`: it never arrives; the connection goes on;
 * - `stall`: neither it nor anything behind it arrives, and nobody is told;
 * - `reset`: it never arrives, and both ends are told that the connection broke;
 * - `deliver-reset`: it arrives, and its sender is told that the connection broke;
 * - `cut`: half of its bytes arrive, then the connection breaks;
 * - `half-close`: it never arrives, and its receiver is told that its sender has no more to say; the other way goes on;
 * - `rewrite`: other bytes arrive.
 */
export type Fault =
  | { readonly do: 'delay'; readonly ms: number }
  | { readonly do: 'delay'; readonly until: Promise<unknown> }
  | { readonly do: 'swallow' | 'stall' | 'reset' | 'deliver-reset' | 'cut' | 'half-close' }
  | { readonly do: 'rewrite'; readonly as: (bytes: Buffer) => Buffer }

/** Undefined: it passes. */
export type Decide = (frame: Frame) => Fault | undefined

export interface Rule {
  readonly api: Api
  readonly way: Frame['way']
  readonly fault: Fault
  /** So many that match pass first; 0 if not given. */
  readonly after?: number
  /** How many are hit; 1 if not given. */
  readonly times?: number
}

export interface FaultProxy {
  readonly port: number
  /** Connections that are open now. */
  readonly open: number
  /** How often each kind of fault was done; cleared by who counts anew. */
  readonly done: Map<Fault['do'], number>
  /** From now on the next message that matches is hit. Resolves when the last of `times` was. */
  hit(rule: Rule): Promise<Frame>
  /** Asked of each message that no rule hits; undefined: all pass. */
  decide: Decide | undefined
  /** Told of each message as it comes. */
  watch: ((frame: Frame) => void) | undefined
  /** Resets every connection there is. */
  resetAll(): void
  close(): Promise<void>
}

/** Listens on `port`, any free one if 0, and speaks for who listens at `target`. */
export async function openFaultProxy(target: number, port = 0): Promise<FaultProxy> {
  const rules = new Set<{ rule: Rule; seen: number; hit: (frame: Frame) => void }>()
  const done = new Map<Fault['do'], number>()
  const sockets = new Set<Socket>()
  let connections = 0

  function faultOf(frame: Frame): Fault | undefined {
    proxy.watch?.(frame)
    for (const one of rules) {
      const { api, way, fault, after = 0, times = 1 } = one.rule
      if (api !== frame.api || way !== frame.way || ++one.seen <= after) continue
      if (one.seen === after + times) {
        rules.delete(one)
        one.hit(frame)
      }
      return fault
    }
    return proxy.decide?.(frame)
  }

  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const connection = ++connections
    const broker = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const asked = new Map<number, Api>()
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      // Seen where it is read from.
      socket.on('error', () => undefined)
    }
    const ways = { request: [client, broker], answer: [broker, client] } as const
    const carry = async (way: Frame['way']): Promise<void> => {
      const [from, to] = ways[way]
      let number = 0
      try {
        // The sender's end is not the receiver's: a reader must not destroy what it read from.
        for await (const bytes of messagesOf(from.iterator({ destroyOnReturn: false }))) {
          const id = correlationOf(bytes, way)
          const api = way === 'request' ? apiOf(bytes) : (asked.get(id) ?? 'other')
          if (way === 'request') asked.set(id, api)
          else asked.delete(id)
          const fault = faultOf({ connection, way, api, number: ++number, bytes })
          if (fault !== undefined) done.set(fault.do, (done.get(fault.do) ?? 0) + 1)
          if (!(await pass(bytes, from, to, fault))) return
        }
        to.end()
      } catch {
        // What a client sent before it went is on its way and arrives; a broker that is gone takes its connections with it.
        if (way === 'request') to.end()
        else to.resetAndDestroy()
      }
    }
    void carry('request')
    void carry('answer')
  })

  const proxy: FaultProxy = {
    get port() {
      return (server.address() as { port: number }).port
    },
    get open() {
      return sockets.size / 2
    },
    done,
    decide: undefined,
    watch: undefined,
    hit: (rule) => new Promise((hit) => rules.add({ rule, seen: 0, hit })),
    resetAll() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return proxy
}

/** Does to a message what is to become of it. False when nothing comes behind it any more. */
async function pass(bytes: Buffer, from: Socket, to: Socket, fault: Fault | undefined): Promise<boolean> {
  switch (fault?.do) {
    case undefined:
      break
    case 'delay':
      await ('ms' in fault ? sleep(fault.ms) : fault.until)
      break
    case 'rewrite':
      bytes = fault.as(bytes)
      break
    case 'swallow':
      return true
    case 'stall':
      from.resume()
      return false
    case 'half-close':
      to.end()
      from.resume()
      return false
    case 'reset':
      from.resetAndDestroy()
      to.resetAndDestroy()
      return false
    case 'cut':
      await send(to, bytes.subarray(0, bytes.length >> 1))
      from.resetAndDestroy()
      to.end()
      return false
    case 'deliver-reset':
      await send(to, bytes)
      from.resetAndDestroy()
      to.end()
      return false
  }
  await send(to, bytes)
  return true
}

async function send(to: Socket, bytes: Buffer): Promise<void> {
  if (to.connecting) await once(to, 'connect')
  if (to.writable) await new Promise((sent) => to.write(bytes, sent))
}
