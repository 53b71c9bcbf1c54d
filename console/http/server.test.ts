// The endpoint of a process, asked as Prometheus and Kubernetes ask it.
import { afterEach, expect, test } from 'vitest'
import { type Endpoint, parseAddress, serve, type Verdict } from './server.ts'

const fine: Verdict = { ok: true, checks: [{ name: 'a', ok: true, detail: 'it turns' }] }
const bad: Verdict = { ok: false, checks: [{ name: 'topics', ok: false, detail: 'kafka gave no answer in 2 s' }] }

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function started(endpoint: Partial<Endpoint> = {}): Promise<string> {
  const all: Endpoint = {
    ...{ contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: async () => 'a 1\n' },
    ...{ live: async () => fine, ready: async () => bad, ...endpoint },
  }
  const { url, close } = await serve({ host: '127.0.0.1', port: 0 }, all)
  closers.push(close)
  return url
}

test('metrics come as Prometheus reads them', async () => {
  const answer = await fetch(`${await started()}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await answer.text()).toBe('a 1\n')
})

test('what holds is 200, what does not is 503, and both say in JSON what they rest on', async () => {
  const url = await started()
  const live = await fetch(`${url}/health/live`)
  expect([live.status, await live.json()]).toEqual([200, fine])
  const ready = await fetch(`${url}/health/ready?verbose`)
  expect([ready.status, await ready.json()]).toEqual([503, bad])
  expect(ready.headers.get('content-type')).toBe('application/json')
  expect(ready.headers.get('cache-control')).toBe('no-store')
})

test('HEAD is answered without a body, other methods are refused, other paths say which there are', async () => {
  const url = await started()
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  const other = await fetch(`${url}/healthz`)
  expect(other.status).toBe(404)
  expect(await other.json()).toMatchObject({ paths: ['/metrics', '/health/live', '/health/ready'] })
})

test('an error while answering is 500 with what was wrong, and the next question is answered', async () => {
  let asked = 0
  const url = await started({
    metrics: async () => {
      if (asked++ === 0) throw new Error('no labels')
      return 'a 1\n'
    },
  })
  const wrong = await fetch(`${url}/metrics`)
  expect([wrong.status, await wrong.json()]).toEqual([
    500,
    { error: { code: 'INTERNAL', message: 'Error: no labels' } },
  ])
  expect((await fetch(`${url}/metrics`)).status).toBe(200)
})

test('a port that is taken is said, with another that is free', async () => {
  const port = Number(new URL(await started()).port)
  await expect(serve({ host: '127.0.0.1', port }, {} as Endpoint)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    fix: 'take another port, or --http 0 for any that is free',
  })
})

test('closing does not wait for who keeps a connection open', async () => {
  const url = await started({ live: () => new Promise(() => {}) })
  const hanging = fetch(`${url}/health/live`).catch((error: unknown) => error)
  await fetch(`${url}/metrics`)
  await closers.pop()!()
  expect(await hanging).toBeInstanceOf(Error)
})

test('a port alone means this machine, and what is no port is refused', () => {
  expect(parseAddress('9464')).toEqual({ host: '127.0.0.1', port: 9464 })
  expect(parseAddress('0.0.0.0:0')).toEqual({ host: '0.0.0.0', port: 0 })
  expect(parseAddress('[::1]:80')).toEqual({ host: '::1', port: 80 })
  for (const text of ['', 'x', '-1', '70000', '1.2.3.4', 'host:']) {
    expect(() => parseAddress(text), text).toThrow(`--http: "${text}" is no port`)
  }
})
