// Kafka's own tools, as people run them, on the jars of the local broker.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installedFolder } from '../deploy/services/cache.ts'
import { needJava } from '../deploy/services/java.ts'
import { kafka } from '../deploy/services/kafka.ts'

/** A line of `kafka-consumer-groups.sh --describe`. */
export interface GroupLine {
  readonly topic: string
  readonly partition: number
  readonly committed: number
  readonly end: number
  readonly lag: number
}

/** What Kafka says of a consumer group, a partition a line; of a group that it does not know, nothing. */
export async function describeGroup(brokers: readonly string[], group: string): Promise<GroupLine[]> {
  const classes = join(installedFolder(kafka), '*')
  const args = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', classes]
  const command = ['--bootstrap-server', brokers.join(','), '--describe', '--group', group]
  const tool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'
  const { stdout } = await promisify(execFile)(needJava(), [...args, tool, ...command])
  return stdout.split('\n').flatMap((line) => {
    const [name, topic, ...numbers] = line.trim().split(/\s+/)
    const [partition, committed, end, lag] = numbers.map(Number)
    if (name !== group || topic === undefined || !Number.isInteger(partition)) return []
    return [{ topic, partition: partition!, committed: committed!, end: end!, lag: lag! }]
  })
}
