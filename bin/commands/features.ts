// `smartspeed features`: the features by name, with formula, unit and warm-up.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'

export function register(program: Command): void {
  program
    .command('features')
    .description('the 25 features: what each is, its unit, and how many bars it needs')
    .option('--list', 'all of them, in their order (what is done without it, too)')
    .addHelpText('after', '\nExample:\n  npx smartspeed features --list')
    .action(async (_options: object, own: Command) => {
      const { json } = own.optsWithGlobals<GlobalOptions>()
      const { featureSet, featureSetName, featureSetVersion } = await import('../../operators/features/index.ts')
      const { table } = await import('../table.ts')
      const answer = { set: featureSetName, version: featureSetVersion, features: featureSet }
      await printResult(json, answer, () => {
        const rows = featureSet.map(({ name, group, warmup, unit, formula }) => [name, group, warmup, unit, formula])
        const note = 'bars: closed bars until its first value; [−n]: n bars ago. More in docs/features.md'
        return `${table(['feature', 'group', 'bars', 'unit', 'formula'], rows)}\n\n${note}`
      })
    })
}
