// `smartspeed sweep`: many parameter sets of a strategy on one stretch of the market.
import type { Command } from 'commander'
import { printResult } from '../output.ts'
import { type StudyFlags, studyWishOf, withStudyFlags } from '../study-flags.ts'
import { withPlaces } from '../trading-flags.ts'

interface Flags extends StudyFlags {
  heatmap?: string
}

export function register(program: Command): void {
  const command = program
    .command('sweep [topology]')
    .description('try many parameter sets of a strategy, on all cores; each is counted: docs/sweeps.md')
  withStudyFlags(command)
    .option('--heatmap <file>', 'also write how good each was, as a page')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed sweep --strategy sma-cross --grid fast=2:12:2 --grid slow=20:60:20 --exchange binance-usdm --symbol BTCUSDT --interval 1s',
    )
    .action(async (topology: string | undefined, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { studyHere, sweepResult, sweepText } = await import('../study.ts')
      const wish = await studyWishOf(topology, flags, 'sweep')
      await withPlaces({ topology, risk: flags.risk }, () =>
        studyHere(wish, async (topics, studied) => {
          if (flags.heatmap !== undefined) {
            const { writeHeatmap } = await import('../study-pages.ts')
            await writeHeatmap(topics, studied, flags.heatmap)
          }
          await printResult(flags.json, sweepResult(studied), () => sweepText(studied))
        }),
      )
    })
}
