// One Kafka and one registry for a whole run of the tests, started by the first test that asks, on free ports, in a folder that is
// removed at the end. A test that breaks its broker starts its own instead: `ownServices`.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  archiveServices,
  installServices,
  type ServiceName,
  type ServicesOptions,
  type StartedServices,
  startServices,
  stopServices,
} from '../deploy/services/index.ts'
import { lackOf } from './data.ts'

const FOLDER = 'SMARTSPEED_TEST_SERVICES'
const OWNER = 'SMARTSPEED_TEST_OWNER'
/** The services that all test files share: use names of topics, groups and subjects that no other test uses. */
export async function sharedServices<N extends ServiceName>(
  ...names: readonly N[]
): Promise<Omit<StartedServices<N>, 'stop'>> {
  const dir = process.env[FOLDER]
  if (dir === undefined) throw new Error('shared services exist under vitest alone: it runs tests/services.ts first')
  return startServices({
    names,
    dir,
    ports: anyPort,
    quick: true,
    owner: Number(process.env[OWNER]),
    kafka: neverDeletes,
  })
}

/** Services of one test file, in a new folder: to be killed, restarted, filled. `end` removes everything. */
export async function ownServices<N extends ServiceName>(
  options: Omit<ServicesOptions<N>, 'dir' | 'owner'>,
): Promise<StartedServices<N> & { readonly dir: string; end(): Promise<void> }> {
  const dir = newFolder()
  const end = () => endAll(dir)
  try {
    const started = await startServices({ ports: anyPort, quick: true, ...options, dir, owner: process.pid })
    return { ...started, dir, end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Suites move the time of writing by hand: the broker must not delete meanwhile what looks old to it. */
const never = '86400000'
export const neverDeletes = {
  properties: { 'log.initial.task.delay.ms': never, 'log.retention.check.interval.ms': never },
}

const anyPort: Readonly<Record<ServiceName, number>> = { kafka: 0, registry: 0 }

/** A folder for services; its path is without links, as processes name it. */
export function newFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'smartspeed-services-')))
}

async function endAll(dir: string): Promise<void> {
  await stopServices({ dir, kill: true })
  rmSync(dir, { recursive: true, force: true })
}

/** Vitest calls this before the workers start, and what it gives after they ended. */
export default async function setup(): Promise<() => Promise<void>> {
  const dir = newFolder()
  process.env[FOLDER] = dir
  process.env[OWNER] = String(process.pid)
  // Half of what a child process does until it works is to compile: a start takes 0.16 s instead of 0.45.
  process.env.NODE_COMPILE_CACHE ??= join(dir, 'compiled')
  if (lackOf('kafka') === undefined) {
    // Here, because a download takes longer than a test may. The workers are told why there is none: see lackOf.
    const note = (line: string) => console.error(line)
    try {
      await installServices({ note })
      await archiveServices({ note })
    } catch (error) {
      process.env.SMARTSPEED_TEST_SERVICES_LACK = (error as Error).message
    }
  }
  return () => endAll(dir)
}
