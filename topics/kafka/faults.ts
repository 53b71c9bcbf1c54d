// What an error of the broker means for who meets it: one table for all clients. Source: kafka.apache.org/protocol, "Error codes" (read 2026-11-21).
import { SmartspeedError } from '../../schemas/errors.ts'

/**
 * - `retriable`: nothing was done; the same request may be sent again.
 * - `abortable`: the transaction cannot be committed any more; after an abort the next one may.
 * - `rejoin`: the generation of the group is over: a transaction is aborted, a member joins again and learns what it owns by now.
 * - `fenced`: somebody else has initialised this transactional id: final for this producer.
 * - `unknown`: the request may or may not have been done; the producer is thrown away.
 * - `range`: the offset is not there (any more).
 * - `fatal`: sending it again cannot help.
 */
export type FaultKind = 'retriable' | 'abortable' | 'rejoin' | 'fenced' | 'unknown' | 'range' | 'fatal'

const kinds: Readonly<Record<string, FaultKind>> = {
  OFFSET_OUT_OF_RANGE: 'range',

  UNKNOWN_TOPIC_OR_PARTITION: 'retriable',
  UNKNOWN_TOPIC_ID: 'retriable',
  INCONSISTENT_TOPIC_ID: 'retriable',
  LEADER_NOT_AVAILABLE: 'retriable',
  NOT_LEADER_OR_FOLLOWER: 'retriable',
  NOT_LEADER_FOR_PARTITION: 'retriable',
  REPLICA_NOT_AVAILABLE: 'retriable',
  LISTENER_NOT_FOUND: 'retriable',
  PREFERRED_LEADER_NOT_AVAILABLE: 'retriable',
  ELIGIBLE_LEADERS_NOT_AVAILABLE: 'retriable',
  FENCED_LEADER_EPOCH: 'retriable',
  UNKNOWN_LEADER_EPOCH: 'retriable',
  NEW_LEADER_ELECTED: 'retriable',
  BROKER_NOT_AVAILABLE: 'retriable',
  BROKER_ID_NOT_REGISTERED: 'retriable',
  STALE_BROKER_EPOCH: 'retriable',
  STALE_CONTROLLER_EPOCH: 'retriable',
  UNKNOWN_CONTROLLER_ID: 'retriable',
  COORDINATOR_LOAD_IN_PROGRESS: 'retriable',
  GROUP_LOAD_IN_PROGRESS: 'retriable',
  COORDINATOR_NOT_AVAILABLE: 'retriable',
  GROUP_COORDINATOR_NOT_AVAILABLE: 'retriable',
  NOT_COORDINATOR: 'retriable',
  NOT_COORDINATOR_FOR_GROUP: 'retriable',
  TRANSACTION_COORDINATOR_FENCED: 'retriable',
  CONCURRENT_TRANSACTIONS: 'retriable',
  NOT_CONTROLLER: 'retriable',
  NOT_ENOUGH_REPLICAS: 'retriable',
  KAFKA_STORAGE_ERROR: 'retriable',
  LOG_DIR_NOT_FOUND: 'retriable',
  REASSIGNMENT_IN_PROGRESS: 'retriable',
  THROTTLING_QUOTA_EXCEEDED: 'retriable',
  CORRUPT_MESSAGE: 'retriable',
  FETCH_SESSION_ID_NOT_FOUND: 'retriable',
  FETCH_SESSION_TOPIC_ID_ERROR: 'retriable',
  INVALID_FETCH_SESSION_EPOCH: 'retriable',
  OFFSET_NOT_AVAILABLE: 'retriable',
  UNSTABLE_OFFSET_COMMIT: 'retriable',

  OUT_OF_ORDER_SEQUENCE_NUMBER: 'abortable',
  DUPLICATE_SEQUENCE_NUMBER: 'abortable',
  UNKNOWN_PRODUCER_ID: 'abortable',
  TRANSACTION_ABORTABLE: 'abortable',
  OPERATION_NOT_ATTEMPTED: 'abortable',

  ILLEGAL_GENERATION: 'rejoin',
  UNKNOWN_MEMBER_ID: 'rejoin',
  REBALANCE_IN_PROGRESS: 'rejoin',
  MEMBER_ID_REQUIRED: 'rejoin',
  FENCED_INSTANCE_ID: 'rejoin',

  PRODUCER_FENCED: 'fenced',
  INVALID_PRODUCER_EPOCH: 'fenced',
  INVALID_PRODUCER_ID_MAPPING: 'fenced',

  REQUEST_TIMED_OUT: 'unknown',
  NETWORK_EXCEPTION: 'unknown',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'unknown',
  INVALID_TXN_STATE: 'unknown',
  UNKNOWN_SERVER_ERROR: 'unknown',

  CLIENT_CLOSED: 'fatal',
  MESSAGE_TOO_LARGE: 'fatal',
  RECORD_LIST_TOO_LARGE: 'fatal',
  INVALID_RECORD: 'fatal',
  INVALID_TIMESTAMP: 'fatal',
  INVALID_FETCH_SIZE: 'fatal',
  INVALID_REQUIRED_ACKS: 'fatal',
  INVALID_REQUEST: 'fatal',
  INVALID_TOPIC_EXCEPTION: 'fatal',
  INVALID_PARTITIONS: 'fatal',
  INVALID_REPLICATION_FACTOR: 'fatal',
  INVALID_REPLICA_ASSIGNMENT: 'fatal',
  INVALID_CONFIG: 'fatal',
  INVALID_GROUP_ID: 'fatal',
  INVALID_SESSION_TIMEOUT: 'fatal',
  INVALID_COMMIT_OFFSET_SIZE: 'fatal',
  INVALID_TRANSACTION_TIMEOUT: 'fatal',
  OFFSET_METADATA_TOO_LARGE: 'fatal',
  INCONSISTENT_GROUP_PROTOCOL: 'fatal',
  GROUP_MAX_SIZE_REACHED: 'fatal',
  GROUP_ID_NOT_FOUND: 'fatal',
  GROUP_SUBSCRIBED_TO_TOPIC: 'fatal',
  NON_EMPTY_GROUP: 'fatal',
  TRANSACTIONAL_ID_NOT_FOUND: 'fatal',
  TOPIC_ALREADY_EXISTS: 'fatal',
  TOPIC_DELETION_DISABLED: 'fatal',
  POLICY_VIOLATION: 'fatal',
  RESOURCE_NOT_FOUND: 'fatal',
  UNSUPPORTED_VERSION: 'fatal',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'fatal',
  UNSUPPORTED_COMPRESSION_TYPE: 'fatal',
  OFFSET_MOVED_TO_TIERED_STORAGE: 'fatal',
  TOPIC_AUTHORIZATION_FAILED: 'fatal',
  GROUP_AUTHORIZATION_FAILED: 'fatal',
  CLUSTER_AUTHORIZATION_FAILED: 'fatal',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'fatal',
  SASL_AUTHENTICATION_FAILED: 'fatal',
  UNSUPPORTED_SASL_MECHANISM: 'fatal',
  ILLEGAL_SASL_STATE: 'fatal',
  SECURITY_DISABLED: 'fatal',
  PRINCIPAL_DESERIALIZATION_FAILURE: 'fatal',
}

/** Who is asked is right, and only has to be asked again: after each commit, say, whose markers are still on their way. */
const stays = new Set(['CONCURRENT_TRANSACTIONS', 'NOT_ENOUGH_REPLICAS', 'THROTTLING_QUOTA_EXCEEDED'])

/** True when somebody else may lead or coordinate by now: what was known of the cluster is to be asked again. */
export function mayHaveMoved({ id, kind }: KafkaFault): boolean {
  return (kind === 'retriable' && !stays.has(id)) || kind === 'unknown'
}

/** The user is not known, or may not do what was asked. */
const denials = /^(SASL_AUTHENTICATION_FAILED|UNSUPPORTED_SASL_MECHANISM|ILLEGAL_SASL_STATE|\w+_AUTHORIZATION_FAILED)$/

/** Every name that has a meaning here. */
export const knownFaults: readonly string[] = Object.keys(kinds)

/** What a name of the protocol's list means; names that are not in the table are `fatal`. */
export function kindOf(name: string): FaultKind {
  return kinds[name] ?? 'fatal'
}

/** What a broker, or the way to it, answered to one request. */
export class KafkaFault extends Error {
  override readonly name = 'KafkaFault'
  /** In the protocol's list; NETWORK_EXCEPTION when no answer came. */
  readonly id: string
  readonly kind: FaultKind

  constructor(id: string, doing: string, cause?: unknown) {
    super(`${doing}: ${id}`, cause === undefined ? undefined : { cause })
    this.id = id
    this.kind = kindOf(id)
  }
}

export function isFault(error: unknown, kind?: FaultKind): error is KafkaFault {
  return error instanceof KafkaFault && (kind === undefined || error.kind === kind)
}

/** A fault that nothing here can mend, as the product says it; errors of our own stay as they are. */
export function sayFault(doing: string, error: unknown): SmartspeedError {
  if (error instanceof SmartspeedError) return error
  const { id, kind } = error instanceof KafkaFault ? error : { id: (error as Error).message, kind: 'fatal' as const }
  if (id === 'MESSAGE_TOO_LARGE' || id === 'RECORD_LIST_TOO_LARGE') {
    return new SmartspeedError('RECORD_TOO_BIG', `${doing}: a row is larger than the topic takes (max.message.bytes)`, {
      cause: error,
    })
  }
  if (denials.test(id)) {
    return new SmartspeedError('ACCESS_DENIED', `${doing}: Kafka answers ${id}`, {
      cause: error,
      fix: id.includes('AUTHORIZATION')
        ? 'the user may not do this: who runs the brokers can allow it (docs/kafka.md says what is needed)'
        : 'check --sasl-mechanism, --sasl-username and SMARTSPEED_SASL_PASSWORD (or --sasl-password-file)',
    })
  }
  if (kind === 'unknown' || kind === 'retriable') {
    return new SmartspeedError('SERVICE_LOST', `${doing}: Kafka does not do it (${id})`, {
      cause: error,
      fix: 'is the broker up? npx smartspeed services status; where it asks for a user: --sasl-mechanism (docs/kafka.md)',
    })
  }
  return new SmartspeedError('IO_FAILED', `${doing}: Kafka answers ${id}`, { cause: error })
}
