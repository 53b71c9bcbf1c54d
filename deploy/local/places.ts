// Where the topics of a deployment are on this machine: the folder, or brokers and a registry, which are started when it names them.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { physicalName, topicOf } from '../../schemas/catalogue.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { type EngineOptions, openTopics } from '../../topics/index.ts'
import { kafkaFlags } from '../kafka-flags.ts'
import { startServices, stopServices } from '../services/index.ts'
import type { ServiceName } from '../services/service.ts'
import { type Deployment, durationMs, tasksOf } from '../topology/schema.ts'
import type { Version } from '../versions/folder.ts'
import { of } from '../versions/version.ts'
import { secretsOf } from './launch.ts'

/** What `openTopics` takes. */
export type Place = EngineOptions & { readonly engine: Deployment['engine'] }

/** Starts the services that it names and that do not run. Errors: what `startServices` says. */
export async function placeOf(
  { engine, dir: own, kafka, services, secrets }: Deployment,
  dir: string,
  { note, signal }: { note?(line: string): void; readonly signal?: AbortSignal },
): Promise<Place> {
  if (engine === 'embedded') return { engine, dir: resolve(own ?? dir) }
  const names = localServices(services)
  const started =
    names.length === 0 ? {} : await startServices<ServiceName>({ names, dir: servicesFolder(dir), note, signal })
  const { kafka: broker, registry } = started as Partial<Awaited<ReturnType<typeof startServices<ServiceName>>>>
  return {
    ...{ engine, dir: resolve(dir), prefix: kafka.prefix, ...usersOf(kafka, secretsOf(secrets)) },
    brokers: kafka.brokers ?? broker!.brokers,
    registry: kafka.registry ?? registry!.url,
  }
}

/** The passwords were seen to be there when the file was read. */
function usersOf(kafka: Deployment['kafka'], secrets: Readonly<Record<string, string>>): Partial<EngineOptions> {
  const { tls, tlsCa, saslMechanism: mechanism, saslUsername, registryUsername } = kafka
  const registryPassword = secrets.SMARTSPEED_REGISTRY_PASSWORD!
  return {
    ...(tls || tlsCa !== undefined ? { tls: tlsCa === undefined ? {} : { ca: readFileSync(tlsCa) } } : {}),
    ...(mechanism === undefined
      ? {}
      : { sasl: { mechanism, username: saslUsername!, password: secrets.SMARTSPEED_SASL_PASSWORD! } }),
    ...(registryUsername === undefined
      ? {}
      : { registryUser: { username: registryUsername, password: registryPassword } }),
  }
}

/** Those of the services that run without Docker. */
export function localServices(services: Deployment['services']): ServiceName[] {
  return services.filter((name): name is ServiceName => name === 'kafka' || name === 'registry')
}

/** Stops them; what they kept stays. */
export async function stopLocalServices(services: Deployment['services'], dir: string): Promise<void> {
  const names = localServices(services)
  if (names.length > 0) await stopServices({ names, dir: servicesFolder(dir) })
}

/** Where `smartspeed services` has them. */
function servicesFolder(dir: string): string {
  return resolve(dir, 'services')
}

/** The flags by which a process finds the topics. */
export function flagsOf({ kafka }: Deployment, { engine, dir, brokers, registry }: Place): string[] {
  return ['--dir', dir, ...(engine === 'embedded' ? [] : kafkaFlags(kafka, brokers!, registry!))]
}

interface Kept {
  readonly record: RecordName
  readonly run?: string
  readonly partitions?: number | undefined
  readonly retentionMs: number
}

/** Makes the topics whose retention the deployment says; those that are there keep theirs, and are named where that is another. */
export async function createTopics(version: Version, place: Place, note: (line: string) => void): Promise<void> {
  const kept = keptOf(version).map((one) => ({ ...one, partitions: one.partitions ?? partitionsOf(one.record, place) }))
  if (kept.length === 0) return
  const topics = await openTopics(place)
  try {
    await topics.create(kept)
    for (const { record, run, retentionMs } of kept) {
      const name = physicalName(record, run)
      const has = (await topics.info(name)).retentionMs
      if (has !== retentionMs)
        note(`${name} is there and keeps rows ${has === undefined ? 'for ever' : `${has} ms`}, not ${retentionMs} ms`)
    }
  } finally {
    await topics.close()
  }
}

/** Of a market topic: as `topics create` makes it. */
function partitionsOf(record: RecordName, { engine }: Place): number {
  return engine === 'kafka' ? topicOf(record).partitions : 1
}

function keptOf(version: Version): Kept[] {
  const { retention, pipelines } = version.deployment
  const entries = (
    kept: Readonly<Record<string, string | undefined>>,
    more: Omit<Kept, 'record' | 'retentionMs'> = {},
  ) =>
    Object.entries(kept).flatMap(([record, text]): Kept[] => {
      const retentionMs = durationMs(text!)
      return retentionMs === undefined ? [] : [{ record: record as RecordName, ...more, retentionMs }]
    })
  return [
    ...entries(retention),
    ...pipelines.flatMap((one) =>
      entries(one.retention, { run: of(version, one.name)!.run, partitions: tasksOf(one) }),
    ),
  ]
}
