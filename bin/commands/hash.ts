// `smartspeed hash TOPIC`: the canonical SHA-256 of a topic's committed rows.
import type { Command } from 'commander'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { TopicHash } from '../../topics/hash.ts'
import type { Topics } from '../../topics/topics.ts'
import { type GlobalOptions, type RangeOptions, rangeOf, withRangeOptions, withTopics } from '../options.ts'
import { printResult } from '../output.ts'

interface HashOptions extends RangeOptions {
  readonly run?: string
}

export function register(program: Command): void {
  const command = program
    .command('hash <topic>')
    .description('the canonical SHA-256 of a topic’s committed rows')
    .option('--run <run>', 'the run whose topic it is')
    .addHelpText('after', '\nExample:\n  npx smartspeed hash trades')
    .action(async (topic: string, _options: object, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions & HashOptions>()
      const range = rangeOf(options)
      const found = await withTopics(options, (topics) => hashOf(topics, topic, options.run, range))
      await printResult(options.json, found, () => `${found.hash}  ${found.topic}  ${found.rows} rows`)
    })
  withRangeOptions(command)
}

/**
 * The hash of a topic, or of a range of it. A topic that a run has not written has the hash of no rows.
 *
 * Errors: those of `findTopic`.
 */
export async function hashOf(
  topics: Topics,
  name: string,
  run?: string,
  range: ReturnType<typeof rangeOf> = {},
): Promise<TopicHash> {
  const { findTopic, mustExist } = await import('../find-topic.ts')
  const { hashTopic, noRows } = await import('../../topics/hash.ts')
  try {
    const { name: topic } = await findTopic(topics, name, run)
    return await hashTopic(topics, topic, range)
  } catch (error) {
    if (run === undefined || !(error instanceof SmartspeedError && error.code === 'NO_DATA')) throw error
    await mustExist(topics, run)
    return { topic: `${run}.${name}`, ...noRows }
  }
}
