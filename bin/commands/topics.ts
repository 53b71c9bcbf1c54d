// `smartspeed topics`: every topic, how much is in it, and how long it is kept.
import type { Command } from 'commander'
import { isoOf } from '../../schemas/time.ts'
import type { Topics } from '../../topics/topics.ts'
import { type GlobalOptions, withTopics } from '../options.ts'
import { printResult } from '../output.ts'

export function register(program: Command): void {
  program
    .command('topics')
    .description('every topic: partitions, rows, first and last time, bytes, retention')
    .addHelpText('after', '\nExample:\n  npx smartspeed topics --json')
    .action(async (_options: object, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>()
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
    })
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
