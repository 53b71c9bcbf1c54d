// `smartspeed runs`, `runs compare A B`, `runs rm R`, `gc`: what ran, where two differ, space back.
import type { Command } from 'commander'
import { printResult } from '../output.ts'
import { table } from '../table.ts'

interface Flags {
  dir: string
  json?: boolean
}

export function register(program: Command): void {
  const runs = program
    .command('runs')
    .description('what ran')
    .addHelpText('after', '\nExample:\n  npx smartspeed runs --json')
    .action(async (_options: object, own: Command) => {
      const { dir, json } = own.optsWithGlobals<Flags>()
      const { listRuns } = await import('../runs.ts')
      const found = await listRuns(dir)
      await printResult(json, { runs: found }, () => {
        const head = ['run', 'status', 'strategy', 'symbols', 'fills', 'final equity', 'rows']
        const rows = found.map((run) => [
          ...[
            run.run,
            run.status,
            run.strategy,
            run.symbols.join(' '),
            run.fills ?? '',
            run.finalEquity?.toFixed(2) ?? '',
            run.rows ?? '',
          ],
        ])
        return found.length === 0 ? 'no runs yet: smartspeed backtest --help shows how to make one' : table(head, rows)
      })
    })
  runs
    .command('compare <a> <b>')
    .description('which of two runs did better, and where they differ')
    .addHelpText('after', '\nExample:\n  npx smartspeed runs compare sma-cross-1 sma-cross-2')
    .action(async (a: string, b: string, _options: object, own: Command) => {
      const { dir, json } = own.optsWithGlobals<Flags>()
      const { compareRuns } = await import('../runs.ts')
      const compared = await compareRuns(dir, a, b)
      await printResult(json, compared, () =>
        [
          table(
            ['figure', a, b],
            compared.figures.map(({ name, a, b }) => [name, a ?? '', b ?? '']),
          ),
          ...compared.config.map(
            ({ key, a, b }) => `${key}: ${JSON.stringify(a)} in one, ${JSON.stringify(b)} in the other`,
          ),
          compared.better === null ? 'neither returned more' : `${compared.better} returned more`,
          compared.equal ? 'every output is equal' : `outputs differ: ${compared.different.join(', ')}`,
        ].join('\n'),
      )
    })
  runs
    .command('rm <run>')
    .description('delete a run with its topics, journal and snapshots')
    .addHelpText('after', '\nExample:\n  npx smartspeed runs rm sma-cross-1')
    .action(async (run: string, _options: object, own: Command) => {
      const { dir, json } = own.optsWithGlobals<Flags>()
      const { removeRun } = await import('../runs.ts')
      const bytes = await removeRun(dir, run)
      await printResult(json, { run, bytes }, () => `removed ${run}, ${(bytes / 1e6).toFixed(1)} MB given back`)
    })
  program
    .command('gc')
    .description('delete what retention no longer keeps')
    .addHelpText('after', '\nExample:\n  npx smartspeed gc')
    .action(async (_options: object, own: Command) => {
      const { dir, json } = own.optsWithGlobals<Flags>()
      const { collectGarbage } = await import('../runs.ts')
      const gone = await collectGarbage(dir)
      await printResult(json, gone, () => `${gone.rows} rows deleted, ${(gone.bytes / 1e6).toFixed(1)} MB given back`)
    })
}
