// A deployment as a Compose file: the pipelines, and the servers of deploy/compose.yaml that it names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Deployment } from '../topology/schema.ts'
import type { Version } from '../versions/folder.ts'
import {
  argumentsOf,
  caFile,
  configFolder,
  configHash,
  dataFolder,
  fileOf,
  httpPort,
  type Inside,
  manifestText,
  type Part,
  partsOf,
  topologyText,
  userId,
  whereOf,
} from './container.ts'
import { watchingFiles } from './watching.ts'

interface ComposeFile {
  readonly services: Readonly<Record<string, Record<string, unknown>>>
  readonly volumes: Readonly<Record<string, unknown>>
}

/** The servers that developers have, with their images, settings and health checks: the one place that says them. */
const servers = parse(readFileSync(join(import.meta.dirname, '../compose.yaml'), 'utf8')) as ComposeFile

/** Files by their path. @throws SmartspeedError CONFIG_INVALID for what no container can have */
export function composeFiles(version: Version): Map<string, string> {
  const { deployment } = version
  const parts = partsOf(version)
  if (deployment.engine === 'embedded' && parts.length > 1) {
    throw new SmartspeedError('CONFIG_INVALID', 'pipelines: containers cannot share the embedded log', {
      fix: 'a deployment for each pipeline, or engine: kafka',
      at: ['pipelines'],
    })
  }
  const inside = insideOf(deployment)
  const where = whereOf(deployment, inside)
  const own = Object.fromEntries(parts.map((part) => [serviceName(part), serviceOf(version, part, where)]))
  const beside = deployment.services.map((name) => [name, serverOf(name, parts.map(serviceName))] as const)
  const lag =
    deployment.engine === 'kafka' && deployment.services.includes('prometheus')
      ? { lag: lagService(deployment, where) }
      : {}
  const kept = [
    ...(deployment.engine === 'embedded' ? ['topics'] : []),
    ...deployment.services.flatMap((name) => (name in servers.volumes ? [name] : [])),
  ]
  const document = {
    name: deployment.name,
    services: { ...own, ...lag, ...Object.fromEntries(beside) },
    configs: {
      ...Object.fromEntries(parts.map(({ pipeline }) => [pipeline.name, { content: escaped(topologyText(pipeline)) }])),
      ...(deployment.kafka.tlsCa === undefined ? {} : { 'brokers-ca': { file: deployment.kafka.tlsCa } }),
    },
    ...(Object.keys(deployment.secrets).length === 0 ? {} : { secrets: secretsOf(deployment) }),
    volumes: Object.fromEntries(kept.map((name) => [name, {}])),
  }
  const start =
    'Start it, and start the next version so that it takes over from this one: ./up.sh; README: docs/deploy.md'
  return new Map([
    ['compose.yaml', manifestText([document], start)],
    ['up.sh', upScript(parts.filter(({ pipeline }) => pipeline.mode === 'paper').map(serviceName))],
    ...(deployment.services.includes('prometheus') ? watchingFiles(parts.map(serviceName)) : []),
  ])
}

/** With its version: the next one runs beside it until it has taken over. */
function serviceName({ pipeline, deployed }: Part): string {
  return `${pipeline.name}-v${deployed.since}`
}

function insideOf({ engine, kafka, services }: Deployment): Inside {
  if (engine === 'embedded') return { brokers: [], registry: '' }
  return {
    brokers: kafka.brokers ?? (services.includes('kafka') ? ['kafka:19092'] : []),
    registry: kafka.registry ?? 'http://registry:8080/apis/ccompat/v7',
  }
}

function serviceOf({ deployment }: Version, part: Part, where: readonly string[]) {
  const { pipeline, deployed } = part
  const { engine, secrets, restart, kafka } = deployment
  const { cpu, memory } = pipeline.resources
  const names = Object.keys(secrets)
  const embedded = engine === 'embedded'
  return {
    ...hardened(deployment.image),
    command: argumentsOf(part, where, !embedded && pipeline.mode === 'paper'),
    // Each may be in a file that the environment names with _FILE; the value is in no environment.
    ...(names.length === 0
      ? {}
      : {
          environment: Object.fromEntries(names.map((name) => [`${name}_FILE`, `/run/secrets/${name}`])),
          secrets: names,
        }),
    configs: [
      { source: pipeline.name, target: `${configFolder}/${fileOf(pipeline)}` },
      ...(kafka.tlsCa === undefined ? [] : [{ source: 'brokers-ca', target: `${configFolder}/${caFile}` }]),
    ],
    ...(embedded ? { volumes: [`topics:${dataFolder}`] } : {}),
    ...dependencies(deployment),
    healthcheck: healthcheck(httpPort),
    stop_grace_period: `${Math.ceil(restart.stopMs / 1000)}s`,
    // A run that has come to its end has no more to do.
    restart: pipeline.mode === 'paper' ? 'unless-stopped' : 'on-failure',
    deploy: {
      replicas: pipeline.replicas,
      resources: { limits: { cpus: coresOf(cpu), memory: memory.replace('Mi', 'M').replace('Gi', 'G') } },
    },
    labels: {
      'smartspeed.deployment': deployment.name,
      'smartspeed.pipeline': pipeline.name,
      'smartspeed.run': deployed.run,
      'smartspeed.version': String(deployed.since),
      'smartspeed.config': configHash(pipeline),
    },
  }
}

/** Looks at every run from outside, so that one that stands still is seen too. */
function lagService(deployment: Deployment, where: readonly string[]) {
  const port = httpPort + 1
  return {
    ...hardened(deployment.image),
    command: ['lag', '--watch', '--http', `0.0.0.0:${port}`, ...where],
    ...dependencies(deployment),
    healthcheck: healthcheck(port),
    restart: 'unless-stopped',
    deploy: { resources: { limits: { cpus: '0.5', memory: '256M' } } },
  }
}

/** Nobody in particular, with no rights, in a file system that is only read. */
function hardened(image: string) {
  return {
    image,
    user: `${userId}:${userId}`,
    read_only: true,
    tmpfs: [`/tmp:size=64m,mode=1777,uid=${userId},gid=${userId}`],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    init: true,
  }
}

function dependencies({ services }: Deployment) {
  const names = services.filter((name) => name === 'kafka' || name === 'registry')
  if (names.length === 0) return {}
  return { depends_on: Object.fromEntries(names.map((name) => [name, { condition: 'service_healthy' }])) }
}

/** The image has no other client than the program's own Node. */
function healthcheck(port: number) {
  const ask = `fetch('http://127.0.0.1:${port}/health/ready').then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))`
  return {
    test: ['CMD', 'node', '-e', ask],
    interval: '5s',
    timeout: '5s',
    retries: 3,
    start_period: '600s',
    start_interval: '1s',
  }
}

/** Without the ports that programs outside of Docker use: who is inside goes by the names. */
function serverOf(name: Deployment['services'][number], pipelines: readonly string[]) {
  const { profiles: _, ports, ...server } = servers.services[name] ?? noServer(name)
  const shown = name === 'grafana' || name === 'prometheus'
  return {
    ...server,
    ...(shown ? { ports } : {}),
    ...(name === 'prometheus' ? { depends_on: pipelines } : {}),
    restart: 'unless-stopped',
  }
}

function noServer(name: string): never {
  throw new SmartspeedError('CONFIG_INVALID', `services: deploy/compose.yaml has no ${name}`)
}

/** Where each value is, when it is started. */
function secretsOf({ secrets }: Deployment) {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => {
      if ('env' in secret) return [name, { environment: secret.env }]
      if ('file' in secret) return [name, { file: secret.file }]
      throw new SmartspeedError('CONFIG_INVALID', `secrets.${name}: Compose has no Secret of Kubernetes`, {
        ...{ fix: 'for target compose write {env: NAME} or {file: PATH}', at: ['secrets', name] },
      })
    }),
  )
}

/** Compose puts variables in place of `$`. */
function escaped(text: string): string {
  return text.replaceAll('$', '$$$$')
}

/** `500m` → `0.5`. */
function coresOf(cpu: number | string): string {
  return String(typeof cpu === 'number' ? cpu : Number.parseInt(cpu, 10) / 1000)
}

/** `staying`: services that do not end by themselves, which can be waited for. */
function upScript(staying: readonly string[]): string {
  return [
    '#!/bin/sh',
    '# Written by smartspeed deploy. Starts what is new beside what runs, waits until it has taken over, then removes the old.',
    '# When the new one does not get ready, what ran before goes on, and this ends with an error.',
    'set -eu',
    'cd "$(dirname "$0")"',
    ...(staying.length === 0 ? [] : [`docker compose up --detach --wait ${staying.join(' ')}`]),
    'docker compose up --detach --remove-orphans',
    '',
  ].join('\n')
}
