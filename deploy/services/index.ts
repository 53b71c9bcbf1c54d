// Real servers on this machine without Docker, for developers and for tests: started, stopped, and looked at.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { unknownName } from '../../schemas/errors.ts'
import { makeArchive } from './archive.ts'
import { cacheFolder, versionOf } from './cache.ts'
import { install } from './install.ts'
import { needJava } from './java.ts'
import { kafka } from './kafka.ts'
import { withLock } from './lock.ts'
import { endProcess, orphans, runningIn, runningServices } from './processes.ts'
import { registry } from './registry.ts'
import { certificatePath } from './secure.ts'
import type { KafkaSettings, Service, ServiceName } from './service.ts'
import { logOf, startService } from './start.ts'
import { readState, writeState } from './state.ts'

export type { KafkaSettings, ServiceName } from './service.ts'

const services: readonly Service[] = [kafka, registry]

export const serviceNames: readonly ServiceName[] = services.map(({ name }) => name)

/** Starting, but not yet answering, is `starting`; `lost` is a process that is there and does not do its work. */
export type Condition = 'ready' | 'starting' | 'lost' | 'stopped' | 'killed' | 'never started'

export interface ServiceStatus {
  readonly name: ServiceName
  readonly version: string
  readonly pid: number | null
  /** Kafka `host:port`, the registry its full URL; null while it is not running. */
  readonly endpoint: string | null
  readonly ready: boolean
  /** Of `up`: until it was ready; of `down`: until it was gone; of `status`: since it was started. */
  readonly seconds: number | null
  readonly condition: Condition
  /** What a person should know and do, when it is not simply running or stopped. */
  readonly detail?: string
  readonly log: string
}

/** What a client needs to reach a service. */
export interface Endpoints {
  readonly kafka: {
    readonly brokers: readonly string[]
    /** The listener with TLS and users, where it was started with them; `ca` is the certificate to trust, as PEM. */
    readonly secure?: { readonly brokers: readonly string[]; readonly ca: string }
  }
  readonly registry: { readonly url: string }
}

export interface ServicesOptions<N extends ServiceName = ServiceName> {
  /** All of them when left out. */
  readonly names?: readonly N[]
  /** Each service has a folder of its name in it. */
  readonly dir: string
  /** Empties what they kept. */
  readonly fresh?: boolean
  /** 0 is any free port. Without one: the last one of this folder, the usual one (Kafka 9092, registry 8081), or any free one. */
  readonly ports?: Readonly<Partial<Record<N, number>>>
  /** The registry is up sooner, slower when pushed: for tests. */
  readonly quick?: boolean
  readonly learn?: boolean
  /** The pid for which they run: when it is gone, the next start with an owner ends them. */
  readonly owner?: number
  readonly kafka?: KafkaSettings
  readonly signal?: AbortSignal
  /** Told what takes long, and what was found and mended. */
  note?(line: string): void
}

export type StartedServices<N extends ServiceName> = Pick<Endpoints, N> & {
  readonly statuses: readonly ServiceStatus[]
  /** Stops those that this call started; what ran before goes on. `kill`: at once, as by a power cut. */
  stop(options?: { readonly kill?: boolean }): Promise<void>
}

/**
 * Starts services and waits until each answers a real operation: Kafka initialises a transactional producer, the registry lists
 * its subjects. Those that run already stay as they are. When one fails, those that this call started are stopped.
 *
 * Errors: what `startService` says.
 */
export async function startServices<N extends ServiceName = ServiceName>(
  options: ServicesOptions<N>,
): Promise<StartedServices<N>> {
  const { names = serviceNames as readonly N[], dir, ports = {}, note, ...rest } = options
  if (options.owner !== undefined) await endOrphans(note)
  const wanted = [...new Set(names)].map(serviceOf)
  const results = await Promise.allSettled(
    wanted.map(async (service) => {
      const port = (ports as Partial<Record<ServiceName, number>>)[service.name]
      const folder = folderOf(service, dir)
      const { startedNow, port: own, ...started } = await startService(service, folder, { ...rest, port, note })
      const endpoint = service.endpointOf(own)
      const log = logOf(service, folder)
      const status: ServiceStatus = { name: service.name, ...started, endpoint, ready: true, condition: 'ready', log }
      return { service, status, startedNow }
    }),
  )
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const ours = started.filter(({ startedNow }) => startedNow).map(({ service }) => service.name)
  const stop = async ({ kill = false } = {}): Promise<void> => {
    if (ours.length > 0) await stopServices({ names: ours, dir, kill })
  }
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) {
    await stop()
    throw failure.reason
  }
  const endpoints = Object.fromEntries(
    started.map(({ service, status }) => [
      service.name,
      service.name === 'kafka' ? brokersOf(folderOf(service, dir)) : { url: status.endpoint },
    ]),
  )
  return { ...(endpoints as Pick<Endpoints, N>), statuses: started.map(({ status }) => status), stop }
}

function brokersOf(folder: string): Endpoints['kafka'] {
  const { kafka: own, secure } = readState(folder)!.ports
  const brokers = [kafka.endpointOf(own!)]
  if (secure === undefined) return { brokers }
  const ca = readFileSync(certificatePath(folder), 'utf8')
  return { brokers, secure: { brokers: [kafka.endpointOf(secure)], ca } }
}

/** Gets the jars of all services, which the first start does otherwise. Errors: what `install` says. */
export async function installServices(options: { note?(line: string): void } = {}): Promise<void> {
  for (const service of services) await install(service, options.note)
}

/** Makes starts quicker from now on: each service is started and stopped once. Errors: what `startServices` says. */
export async function archiveServices(options: { note?(line: string): void } = {}): Promise<void> {
  const java = needJava()
  await withLock(join(cacheFolder(), 'services', 'archives'), async () => {
    for (const service of services) {
      const { name } = service
      const installed = await install(service, options.note)
      await makeArchive({ installed, java }, async (dir) => {
        options.note?.(`starting ${service.title} once, so that tests can start it in half the time`)
        await startServices({ names: [name], dir, ports: { [name]: 0 }, quick: true, learn: true, owner: process.pid })
        // It writes tens of megabytes before it ends.
        const [stopped] = await stopServices({ names: [name], dir, patienceMs: 120_000 })
        return stopped!.detail === undefined
      })
    }
  })
}

/** Stops services by pid, and waits until they are gone. Those that do not run are named as they are. */
export async function stopServices(options: {
  readonly names?: readonly ServiceName[]
  readonly dir: string
  /** At once, without a clean stop: what a test of crashes wants. */
  readonly kill?: boolean
  /** So long it may take to stop before it is killed; 20 s by default. */
  readonly patienceMs?: number
}): Promise<ServiceStatus[]> {
  const { names = serviceNames, dir, kill = false, patienceMs } = options
  return Promise.all(
    names.map(serviceOf).map(async (service) => {
      const folder = folderOf(service, dir)
      if (!existsSync(folder)) return statusOf(service, folder)
      return withLock(folder, async () => {
        const from = performance.now()
        const running = runningIn(folder)
        const killed = await Promise.all(running.map((one) => endProcess(one, { kill, patienceMs })))
        const state = readState(folder)
        if (state !== undefined) writeState(folder, { ...state, stopped: true })
        const seconds = Math.round(performance.now() - from) / 1000
        const unwilling = !kill && killed.includes(true)
        const status = await statusOf(service, folder)
        return {
          ...status,
          seconds: running.length === 0 ? null : seconds,
          ...(unwilling ? { detail: 'it did not stop when asked and was killed; what was committed is kept' } : {}),
        }
      })
    }),
  )
}

/** How each service is, found by looking at the processes and by a real operation, whatever their files say. */
export function statusOfServices(options: {
  readonly names?: readonly ServiceName[]
  readonly dir: string
}): Promise<ServiceStatus[]> {
  const { names = serviceNames, dir } = options
  return Promise.all(names.map(serviceOf).map((service) => statusOf(service, folderOf(service, dir))))
}

/** Services of this machine that run in other folders. `left` says that the process they ran for is gone. */
export function servicesElsewhere(dir: string): { pid: number; folder: string; left: string | null }[] {
  const own = services.map((service) => folderOf(service, dir))
  const lost = new Set(orphans().map(({ pid }) => pid))
  return runningServices()
    .filter(({ folder }) => !own.includes(folder))
    .map(({ pid, folder, owner }) => ({
      pid,
      folder,
      left: lost.has(pid) ? `the process ${owner} that it ran for is gone, end it: kill ${pid}` : null,
    }))
}

async function statusOf(service: Service, folder: string): Promise<ServiceStatus> {
  const state = readState(folder)
  const running = runningIn(folder)
  const known = running.find(({ pid }) => pid === state?.pid)
  const one = known ?? running[0]
  const common = { name: service.name, version: state?.version ?? versionOf(service), log: logOf(service, folder) }
  const again = `smartspeed services up ${service.name}`
  if (one === undefined) {
    const gone = { ...common, pid: null, endpoint: null, ready: false, seconds: null }
    if (state === undefined) return { ...gone, condition: 'never started' }
    if (state.stopped) return { ...gone, condition: 'stopped' }
    const who = state.pid === undefined ? 'a start that did not finish' : `pid ${state.pid}`
    return { ...gone, condition: 'killed', detail: `${who} ended without being stopped; start it again: ${again}` }
  }
  const port = state?.ports[service.name]
  const seconds = state === undefined ? null : Math.round(Date.now() - state.startedMs) / 1000
  const endpoint = port === undefined ? null : service.endpointOf(port)
  const found = { ...common, pid: one.pid, endpoint, seconds }
  if (known === undefined) {
    const detail = `pid ${one.pid} was left by a start that did not finish; end it or start anew: ${again}`
    return { ...found, ready: false, condition: 'lost', detail }
  }
  const reason = await service.probe(port!).then(
    () => undefined,
    (error: Error) => error.message,
  )
  if (reason === undefined) return { ...found, ready: true, condition: 'ready' }
  const young = Date.now() - state!.startedMs < 30_000
  return { ...found, ready: false, condition: young ? 'starting' : 'lost', detail: reason }
}

/** Ends what killed processes left running, and says so. */
async function endOrphans(note: ((line: string) => void) | undefined): Promise<void> {
  for (const orphan of orphans()) {
    note?.(`ending pid ${orphan.pid} in ${orphan.folder}: the process ${orphan.owner} that it was started for is gone`)
    await endProcess(orphan, { kill: true })
  }
}

function serviceOf(name: string): Service {
  const service = services.find((one) => one.name === name)
  if (service === undefined) throw unknownName('service', name, serviceNames)
  return service
}

/** Absolute, and without links: the mark on a process is compared with it. */
function folderOf(service: Service, dir: string): string {
  const folder = join(resolve(dir), service.name)
  return existsSync(folder) ? realpathSync(folder) : folder
}
