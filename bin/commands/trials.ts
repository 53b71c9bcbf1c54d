// `smartspeed trials`: how much was tried on each market, whoever tried it.
import type { Command } from 'commander'
import { type GlobalOptions, withTopics } from '../options.ts'
import { counted, printResult } from '../output.ts'

export function register(program: Command): void {
  program
    .command('trials')
    .description('how many things were tried on each market, and the studies: the best of many is lucky')
    .addHelpText('after', '\nExample:\n  npx smartspeed trials')
    .action(async (_options: object, own: Command) => {
      const flags = own.optsWithGlobals<GlobalOptions>()
      const { ledgerOf } = await import('../trials.ts')
      const { table } = await import('../table.ts')
      const ledger = await withTopics(flags, ledgerOf)
      await printResult(flags.json, ledger, () => {
        const { trials, markets, studies } = ledger
        const rows = studies.map(({ study, strategy, search, trials: own, status, verdict }) => [
          ...[study, strategy, search, own.toLocaleString('en'), status, verdict ?? 'not validated'],
        ])
        return [
          `${counted(trials, 'trial', 'trials')} were ever made here; one that was made twice counts once`,
          ...markets.map(
            (one) => `  ${one.exchange} ${one.symbol} ${one.strategy}: ${counted(one.trials, 'trial', 'trials')}`,
          ),
          ...(rows.length === 0 ? [] : [table(['study', 'strategy', 'search', 'trials', 'status', 'verdict'], rows)]),
        ].join('\n')
      })
    })
}
