// `smartspeed stress RUN`: shocks that were, days that may be, and a thin market, on what a run held.
import type { Command } from 'commander'
import { type GlobalOptions, parsePositive } from '../options.ts'
import { printResult } from '../output.ts'

interface Flags extends GlobalOptions {
  readonly at: string
  readonly shocks?: string
  readonly paths: string
  readonly horizon: string
  readonly seed: string
}

export function register(program: Command): void {
  program
    .command('stress <run>')
    .description('what a run’s positions would have come to in named falls, on simulated days, and in a thin market')
    .option('--at <when>', 'worst (held most against its equity), end, or a time', 'worst')
    .option('--shocks <file>', 'JSON of other shocks than ours: docs/stress.md')
    .option('--paths <n>', 'simulated paths', '10000')
    .option('--horizon <time>', 'length of a path: 1d, 4h, 30m', '1d')
    .option('--seed <n>', 'of the paths', '1')
    .addHelpText('after', '\nExample:\n  npx smartspeed stress sma-cross-1 --paths 20000')
    .action(async (run: string, _options: object, own: Command) => {
      const { json, paths, horizon, ...flags } = own.optsWithGlobals<Flags>()
      const { stressRun, stressText } = await import('../stress.ts')
      const { fixedLength } = await import('../../operators/bars/interval.ts')
      const { SmartspeedError } = await import('../../schemas/errors.ts')
      const lengthUs = fixedLength(horizon)
      if (lengthUs === undefined) {
        throw new SmartspeedError('CONFIG_INVALID', `--horizon ${horizon}: allowed is a time from 1s to 1d`, {
          fix: 'write for example 4h or 1d',
        })
      }
      const count = Math.round(parsePositive('--paths', paths))
      const result = await stressRun(run, { ...flags, paths: count, horizon: lengthUs / 1e6 })
      await printResult(json, result, () => stressText(result))
    })
}
