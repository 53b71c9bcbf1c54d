// A broker whose clients all come through a fault proxy, and which can be killed and started again. The broker itself, and who looks
// at what is there afterwards, have a way of their own that never fails.

import { startServices, stopServices } from '../../deploy/services/index.ts'
import { freePort } from '../../deploy/services/ports.ts'
import { ownServices } from '../services.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'

export interface FaultyKafka {
  /** Through the proxy. */
  readonly brokers: readonly string[]
  /** Past it. */
  readonly direct: readonly string[]
  readonly registry: string
  readonly proxy: FaultProxy
  /** SIGKILL. */
  kill(): Promise<void>
  /** Ready when resolved. */
  restart(): Promise<void>
  end(): Promise<void>
}

const host = '127.0.0.1'

export async function faultyKafka(properties: Readonly<Record<string, string>> = {}): Promise<FaultyKafka> {
  const [port, behind, controller] = await threePorts()
  const proxy = await openFaultProxy(behind)
  const at = (port: number) => `${host}:${port}`
  const kafka = {
    properties: {
      listeners: `PLAINTEXT://${at(port)},PROXIED://${at(behind)},CONTROLLER://${at(controller)}`,
      // Who comes through the proxy is sent to the proxy again.
      'advertised.listeners': `PLAINTEXT://${at(port)},PROXIED://${at(proxy.port)}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'PLAINTEXT',
      'controller.quorum.voters': `1@${at(controller)}`,
      ...properties,
    },
  }
  const start = { ports: { kafka: port, registry: 0 }, quick: true, kafka }
  try {
    const services = await ownServices({ ...start, names: ['kafka', 'registry'] })
    const { dir } = services
    return {
      ...{ brokers: [at(proxy.port)], direct: services.kafka.brokers, registry: services.registry.url, proxy },
      async kill() {
        await stopServices({ names: ['kafka'], dir, kill: true })
      },
      async restart() {
        await startServices({ ...start, names: ['kafka'], dir, owner: process.pid })
      },
      async end() {
        await proxy.close()
        await services.end()
      },
    }
  } catch (error) {
    await proxy.close()
    throw error
  }
}

async function threePorts(): Promise<[number, number, number]> {
  const ports = new Set<number>()
  while (ports.size < 3) ports.add(await freePort())
  return [...ports] as [number, number, number]
}
