// The wire client on kafkajs: its connections, requests and record batches, each request sent once.
import type { ClientOptions, FetchedPart, Partition, ReadRecord, WireClient } from './client.ts'
import { isFault, KafkaFault, mayHaveMoved } from './faults.ts'
import { type GroupRequest, groupClient, initProducerRequest } from './group-requests.ts'
import {
  type Broker,
  type Cluster,
  type FetchedPartition,
  newCluster,
  readCommitted,
  requestTimeoutMs,
  sendRaw,
} from './kafkajs-inner.ts'
import { byTopic, createEach, namesIn, untilThere } from './parts.ts'
import { nameOfError } from './platformatic-requests.ts'
import { spansOfRecords } from './records.ts'

const allReplicas = -1
const readUncommitted = 0
const coordinatorTypes = { group: 0, transaction: 1 } as const
const topicResource = 2
const setOnTopic = 1

/** @throws nothing: connections are made when they are needed */
export function openKafkajs(options: ClientOptions): WireClient {
  const timeout = options.requestTimeoutMs ?? requestTimeoutMs
  const lanes = new Map<string, Promise<Cluster>>()
  const leaders = new Map<string, readonly number[]>()
  const coordinators = new Map<string, Promise<Broker>>()
  let closed = false

  function lane(name: string): Promise<Cluster> {
    if (closed) throw new KafkaFault('CLIENT_CLOSED', 'connecting')
    let cluster = lanes.get(name)
    if (cluster === undefined) {
      cluster = (async () => {
        const one = newCluster(options)
        await one.connect()
        await one.refreshMetadata()
        return one
      })()
      lanes.set(name, cluster)
      cluster.catch(() => lanes.delete(name))
    }
    return cluster
  }

  /** One request, over the connections of a lane. */
  async function ask<T>(doing: string, send: () => Promise<T>, name = 'control'): Promise<T> {
    const used = [name, 'control'].map((one) => [one, lanes.get(one)] as const)
    try {
      return await send()
    } catch (error) {
      const fault = faultOf(doing, error)
      if (mayHaveMoved(fault)) {
        leaders.clear()
        coordinators.clear()
      }
      // A connection on which an answer did not come may bring none any more, and the library would go on using it.
      if (fault.id === 'NETWORK_EXCEPTION') for (const [one, cluster] of used) leave(one, cluster)
      throw fault
    }
  }

  /** Other connections are made for the next request; who still waits for an answer on these gets it, or runs out of time. */
  function leave(name: string, cluster: Promise<Cluster> | undefined): void {
    if (cluster === undefined || lanes.get(name) !== cluster) return
    lanes.delete(name)
    cluster.then((one) => one.disconnect()).catch(() => undefined)
  }

  async function anyBroker(): Promise<Broker> {
    const cluster = await lane('control')
    const ids = cluster.getNodeIds()
    let last: unknown
    for (const nodeId of ids) {
      try {
        return await cluster.findBroker({ nodeId })
      } catch (error) {
        last = error
      }
    }
    throw last ?? new KafkaFault('BROKER_NOT_AVAILABLE', 'connecting')
  }

  /** Learns who leads the partitions of topics, and says how many each has. */
  async function look(topics: readonly string[]): Promise<Map<string, number>> {
    const { topicMetadata } = await (await anyBroker()).metadata([...topics])
    for (const { topic, partitionMetadata } of topicMetadata) {
      const sorted = [...partitionMetadata].sort((a, b) => a.partitionId - b.partitionId)
      leaders.set(
        topic,
        sorted.map(({ leader }) => leader),
      )
    }
    return new Map(topicMetadata.map(({ topic, partitionMetadata }) => [topic, partitionMetadata.length]))
  }

  /** Sends the parts to their leaders, a request each, and puts the answers back in order. */
  function spread<P extends Partition, R>(
    doing: string,
    name: string,
    parts: readonly P[],
    send: (broker: Broker, parts: readonly P[]) => Promise<readonly R[]>,
  ): Promise<R[]> {
    const spreading = async () => {
      const cluster = await lane(name)
      const missing = [...new Set(parts.map(({ topic }) => topic))].filter((topic) => !leaders.has(topic))
      if (missing.length > 0) await look(missing)
      const groups = new Map<number, number[]>()
      for (const [i, { topic, partition }] of parts.entries()) {
        const leader = leaders.get(topic)?.[partition]
        if (leader === undefined || leader < 0)
          throw new KafkaFault('UNKNOWN_TOPIC_OR_PARTITION', `${doing} ${topic}/${partition}`)
        groups.set(leader, [...(groups.get(leader) ?? []), i])
      }
      const results = new Array<R>(parts.length)
      await Promise.all(
        [...groups].map(async ([leader, indexes]) => {
          const broker = await cluster.findBroker({ nodeId: String(leader) })
          const answers = await send(
            broker,
            indexes.map((i) => parts[i]!),
          )
          for (const [at, i] of indexes.entries()) results[i] = answers[at]!
        }),
      )
      return results
    }
    return ask(doing, spreading, name)
  }

  function coordinatorOf(id: string, of: keyof typeof coordinatorTypes = 'transaction', name = 'produce') {
    const key = `${name} ${of} ${id}`
    let broker = coordinators.get(key)
    if (broker === undefined) {
      broker = lane(name).then((cluster) =>
        cluster.findGroupCoordinator({ groupId: id, coordinatorType: coordinatorTypes[of] }),
      )
      coordinators.set(key, broker)
      broker.catch(() => coordinators.delete(key))
    }
    return broker
  }

  function askRaw<T>({ doing, coordinator, lane, api, body, read }: GroupRequest<T>): Promise<T> {
    const sending = async () => sendRaw(await coordinatorOf(coordinator.id, coordinator.of, lane), api, body, read)
    return ask(doing, sending, lane)
  }

  async function controller(): Promise<Broker> {
    return (await lane('control')).findControllerBroker()
  }

  return {
    name: 'kafkajs',
    ...groupClient(askRaw, nameOfError),

    async initProducer(id, timeoutMs, last) {
      const request = initProducerRequest(id, timeoutMs, last)
      const { code, identity } = await askRaw(request)
      if (code !== 0) throw new KafkaFault(nameOfError(code), request.doing)
      return identity
    },

    addPartitions({ transactionalId, producerId, epoch }, partitions) {
      return ask(
        'add partitions to a transaction',
        async () => {
          const topics = byTopic(partitions).map(([topic, parts]) => ({
            topic,
            partitions: parts.map((p) => p.partition),
          }))
          const who = { transactionalId, producerId: String(producerId), producerEpoch: epoch }
          await (await coordinatorOf(transactionalId)).addPartitionsToTxn({ ...who, topics })
        },
        'produce',
      )
    },

    produce(parts, producer) {
      return spread('produce', 'produce', parts, async (broker, parts) => {
        const topicData = byTopic(parts).map(([topic, ofTopic]) => ({
          topic,
          partitions: ofTopic.map(({ partition, records, timestamp, sequence }) => ({
            partition,
            firstSequence: producer === undefined ? 0 : sequence,
            messages: records.map(({ key, value }) => ({ key, value, timestamp: String(timestamp) })),
          })),
        }))
        const who =
          producer === undefined
            ? {}
            : {
                transactionalId: producer.transactionalId,
                producerId: String(producer.producerId),
                producerEpoch: producer.epoch,
              }
        const answer = await broker.produce({ topicData, ...who, acks: allReplicas, timeout })
        const bases = new Map<string, number>()
        for (const { topicName, partitions } of answer.topics) {
          for (const { partition, baseOffset } of partitions) bases.set(`${topicName}/${partition}`, Number(baseOffset))
        }
        return parts.map(({ topic, partition }) => bases.get(`${topic}/${partition}`)!)
      })
    },

    endTransaction({ transactionalId, producerId, epoch }, commit) {
      return ask(
        commit ? 'commit' : 'abort',
        async () => {
          const who = { transactionalId, producerId: String(producerId), producerEpoch: epoch }
          await (await coordinatorOf(transactionalId)).endTxn({ ...who, transactionResult: commit })
        },
        'produce',
      )
    },

    fetch(from, { waitMs, maxBytes, lane }) {
      return spread('fetch', lane, from, async (broker, parts) => {
        const topics = byTopic(parts).map(([topic, ofTopic]) => ({
          topic,
          partitions: ofTopic.map(({ partition, offset }) => ({ partition, fetchOffset: String(offset), maxBytes })),
        }))
        const limits = { maxWaitTime: waitMs, minBytes: 1, maxBytes }
        const { responses } = await broker.fetch({ isolationLevel: readCommitted, ...limits, topics })
        const found = new Map(
          responses.flatMap(({ topicName, partitions }) => partitions.map((p) => [`${topicName}/${p.partition}`, p])),
        )
        return parts.map(({ topic, partition, offset }): FetchedPart => {
          const part = found.get(`${topic}/${partition}`)
          return { topic, partition, ...committed(part, offset) }
        })
      })
    },

    async fetchSpans(from, options) {
      const parts = await this.fetch(from, options)
      return parts.map(({ records, ...part }) => ({ ...part, spans: spansOfRecords(records) }))
    },

    listOffsets(partitions, kind) {
      return spread('list offsets', 'control', partitions, async (broker, parts) => {
        const timestamp = kind === 'earliest' ? -2 : -1
        const topics = byTopic(parts).map(([topic, ofTopic]) => ({
          topic,
          partitions: ofTopic.map(({ partition }) => ({ partition, timestamp })),
        }))
        const isolationLevel = kind === 'stable' ? readCommitted : readUncommitted
        const { responses } = await broker.listOffsets({ replicaId: -1, isolationLevel, topics })
        const offsets = new Map(
          responses.flatMap(({ topic, partitions }) =>
            partitions.map((p) => [`${topic}/${p.partition}`, Number(p.offset)]),
          ),
        )
        return parts.map(({ topic, partition }) => offsets.get(`${topic}/${partition}`)!)
      })
    },

    async partitionsOf(topics) {
      for (const topic of topics) leaders.delete(topic)
      try {
        return await ask('metadata', () => look(topics))
      } catch (error) {
        if (!isFault(error) || error.id !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
        // The library throws when one of them is missing: one by one.
        if (topics.length === 1) return new Map()
        const each = await Promise.all(topics.map((topic) => this.partitionsOf([topic])))
        return new Map(each.flatMap((one) => [...one]))
      }
    },

    listTopics() {
      return ask('metadata', async () => {
        const { topicMetadata } = await (await anyBroker()).metadata([])
        return topicMetadata.filter(({ topic }) => !topic.startsWith('__')).map(({ topic }) => topic)
      })
    },

    async createTopics(topics) {
      const made = await createEach(topics, async (wanted) => {
        const requests = wanted.map(({ topic, partitions, replicas = -1, configs }) => ({
          ...{ topic, numPartitions: partitions, replicationFactor: replicas },
          configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })),
        }))
        await ask(`create ${namesIn(wanted)}`, async () =>
          (await controller()).createTopics({ topics: requests, timeout }),
        )
      })
      await untilThere(
        topics.map(({ topic }) => topic),
        (names) => this.partitionsOf(names),
      )
      return made
    },

    async deleteTopics(topics) {
      for (const topic of topics) {
        leaders.delete(topic)
        try {
          await ask(`delete ${topic}`, async () => (await controller()).deleteTopics({ topics: [topic], timeout }))
        } catch (error) {
          if (!isFault(error) || error.id !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
        }
      }
    },

    async deleteRecords(before) {
      await spread('delete records', 'control', before, async (broker, parts) => {
        const topics = byTopic(parts).map(([topic, ofTopic]) => ({
          topic,
          partitions: ofTopic.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
        }))
        await broker.deleteRecords({ topics })
        return parts.map(() => undefined)
      })
    },

    describeConfigs(topic) {
      return ask('describe configs', async () => {
        const { resources } = await (await controller()).describeConfigs({
          resources: [{ type: topicResource, name: topic }],
        })
        const entries = resources[0]?.configEntries ?? []
        return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue ?? '']))
      })
    },

    alterConfigs(topic, configs) {
      return ask(`alter ${topic}`, async () => {
        const broker = await controller()
        // It knows only the request that sets all of them: those that were set before are said again.
        const { resources } = await broker.describeConfigs({ resources: [{ type: topicResource, name: topic }] })
        const set = (resources[0]?.configEntries ?? []).filter(({ configSource }) => configSource === setOnTopic)
        const all = { ...Object.fromEntries(set.map((one) => [one.configName, one.configValue ?? ''])), ...configs }
        const configEntries = Object.entries(all).map(([name, value]) => ({ name, value }))
        await broker.alterConfigs({ resources: [{ type: topicResource, name: topic, configEntries }] })
      })
    },

    async close() {
      closed = true
      await Promise.all([...lanes.values()].map((lane) => lane.then((one) => one.disconnect()).catch(() => undefined)))
    },
  }
}

/** Without markers and aborted records: as topics/kafka/records.ts, on what the library has decoded. */
function committed(part: FetchedPartition | undefined, from: number): { records: ReadRecord[]; next: number } {
  const records: ReadRecord[] = []
  let next = from
  const waiting = [...(part?.abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset))
  const dropped = new Set<string>()
  for (const { offset, timestamp, key, value, isControlRecord, batchContext } of part?.messages ?? []) {
    const at = Number(offset)
    while (waiting.length > 0 && Number(waiting[0]!.firstOffset) <= at) dropped.add(waiting.shift()!.producerId)
    next = Math.max(next, at + 1)
    if (isControlRecord) dropped.delete(batchContext.producerId)
    else if (at >= from && !(batchContext.inTransaction && dropped.has(batchContext.producerId))) {
      records.push({ offset: at, timestamp: Number(timestamp), key: key ?? Buffer.alloc(0), value })
    }
  }
  return { records, next }
}

interface LibraryError {
  readonly type?: string
  readonly name?: string
  readonly message?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
  readonly partitions?: readonly { readonly error?: unknown }[]
}

function faultOf(doing: string, error: unknown): KafkaFault {
  return isFault(error) ? error : new KafkaFault(nameOf(error as LibraryError), doing, error)
}

/** The name of the protocol's error; without one, no answer came. */
function nameOf(error: LibraryError): string {
  const inner =
    error.errors?.[0] ?? error.partitions?.[0]?.error ?? (error.type === undefined ? error.cause : undefined)
  if (error.type !== undefined) return error.type
  if (inner !== undefined && inner !== null) return nameOf(inner as LibraryError)
  if (error.name === 'KafkaJSSASLAuthenticationError') return 'SASL_AUTHENTICATION_FAILED'
  return error.name === 'TypeError' ? String(error.message) : 'NETWORK_EXCEPTION'
}
