// What is to run: units of processes, one a pipeline and version, and how each process is started.
import { join } from 'node:path'
import type { Deployment, Pipeline, Secret } from '../topology/schema.ts'
import { readJson, writeJson } from '../versions/folder.ts'

/** The processes that run a pipeline as a version says. */
export interface Unit {
  readonly pipeline: string
  /** The version that its processes are of. */
  readonly since: number
  readonly run: string
  readonly replicas: number
  /** Of `smartspeed run`, without those that say where topics are. */
  readonly flags: readonly string[]
  readonly mode: Pipeline['mode']
  readonly memoryMb: number
  /** Takes its run over from the unit before it, which ends by itself then. */
  readonly takesOver: boolean
  /** `next` while it is not known whether it gets ready; `old` while another takes over from it; `serving` else. */
  readonly role: 'serving' | 'next' | 'old'
}

/** What the supervisor makes so, until it says something else. */
export interface Desired {
  /** Counts what was asked for, so that an answer is known to be to this. */
  readonly generation: number
  readonly name: string
  /** The program and what stands before its command: node and main.ts. */
  readonly program: readonly string[]
  /** Where topics are. */
  readonly where: readonly string[]
  readonly units: readonly Unit[]
  readonly restart: Deployment['restart']
  readonly secrets: Readonly<Record<string, Secret>>
}

/** One process of a unit. */
export interface Member {
  readonly unit: Unit
  readonly replica: number
  /** `maker@v3-0`. */
  readonly id: string
  /** Its own copy of the topology: what it reads, and what it is known by among all processes of the machine. */
  readonly file: string
  readonly log: string
}

export function membersOf(folder: string, units: readonly Unit[]): Member[] {
  return units.flatMap((unit) => Array.from({ length: unit.replicas }, (_, replica) => memberOf(folder, unit, replica)))
}

function memberOf(folder: string, unit: Unit, replica: number): Member {
  const { pipeline, since } = unit
  const id = idOf({ pipeline, since, replica })
  return {
    ...{ unit, replica, id },
    file: join(folder, 'units', `v${since}`, `${pipeline}-${replica}.yaml`),
    log: join(folder, 'logs', `${id}.log`),
  }
}

export function idOf({ pipeline, since, replica }: { pipeline: string; since: number; replica: number }): string {
  return `${pipeline}@v${since}-${replica}`
}

/** The arguments of a process after its program; `port` is where it answers /health and /metrics. */
export function argumentsOf({ unit, file }: Member, where: readonly string[], port: number): string[] {
  return ['run', file, ...unit.flags, ...(unit.takesOver ? ['--takeover'] : []), '--http', String(port), ...where]
}

/** Undefined before the first apply. */
export function readDesired(folder: string): Desired | undefined {
  return readJson<Desired>(join(folder, 'desired.json'))
}

export function writeDesired(folder: string, desired: Desired): void {
  writeJson(join(folder, 'desired.json'), desired)
}
