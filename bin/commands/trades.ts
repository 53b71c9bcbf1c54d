// `smartspeed trades RUN`: the round trips of a run.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'

export function register(program: Command): void {
  program
    .command('trades <run>')
    .description('the round trips of a run')
    .option('--format <format>', 'jsonl, csv, arrow or parquet; jsonl when left out')
    .option('-o, --output <file>', 'a file instead of stdout; its ending says the format')
    .addHelpText('after', '\nExample:\n  npx smartspeed trades sma-cross-1 --format csv')
    .action(async (run: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<GlobalOptions & { format?: string; output?: string }>()
      const { printTrades } = await import('../trades.ts')
      await printTrades(run, flags)
    })
}
