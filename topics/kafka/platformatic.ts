// The wire client on @platformatic/kafka: its connections, its requests and its readers of answers; record batches are ours.
import {
  addPartitionsToTxnV3,
  type Broker,
  type Connection,
  ConnectionPool,
  createTopicsV7,
  deleteRecordsV2,
  deleteTopicsV6,
  describeConfigsV4,
  endTxnV3,
  findCoordinatorV4,
  incrementalAlterConfigsV1,
  initProducerIdV4,
  listOffsetsV7,
  metadataV12,
} from '@platformatic/kafka'
import type { ClientOptions, Partition, WireClient } from './client.ts'
import { isFault, KafkaFault, mayHaveMoved } from './faults.ts'
import { groupClient } from './group-requests.ts'
import { byTopic, createEach, namesIn, untilThere } from './parts.ts'
import { batchOf, faultOf, fetch, inflate, nameOfError, produce, rawRequest } from './platformatic-requests.ts'
import { decodeBatches, spansOfBatches } from './records.ts'

const requestTimeoutMs = 30_000
const readCommitted = 1
const coordinatorKeys = { group: 0, transaction: 1 } as const
const topicResource = 2
const setConfig = 0
const noRack = ''
const noBytes = Buffer.alloc(0)

interface Cluster {
  readonly brokers: ReadonlyMap<number, Broker>
  readonly controller: number
  /** Leaders of the partitions of a topic. */
  readonly topics: Map<string, readonly number[]>
}

/** @throws nothing: connections are made when they are needed */
export function openPlatformatic(options: ClientOptions): WireClient {
  const { clientId = 'smartspeed', tls, sasl } = options
  const settings = {
    requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  }
  const bootstrap = options.brokers.map(brokerOf)
  const lanes = new Map<string, ConnectionPool>()
  let cluster: Cluster = { brokers: new Map(), controller: -1, topics: new Map() }
  const coordinators = new Map<string, Broker>()
  let closed = false

  function pool(lane: string): ConnectionPool {
    let pool = lanes.get(lane)
    if (pool === undefined) {
      pool = new ConnectionPool(clientId, settings)
      lanes.set(lane, pool)
    }
    return pool
  }

  async function connection(lane: string, broker: Broker | undefined): Promise<Connection> {
    if (closed) throw new KafkaFault('CLIENT_CLOSED', 'connecting')
    return broker === undefined ? pool(lane).getFirstAvailable(bootstrap) : pool(lane).get(broker)
  }

  /** One request; what the library throws becomes a fault, and what was known of the cluster is forgotten when it may be stale. */
  async function ask<T>(doing: string, lane: string, broker: Broker | undefined, send: (to: Connection) => Promise<T>) {
    try {
      return await send(await connection(lane, broker))
    } catch (error) {
      throw forget(faultOf(doing, error))
    }
  }

  function forget(fault: KafkaFault): KafkaFault {
    if (mayHaveMoved(fault)) {
      cluster.topics.clear()
      coordinators.clear()
    }
    return fault
  }

  /** Learns who leads the partitions of topics, and says how many each has that can be used. */
  async function look(topics: readonly string[]): Promise<Map<string, number>> {
    const answer = await ask('metadata', 'control', undefined, (to) =>
      metadataV12.api.async(to, [...topics], false, false),
    )
    const known = new Map(cluster.topics)
    const found = new Map<string, number>()
    for (const { name, errorCode, partitions } of answer.topics) {
      const ready = errorCode === 0 && partitions.every(({ errorCode, leaderId }) => errorCode === 0 && leaderId >= 0)
      const leaders = [...partitions]
        .sort((a, b) => a.partitionIndex - b.partitionIndex)
        .map(({ leaderId }) => leaderId)
      if (ready) known.set(name!, leaders)
      else known.delete(name!)
      if (ready) found.set(name!, leaders.length)
    }
    const brokers = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    cluster = { brokers, controller: answer.controllerId, topics: known }
    return found
  }

  /** The broker that leads each partition. */
  async function leadersOf(partitions: readonly Partition[]): Promise<Broker[]> {
    const missing = [...new Set(partitions.map(({ topic }) => topic))].filter((topic) => !cluster.topics.has(topic))
    if (missing.length > 0) await look(missing)
    return partitions.map(({ topic, partition }) => {
      const leader = cluster.topics.get(topic)?.[partition]
      const broker = leader === undefined ? undefined : cluster.brokers.get(leader)
      if (broker === undefined) throw forget(new KafkaFault('UNKNOWN_TOPIC_OR_PARTITION', `${topic}/${partition}`))
      return broker
    })
  }

  /** Sends the parts to their leaders, a request each, and puts the answers back in order. */
  async function spread<P extends Partition, R>(
    parts: readonly P[],
    send: (broker: Broker, parts: readonly P[]) => Promise<readonly R[]>,
  ): Promise<R[]> {
    const leaders = await leadersOf(parts)
    const groups = new Map<string, { broker: Broker; indexes: number[] }>()
    for (const [i, broker] of leaders.entries()) {
      const key = `${broker.host}:${broker.port}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { broker, indexes: [i] })
      else group.indexes.push(i)
    }
    const results = new Array<R>(parts.length)
    await Promise.all(
      [...groups.values()].map(async ({ broker, indexes }) => {
        const answers = await send(
          broker,
          indexes.map((i) => parts[i]!),
        )
        for (const [at, i] of indexes.entries()) results[i] = answers[at]!
      }),
    )
    return results
  }

  async function coordinatorOf(id: string, of: keyof typeof coordinatorKeys = 'transaction'): Promise<Broker> {
    const known = coordinators.get(`${of} ${id}`)
    if (known !== undefined) return known
    const answer = await ask('find coordinator', 'control', undefined, (to) =>
      findCoordinatorV4.api.async(to, coordinatorKeys[of], [id]),
    )
    const { host, port, errorCode } = answer.coordinators[0]!
    if (errorCode !== 0) throw new KafkaFault(nameOfError(errorCode), 'find coordinator')
    coordinators.set(`${of} ${id}`, { host, port })
    return { host, port }
  }

  /** The record batches of each part, as bytes; none where nothing came. */
  function fetchRaw(
    from: Parameters<WireClient['fetch']>[0],
    { waitMs, maxBytes, lane }: Parameters<WireClient['fetch']>[1],
  ) {
    return spread(from, async (broker, parts) => {
      const topics = byTopic(parts).map(([topicId, ofTopic]) => ({
        topicId,
        partitions: ofTopic.map(({ partition, offset }) => ({
          ...{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: maxBytes },
          ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
        })),
      }))
      const raw = await ask('fetch', lane, broker, (to) =>
        fetch.async(to, waitMs, 1, maxBytes, readCommitted, 0, -1, topics, [], noRack),
      )
      const found = new Map(raw.map((part) => [`${part.topic}/${part.partition}`, part]))
      return parts.map((part) => {
        const { bytes = noBytes, aborted = [], error = 0 } = found.get(`${part.topic}/${part.partition}`) ?? {}
        if (error !== 0) throw forget(new KafkaFault(nameOfError(error), `fetch ${part.topic}/${part.partition}`))
        return { ...part, bytes, aborted }
      })
    })
  }

  const groups = groupClient(async ({ doing, coordinator, lane, api, body, read }) => {
    const to = await coordinatorOf(coordinator.id, coordinator.of)
    return ask(doing, lane, to, (to) => rawRequest(api, read).async(to, body))
  }, nameOfError)

  async function controller(): Promise<Broker> {
    if (!cluster.brokers.has(cluster.controller)) await look([])
    return cluster.brokers.get(cluster.controller) ?? bootstrap[0]!
  }

  return {
    name: 'platformatic',
    ...groups,

    async initProducer(id, timeoutMs, last) {
      const to = await coordinatorOf(id)
      const answer = await ask('initialise a producer', 'produce', to, (to) =>
        initProducerIdV4.api.async(to, id, timeoutMs, last?.producerId ?? -1n, last?.epoch ?? -1),
      )
      return { transactionalId: id, producerId: answer.producerId, epoch: answer.producerEpoch }
    },

    async addPartitions({ transactionalId, producerId, epoch }, partitions) {
      const topics = byTopic(partitions).map(([name, parts]) => ({ name, partitions: parts.map((p) => p.partition) }))
      const transaction = { transactionalId, producerId, producerEpoch: epoch, verifyOnly: false, topics }
      await ask('add partitions to a transaction', 'produce', await coordinatorOf(transactionalId), (to) =>
        addPartitionsToTxnV3.api.async(to, [transaction]),
      )
    },

    produce(parts, producer) {
      return spread(parts, async (broker, parts) => {
        const batches = parts.map((part) => ({
          topic: part.topic,
          partition: part.partition,
          batch: batchOf(part, producer),
        }))
        const answer = await ask('produce', 'produce', broker, (to) =>
          produce.async(to, producer?.transactionalId ?? null, batches, settings.requestTimeout),
        )
        const bases = new Map<string, number>()
        for (const { name, partitionResponses } of answer.responses) {
          for (const { index, baseOffset } of partitionResponses) bases.set(`${name}/${index}`, Number(baseOffset))
        }
        return parts.map(({ topic, partition }) => bases.get(`${topic}/${partition}`)!)
      })
    },

    async endTransaction({ transactionalId, producerId, epoch }, commit) {
      await ask(commit ? 'commit' : 'abort', 'produce', await coordinatorOf(transactionalId), (to) =>
        endTxnV3.api.async(to, transactionalId, producerId, epoch, commit),
      )
    },

    async fetch(from, options) {
      const fetched = await fetchRaw(from, options)
      return fetched.map(({ topic, partition, offset, bytes, aborted }) => ({
        ...{ topic, partition },
        ...decodeBatches(bytes, offset, aborted, inflate),
      }))
    },

    async fetchSpans(from, options) {
      const fetched = await fetchRaw(from, options)
      return fetched.map(({ topic, partition, offset, bytes, aborted }) => ({
        ...{ topic, partition },
        ...spansOfBatches(bytes, offset, aborted, inflate),
      }))
    },

    listOffsets(partitions, kind) {
      const timestamp = kind === 'earliest' ? -2n : -1n
      return spread(partitions, async (broker, parts) => {
        const topics = byTopic(parts).map(([name, ofTopic]) => ({
          name,
          partitions: ofTopic.map(({ partition }) => ({
            partitionIndex: partition,
            currentLeaderEpoch: -1,
            timestamp,
          })),
        }))
        const answer = await ask('list offsets', 'control', broker, (to) =>
          listOffsetsV7.api.async(to, -1, kind === 'stable' ? readCommitted : 0, topics),
        )
        const offsets = new Map<string, number>()
        for (const { name, partitions } of answer.topics) {
          for (const { partitionIndex, offset } of partitions) offsets.set(`${name}/${partitionIndex}`, Number(offset))
        }
        return parts.map(({ topic, partition }) => offsets.get(`${topic}/${partition}`)!)
      })
    },

    async partitionsOf(topics) {
      for (const topic of topics) cluster.topics.delete(topic)
      try {
        return await look(topics)
      } catch (error) {
        if (!isFault(error) || error.id !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
        // The library throws when one of them is missing: one by one.
        if (topics.length === 1) return new Map()
        const each = await Promise.all(topics.map((topic) => this.partitionsOf([topic])))
        return new Map(each.flatMap((one) => [...one]))
      }
    },

    async listTopics() {
      const answer = await ask('metadata', 'control', undefined, (to) => metadataV12.api.async(to, null, false, false))
      return answer.topics.filter(({ isInternal }) => !isInternal).map(({ name }) => name!)
    },

    async createTopics(topics) {
      const made = await createEach(topics, async (wanted) => {
        const requests = wanted.map(({ topic, partitions, replicas = -1, configs }) => ({
          ...{ name: topic, numPartitions: partitions, replicationFactor: replicas, assignments: [] },
          configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
        }))
        await ask(`create ${namesIn(wanted)}`, 'control', await controller(), (to) =>
          createTopicsV7.api.async(to, requests, settings.requestTimeout, false),
        )
      })
      await untilThere(
        topics.map(({ topic }) => topic),
        (names) => this.partitionsOf(names),
      )
      return made
    },

    async deleteTopics(topics) {
      for (const name of topics) {
        cluster.topics.delete(name)
        try {
          await ask(`delete ${name}`, 'control', await controller(), (to) =>
            deleteTopicsV6.api.async(to, [{ name }], settings.requestTimeout),
          )
        } catch (error) {
          if (!isFault(error) || error.id !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
        }
      }
    },

    async deleteRecords(before) {
      await spread(before, async (broker, parts) => {
        const topics = byTopic(parts).map(([name, ofTopic]) => ({
          name,
          partitions: ofTopic.map(({ partition, offset }) => ({ partitionIndex: partition, offset: BigInt(offset) })),
        }))
        await ask('delete records', 'control', broker, (to) =>
          deleteRecordsV2.api.async(to, topics, settings.requestTimeout),
        )
        return parts.map(() => undefined)
      })
    },

    async describeConfigs(topic) {
      const resource = { resourceType: topicResource, resourceName: topic, configurationKeys: null } as const
      const answer = await ask('describe configs', 'control', undefined, (to) =>
        describeConfigsV4.api.async(to, [resource], false, false),
      )
      const configs = answer.results[0]?.configs ?? []
      return Object.fromEntries(configs.map(({ name, value }) => [name, value ?? '']))
    },

    async alterConfigs(topic, configs) {
      const changes = Object.entries(configs).map(
        ([name, value]) => ({ name, value, configOperation: setConfig }) as const,
      )
      const resource = { resourceType: topicResource, resourceName: topic, configs: changes } as const
      await ask(`alter ${topic}`, 'control', await controller(), (to) =>
        incrementalAlterConfigsV1.api.async(to, [resource], false),
      )
    },

    async close() {
      closed = true
      await Promise.all([...lanes.values()].map((lane) => lane.close().catch(() => undefined)))
    },
  }
}

function brokerOf(text: string): Broker {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) }
}
