// `smartspeed validate`: whether the best of many parameter sets is more than luck.
import { type Command, Option } from 'commander'
import { validationMethods } from '../../operators/research/validate.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { parsePositive, parseWhole } from '../options.ts'
import { printResult } from '../output.ts'
import { type StudyFlags, studyWishOf, withStudyFlags } from '../study-flags.ts'
import { withPlaces } from '../trading-flags.ts'

interface Flags extends StudyFlags {
  method: (typeof validationMethods)[number]
  windows?: string
  anchored?: boolean
  embargo?: string
  holdout: string
  samples: string
  report?: string
}

export function register(program: Command): void {
  const command = program
    .command('validate [topology]')
    .description('is the best of many parameter sets more than luck? docs/validation.md')
  withStudyFlags(command)
    .addOption(
      new Option('--method <name>', 'how trials are held against days that they were not chosen on')
        .choices([...validationMethods])
        .default('walk-forward'),
    )
    .option('--windows <n>', 'windows of walk-forward (6), folds of purged-kfold (5), groups of cpcv (6)')
    .option('--anchored', 'walk-forward trains on all days before each test')
    .option('--embargo <days>', 'days left out of training behind a test (a hundredth of all)')
    .option('--holdout <share>', 'the last part of the time, which no trial sees; its reads are counted', '0.2')
    .option('--samples <n>', 'paths of each Monte Carlo simulation', '1000')
    .option('--report <file>', 'also write what was found, as a page')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed validate --strategy sma-cross --grid fast=10:50:10 --grid slow=100:500:100 --exchange binance-usdm --symbol BTCUSDT --fill next-open',
    )
    .action(async (topology: string | undefined, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { validateHere, validateResult, validateText } = await import('../validate.ts')
      const { terminalWidth } = await import('../paragraph.ts')
      const wish = await studyWishOf(topology, flags, 'validate')
      const { method, anchored = false } = flags
      const call = { ...wish, method, anchored, ...numbers(flags) }
      await withPlaces({ topology, risk: flags.risk }, () =>
        validateHere(call, async (validated) => {
          if (flags.report !== undefined) {
            const { writeValidation } = await import('../study-pages.ts')
            await writeValidation(validated, flags.report)
          }
          await printResult(flags.json, validateResult(validated), () => validateText(validated, terminalWidth()))
        }),
      )
    })
}

function numbers({ windows, embargo, holdout, samples }: Flags) {
  return {
    windows: windows === undefined ? undefined : parseWhole('--windows', windows, 1, 1_000),
    embargo: embargo === undefined ? undefined : parseWhole('--embargo', embargo, 0, 10_000),
    samples: parseWhole('--samples', samples, 1, 1_000_000),
    holdOut: holdout === '0' ? undefined : shareOf(holdout),
  }
}

function shareOf(text: string): number {
  const share = parsePositive('--holdout', text)
  if (share < 0.9) return share
  throw new SmartspeedError('CONFIG_INVALID', `--holdout ${text}: allowed is 0 to less than 0.9 of the time`, {
    fix: '--holdout 0.2 keeps the last fifth',
  })
}
