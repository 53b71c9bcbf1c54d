// Deployments and versions of them, for tests of what is made of them.
import { readDeployment } from '../../deploy/topology/read.ts'
import type { Target, Version } from '../../deploy/versions/folder.ts'
import { makeVersion } from '../../deploy/versions/version.ts'

/** Two pipelines on brokers of somebody's cluster: one of three accounts in paper, one of features; with a user and secrets. */
export const kafkaDesk = `
name: desk
engine: kafka
kafka:
  brokers: [broker-0.kafka:9093, broker-1.kafka:9093]
  registry: http://registry.kafka:8080/apis/ccompat/v7
  prefix: prod.
  tls: true
  saslMechanism: SCRAM-SHA-512
  saslUsername: desk
image: registry.example/smartspeed:1.2.3
secrets:
  SMARTSPEED_SASL_PASSWORD: { secret: { name: kafka-user, key: password } }
pipelines:
  - name: maker
    mode: paper
    replicas: 2
    resources: { cpu: 1.5, memory: 1Gi }
    exchange: binance-usdm
    symbols: [BTCUSDT, ETHUSDT]
    strategies: [{ name: sma-cross }, { name: mean-reversion }, { name: momentum-breakout }]
  - name: features
    pipeline: features
    tasks: 4
    replicas: 2
    interval: 1m
`

/** The same servers beside, as Compose starts them. */
export const composeDesk = kafkaDesk
  .replace(/kafka:\n( {2}.*\n)+/, 'services: [kafka, registry, prometheus, grafana]\n')
  .replace('{ secret: { name: kafka-user, key: password } }', '{ env: DESK_PASSWORD }')

/** One process that has the embedded log for itself. */
export const embeddedDesk = `
name: lone
pipelines:
  - name: lone
    mode: paper
    strategy: { name: sma-cross }
  - name: second
    mode: paper
    strategy: { name: mean-reversion }
`

/** What a first apply of a text would be. */
export async function versionOf(text: string, target: Target, current?: Version): Promise<Version> {
  const deployment = await readDeployment(text, 'desk.yaml')
  const versions = current === undefined ? [] : [current]
  return makeVersion({ deployment, target, current, versions, timeMs: 0, who: 'test@here', why: '' })
}
