// What a deployment is: where topics live, which servers run beside, which pipelines in how many processes.
import { z } from 'zod'
import { topologySchema } from '../../pipelines/config.ts'
import { catalogue } from '../../schemas/catalogue.ts'

const label = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/
const dnsName = z
  .string()
  .regex(label, 'small letters, digits and -, 1 to 40, neither first nor last a -: it also names pods and containers')
const memory = z.string().regex(/^[1-9]\d*(Mi|Gi)$/, 'a whole number of Mi or Gi, for example 512Mi')
const cpu = z.union([
  z.number().positive().max(256),
  z.string().regex(/^[1-9]\d*m$/, 'cores, or thousandths of one: 0.5 or 500m'),
])
const duration = z
  .string()
  .regex(/^([1-9]\d*(ms|s|m|h|d)|forever)$/, 'a whole number with ms, s, m, h or d, or forever; for example 48h')
const records = (scope: 'market' | 'run') =>
  z
    .partialRecord(z.enum(catalogue.filter((topic) => topic.scope === scope).map(({ name }) => name)), duration)
    .default({})

/** Where the value of a secret is when a process starts. The value itself is in no file of ours. */
const secret = z.union([
  z.strictObject({ env: z.string().min(1).describe('a variable of the environment of who applies') }),
  z.strictObject({ file: z.string().min(1).describe('a file that holds nothing else') }),
  z.strictObject({
    secret: z.strictObject({ name: z.string().min(1), key: z.string().min(1) }).describe('a Secret of Kubernetes'),
  }),
])

const kafka = z.strictObject({
  brokers: z
    .array(z.string().regex(/^[^\s,:/]+:\d{1,5}$/, 'host:port'))
    .min(1)
    .optional()
    .describe('left out where services start one'),
  registry: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('URL of the Confluent interface of a schema registry'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,60}$/, 'letters, digits, ".", "_" and "-", at most 60')
    .default('')
    .describe('stands before the names of topics, subjects and groups'),
  tls: z.boolean().default(false).describe('reach the brokers by TLS'),
  tlsCa: z.string().min(1).optional().describe('by TLS, trusting the certificates in this PEM file'),
  saslMechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']).optional(),
  saslUsername: z.string().min(1).optional().describe('its password is the secret SMARTSPEED_SASL_PASSWORD'),
  registryUsername: z.string().min(1).optional().describe('its password is the secret SMARTSPEED_REGISTRY_PASSWORD'),
})

/** What a plain topology file says, but for where topics live. */
const { pipeline: _, engine: _engine, dir: _dir, ...trading } = topologySchema.shape

const pipelineSchema = z.strictObject({
  name: dnsName.describe('also the name of its run'),
  pipeline: z.enum(['trading', 'features']).default('trading'),
  mode: z
    .enum(['backtest', 'paper'])
    .default('backtest')
    .describe('backtest: until its inputs end; paper: for ever, on what comes in, with simulated fills'),
  tasks: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'pieces of the run, fixed when it begins: of trading as many as accounts; of features as many as partitions at most',
    ),
  replicas: z.int().min(1).max(256).default(1).describe('processes that share the tasks'),
  commitMs: z.int().min(1).max(60_000).optional().describe('a step closes after so long'),
  maxWaitMs: z.int().min(0).max(60_000).optional().describe('of paper: how long a row waits for older ones to come'),
  resources: z
    .strictObject({ cpu: cpu.default('500m'), memory: memory.default('512Mi') })
    .prefault({})
    .describe('of each process'),
  retention: records('run').describe('how long rows of its run are kept, by topic'),
  override: z
    .string()
    .min(1)
    .optional()
    .describe('the reason why it trades although validation says red; it is written down: docs/validation.md'),
  ...trading,
})

export const deploymentSchema = z
  .strictObject({
    name: dnsName,
    engine: z.enum(['embedded', 'kafka']).default('embedded'),
    dir: z.string().min(1).optional().describe('folder of the embedded log; what --dir says when left out'),
    kafka: kafka.prefault({}),
    services: z
      .array(z.enum(['kafka', 'registry', 'prometheus', 'grafana']))
      .default([])
      .describe('servers that are started beside; Prometheus and Grafana in compose alone'),
    image: z
      .string()
      .min(1)
      .default('smartspeed:latest')
      .describe('for compose and kubernetes: what the Dockerfile builds'),
    secrets: z
      .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'a variable of the environment: capitals, digits and _'), secret)
      .default({})
      .describe('variables of the environment of each process, by reference'),
    restart: z
      .strictObject({
        firstMs: z
          .int()
          .min(10)
          .max(600_000)
          .default(1000)
          .describe('wait before the first restart; doubles with each'),
        mostMs: z.int().min(10).max(3_600_000).default(60_000),
        loopAfter: z.int().min(1).max(100).default(5).describe('ends in a row that make a crash loop'),
        healthyMs: z.int().min(10).max(3_600_000).default(60_000).describe('who lived that long begins to count anew'),
        stopMs: z.int().min(100).max(600_000).default(30_000).describe('from SIGTERM to SIGKILL'),
        hungMs: z.int().min(1000).max(3_600_000).default(60_000).describe('who gives no answer that long is killed'),
        readyMs: z
          .int()
          .min(1000)
          .max(86_400_000)
          .default(600_000)
          .describe('how long a new version may take to be ready'),
      })
      .prefault({}),
    retention: records('market').describe('how long rows of market topics are kept, by topic'),
    pipelines: z.array(pipelineSchema).min(1),
  })
  .meta({ title: 'smartspeed deployment' })

/** With its defaults. */
export type Deployment = z.infer<typeof deploymentSchema>
export type Pipeline = Deployment['pipelines'][number]
export type Secret = z.infer<typeof secret>

/** The JSON Schema of deployments, for editors. */
export function deploymentJsonSchema(): unknown {
  return z.toJSONSchema(deploymentSchema, { io: 'input' })
}

/** How many pieces its run has; undefined where its inputs decide. */
export function tasksOf({ pipeline, strategies, tasks }: Pipeline): number | undefined {
  return pipeline === 'trading' ? (strategies?.length ?? 1) : tasks
}

/** `48h` in ms; undefined for `forever`. */
export function durationMs(text: string): number | undefined {
  if (text === 'forever') return undefined
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text)!
  return (
    Number(count) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'ms' | 's' | 'm' | 'h' | 'd']
  )
}
