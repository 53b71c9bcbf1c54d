// Apicurio Registry, which speaks Confluent's API, on a database file in its own folder.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { host } from './ports.ts'
import type { Service } from './service.ts'

const PROBE_MS = 5_000
const SETTLE_MS = 30_000

export const registry: Service = {
  name: 'registry',
  title: 'Apicurio Registry',
  goal: 'dependency:unpack@registry',
  versionProperty: 'registry.version',
  usualPort: 8081,
  otherPorts: () => [],
  endpointOf: (port) => `http://${host}:${port}/apis/ccompat/v7`,

  async prepare({ installed, folder, ports, options }) {
    mkdirSync(join(folder, 'data'), { recursive: true })
    const jar = join(installed, `apicurio-registry-app-${/registry-([\d.]+)-/.exec(installed)?.[1]}-runner.jar`)
    return {
      args: ['-Xmx256m', '-XX:+UseSerialGC', ...(options.quick ? ['-XX:TieredStopAtLevel=1'] : []), '-jar', jar],
      env: {
        APICURIO_STORAGE_KIND: 'sql',
        APICURIO_STORAGE_SQL_KIND: 'h2',
        // Without a path of its own the database lives in memory. Relative: a folder may be moved.
        APICURIO_DATASOURCE_URL: 'jdbc:h2:file:./data/registry',
        QUARKUS_HTTP_HOST: host,
        QUARKUS_HTTP_PORT: String(ports.registry),
        // A line for each request of each start would fill the log.
        QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
      },
    }
  },

  async probe(port) {
    const answer = await fetch(`${registry.endpointOf(port)}/subjects`, { signal: AbortSignal.timeout(PROBE_MS) })
    const subjects: unknown = answer.ok ? await answer.json() : undefined
    if (!Array.isArray(subjects)) throw new Error(`GET /subjects answers ${answer.status}`)
  },

  /** The rule that every subject of ours needs, for all of them: else each would be asked for its own (topics/kafka/registry.ts). */
  async settle(port) {
    const answer = await fetch(`${registry.endpointOf(port)}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ compatibility: 'BACKWARD' }),
      signal: AbortSignal.timeout(SETTLE_MS),
    })
    if (!answer.ok) throw new Error(`PUT /config answers ${answer.status}`)
  },
}
