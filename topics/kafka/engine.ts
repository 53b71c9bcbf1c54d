// The Kafka engine: topics on a broker, schemas in a registry, and a ledger that says what is committed.

import { rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError, unknownName } from '../../schemas/errors.ts'
import type { JournalEntry } from '../../schemas/records.generated.ts'
import { checkRun } from '../embedded/names.ts'
import type { TopicInfo, Topics, Writer } from '../topics.ts'
import type { ClientOptions, WireClient } from './client.ts'
import { createTopics } from './create.ts'
import { driftOf } from './drift.ts'
import { isFault, sayFault } from './faults.ts'
import { openKafkajs } from './kafkajs.ts'
import { namesOf } from './layout.ts'
import { openLeases } from './lease.ts'
import { endOf, type Lane, liveBlocks, openLedger, type TopicEntry } from './ledger.ts'
import { openMembers } from './membership.ts'
import { openPlatformatic } from './platformatic.ts'
import { readTopic, topicEntry } from './reader.ts'
import { openRegistry, type RegistryAccess } from './registry.ts'
import { removeRun, retain } from './retain.ts'
import { rightByLease, rightByTask } from './right.ts'
import { readSnapshot } from './snapshots.ts'
import { ensureTable } from './table.ts'
import { whyUnreachable } from './unreachable.ts'
import { openWatch } from './watch.ts'
import { openWriter } from './writer.ts'

const clients: Readonly<Record<string, (options: ClientOptions) => WireClient>> = {
  platformatic: openPlatformatic,
  kafkajs: openKafkajs,
}

export const clientNames: readonly string[] = Object.keys(clients)

export interface KafkaOptions extends ClientOptions, RegistryAccess {
  /** URL of the registry's Confluent interface. */
  readonly registry: string
  /** Which wire client: see docs/decisions/013-kafka-client.md. */
  readonly client?: string
  /** Stands before the names of topics, subjects and transactional ids. */
  readonly prefix?: string
  /** Creates nothing. */
  readonly readOnly?: boolean
  /** ms since 1970, for the times of writing. */
  readonly clock?: () => number
  /** Copies of each topic; the broker's default when left out. */
  readonly replicas?: number
  /** How many of them have a row before it counts as written; the broker's default when left out. */
  readonly minIsr?: number
  /** Partitions of the ledger, when it is made: writers of runs in different ones never wait for each other. */
  readonly ledgerPartitions?: number
  /** A member that gave no sign of life for so long has lost its tasks. The broker's `group.min.session.timeout.ms` is the least. */
  readonly sessionMs?: number
  /** What stands between the engine and its client: faults, in tests. */
  readonly through?: (client: WireClient) => WireClient
}

const defaultLedgerPartitions = 8
const defaultSessionMs = 10_000
/** A member that is gone must not leave a transaction open for longer than others take to notice it. */
const transactionPerSession = 0.6
/** An answer that takes longer counts as lost. Who joins a group may have to wait for the others, for two sessions. */
const answerPerSession = 2.5

/** @throws SmartspeedError UNKNOWN_NAME (client), SERVICE_LOST, NO_DATA (readOnly, and nothing is there) */
export async function openKafka(options: KafkaOptions): Promise<Topics> {
  const { prefix = '', readOnly = false, clock = Date.now, replicas } = options
  const requestTimeoutMs = answerPerSession * (options.sessionMs ?? defaultSessionMs)
  const client = (options.through ?? same)(openClient({ requestTimeoutMs, ...options }))
  try {
    const names = namesOf(prefix)
    await reach(client, names.ledger, options)
    const size = replicas === undefined ? {} : { replicas }
    const ask = { readOnly, ...size }
    const partitions = await ensureTable(client, names.ledger, {
      ...ask,
      partitions: options.ledgerPartitions ?? defaultLedgerPartitions,
    })
    if (partitions === undefined) throw nothingThere(options.brokers, prefix)
    await ensureTable(client, names.leases, { ...ask, partitions: 1 })
    return engineOf(options, { client, names, partitions, clock })
  } catch (error) {
    await client.close()
    throw sayFault(`opening Kafka at ${options.brokers.join(',')}`, error)
  }
}

const same = (client: WireClient): WireClient => client

/** @throws SmartspeedError UNKNOWN_NAME */
export function openClient(options: ClientOptions & { readonly client?: string }): WireClient {
  const { client = clientNames[0]! } = options
  const open = Object.hasOwn(clients, client) ? clients[client] : undefined
  if (open === undefined) throw unknownName('Kafka client', client, clientNames)
  return open(options)
}

function engineOf(
  { registry: url, replicas, minIsr, sessionMs = defaultSessionMs, ...access }: KafkaOptions,
  {
    client,
    names,
    partitions,
    clock,
  }: { client: WireClient; names: ReturnType<typeof namesOf>; partitions: number; clock: () => number },
): Topics {
  const registry = openRegistry(url, access)
  const ledger = openLedger(client, names.ledger, partitions)
  const leases = openLeases(client, names)
  const size = replicas === undefined ? {} : { replicas }
  const members = openMembers({ client, leases, names, sessionMs, ...size })
  const writers = new Set<Writer>()
  let closed = false
  const context = {
    ...{ client, registry, ledger, leases, members, names, clock },
    ...size,
    ...(minIsr === undefined ? {} : { minIsr }),
    closed: (writer: Writer) => void writers.delete(writer),
  }
  const reading = { client, registry, ledger, names, closed: () => closed }

  async function refresh(): Promise<void> {
    try {
      await ledger.table.refresh()
    } catch (error) {
      throw sayFault('reading what is committed', error)
    }
  }

  function infoOf(name: string, entry: TopicEntry): TopicInfo {
    const lanes = Array.from({ length: entry.partitions }, (_, partition) => ledger.lane(name, partition))
    const blocks = lanes.flatMap((lane) => [...liveBlocks(lane)])
    return {
      ...{ name, record: entry.record, run: entry.run, partitions: entry.partitions },
      rows: lanes.reduce((sum, lane) => sum + rowsOf(lane), 0),
      bytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0),
      first:
        blocks.length === 0
          ? undefined
          : blocks.reduce((least, { min }) => Math.min(least, min), Number.POSITIVE_INFINITY),
      last:
        blocks.length === 0
          ? undefined
          : blocks.reduce((most, { max }) => Math.max(most, max), Number.NEGATIVE_INFINITY),
      retentionMs: entry.retentionMs,
      ends: lanes.map(endOf),
    }
  }

  return {
    engine: 'kafka',
    async create(wanted) {
      await refresh()
      try {
        return await createTopics(context, wanted)
      } catch (error) {
        throw sayFault('creating topics', error)
      } finally {
        await refresh()
      }
    },
    async drift(options = {}) {
      await refresh()
      try {
        return await driftOf(context, options)
      } catch (error) {
        throw sayFault('looking at the settings of topics', error)
      } finally {
        await refresh()
      }
    },
    async list() {
      await refresh()
      return [...ledger.topics].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, entry]) => infoOf(name, entry))
    },
    async info(topic) {
      await refresh()
      return infoOf(topic, topicEntry(ledger, topic))
    },
    async watch() {
      await refresh()
      return openWatch(ledger, () => closed)
    },
    read(topic, options = {}) {
      return readTopic(reading, topic, options)
    },
    async writer({ run, market = false, task: claim }) {
      checkRun(run)
      const take = async () =>
        claim === undefined
          ? rightByLease(context, { run, market })
          : rightByTask(context, { run, market, claim, transactionMs: sessionMs * transactionPerSession })
      try {
        const writer = await openWriter(context, take)
        writers.add(writer)
        return writer
      } catch (error) {
        const what = claim === undefined ? `taking the lease of run ${run}` : `taking task ${claim.task} of run ${run}`
        throw sayFault(what, error)
      }
    },
    async join(options) {
      checkRun(options.run)
      try {
        return await members.join(options)
      } catch (error) {
        throw sayFault(`joining run ${options.run}`, error)
      }
    },
    async tasks(run) {
      await refresh()
      return ledger.progress(run)
    },
    async *journal(run, task, fromStep = 0) {
      await refresh()
      const topic = physicalName('journal', run)
      if (!ledger.topics.has(topic)) return
      const near = ledger
        .snapshots(run, task)
        .findLast(([step, { journalRow }]) => step <= fromStep && journalRow !== undefined)
      const from = near === undefined ? {} : { from: { offsets: [near[1].journalRow] } }
      const many = topicEntry(ledger, topic).partitions > 1
      for await (const { batch } of readTopic<'journal'>(reading, topic, many ? {} : from)) {
        for (let row = 0; row < batch.rows; row++) {
          const entry = rowAt(batch, row) as JournalEntry
          if (entry.task === task && entry.step >= fromStep) yield entry
        }
      }
    },
    async snapshot(run, task, atStep = Number.MAX_SAFE_INTEGER) {
      await refresh()
      const found = ledger.snapshots(run, task).findLast(([step]) => step <= atStep)
      return found === undefined ? undefined : readSnapshot(reading, run, found[0], found[1])
    },
    async runs() {
      await refresh()
      return [...ledger.runs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([run, { about }]) => ({ run, about }))
    },
    async removeRun(run) {
      await refresh()
      await removeRun(context, run)
    },
    async held(run) {
      try {
        return (await leases.isHeld(run)) || (await members.any(run))
      } catch (error) {
        throw sayFault(`asking who writes run ${run}`, error)
      }
    },
    async retain(now, { dryRun = false } = {}) {
      await refresh()
      try {
        return await retain(context, now, dryRun)
      } catch (error) {
        throw sayFault('deleting what retention no longer keeps', error)
      }
    },
    async close() {
      if (closed) return
      await members.close()
      for (const writer of [...writers]) await writer.close()
      closed = true
      ledger.table.close()
      await leases.close()
      await client.close()
    },
  }
}

/** What only a person can mend is said at once; whoever is away for a moment is asked again by who needs it. */
async function reach(client: WireClient, topic: string, { brokers, tls }: KafkaOptions): Promise<void> {
  try {
    await client.partitionsOf([topic])
  } catch (error) {
    if (!isFault(error) || error.kind === 'fatal') throw error
    if (error.kind !== 'unknown') return
    for (const broker of brokers) {
      const colon = broker.lastIndexOf(':')
      const why = await whyUnreachable({ host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) }, tls, {
        what: `Kafka at ${broker}`,
        trust: 'give the certificate that signed it: --tls-ca FILE',
        speak: 'add --tls, and --tls-ca FILE where its certificate is your own',
        plain: 'leave --tls, --tls-ca and --tls-cert out, or give the port of its TLS listener',
      })
      if (why !== undefined) throw why
    }
  }
}

/** Rows that are there: blocks need not follow each other, and the first may have been deleted in part. */
function rowsOf(lane: Lane): number {
  return liveBlocks(lane).reduce((sum, { row, rows }) => sum + row + rows - Math.max(row, lane.start), 0)
}

function nothingThere(brokers: readonly string[], prefix: string): SmartspeedError {
  const where = prefix === '' ? '' : ` under the prefix "${prefix}"`
  return new SmartspeedError('NO_DATA', `there are no topics of smartspeed${where} on ${brokers.join(',')}`, {
    fix: `npx smartspeed import FILE… --exchange ID --engine kafka --brokers ${brokers.join(',')}`,
  })
}
