// Apache Kafka in KRaft mode: one node that is broker and controller.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SmartspeedError } from '../../schemas/errors.ts'
import { archiveArguments } from './archive.ts'
import { probeKafka } from './kafka-probe.ts'
import { host } from './ports.ts'
import { makeCertificate, scramArguments, secureProperties } from './secure.ts'
import type { Service, Setting } from './service.ts'

const loggingPath = fileURLToPath(new URL('log4j2.properties', import.meta.url))

/**
 * Compiles once and collects in one thread: it shares the cores with those who write and read. In its first minutes the second compiler
 * took half of all that the broker computes; with it one trade took 25 ms of its time, without it 13.
 */
const plainly = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

export const kafka: Service = {
  name: 'kafka',
  title: 'Apache Kafka',
  goal: 'dependency:copy-dependencies@kafka',
  versionProperty: 'kafka.version',
  usualPort: 9092,
  otherPorts: ({ kafka }) => (kafka?.users === undefined ? ['controller'] : ['controller', 'secure']),
  endpointOf: (port) => `${host}:${port}`,
  probe: probeKafka,

  async prepare(setting) {
    const { installed, folder, options } = setting
    const data = join(folder, 'data')
    if (options.kafka?.users !== undefined) await makeCertificate(setting)
    if (!existsSync(data)) await format(setting, data)
    const config = join(folder, 'server.properties')
    writeProperties(config, serverProperties(setting, data))
    return {
      args: [
        '-Xmx512m',
        ...plainly,
        `-Dlog4j2.configurationFile=${loggingPath}`,
        ...['-cp', join(installed, '*')],
        ...['kafka.Kafka', config],
      ],
      env: {},
    }
  },
}

/**
 * What the one node is, wherever it runs: it has one copy of everything, and its own topics are small, so that they are loaded
 * soon.
 */
export const nodeProperties: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  // Members may ask for short sessions, and a transaction that was left open ends soon after its own time is over: Kafka looks every 10 s.
  // Not sooner than a killed broker needs to start: while it still takes itself for dead, 4.3.1 passes over the partitions of a
  // transaction that it ends, which then hang for ever ("likely deleted already and hence can be skipped").
  'group.min.session.timeout.ms': '500',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '6000',
  // A killed broker may come back only when the session of its former self has ended: 9 s by default.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  // Topics are the catalogue's; one by a slip of the pen would have the wrong number of partitions.
  'auto.create.topics.enable': 'false',
}

function serverProperties(setting: Setting, data: string): Record<string, string> {
  const { ports, options } = setting
  const secure = ports.secure === undefined ? '' : `,SASL_SSL://${host}:${ports.secure}`
  return {
    ...nodeProperties,
    'controller.quorum.voters': `1@${host}:${ports.controller}`,
    listeners: `PLAINTEXT://${host}:${ports.kafka},CONTROLLER://${host}:${ports.controller}${secure}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
    'log.dirs': data,
    ...secureProperties(setting),
    ...options.kafka?.properties,
  }
}

/** Makes the data folder, whole or not at all: it is filled under another name. */
async function format(setting: Setting, data: string): Promise<void> {
  const { installed, folder, java, options } = setting
  const fresh = `${data}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  const config = join(folder, 'format.properties')
  writeProperties(config, serverProperties(setting, fresh))
  // One in 64 begins with a dash, which must not read as another flag.
  const clusterId = randomBytes(16).toString('base64url')
  // It has the classes of the broker: what both use is in the archive.
  const archive = archiveArguments({ installed, java }, {})
  const args = ['-Xmx256m', ...plainly, ...archive, '-cp', join(installed, '*'), 'kafka.tools.StorageTool', 'format']
  const users = scramArguments(options.kafka?.users)
  const said = await run(java, [...args, '--config', config, `--cluster-id=${clusterId}`, ...users])
  rmSync(config)
  if (said !== undefined) throw new SmartspeedError('SERVICE_FAILED', `Kafka could not make its data folder: ${said}`)
  renameSync(fresh, data)
}

/** Undefined when the program did its work, else what it said. */
async function run(program: string, args: readonly string[]): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done))
  return code === 0 ? undefined : said.trim()
}

/** In Java's format, where a backslash begins an escape; for this user alone, as it may hold passwords. */
function writeProperties(path: string, properties: Readonly<Record<string, string>>): void {
  const lines = Object.entries(properties).map(
    ([key, value]) => `${key}=${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
  )
  writeFileSync(path, `# Written at each start by deploy/services/kafka.ts.\n${lines.join('\n')}\n`, { mode: 0o600 })
}
