// What is remembered of a service between commands: its ports, and whether it was stopped or just ended.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ServiceState {
  readonly version: string
  /** Its own port by its name, and others that it needs. */
  readonly ports: Readonly<Record<string, number>>
  /** Undefined from before the process is started until it is known. */
  readonly pid: number | undefined
  /** When it was started: ms since 1970. */
  readonly startedMs: number
  /** True once it was stopped by us: when it is not running and this is false, it ended by itself or was killed. */
  readonly stopped: boolean
}

/** Undefined when the service was never started in that folder, or its file cannot be read. */
export function readState(folder: string): ServiceState | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'service.json'), 'utf8')) as ServiceState
  } catch {
    return undefined
  }
}

/** In one instant: a reader never sees half of it. */
export function writeState(folder: string, state: ServiceState): void {
  const path = join(folder, 'service.json')
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}
