// Why a broker or a registry cannot be spoken to, where that can be known: one side speaks TLS and the other does not, or its
// certificate is not trusted. Neither wire client says; so, when no answer came, the way there is tried once by hand.
import { connect as connectPlain } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import { SmartspeedError } from '../../schemas/errors.ts'

const timeoutMs = 5000

/** Flags that a person would mend it with. */
export interface Remedies {
  /** What is reached: `Kafka at 127.0.0.1:9092`. */
  readonly what: string
  readonly trust: string
  /** To speak TLS, and to stop speaking it. */
  readonly speak: string
  readonly plain: string
}

/** Undefined when the way there is open, or nobody is there. */
export async function whyUnreachable(
  { host, port }: { readonly host: string; readonly port: number },
  tls: TlsOptions | undefined,
  remedies: Remedies,
): Promise<SmartspeedError | undefined> {
  if (tls !== undefined) {
    const error = await shake(host, port, tls)
    if (error === undefined) return undefined
    const said = untrusted(error, remedies)
    if (said !== undefined) return said
    // The handshake was refused; by somebody who is there, and closes what it cannot read.
    return (await isListening(host, port)) ? mismatch(`${remedies.what} does not speak TLS`, remedies.plain) : undefined
  }
  const error = await shake(host, port, { rejectUnauthorized: false })
  return error === undefined ? mismatch(`${remedies.what} speaks TLS`, remedies.speak) : undefined
}

/** Certificates that are not trusted, said as such; undefined for other errors. */
export function untrusted(error: unknown, { what, trust }: Remedies): SmartspeedError | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code !== 'string' || !certificateCodes.test(code)) return undefined
  return new SmartspeedError('CERTIFICATE_UNTRUSTED', `${what} shows a certificate that is not trusted: ${message}`, {
    cause: error,
    fix: code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'reach it by a name that is in its certificate' : trust,
  })
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_|CRL_|HOSTNAME_MISMATCH/

function mismatch(message: string, fix: string): SmartspeedError {
  return new SmartspeedError('TLS_MISMATCH', message, { fix })
}

/** The error of a TLS handshake; undefined when it succeeded. */
function shake(host: string, port: number, tls: TlsOptions): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({ ...tls, host, port })
    const end = (error?: Error) => {
      socket.destroy()
      resolve(error)
    }
    socket.setTimeout(timeoutMs, () => end(new Error('no answer to the handshake')))
    socket.once('secureConnect', () => end())
    socket.once('error', end)
    socket.once('close', () => end(new Error('closed')))
  })
}

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectPlain({ host, port })
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(timeoutMs, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
