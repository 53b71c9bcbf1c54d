// A local broker and registry of a bench's own.
import { join } from 'node:path'
import { startServices } from '../deploy/services/index.ts'
import { lackOfJava } from '../deploy/services/java.ts'
import type { Figure } from './bench.ts'

export interface Broker {
  readonly brokers: readonly string[]
  readonly registry: string
}

/** What `work` measured on them; nothing where there is no Java to run them. Where only results count they start sooner. */
export async function withBroker(
  { folder, share }: { readonly folder: string; readonly share: number },
  work: (broker: Broker) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  if (lackOfJava() !== undefined) return []
  const services = await startServices({
    ...{ dir: join(folder, 'services'), ports: { kafka: 0, registry: 0 }, owner: process.pid, quick: share < 1 },
  })
  try {
    return await work({ brokers: services.kafka.brokers, registry: services.registry.url })
  } finally {
    await services.stop()
  }
}
