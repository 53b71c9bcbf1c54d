// A broker whose clients come through fault proxies, each by a way of its own, and which can be killed and started again. The broker
// itself, and who looks at what is there afterwards, have a way that never fails.
import { startServices, stopServices } from '../../deploy/services/index.ts'
import { freePort } from '../../deploy/services/ports.ts'
import { ownServices } from '../services.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'

/** One client's, or one process's, way to the broker. */
export interface Way {
  readonly brokers: readonly string[]
  readonly proxy: FaultProxy
}

export interface FaultyKafka {
  readonly ways: readonly Way[]
  /** Past all proxies. */
  readonly direct: readonly string[]
  readonly registry: string
  /** SIGKILL. */
  kill(): Promise<void>
  /** Ready when resolved. */
  restart(): Promise<void>
  end(): Promise<void>
}

const host = '127.0.0.1'
const at = (port: number) => `${host}:${port}`

export async function faultyKafka(ways = 1, properties: Readonly<Record<string, string>> = {}): Promise<FaultyKafka> {
  const [port, controller, ...behind] = await freePorts(2 + ways)
  const proxies = await Promise.all(behind.map((port) => openFaultProxy(port)))
  const endProxies = () => Promise.all(proxies.map((proxy) => proxy.close()))
  const names = behind.map((_, i) => `WAY${i}`)
  const listeners = [`PLAINTEXT://${at(port!)}`, ...names.map((name, i) => `${name}://${at(behind[i]!)}`)]
  const kafka = {
    properties: {
      listeners: [...listeners, `CONTROLLER://${at(controller!)}`].join(),
      // Who comes by a proxy is sent to that proxy again.
      'advertised.listeners': [listeners[0], ...names.map((name, i) => `${name}://${at(proxies[i]!.port)}`)].join(),
      'listener.security.protocol.map': ['PLAINTEXT', 'CONTROLLER', ...names].map((one) => `${one}:PLAINTEXT`).join(),
      'inter.broker.listener.name': 'PLAINTEXT',
      'controller.quorum.voters': `1@${at(controller!)}`,
      ...properties,
    },
  }
  const start = { ports: { kafka: port!, registry: 0 }, quick: true, kafka }
  try {
    const services = await ownServices({ ...start, names: ['kafka', 'registry'] })
    const { dir } = services
    return {
      ways: proxies.map((proxy) => ({ brokers: [at(proxy.port)], proxy })),
      direct: services.kafka.brokers,
      registry: services.registry.url,
      async kill() {
        await stopServices({ names: ['kafka'], dir, kill: true })
      },
      async restart() {
        await startServices({ ...start, names: ['kafka'], dir, owner: process.pid })
      },
      async end() {
        await endProxies()
        await services.end()
      },
    }
  } catch (error) {
    await endProxies()
    throw error
  }
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
