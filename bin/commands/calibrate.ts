// `smartspeed calibrate RUN REAL`: simulated fills held against real ones, and which settings come nearest.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { parseWhole } from '../options.ts'
import { printResult } from '../output.ts'

interface Flags extends GlobalOptions {
  readonly try: readonly string[]
  readonly strategyAgain?: boolean
  readonly withinMs: string
  readonly samples: string
  readonly confidence: string
  readonly seed: string
}

export function register(program: Command): void {
  program
    .command('calibrate <run> <real>')
    .description(
      'hold the fills of a run against real executions (a file, or another run) and find the settings that come nearest',
    )
    .option(
      '--try <key=values>',
      'a key of the venue and values, each to be run: queue=conservative,power; of several keys every combination',
      (value, list: string[]) => [...list, value],
      [],
    )
    .option(
      '--strategy-again',
      'where REAL is a run: let the strategy decide anew, instead of sending its requests again',
    )
    .option('--within-ms <ms>', 'orders of other names are one when they are at most so far apart', '1000')
    .option('--samples <n>', 'bootstrap samples of an interval', '1000')
    .option('--confidence <share>', 'of intervals', '0.95')
    .option('--seed <n>', 'of the samples', '1')
    .addHelpText(
      'after',
      [
        '',
        'REAL is CSV or JSON, a row a fill (clientId,side,price,size,time); `smartspeed cat executions --run R` writes one.',
        'docs/fills.md names every field, and says how orders are matched and errors measured.',
        '',
        'Example:',
        '  npx smartspeed calibrate sma-cross-1 sma-cross-1 --try latency=0,20 --try slippage=none,square-root',
      ].join('\n'),
    )
    .action(async (run: string, real: string, _options: object, own: Command) => {
      const { json, ...flags } = own.optsWithGlobals<Flags>()
      const { calibrateRun, calibrationText, shareFrom, triesOf } = await import('../calibrate.ts')
      const found = await calibrateRun(flags, {
        ...{ run, real, tries: triesOf(flags.try), confidence: shareFrom('--confidence', flags.confidence) },
        ...(flags.strategyAgain ? { again: 'strategy' as const } : {}),
        withinUs: parseWhole('--within-ms', flags.withinMs, 0) * 1000,
        samples: parseWhole('--samples', flags.samples, 20, 100_000),
        seed: parseWhole('--seed', flags.seed, 0),
      })
      await printResult(json, found, () => calibrationText(found))
    })
}
