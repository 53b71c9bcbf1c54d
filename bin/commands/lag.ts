// `smartspeed lag`: how far each task of each run is behind its inputs, and who works on it. Also when nobody does.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'

interface Flags extends GlobalOptions {
  readonly run?: string
  readonly watch?: boolean
  readonly every: string
  readonly http?: string
  readonly stuckAfter: string
  readonly partitions?: boolean
}

export function register(program: Command): void {
  program
    .command('lag')
    .description('per pipeline, task, partition: committed, end, lag in rows and seconds, rate, time to catch up')
    .option('--run <run>', 'one run; without it all that are not finished')
    .option(
      '--watch',
      'again and again, until Ctrl-C: written over on a terminal, else a line a task (--json: a document a look)',
    )
    .option('--every <seconds>', 'between two looks of --watch', '2')
    .option('--http <port>', 'with --watch: as metrics on this port too, for Prometheus (0: any free one)')
    .option(
      '--stuck-after <seconds>',
      'a task that is held and commits nothing for so long, though there are rows, is stuck',
      '10',
    )
    .option('--partitions', 'list every partition, also those without lag')
    .addHelpText(
      'after',
      '\nWithout --watch it looks five times in two seconds: rates take several looks.\nWhat each figure and state means: docs/operating.md\n\nExample:\n  npx smartspeed lag --json',
    )
    .action(async (_options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { showLag, watchLag } = await import('../lag.ts')
      const { parsePositive } = await import('../options.ts')
      const asked = {
        ...flags,
        everyMs: parsePositive('--every', flags.every) * 1000,
        stuckAfterMs: parsePositive('--stuck-after', flags.stuckAfter) * 1000,
      }
      await (flags.watch || flags.http !== undefined ? watchLag(asked) : showLag(asked))
    })
}
