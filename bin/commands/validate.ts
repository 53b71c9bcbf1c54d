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
  train?: string
  test?: string
  step?: string
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
    .option(
      '--train <days>',
      'walk-forward by lengths, with --test and without --windows: days that a window trains on',
    )
    .option('--test <days>', 'days that a window tests, right after those')
    .option('--step <days>', 'from one window to the next (as long as a test)')
    .option('--anchored', 'walk-forward trains on all days before each test; --train is that of the first')
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

function numbers(flags: Flags) {
  const { windows, embargo, holdout, samples } = flags
  return {
    windows: windows === undefined ? undefined : parseWhole('--windows', windows, 1, 1_000),
    lengths: lengthsOf(flags),
    embargo: embargo === undefined ? undefined : parseWhole('--embargo', embargo, 0, 10_000),
    samples: parseWhole('--samples', samples, 1, 1_000_000),
    holdOut: holdout === '0' ? undefined : shareOf(holdout),
  }
}

/** @throws SmartspeedError USAGE for a part of them, or beside what they have no part in */
function lengthsOf({ method, windows, train, test, step }: Flags) {
  const given = Object.entries({ train, test, step }).filter(([, days]) => days !== undefined)
  const [first] = given.map(([name, days]) => `--${name} ${days}`)
  if (first === undefined) return undefined
  if (method !== 'walk-forward') {
    throw new SmartspeedError('USAGE', `--method ${method} has no ${first}: it cuts all days into equal parts`, {
      fix: '--windows N says into how many; lengths are those of --method walk-forward',
    })
  }
  if (windows !== undefined) {
    throw new SmartspeedError(
      'USAGE',
      `--windows ${windows} and ${first} both say where windows lie: which of the two?`,
      {
        fix: '--windows N tests the later half of the days in N parts; --train, --test and --step say lengths, and as many windows as fit are tested',
      },
    )
  }
  if (train === undefined || test === undefined) {
    const missing = ['train', 'test'].filter((name) => !given.some(([one]) => one === name))
    throw new SmartspeedError('USAGE', `${first} without --${missing.join(' and --')}: a window has both lengths`, {
      fix: 'for example --train 180 --test 30, every 30 days unless --step says otherwise',
    })
  }
  return {
    ...{ train: parseWhole('--train', train, 2, 100_000), test: parseWhole('--test', test, 2, 100_000) },
    step: step === undefined ? undefined : parseWhole('--step', step, 1, 100_000),
  }
}

function shareOf(text: string): number {
  const share = parsePositive('--holdout', text)
  if (share < 0.9) return share
  throw new SmartspeedError('CONFIG_INVALID', `--holdout ${text}: allowed is 0 to less than 0.9 of the time`, {
    fix: '--holdout 0.2 keeps the last fifth',
  })
}
