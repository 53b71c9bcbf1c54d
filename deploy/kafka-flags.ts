// How a process is told of Kafka: flags of the command line, without passwords, which come by the environment.
import type { Deployment } from './topology/schema.ts'

/** `tlsCa` is where the process finds the file. */
export function kafkaFlags(
  { prefix, tls, tlsCa, saslMechanism, saslUsername, registryUsername }: Deployment['kafka'],
  brokers: readonly string[],
  registry: string,
): string[] {
  const flag = (name: string, value: string | undefined) => (value === undefined || value === '' ? [] : [name, value])
  return [
    ...['--engine', 'kafka', '--brokers', brokers.join(','), '--registry', registry],
    ...flag('--prefix', prefix),
    ...(tls ? ['--tls'] : []),
    ...flag('--tls-ca', tlsCa),
    ...flag('--sasl-mechanism', saslMechanism),
    ...flag('--sasl-username', saslUsername),
    ...flag('--registry-username', registryUsername),
  ]
}
