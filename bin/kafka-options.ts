// How the Kafka engine is reached: flags, environment and smartspeed.yaml, checked and turned into what `openTopics` takes.
// Passwords come by the environment or a file: a command line can be read by everyone on the machine.
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { nearest, SmartspeedError } from '../schemas/errors.ts'
import type { EngineOptions } from '../topics/index.ts'

/** As they were given: all text, but the switch `tls`. */
export interface KafkaFlags {
  /** `host:port`, separated by commas. */
  readonly brokers?: string
  /** URL of the schema registry's Confluent interface. */
  readonly registry?: string
  readonly prefix?: string
  readonly client?: string
  readonly tls?: boolean
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly saslMechanism?: string
  readonly saslUsername?: string
  readonly saslPasswordFile?: string
  readonly registryCa?: string
  readonly registryUsername?: string
  readonly registryPasswordFile?: string
}

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

interface Flag {
  readonly name: keyof KafkaFlags
  readonly flag: string
  readonly says: string
  /** Shown in the help of `smartspeed` alone, not of every command. */
  readonly rare?: true
}

const flags: readonly Flag[] = [
  { name: 'brokers', flag: '--brokers <host:port,…>', says: 'of the kafka engine' },
  { name: 'registry', flag: '--registry <url>', says: 'schema registry of the kafka engine' },
  { name: 'prefix', flag: '--prefix <text>', says: 'stands before the names of all topics on Kafka', rare: true },
  { name: 'client', flag: '--client <name>', says: 'wire client of the kafka engine', rare: true },
  { name: 'tls', flag: '--tls', says: 'reach the brokers by TLS, trusting the system’s authorities', rare: true },
  { name: 'tlsCa', flag: '--tls-ca <file>', says: 'by TLS, trusting the certificates in this PEM file', rare: true },
  { name: 'tlsCert', flag: '--tls-cert <file>', says: 'certificate to show the brokers, PEM', rare: true },
  { name: 'tlsKey', flag: '--tls-key <file>', says: 'its key, PEM', rare: true },
  { name: 'saslMechanism', flag: '--sasl-mechanism <name>', says: mechanisms.join(', '), rare: true },
  { name: 'saslUsername', flag: '--sasl-username <name>', says: 'user of the brokers', rare: true },
  {
    ...{ name: 'saslPasswordFile', flag: '--sasl-password-file <file>', rare: true },
    says: 'holds the password; or it is in SMARTSPEED_SASL_PASSWORD',
  },
  { name: 'registryCa', flag: '--registry-ca <file>', says: 'trusted for the registry’s https, PEM', rare: true },
  { name: 'registryUsername', flag: '--registry-username <name>', says: 'user of the registry', rare: true },
  {
    ...{ name: 'registryPasswordFile', flag: '--registry-password-file <file>', rare: true },
    says: 'holds the password; or it is in SMARTSPEED_REGISTRY_PASSWORD',
  },
]

export const kafkaFlagNames: readonly (keyof KafkaFlags)[] = flags.map(({ name }) => name)

/** Long names of those that the help of a single command leaves out. */
export const rareFlags: ReadonlySet<string> = new Set(
  flags.filter(({ rare }) => rare).map(({ flag }) => flag.split(' ')[0]!),
)

/** Adds the flags, each with its variable: `--tls-ca` is SMARTSPEED_TLS_CA. */
export function withKafkaFlags(program: Command): Command {
  for (const { flag, says } of flags) program.addOption(new Option(flag, says).env(variableOf(flag)))
  return program
}

/** The same keys as they stand in smartspeed.yaml. */
export const kafkaKeys = {
  brokers: z.string().optional().describe('host:port, separated by commas; for engine kafka'),
  registry: z.string().optional().describe('URL of the schema registry; for engine kafka'),
  prefix: z.string().optional(),
  client: z.string().optional(),
  tls: z.boolean().optional(),
  tlsCa: z.string().optional(),
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  saslMechanism: z.string().optional(),
  saslUsername: z.string().optional(),
  saslPasswordFile: z.string().optional(),
  registryCa: z.string().optional(),
  registryUsername: z.string().optional(),
  registryPasswordFile: z.string().optional(),
}

/**
 * What `openTopics` takes of the flags.
 *
 * Errors: CONFIG_INVALID with the flag, what was seen and what is allowed; FILE_MISSING.
 */
export function kafkaOptionsOf(given: KafkaFlags): Partial<EngineOptions> {
  const { brokers, registry, prefix, client } = checked(given)
  const tls = tlsOf(given)
  const sasl = saslOf(given)
  const registryUser = userOf('registry', given.registryUsername, given.registryPasswordFile)
  return {
    ...(brokers === undefined ? {} : { brokers }),
    ...(registry === undefined ? {} : { registry }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(client === undefined ? {} : { client }),
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(given.registryCa === undefined ? {} : { registryTls: { ca: read('--registry-ca', given.registryCa) } }),
    ...(registryUser === undefined ? {} : { registryUser }),
  }
}

const schema = z.object({
  brokers: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(z.array(z.string().regex(/^.+:\d{1,5}$/, 'each is host:port, for example 127.0.0.1:9092')))
    .optional(),
  registry: z
    .url({ protocol: /^https?$/, message: 'a URL, for example http://127.0.0.1:8081/apis/ccompat/v7' })
    .optional(),
  prefix: z
    .string()
    .regex(/^[\w.-]{0,100}$/, 'letters, digits, ".", "_" and "-", for example "staging."')
    .optional(),
  client: z.string().optional(),
  saslMechanism: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(mechanisms, { error: `allowed: ${mechanisms.join(', ')}` }))
    .optional(),
})

function checked(given: KafkaFlags): z.infer<typeof schema> {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const name = issue!.path[0] as keyof KafkaFlags
  const seen = String(given[name])
  const near = name === 'saslMechanism' ? nearest(seen, mechanisms) : undefined
  throw new SmartspeedError('CONFIG_INVALID', `${longOf(name)}: "${seen}": ${issue!.message}`, {
    fix: near === undefined ? 'docs/kafka.md shows how to reach a broker' : `did you mean "${near}"?`,
  })
}

function tlsOf({ tls, tlsCa, tlsCert, tlsKey }: KafkaFlags): EngineOptions['tls'] | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new SmartspeedError('CONFIG_INVALID', 'a certificate goes with its key: --tls-cert and --tls-key', {
      fix: `add ${tlsCert === undefined ? '--tls-cert' : '--tls-key'} FILE`,
    })
  }
  if (!tls && tlsCa === undefined && tlsCert === undefined) return undefined
  return {
    ...(tlsCa === undefined ? {} : { ca: read('--tls-ca', tlsCa) }),
    ...(tlsCert === undefined ? {} : { cert: read('--tls-cert', tlsCert), key: read('--tls-key', tlsKey!) }),
  }
}

function saslOf(given: KafkaFlags): EngineOptions['sasl'] | undefined {
  const { saslMechanism: mechanism } = checked(given)
  const user = userOf('sasl', given.saslUsername, given.saslPasswordFile)
  if (user !== undefined && mechanism !== undefined) return { mechanism, ...user }
  if (user === undefined && mechanism === undefined) return undefined
  const missing = mechanism === undefined ? '--sasl-mechanism' : '--sasl-username'
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `a user of the brokers has a mechanism and a name: ${missing} is missing`,
    {
      fix:
        mechanism === undefined ? `one of ${mechanisms.join(', ')}: ask who runs the brokers` : 'add --sasl-username',
    },
  )
}

/** Undefined without a name. */
function userOf(whose: 'sasl' | 'registry', username: string | undefined, file: string | undefined) {
  if (username === undefined) return undefined
  const variable = `SMARTSPEED_${whose.toUpperCase()}_PASSWORD`
  // A file made by an editor or `echo` ends with a newline that is no part of the password.
  const password =
    file === undefined ? process.env[variable] : read(`--${whose}-password-file`, file).replace(/\r?\n$/, '')
  if (password !== undefined && password !== '') return { username, password }
  throw new SmartspeedError('CONFIG_INVALID', `--${whose}-username ${username} has no password`, {
    fix: `set ${variable}, or --${whose}-password-file FILE; on a command line others could read it`,
  })
}

function read(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SmartspeedError('FILE_MISSING', `${flag}: cannot read ${file}: ${(cause as Error).message}`, {
      cause,
      fix: 'check the path',
    })
  }
}

function longOf(name: keyof KafkaFlags): string {
  return flags.find((one) => one.name === name)!.flag.split(' ')[0]!
}

function variableOf(flag: string): string {
  return `SMARTSPEED_${flag.split(' ')[0]!.slice(2).replaceAll('-', '_').toUpperCase()}`
}
