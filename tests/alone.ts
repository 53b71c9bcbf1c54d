/** Test files that change their process, its environment, folder, listeners or modules, or measure its memory. Each has a process of its own; all others share a few. */
export const alone: readonly string[] = [
  'bin/cli.test.ts',
  'bin/commands/read.test.ts',
  'bin/examples.test.ts',
  'bin/kafka-options.test.ts',
  'bin/kafka.test.ts',
  'bin/setup/setup.test.ts',
  'deploy/local/local.test.ts',
  'deploy/manifests/manifests.test.ts',
  'pipelines/memory.test.ts',
  'topics/embedded/evolution.test.ts',
  'topics/kafka/kafkajs-inner.test.ts',
]
