// TLS and passwords for the local broker: a certificate that it signed itself, and its users.
import { execFile } from 'node:child_process'
import { existsSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SmartspeedError } from '../../schemas/errors.ts'
import { host } from './ports.ts'
import type { Setting } from './service.ts'

const exec = promisify(execFile)

/** Guards a key that lies beside it: it only satisfies the format. */
const STORE_PASSWORD = 'smartspeed'
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const modules = 'org.apache.kafka.common.security'

/** Of the listener `SASL_SSL`. */
export type Users = Readonly<Record<string, string>>

/** The certificate that clients must trust, of a service's folder. */
export function certificatePath(folder: string): string {
  return join(folder, 'ca.pem')
}

/** Lines of server.properties for a listener with TLS, whose users are these. */
export function secureProperties({ folder, options }: Setting): Record<string, string> {
  const users = options.kafka?.users
  if (users === undefined) return {}
  const plain = Object.entries(users).map(([name, password]) => ` user_${name}="${password}"`)
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': storePath(folder),
    'ssl.keystore.password': STORE_PASSWORD,
    'sasl.enabled.mechanisms': mechanisms.join(','),
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required${plain.join('')};`,
    ...Object.fromEntries(
      mechanisms
        .filter((mechanism) => mechanism !== 'PLAIN')
        .map((mechanism) => [
          `listener.name.sasl_ssl.${mechanism.toLowerCase()}.sasl.jaas.config`,
          `${modules}.scram.ScramLoginModule required;`,
        ]),
    ),
  }
}

/** What the data folder is formatted with, so that the users are there from the first moment. */
export function scramArguments(users: Users = {}): string[] {
  const odd = Object.entries(users)
    .flat()
    .find((text) => !/^[\w.-]+$/.test(text))
  if (odd !== undefined) {
    // Kafka's tool reads neither a comma nor a quote inside of a value.
    const message = `users of the local broker: "${odd}" has signs other than letters, digits, ., - and _`
    throw new SmartspeedError('CONFIG_INVALID', message)
  }
  return Object.entries(users).flatMap(([name, password]) =>
    mechanisms
      .filter((mechanism) => mechanism !== 'PLAIN')
      .flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]),
  )
}

/** Makes a key and its certificate, by the tool that comes with Java. */
export async function makeCertificate({ folder, java }: Setting): Promise<void> {
  if (existsSync(certificatePath(folder))) return
  const keytool = join(dirname(realpathSync(java)), 'keytool')
  const store = [
    '-keystore',
    storePath(folder),
    '-storepass',
    STORE_PASSWORD,
    '-storetype',
    'PKCS12',
    '-alias',
    'broker',
  ]
  const names = `san=ip:${host},dns:localhost`
  const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=localhost', '-ext', names, '-validity', '3650']
  rmSync(storePath(folder), { force: true })
  try {
    await exec(keytool, ['-genkeypair', ...key, ...store])
    await exec(keytool, ['-exportcert', '-rfc', '-file', certificatePath(folder), ...store])
  } catch (cause) {
    const { stdout = '' } = cause as { stdout?: string }
    throw new SmartspeedError('SERVICE_FAILED', `keytool made no certificate: ${stdout || (cause as Error).message}`, {
      cause,
    })
  }
}

function storePath(folder: string): string {
  return join(folder, 'broker.p12')
}
