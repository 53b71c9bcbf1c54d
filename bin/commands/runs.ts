// `smartspeed runs`, `runs compare A B`, `runs rm R…`, `gc`: what ran, which is better, space back.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'
import { terminalWidth } from '../paragraph.ts'

interface Flags extends GlobalOptions {
  readonly dryRun?: boolean
  readonly format?: string
  readonly output?: string
}

export function register(program: Command): void {
  const runs = program
    .command('runs')
    .description('what ran, the newest first')
    .option('--format <format>', 'a table for programs: jsonl, csv, arrow or parquet')
    .option('-o, --output <file>', 'that table in this file; its ending says the format')
    .addHelpText('after', '\nExample:\n  npx smartspeed runs --json')
    .action(async (_options: object, own: Command) => {
      const { json, format, output, ...where } = own.optsWithGlobals<Flags>()
      if (format !== undefined || output !== undefined) {
        const { printRuns } = await import('../runs-table.ts')
        return printRuns(where, { json, format, output })
      }
      const { listRuns } = await import('../runs.ts')
      const { runsText } = await import('../runs-text.ts')
      const found = await listRuns(where)
      await printResult(json, { runs: found }, () => runsText(found, terminalWidth()))
    })
  runs
    .command('compare <a> <b>')
    .description('which of two runs did better, whether that is more than luck, and where they differ')
    .addHelpText('after', '\nExample:\n  npx smartspeed runs compare sma-cross-1 sma-cross-2')
    .action(async (a: string, b: string, _options: object, own: Command) => {
      const { json, ...where } = own.optsWithGlobals<Flags>()
      const { compareRuns } = await import('../runs.ts')
      const { comparisonText } = await import('../runs-text.ts')
      const compared = await compareRuns(where, a, b)
      await printResult(json, compared, () => comparisonText(compared, terminalWidth()))
    })
  runs
    .command('rm <run...>')
    .description('delete runs with their topics, journals and snapshots')
    .option('--dry-run', 'only say what would be deleted')
    .addHelpText('after', "\nA name may hold * and ?: 'sma-cross-*'.\n\nExample:\n  npx smartspeed runs rm sma-cross-1")
    .action(async (names: string[], _options: object, own: Command) => {
      const { json, dryRun = false, ...where } = own.optsWithGlobals<Flags>()
      const { removeRuns } = await import('../runs.ts')
      const { bytesText } = await import('../runs-text.ts')
      const removed = await removeRuns(where, names, { dryRun })
      await printResult(json, removed, () =>
        [
          ...removed.runs.map(({ run, bytes }) => `${dryRun ? 'would remove' : 'removed'} ${run}, ${bytesText(bytes)}`),
          ...(removed.runs.length > 1
            ? [`${bytesText(removed.bytes)} ${dryRun ? 'would be' : 'were'} given back`]
            : []),
        ].join('\n'),
      )
    })
  program
    .command('gc')
    .description('delete what retention no longer keeps, and what removed runs left behind')
    .option('--dry-run', 'only say how much that is')
    .addHelpText('after', '\nExample:\n  npx smartspeed gc --dry-run')
    .action(async (_options: object, own: Command) => {
      const { json, dryRun = false, ...where } = own.optsWithGlobals<Flags>()
      const { collectGarbage } = await import('../runs.ts')
      const { collectedText } = await import('../runs-text.ts')
      const gone = await collectGarbage(where, { dryRun })
      await printResult(json, gone, () => collectedText(gone))
    })
}
