// What a process is told when it runs in a container, whoever starts that.
import { stringify } from 'yaml'
import { hashOf } from '../../pipelines/config.ts'
import { kafkaFlags } from '../kafka-flags.ts'
import { runFlags } from '../run-flags.ts'
import { topologyInputOf } from '../topology/checks.ts'
import type { Pipeline } from '../topology/schema.ts'
import type { Deployed, Version } from '../versions/folder.ts'
import { of } from '../versions/version.ts'

/** /metrics, /health/live and /health/ready. */
export const httpPort = 9464
/** Nobody in particular: the user of the Dockerfile. */
export const userId = 10_001
/** Where the topology files are. */
export const configFolder = '/etc/smartspeed'
/** Where the embedded log is. */
export const dataFolder = '/var/lib/smartspeed'
/** The certificates that brokers are trusted by. */
export const caFile = 'brokers-ca.pem'

/** The first line of every file that is written: what it begins with is ours to delete. */
export const writtenBy = '# Written by smartspeed deploy'

/** A pipeline of a version, with the run and the version that its processes are of. */
export interface Part {
  readonly pipeline: Pipeline
  readonly deployed: Deployed
}

export function partsOf(version: Version): Part[] {
  return version.deployment.pipelines.map((pipeline) => ({ pipeline, deployed: of(version, pipeline.name)! }))
}

/** Where topics are, seen from within. */
export interface Inside {
  readonly brokers: readonly string[]
  readonly registry: string
}

/** The flags that say where topics are. */
export function whereOf({ engine, kafka }: Version['deployment'], { brokers, registry }: Inside): string[] {
  if (engine === 'embedded') return ['--dir', dataFolder]
  const { tlsCa, ...rest } = kafka
  // The log folder is written by nothing, and must be one that could be.
  return [
    '--dir',
    '/tmp/smartspeed',
    ...kafkaFlags({ ...rest, ...(tlsCa && { tlsCa: `${configFolder}/${caFile}` }) }, brokers, registry),
  ]
}

/** The arguments of the image's program. */
export function argumentsOf({ pipeline, deployed }: Part, where: readonly string[], takesOver: boolean): string[] {
  return [
    ...['run', `${configFolder}/${fileOf(pipeline)}`, ...runFlags(pipeline, { run: deployed.run, takesOver })],
    ...['--http', `0.0.0.0:${httpPort}`, ...where],
  ]
}

export function fileOf({ name }: Pipeline): string {
  return `${name}.yaml`
}

/** What the process reads. */
export function topologyText(pipeline: Pipeline): string {
  return stringify(topologyInputOf(pipeline))
}

/** Changes when anything of its config does: pods and containers are replaced then. */
export function configHash(pipeline: Pipeline): string {
  return hashOf(topologyText(pipeline)).slice(0, 16)
}

/** A manifest, or several in one file; the same in every order of time. */
export function manifestText(documents: readonly unknown[], about: string): string {
  const head = `${writtenBy}: change the topology file and apply it, not this.\n# ${about}\n`
  return head + documents.map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')
}
