// The one HTTP endpoint of a process: what it does, as metrics and as health.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SmartspeedError } from '../../schemas/errors.ts'

/** Whether something holds, and what it rests on. */
export interface Verdict {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

export interface Endpoint {
  readonly contentType: string
  /** What Prometheus reads. */
  metrics(): Promise<string>
  live(): Promise<Verdict>
  ready(): Promise<Verdict>
}

export interface Address {
  readonly host: string
  /** 0 is any free one. */
  readonly port: number
}

/** `9464`, `0.0.0.0:9464`, `[::1]:0`; alone a port means this machine only. @throws SmartspeedError CONFIG_INVALID */
export function parseAddress(text: string): Address {
  const [, host = '127.0.0.1', port = ''] = /^(?:\[?([^\]]+?)\]?:)?(\d{1,5})$/.exec(text) ?? []
  if (port !== '' && Number(port) <= 65_535) return { host, port: Number(port) }
  throw new SmartspeedError('CONFIG_INVALID', `--http: "${text}" is no port`, {
    fix: 'for example --http 9464 (this machine alone), --http 0.0.0.0:9464 (every address), --http 0 (any free port)',
  })
}

/** @throws SmartspeedError PORT_TAKEN */
export async function serve(
  { host, port }: Address,
  endpoint: Endpoint,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(endpoint, request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: { code: 'INTERNAL', message: String(error) } })
      else response.destroy()
    })
  })
  try {
    await once(server.listen(port, host), 'listening')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const taken = code === 'EADDRINUSE'
    throw new SmartspeedError(
      taken ? 'PORT_TAKEN' : 'CONFIG_INVALID',
      taken ? `another process listens on ${host}:${port}` : `--http: cannot listen on ${host}:${port}: ${code}`,
      { cause, fix: taken ? 'take another port, or --http 0 for any that is free' : 'take an address of this machine' },
    )
  }
  const { address, family, port: own } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${own}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const paths = ['/metrics', '/health/live', '/health/ready']

async function answer(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request
  request.resume()
  if (method !== 'GET' && method !== 'HEAD') {
    return sendJson(response.setHeader('allow', 'GET, HEAD'), 405, { error: { code: 'USAGE', message: 'only GET' } })
  }
  switch (new URL(url, 'http://localhost').pathname) {
    case '/metrics':
      return send(response, 200, endpoint.contentType, await endpoint.metrics())
    case '/health/live':
      return sendVerdict(response, await endpoint.live())
    case '/health/ready':
      return sendVerdict(response, await endpoint.ready())
    default:
      return sendJson(response, 404, { error: { code: 'UNKNOWN_NAME', message: 'nothing is here' }, paths })
  }
}

function sendVerdict(response: ServerResponse, verdict: Verdict): void {
  sendJson(response, verdict.ok ? 200 : 503, verdict)
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', `${JSON.stringify(value)}\n`)
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}
