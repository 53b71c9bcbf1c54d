// One request by http or https. Not `fetch`: it cannot be told which certificates to trust.
import { request as byHttp } from 'node:http'
import { request as byHttps } from 'node:https'
import type { ConnectionOptions as TlsOptions } from 'node:tls'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** A connection of its own, so that none is found dead after a server was started again. @throws Error when no answer came */
export function ask(
  url: string,
  how: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly tls?: TlsOptions
    readonly timeoutMs: number
  },
): Promise<Answer> {
  const { method, headers, body, tls = {}, timeoutMs } = how
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? byHttps : byHttp
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const options = { ...tls, method, headers: { ...headers, ...length }, agent: false as const }
    const request = send(url, { ...options, signal: AbortSignal.timeout(timeoutMs) }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }))
    })
    request.on('error', reject)
    request.end(body)
  })
}
