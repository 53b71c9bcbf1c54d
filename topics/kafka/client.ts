// The one narrow interface to a Kafka broker. Two wire clients stand behind it; whatever they retry or guess by themselves is left
// out, so that the engine alone decides what an error means (faults.ts).
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { Spans } from './records.ts'

export interface ClientOptions {
  /** `host:port` of some brokers of the cluster. */
  readonly brokers: readonly string[]
  /** Said to the broker, for its logs and quotas. */
  readonly clientId?: string
  readonly tls?: TlsOptions
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
    readonly username: string
    readonly password: string
  }
  /** After so long without an answer the outcome of a request is unknown. */
  readonly requestTimeoutMs?: number
}

export interface Partition {
  readonly topic: string
  readonly partition: number
}

/** A row as it goes over the wire. A null value deletes its key from a compacted topic. */
export interface WireRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** Records that become one record batch of one partition. */
export interface Outgoing extends Partition {
  readonly records: readonly WireRecord[]
  /** Time of writing, ms since 1970, of all of them. */
  readonly timestamp: number
  /** Number of the first record among those that this producer wrote to this partition since it was initialised. */
  readonly sequence: number
}

/** Who a transactional producer is, until somebody initialises the same transactional id again. */
export interface ProducerIdentity {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly epoch: number
}

export interface ReadRecord extends WireRecord {
  readonly offset: number
  /** Time of writing, ms since 1970. */
  readonly timestamp: number
}

export interface FetchedPart extends Partition {
  /** Committed records, in rising offset; markers of transactions and aborted records are left out. */
  readonly records: readonly ReadRecord[]
  /** Where to read on. */
  readonly next: number
}

/** The same, as places where values lie: for rows, of which there are many. */
export interface FetchedSpans extends Partition {
  readonly spans: Spans
  readonly next: number
}

/** Which offset: the first one that is there, the next one to be written, or the first one of an open transaction (else as `latest`). */
export type OffsetKind = 'earliest' | 'latest' | 'stable'

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  /** Broker's default when left out. */
  readonly replicas?: number
  readonly configs: Readonly<Record<string, string>>
}

/** A member of a consumer group, in one generation of it. */
export interface GroupMember {
  readonly group: string
  readonly memberId: string
  readonly generation: number
}

export interface JoinedGroup extends GroupMember {
  /** All members, for the one among them who shares out; undefined for the others. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[] | undefined
}

export interface GroupOffset extends Partition {
  readonly offset: number
}

/** What a client can do with consumer groups: the classic protocol, as every broker speaks it. @throws KafkaFault */
export interface GroupClient {
  /**
   * Answers when all members have joined, or `rebalanceMs` is over. A new member has the id ''; where the generation is -1 it was only
   * given its id, and asks again with that.
   */
  joinGroup(request: {
    readonly group: string
    readonly memberId: string
    readonly sessionMs: number
    readonly rebalanceMs: number
    readonly protocol: string
    /** In the format of Kafka's consumer protocol, which the broker reads as well (assignment.ts). */
    readonly metadata: Buffer
  }): Promise<JoinedGroup>
  /** Hands out what each member is assigned, or nothing from those who are not to; gives one's own. */
  syncGroup(
    member: GroupMember,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<Buffer>
  heartbeat(member: GroupMember): Promise<void>
  leaveGroup(group: string, memberId: string): Promise<void>
  /** Outside of any transaction, and only while the group has no members. */
  commitOffsets(group: string, offsets: readonly GroupOffset[]): Promise<void>
  /** All that the group has committed. */
  fetchOffsets(group: string): Promise<readonly GroupOffset[]>
  /** Ids of its members; none where there is no such group. */
  membersOf(group: string): Promise<readonly string[]>
  /** Nothing happens where there is no such group. */
  deleteGroup(group: string): Promise<void>
  /** Makes a group part of a transaction. */
  addGroup(producer: ProducerIdentity, group: string): Promise<void>
  /** Commits offsets in a transaction; refused unless the member is one in that generation (KIP-447). */
  commitGroup(producer: ProducerIdentity, member: GroupMember, offsets: readonly GroupOffset[]): Promise<void>
}

/**
 * Every method sends its request once: what may be sent again, and when, is said by the fault that it throws.
 *
 * @throws KafkaFault, for everything that goes wrong
 */
export interface WireClient extends GroupClient {
  readonly name: string
  /** Makes everybody else who uses this transactional id fail from now on, and ends the transaction they left open. */
  initProducer(id: string, timeoutMs: number, last?: ProducerIdentity): Promise<ProducerIdentity>
  addPartitions(producer: ProducerIdentity, partitions: readonly Partition[]): Promise<void>
  /** Acknowledged by all in-sync replicas when resolved. Without a producer: outside of any transaction. Gives the offset of the first record of each part. */
  produce(parts: readonly Outgoing[], producer?: ProducerIdentity): Promise<readonly number[]>
  endTransaction(producer: ProducerIdentity, commit: boolean): Promise<void>
  /**
   * Committed records from explicit offsets, without a group. At least one batch of each partition that has any, then up to about
   * `maxBytes`; waits up to `waitMs` for the first one. A `lane` has its own connection: who waits does not keep others waiting.
   */
  fetch(
    from: readonly (Partition & { readonly offset: number })[],
    options: { readonly waitMs: number; readonly maxBytes: number; readonly lane: string },
  ): Promise<readonly FetchedPart[]>
  /** As `fetch`. */
  fetchSpans(
    from: readonly (Partition & { readonly offset: number })[],
    options: { readonly waitMs: number; readonly maxBytes: number; readonly lane: string },
  ): Promise<readonly FetchedSpans[]>
  listOffsets(partitions: readonly Partition[], kind: OffsetKind): Promise<readonly number[]>
  /** Number of partitions of each topic that is there. */
  partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
  listTopics(): Promise<readonly string[]>
  /** True for those that were made now, false for those that were there, as far as is known. All can be written to when resolved. */
  createTopics(topics: readonly NewTopic[]): Promise<readonly boolean[]>
  deleteTopics(topics: readonly string[]): Promise<void>
  /** Deletes all records before an offset. */
  deleteRecords(before: readonly (Partition & { readonly offset: number })[]): Promise<void>
  describeConfigs(topic: string): Promise<Readonly<Record<string, string>>>
  /** Changes these settings of a topic; others stay. */
  alterConfigs(topic: string, configs: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}
