// The order of test files: those that take longest begin first, so that no core waits for one of them at the end.
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Longest first, as one run with everything on two cores had them, and those of a plain run among them; a file that is not named comes after these, by its size. */
const slow = [
  ...['tests/simulation/kafka-faults', 'topics/kafka/platformatic', 'tests/simulation/kafka-transactions'],
  ...['deploy/takeover-kafka', 'tests/simulation/tasks-kafka', 'topics/kafka/kafkajs', 'deploy/services/services'],
  ...['tests/simulation/takeover', 'deploy/local/local', 'tests/simulation/lag', 'bin/commands/deploy'],
  ...[
    'tests/browser/report',
    'topics/kafka/tasks',
    'bin/examples',
    'bin/cli',
    'bin/kafka',
    'tests/simulation/mirror-kafka',
  ],
  ...[
    'topics/kafka/broker-dies',
    'docs/kafka',
    'bin/commands/services',
    'tests/simulation/kill',
    'tests/simulation/state',
  ],
  ...['tests/simulation/lag-agrees', 'deploy/image/image', 'topics/embedded/faults', 'tests/simulation/engines'],
  ...['tests/simulation/market', 'tests/simulation/mirror', 'tests/simulation/incident', 'bin/lag'],
  ...['tests/simulation/replay', 'topics/embedded/embedded', 'tests/simulation/strategies', 'tests/simulation/follow'],
]

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Those that share processes stand together: a shared one ends where the next file wants its own.
    const shares = ({ project }: TestSpecification) => (project.config.isolate ? 0 : 1)
    const rank = ({ moduleId }: TestSpecification) => {
      const at = slow.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return at < 0 ? slow.length : at
    }
    return (await super.sort(files)).sort((a, b) => shares(a) - shares(b) || rank(a) - rank(b))
  }
}
