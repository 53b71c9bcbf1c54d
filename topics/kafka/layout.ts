// What things are called on the broker, and how topics are configured there.

/** A row may be large (a dead letter holds what could not be read): the broker's own limit is 1 MB. */
const maxMessageBytes = 2 ** 26

export interface Names {
  /** Physical name (`market.trades`) → the broker's. */
  topic(name: string): string
  subject(name: string): string
  readonly ledger: string
  readonly leases: string
  /** The empty topic whose partitions stand for the tasks of a run, and the group of those who share it. */
  tasks(run: string): string
  group(run: string): string
  /** The group under which a task's positions are shown to tools that measure lag. */
  positions(run: string, task: string): string
  /** Transactional ids: of a run's commits, of a task's, and of taking a lease. */
  writer(run: string): string
  task(run: string, task: string): string
  lease(name: string): string
}

export function namesOf(prefix: string): Names {
  return {
    topic: (name) => `${prefix}${name}`,
    subject: (name) => `${prefix}${name}-value`,
    ledger: `${prefix}smartspeed.ledger`,
    leases: `${prefix}smartspeed.leases`,
    tasks: (run) => `${prefix}tasks.${run}`,
    group: (run) => `${prefix}smartspeed.${run}`,
    positions: (run, task) => `${prefix}smartspeed.${run}.${task}`,
    writer: (run) => `${prefix}smartspeed.run.${run}`,
    // No run's name has a ":".
    task: (run, task) => `${prefix}smartspeed.run.${run}:${task}`,
    lease: (name) => `${prefix}smartspeed.lease.${name}`,
  }
}

/**
 * Retention counts from writing: rows carry the time of writing as their time, which the broker compares with `retention.ms`.
 * Nothing is compacted.
 */
export function topicConfigs(retentionMs: number | undefined, minIsr?: number): Record<string, string> {
  return {
    ...(minIsr === undefined ? {} : { 'min.insync.replicas': String(minIsr) }),
    'cleanup.policy': 'delete',
    'message.timestamp.type': 'CreateTime',
    'retention.ms': String(retentionMs ?? -1),
    'retention.bytes': '-1',
    'max.message.bytes': String(maxMessageBytes),
  }
}
