// `smartspeed topics`: every topic, how much is in it, and how long it is kept; `topics create` makes those of the market on Kafka.
import type { Command } from 'commander'
import { isoOf } from '../../schemas/time.ts'
import type { Topics } from '../../topics/topics.ts'
import { type GlobalOptions, withTopics } from '../options.ts'
import { note, printResult } from '../output.ts'

interface ListFlags extends GlobalOptions {
  readonly drift?: boolean
  readonly mend?: boolean
}

export interface CreateFlags extends GlobalOptions {
  readonly partitions?: string
  readonly replicas?: string
  readonly minIsr?: string
  readonly topics?: string
  readonly keep?: string
  readonly mend?: boolean
}

export function register(program: Command): void {
  const topics = program
    .command('topics')
    .description('every topic: partitions, rows, first and last time, bytes, retention')
    .option('--drift', 'instead: what on the brokers is not as topics were made; exit 1 when anything is not')
    .option('--mend', 'with --drift: change it back, and say what cannot be')
    .addHelpText('after', '\nExample:\n  npx smartspeed topics --json')
    .action(async (_options: object, own: Command) => {
      const options = own.optsWithGlobals<ListFlags>()
      if (options.drift) return showDrift(options)
      await showTopics(options)
    })
  topics
    .command('create')
    .description(
      'make the topics of the market on Kafka and register their schemas; those that are there stay as they are',
    )
    .option('--partitions <n>', 'of topics that instruments are spread over (6)')
    .option('--replicas <n>', 'copies of each; the brokers’ default when left out')
    .option(
      '--min-isr <n>',
      'copies that must have a row before it counts as written; the brokers’ default when left out',
    )
    .option('--topics <names>', 'only these: trades,quotes')
    .option('--keep <time>', 'live (48 h and the like, as for live feeds), forever, or hours: 720h', 'live')
    .option('--mend', 'change those that are there, where they can be changed')
    .addHelpText(
      'after',
      `
Topics that are there and differ from what was asked for are listed with what mends them; that alone is no failure.

Example:
  npx smartspeed topics create --engine kafka --brokers 127.0.0.1:9092 --registry http://127.0.0.1:8081/apis/ccompat/v7`,
    )
    .action(async (_options: object, own: Command) => {
      const options = own.optsWithGlobals<CreateFlags>()
      const { createCatalogue, createdText } = await import('../topics-create.ts')
      const found = await createCatalogue(options)
      await printResult(options.json, found, () => createdText(found))
    })
}

async function showTopics(options: ListFlags): Promise<void> {
  const topics = await withTopics(options, listTopics)
  const { table } = await import('../table.ts')
  await printResult(options.json, { topics }, () =>
    table(
      ['topic', 'partitions', 'rows', 'first', 'last', 'MB', 'kept'],
      topics.map(({ name, partitions, rows, first, last, bytes, retentionMs }) => [
        ...[name, partitions, rows, first === null ? '' : isoOf(first), last === null ? '' : isoOf(last)],
        ...[(bytes / 1e6).toFixed(1), retentionMs === null ? 'until told' : `${retentionMs / 3_600_000} h`],
      ]),
    ),
  )
}

async function showDrift(options: ListFlags): Promise<void> {
  const { driftText, lookForDrift } = await import('../topics-create.ts')
  const drift = await lookForDrift(options)
  if (drift.length > 0) process.exitCode = 1
  await printResult(options.json, { drift }, () =>
    drift.length === 0 ? 'every topic is as it was made' : driftText(drift).join('\n'),
  )
  if (options.engine !== 'kafka') note('the embedded log is changed by this program alone')
}

/** What is known of each topic, by physical name; times are receive times in µs, null where there are no rows. */
export async function listTopics(topics: Topics) {
  const infos = await topics.list()
  return infos
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, record, run, partitions, rows, first, last, bytes, retentionMs, ends }) => ({
      ...{ name, record, run: run ?? null, partitions, rows, first: first ?? null, last: last ?? null, bytes },
      ...{ retentionMs: retentionMs ?? null, ends },
    }))
}
