// The schema registry by its REST interface (Confluent's; Apicurio speaks it too): ids of schemas, and that no schema is taken that
// cannot read what the one before it wrote. Source: docs.confluent.io, "Schema Registry API Reference" (read 2026-11-21).
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { AvroSchema } from '../../schemas/avro.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { type Answer, ask as askOnce } from './http.ts'
import { untrusted, whyUnreachable } from './unreachable.ts'

const timeoutMs = 20_000
const contentType = 'application/vnd.schemaregistry.v1+json'
const conflict = 409
const unprocessable = 422
const unauthorized = 401
const forbidden = 403
const notFound = 404
const compatibility = 'BACKWARD'

/** Whom to trust for https, and who asks. */
export interface RegistryAccess {
  readonly registryTls?: TlsOptions
  readonly registryUser?: { readonly username: string; readonly password: string }
}

export interface Registry {
  /**
   * The id of a schema under a subject; registers it there. Asked once for each subject.
   * @throws SmartspeedError SCHEMA_INCOMPATIBLE when what is there cannot be read with it; SERVICE_LOST
   */
  idOf(subject: string, schema: AvroSchema): Promise<number>
  /** The schema of an id: of this registry for ever. @throws SmartspeedError RECORD_INVALID when there is no such id; SERVICE_LOST */
  schemaOf(id: number): Promise<AvroSchema>
  /** Registers it, whatever was known before. @throws SmartspeedError as `idOf` */
  registerAnew(subject: string, schema: AvroSchema): Promise<number>
  /** What was last registered under a subject; undefined when nothing was. @throws SmartspeedError SERVICE_LOST */
  latest(subject: string): Promise<AvroSchema | undefined>
  /** Forgets a subject, which may not be there. */
  remove(subject: string): Promise<void>
}

export function openRegistry(url: string, { registryTls: tls, registryUser: user }: RegistryAccess = {}): Registry {
  const base = url.replace(/\/+$/, '')
  const ids = new Map<string, Promise<number>>()
  const schemas = new Map<number, Promise<AvroSchema>>()
  const rules = new Map<'all', Promise<boolean>>()

  const authorization: Record<string, string> =
    user === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}` }

  async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    let answer: Answer
    try {
      answer = await askOnce(`${base}${path}`, {
        ...{ method, timeoutMs, ...(tls === undefined ? {} : { tls }) },
        headers: {
          ...{ accept: contentType, ...authorization },
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      throw (
        (await whyNot(base, cause)) ?? lost(`the schema registry at ${base} does not answer: ${whyOf(cause)}`, cause)
      )
    }
    const said: unknown = answer.text === '' ? undefined : safeJson(answer.text)
    if (answer.status === unauthorized || answer.status === forbidden) throw denied(base, answer.status, said)
    if (answer.status >= 500)
      throw lost(`the schema registry answers ${answer.status} to ${method} ${path}: ${messageOf(said)}`)
    return { status: answer.status, body: said }
  }

  async function register(subject: string, schema: AvroSchema): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}`
    const forAll = await isRuleForAll()
    // The rule must hold before the schema comes, but a subject must be there before it has a rule of its own.
    const isThere = forAll || (await ask('GET', `${path}/versions`)).status !== notFound
    if (isThere && !forAll) await enforce(subject)
    const { status, body } = await ask('POST', `${path}/versions`, {
      schema: JSON.stringify(schema),
      schemaType: 'AVRO',
    })
    if (status === conflict || status === unprocessable) {
      throw new SmartspeedError(
        'SCHEMA_INCOMPATIBLE',
        `the schema registry refuses the schema of ${subject}: ${messageOf(body)}; nothing was written`,
        { fix: 'give a new field a default, keep old types and symbols: schemas/versions/README.md' },
      )
    }
    const { id } = (body ?? {}) as { id?: unknown }
    if (status >= 400 || typeof id !== 'number') throw refused(`registering ${subject}`, status, body)
    if (!isThere) await enforce(subject)
    return id
  }

  /** Whether all subjects have the rule that we need, so that a new one has it from its first schema on. */
  function isRuleForAll(): Promise<boolean> {
    return once(rules, 'all', async () => {
      const { body } = await ask('GET', '/config')
      return ((body ?? {}) as { compatibilityLevel?: unknown }).compatibilityLevel === compatibility
    })
  }

  async function enforce(subject: string): Promise<void> {
    const demand = () => ask('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility })
    const first = await demand()
    // Another process made the rule at this moment: it can be changed now.
    const { status, body } = first.status === conflict ? await demand() : first
    if (status >= 400) throw refused(`setting the compatibility of ${subject}`, status, body)
  }

  async function look(id: number): Promise<AvroSchema> {
    const { status, body } = await ask('GET', `/schemas/ids/${id}`)
    const { schema } = (body ?? {}) as { schema?: unknown }
    if (status === notFound)
      throw new SmartspeedError('RECORD_INVALID', `the schema registry at ${base} has no schema of id ${id}`, {
        fix: 'is it the registry that these rows were written with? one that lost its data needs its backup: ids are not given twice',
      })
    if (status >= 400 || typeof schema !== 'string') throw refused(`asking for schema ${id}`, status, body)
    return JSON.parse(schema) as AvroSchema
  }

  return {
    idOf: (subject, schema) => once(ids, subject, () => register(subject, schema)),
    schemaOf: (id) => once(schemas, id, () => look(id)),
    registerAnew(subject, schema) {
      ids.delete(subject)
      return once(ids, subject, () => register(subject, schema))
    },
    async latest(subject) {
      const { status, body } = await ask('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`)
      const { schema } = (body ?? {}) as { schema?: unknown }
      if (status === notFound) return undefined
      if (status >= 400 || typeof schema !== 'string') throw refused(`asking for ${subject}`, status, body)
      return JSON.parse(schema) as AvroSchema
    },
    async remove(subject) {
      ids.delete(subject)
      await ask('DELETE', `/subjects/${encodeURIComponent(subject)}`)
    },
  }
}

/** Asked once; a failure is not remembered. */
function once<K, V>(known: Map<K, Promise<V>>, key: K, ask: () => Promise<V>): Promise<V> {
  let answer = known.get(key)
  if (answer === undefined) {
    answer = ask()
    known.set(key, answer)
    answer.catch(() => known.delete(key))
  }
  return answer
}

/** Where TLS stands between us and it. */
async function whyNot(base: string, cause: unknown): Promise<SmartspeedError | undefined> {
  const { protocol, hostname: host, port } = new URL(base)
  const secure = protocol === 'https:'
  const remedies = {
    what: `the schema registry at ${base}`,
    trust: 'give the certificate that signed it: --registry-ca FILE',
    speak: 'write https:// in --registry, and --registry-ca FILE where its certificate is your own',
    plain: 'write http:// in --registry',
  }
  const said = untrusted(cause, remedies)
  if (said !== undefined || (cause as { code?: unknown }).code === 'ECONNREFUSED') return said
  return whyUnreachable({ host, port: Number(port || (secure ? 443 : 80)) }, secure ? {} : undefined, remedies)
}

function whyOf(error: unknown): string {
  // Several addresses of one name were tried: each has its own error.
  const [first] = (error as { errors?: readonly Error[] }).errors ?? []
  return (first ?? (error as Error)).message
}

function denied(base: string, status: number, body: unknown): SmartspeedError {
  return new SmartspeedError('ACCESS_DENIED', `the schema registry at ${base} answers ${status}: ${messageOf(body)}`, {
    fix: 'check --registry-username and SMARTSPEED_REGISTRY_PASSWORD (or --registry-password-file)',
  })
}

function lost(message: string, cause?: unknown): SmartspeedError {
  return new SmartspeedError('SERVICE_LOST', message, {
    cause,
    fix: 'is it up? npx smartspeed services status; is --registry its full URL?',
  })
}

function refused(doing: string, status: number, body: unknown): SmartspeedError {
  return new SmartspeedError('SERVICE_LOST', `${doing}: the schema registry answers ${status}: ${messageOf(body)}`, {
    fix: 'is --registry the full URL of its Confluent interface? for Apicurio it ends with /apis/ccompat/v7',
  })
}

function messageOf(body: unknown): string {
  const { message } = (typeof body === 'object' && body !== null ? body : {}) as { message?: unknown }
  return typeof message === 'string' ? message.slice(0, 400) : String(body).slice(0, 200)
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
