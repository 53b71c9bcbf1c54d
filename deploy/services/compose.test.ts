// The Compose file runs what `services` runs. Docker itself is not needed here: what is compared is what both are told.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { versionOf } from './cache.ts'
import { kafka, nodeProperties } from './kafka.ts'
import { registry } from './registry.ts'
import type { Service } from './service.ts'

interface ComposeService {
  readonly image: string
  readonly ports: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly healthcheck: { readonly test: readonly string[] }
  readonly volumes: readonly string[]
}

const compose: { services: Record<string, ComposeService>; volumes: Record<string, unknown> } = parse(
  readFileSync(new URL('../compose.yaml', import.meta.url), 'utf8'),
)

test.each<[Service, string]>([
  [kafka, 'apache/kafka'],
  [registry, 'apicurio/apicurio-registry'],
])(
  'the image of $name has the version of pom.xml, its usual port on this machine alone, and a volume',
  (service, image) => {
    const { image: seen, ports, volumes } = compose.services[service.name]!
    expect(seen).toBe(`${image}:${versionOf(service)}`)
    expect(ports).toEqual([
      expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:\\$\\{\\w+:-${service.usualPort}\\}:\\d+$`)),
    ])
    expect(Object.keys(compose.volumes)).toContain(volumes[0]!.split(':')[0])
  },
)

test('the broker in a container has the settings of the one without', () => {
  const { environment } = compose.services.kafka!
  // The image turns KAFKA_NODE_ID into node.id.
  const named = Object.fromEntries(
    Object.entries(nodeProperties).map(([key, value]) => [`KAFKA_${key.replaceAll('.', '_').toUpperCase()}`, value]),
  )
  expect(environment).toMatchObject(named)
})

test('the registry keeps schemas in a file of its volume, and both are healthy when a real operation answers', () => {
  const { environment, volumes, healthcheck } = compose.services.registry!
  expect(environment.APICURIO_DATASOURCE_URL).toBe(`jdbc:h2:file:${volumes[0]!.split(':')[1]}/registry`)
  expect(healthcheck.test.at(-1)).toMatch(/\/apis\/ccompat\/v7\/subjects$/)
  expect(compose.services.kafka!.healthcheck.test).toContain('/opt/kafka/bin/kafka-transactions.sh')
})
